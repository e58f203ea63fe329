/**
 * Collects the results of an executor thread until they are reported. Results are serialized here, in
 * the thread that computed them.
 */
import { noteDropped } from '../../base/collect-garbage.js'
import { bundles, type StoredBundle } from '../../codec/index.js'
import { isEncoded, type StoredValue, store } from '../../graph/stored-value.js'
import { StepFailure } from '../compile-recipe.js'
import { isInKeptMemory } from '../task-memory.js'
import type {
  BundleItem,
  ExecutorFailure,
  ExecutorReport,
  RunMessage,
  SmallBatch,
} from './executor-protocol.js'
import { serializeError } from './serialize-error.js'
import { packReport } from './task-messages.js'

/** How results are serialized, and how errors name them. */
const asResult = { shared: true, path: ['result'] }

/** What a task may have done with the memory of its inputs. */
export interface MemoryUse {
  /** Whether only code of this package has run, and has ended. */
  readonly isPlain: boolean
  /** The large pieces of memory that its inputs are in. */
  readonly read: readonly ArrayBufferLike[]
}

/** Says that a task may have kept anything. */
export const unknownUse = { isPlain: false, read: undefined }

export class ReportBuilder {
  private tasks: number[] = []
  private attempts: number[] = []
  private durations: number[] = []
  private values: StoredValue[] = []
  private reusable: number[] = []
  private retaining: number[] = []
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
   * Adds the result of a task and returns it serialized. The caller adds its duration.
   *
   * @throws NotPortableError if it cannot be sent.
   */
  addResult(
    task: number,
    attempt: number,
    value: unknown,
    use: MemoryUse | typeof unknownUse,
  ): StoredValue {
    const stored = store(value, asResult)
    if (isEncoded(stored) && stored.bundles.length > 0) this.addBundles(stored.bundles)
    this.addUse(stored, use)
    this.tasks.push(task)
    this.attempts.push(attempt)
    this.values.push(stored)
    return stored
  }

  /** Notes whether the memory of the next result, and of the inputs of its task, can be used again. */
  private addUse(stored: StoredValue, { isPlain, read }: MemoryUse | typeof unknownUse): void {
    const index = this.tasks.length
    const buffers = isEncoded(stored) ? stored.buffers : []
    const isView = read === undefined || buffers.some(({ buffer }) => read.includes(buffer))
    if (isView || (!isPlain && read.length > 0)) this.retaining.push(index)
    else if (isPlain && isEncoded(stored) && isInKeptMemory(stored)) this.reusable.push(index)
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
  }

  addDuration(milliseconds: number): void {
    this.durations.push(milliseconds)
  }

  /** Returns the report as a message and starts a new one; undefined if there is nothing to report. */
  take(): ExecutorReport | SmallBatch | undefined {
    if (this.tasks.length === 0) return undefined
    const { tasks, attempts, durations, values, reusable, retaining, failures } = this
    const bundles = this.newBundles
    this.tasks = []
    this.attempts = []
    this.durations = []
    this.values = []
    this.reusable = []
    this.retaining = []
    this.failures = []
    this.newBundles = []
    return packReport({
      tasks,
      attempts,
      durations,
      values,
      reusable,
      retaining,
      failures,
      bundles,
    })
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
