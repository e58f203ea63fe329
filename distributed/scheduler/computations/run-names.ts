/**
 * Runs by name. A client refers to results of any run by the run's name and an index among its targets. With
 * a state folder, also what is needed to compute the results of a run again.
 */
import type { SchedulerState } from '../../../core/scheduling/state.js'
import type { Externals, Submit } from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'
import { RunSources, type SourceRecord } from './run-sources.js'

export class RunNames {
  private readonly state: SchedulerState
  private readonly numbers = new Map<string, number>()
  /** The submissions behind held results; undefined if they are not stored on disk. */
  private readonly sources: RunSources | undefined

  /** `keepsSources`: whether `sourcesOf` is needed. */
  constructor(state: SchedulerState, keepsSources: boolean) {
    this.state = state
    this.sources = keepsSources ? new RunSources() : undefined
  }

  has(name: string): boolean {
    return this.numbers.has(name)
  }

  /** Returns the scheduler's number of a run. */
  get(name: string): number | undefined {
    return this.numbers.get(name)
  }

  /** Adds a run. */
  add(name: string, run: number): void {
    this.numbers.set(name, run)
  }

  /** Remembers how to compute a run's results: from a submission, or only from external results. */
  addSource(name: string, externals: Externals, submit: Submit | null): void {
    this.sources?.add(name, externals, submit)
  }

  /** Removes a run and returns its number. */
  forget(name: string): number | undefined {
    const run = this.numbers.get(name)
    this.numbers.delete(name)
    this.sources?.forget(name)
    return run
  }

  /** Returns the slots of external results, or the first result that is unknown. */
  resolve({ runs, runOf, targets }: Externals): Int32Array | { run: string; target: number } {
    const slots = new Int32Array(targets.length)
    for (let i = 0; i < targets.length; i++) {
      const name = runs[runOf[i]!]!
      const run = this.numbers.get(name)
      const slot = run === undefined ? -1 : this.state.heldTarget(run, targets[i]!)
      if (slot < 0) return { run: name, target: targets[i]! }
      slots[i] = slot
    }
    return slots
  }

  /** Returns the submissions behind results, and the bundles that these need. */
  sourcesOf(externals: Externals): { records: SourceRecord[]; bundles: string[] } {
    const records = this.sources?.collect(externals) ?? []
    const tokens = new Set<string>()
    for (const { submit } of records) {
      if (submit === null) continue
      for (const token of tokensOf(submit.params)) tokens.add(token)
      for (const recipe of submit.recipes) for (const token of recipe.bundles) tokens.add(token)
    }
    return { records, bundles: [...tokens] }
  }
}
