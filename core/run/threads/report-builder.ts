/**
 * Collects the results of an executor thread until they are reported. Results are serialized here, in
 * the thread that computed them.
 */
import { noteDropped } from '../../base/collect-garbage.js'
import { bundles, type StoredBundle } from '../../codec/index.js'
import { isEncoded, type StoredValue, store } from '../../graph/stored-value.js'
import { StepFailure } from '../compile-recipe.js'
import { isInKeptMemory } from '../task-memory.js'
import {
  type BundleItem,
  type ExecutorFailure,
  type ExecutorReport,
  RETAINED,
  REUSABLE,
  type RunMessage,
  type SmallBatch,
  UNREAD,
} from './executor-protocol.js'
import { serializeError } from './serialize-error.js'
import { packReport } from './task-messages.js'

/** How results are serialized, and how errors name them. */
const asResult = { shared: true, path: ['result'] }

/** What is known about a task that has ended. */
export interface MemoryUse {
  /** Whether only code of this package and of the language has run. */
  readonly isPlain: boolean
  /** The large pieces of memory that its inputs are in. */
  readonly read: readonly ArrayBufferLike[]
}

export class ReportBuilder {
  private tasks: number[] = []
  private attempts: number[] = []
  private durations: number[] = []
  private values: StoredValue[] = []
  private uses: number[] = []
  private failures: ExecutorFailure[] = []
  private newBundles: BundleItem[] = []
  /** The bundles that the pool has too; they are kept until the pool says otherwise. */
  private readonly known = new Map<string, StoredBundle>()

  /** Adds the bundles of a message of the pool, and makes its recipes and values hold theirs. */
  receiveBundles({ bundles: items, recipes, needs, inputs, params }: RunMessage): void {
    const { known } = this
    for (const [token, bytes] of items) known.set(token, bundles.add(token, bytes, known))
    for (const [, { bundles: tokens }] of recipes) bundles.hold(tokens, known)
    if (needs.length === 0) return
    bundles.hold(needs, known)
    for (const values of [inputs, params])
      for (const value of values) if (isEncoded(value)) bundles.hold(value.bundles, known)
  }

  /** Drops bundles, which the pool may not have any more. Reports must have been taken. */
  forgetBundles(tokens: readonly string[]): void {
    for (const token of tokens) {
      noteDropped(this.known.get(token)?.nbytes ?? 0)
      this.known.delete(token)
    }
  }

  /**
   * Adds the result of a task and returns it serialized. The caller adds its duration. Without `use`, the
   * task may have kept its inputs.
   *
   * @throws NotPortableError if it cannot be sent.
   */
  addResult(task: number, attempt: number, value: unknown, use?: MemoryUse): StoredValue {
    const stored = store(value, asResult)
    if (isEncoded(stored) && stored.bundles.length > 0) this.addBundles(stored.bundles)
    this.tasks.push(task)
    this.attempts.push(attempt)
    this.values.push(stored)
    this.uses.push(use === undefined ? RETAINED : useOf(stored, use))
    return stored
  }

  /** Adds a failed task. It takes a position in all lists, so that the durations, which the caller adds, match. */
  addFailure(task: number, attempt: number, thrown: unknown): void {
    const failure = thrown instanceof StepFailure ? thrown : new StepFailure(0, thrown)
    const error = serializeError(failure.cause)
    if (isEncoded(error)) this.addBundles(error.bundles)
    this.failures.push({ task, attempt, step: failure.step, error })
    this.tasks.push(-1)
    this.attempts.push(-1)
    this.values.push(undefined)
    this.uses.push(RETAINED)
  }

  addDuration(milliseconds: number): void {
    this.durations.push(milliseconds)
  }

  /** Returns the report as a message and starts a new one; undefined if there is nothing to report. */
  take(): ExecutorReport | SmallBatch | undefined {
    if (this.tasks.length === 0) return undefined
    const { tasks, attempts, durations, values, uses, failures } = this
    const bundles = this.newBundles
    this.tasks = []
    this.attempts = []
    this.durations = []
    this.values = []
    this.uses = []
    this.failures = []
    this.newBundles = []
    return packReport({ tasks, attempts, durations, values, uses, failures, bundles })
  }

  private addBundles(tokens: readonly string[]): void {
    if (tokens.every((token) => this.known.has(token))) return
    for (const bundle of bundles.closureOf(bundles.bundlesOf(tokens))) {
      const { token, encoded } = bundle
      if (this.known.has(token)) continue
      this.known.set(token, bundle)
      this.newBundles.push([token, encoded])
    }
  }
}

/** Returns what a task has left in memory. */
function useOf(result: StoredValue, { isPlain, read }: MemoryUse): number {
  if (!isPlain && read.length > 0) return RETAINED
  if (!isEncoded(result)) return UNREAD
  if (result.buffers.some(({ buffer }) => read.includes(buffer))) return RETAINED
  return isPlain && isInKeptMemory(result) ? REUSABLE : UNREAD
}
