/**
 * Where results come from that are held by name: the submissions behind them, as plain data, so that a
 * later scheduler can have them computed again. Pure.
 *
 * A run's source is found by the run's name as long as the run is known, and kept for longer where
 * others read it.
 */
import type { Externals, Submit } from '../../protocol/index.js'

/** A run: a submission of a client's, or former results that are held under another name. */
export interface SourceRecord {
  readonly name: string
  /** Without its bundles. */
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

  /** A run begins; those that it reads must be known. */
  add(name: string, externals: Externals, submit: Submit | null): void {
    const reads = externals.runs.flatMap((run) => this.byName.get(run) ?? [])
    const own = submit === null ? null : { ...submit, bundles: [], wanted: new Int32Array(0) }
    this.byName.set(name, { record: { name, submit: own, externals }, reads })
  }

  /** Nobody can name a run any more. */
  forget(name: string): void {
    this.byName.delete(name)
  }

  /** What it takes to have some results again, each run after those that it reads. */
  collect({ runs }: Pick<Externals, 'runs'>): SourceRecord[] {
    const records = new Set<SourceRecord>()
    const met = new Set<Source>()
    const stack: { source: Source; isLeaving: boolean }[] = []
    const visit = (source: Source): void => {
      if (!met.has(source)) stack.push({ source, isLeaving: false })
    }
    for (const run of runs) {
      const source = this.byName.get(run)
      if (source !== undefined) visit(source)
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        if (next.isLeaving) records.add(next.source.record)
        else if (!met.has(next.source)) {
          met.add(next.source)
          stack.push({ source: next.source, isLeaving: true })
          for (const read of next.source.reads) visit(read)
        }
      }
    }
    return [...records]
  }
}
