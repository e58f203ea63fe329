/**
 * The submissions behind held results, as plain data, so that a restarted scheduler can compute the
 * results again. Pure.
 *
 * The source of a run is found by the run's name as long as the run is known. It is kept longer if other
 * runs read its results.
 */
import type { Externals, Submit } from '../../protocol/index.js'

/** A run: the submission of a client, or results of earlier runs that are held under another name. */
export interface SourceRecord {
  readonly name: string
  /** The submission without its bundles; null if the run only holds external results. */
  readonly submit: Submit | null
  readonly externals: Externals
}

interface Source {
  readonly record: SourceRecord
  /** The runs whose results it reads. */
  readonly reads: readonly Source[]
}

export class RunSources {
  private readonly byName = new Map<string, Source>()

  /** Adds a run. The runs that it reads must be known. */
  add(name: string, externals: Externals, submit: Submit | null): void {
    const reads = externals.runs.flatMap((run) => this.byName.get(run) ?? [])
    const own: Submit | null =
      submit === null ? null : { ...submit, bundles: [], deliver: new Int32Array(0) }
    this.byName.set(name, { record: { name, submit: own, externals }, reads })
  }

  /** Removes a run: its name is not used any more. */
  forget(name: string): void {
    this.byName.delete(name)
  }

  /** Returns all runs that are needed to compute some results, each after the runs that it reads. */
  collect({ runs }: Pick<Externals, 'runs'>): SourceRecord[] {
    const records = new Set<SourceRecord>()
    const visited = new Set<Source>()
    const stack: { source: Source; isLeaving: boolean }[] = []
    const visit = (source: Source): void => {
      if (!visited.has(source)) stack.push({ source, isLeaving: false })
    }
    for (const run of runs) {
      const source = this.byName.get(run)
      if (source !== undefined) visit(source)
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        if (next.isLeaving) records.add(next.source.record)
        else if (!visited.has(next.source)) {
          visited.add(next.source)
          stack.push({ source: next.source, isLeaving: true })
          for (const read of next.source.reads) visit(read)
        }
      }
    }
    return [...records]
  }
}
