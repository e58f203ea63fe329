/**
 * Runs by the names that everybody knows them by, and what is behind each: who names results of another
 * run means these names and the places of the run's targets.
 */
import type { SchedulerState } from '../../../core/scheduling/state.js'
import type { Externals, Submit } from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'
import { RunSources, type SourceRecord } from './run-sources.js'

export class RunNames {
  private readonly state: SchedulerState
  private readonly numbers = new Map<string, number>()
  /** Where what is held comes from; only where it is to live on. */
  private readonly sources: RunSources | undefined

  /** `remembers`: whether it can be asked what it takes to have results again. */
  constructor(state: SchedulerState, remembers: boolean) {
    this.state = state
    this.sources = remembers ? new RunSources() : undefined
  }

  has(name: string): boolean {
    return this.numbers.has(name)
  }

  /** The scheduler's number of a run. */
  get(name: string): number | undefined {
    return this.numbers.get(name)
  }

  /** A run begins. */
  add(name: string, run: number): void {
    this.numbers.set(name, run)
  }

  /** Notes what a run's results are made from: a submission, or only results of others. */
  addSource(name: string, externals: Externals, submit: Submit | null): void {
    this.sources?.add(name, externals, submit)
  }

  /** Nobody can name a run any more; gives its number. */
  forget(name: string): number | undefined {
    const run = this.numbers.get(name)
    this.numbers.delete(name)
    this.sources?.forget(name)
    return run
  }

  /** The slots of results of runs; or the first that is not known. */
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

  /** What it takes to have results again, and the bundles that it needs. */
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
