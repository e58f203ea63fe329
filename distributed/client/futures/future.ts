/** Futures: results on the cluster that a client holds. */
import { RemoteValue } from '../../../core/graph/remote-value.js'
import type { FutureStatus, HeldResult } from './held-result.js'
import { releaseWhenCollected, stopWatching } from './release-collected.js'

/** The property of a future that has its held result. */
export const futureResult = Symbol('held result')

/**
 * A result that the cluster computes or has, and keeps as long as a future of it is held. Pass a future
 * to other calls wherever a value could be: the result goes from worker to worker, not through this
 * process.
 *
 * @example
 * const a = client.submit(add, 1, 2)
 * const b = client.submit(add, a, 10)
 * await b.result() // 13
 */
export class Future<out T> extends RemoteValue implements Disposable {
  /** The type of the result; there is no such property at run time. */
  declare readonly type: T
  readonly #result: HeldResult

  /** @internal */
  constructor(run: string, target: number, result: HeldResult) {
    super(run, target, result.key)
    this.#result = result
    releaseWhenCollected(this, result)
  }

  /** `pending`, `finished`, `error`, or `cancelled`, as far as this client knows. */
  get status(): FutureStatus {
    return this.#result.status
  }

  /** The size of the result in bytes, once it is known. */
  get nbytes(): number | undefined {
    return this.#result.nbytes
  }

  /** Whether it is not pending any more. */
  done(): boolean {
    return this.#result.status !== 'pending'
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#result.status === 'cancelled'
  }

  /**
   * Fetches the result from the worker that has it. Rejects with the TaskError of the task that failed,
   * or a CancelledError.
   */
  result(): Promise<T> {
    return this.#result.result(this) as Promise<T>
  }

  /** Waits until it is done; the error that `result` would reject with, undefined if there is none. */
  exception(): Promise<unknown> {
    return this.#result.exception(this)
  }

  /** Cancels the task, and the pending futures of this client that read its result. */
  cancel(): void {
    this.#result.cancel()
  }

  /** Retries a failed task, and the tasks that failed before it. */
  retry(): void {
    this.#result.retry()
  }

  /** Releases the result: unless another future or task needs it, it is dropped, or not computed. */
  release(): void {
    if (stopWatching(this)) this.#result.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  /** Formats the future for the console. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Future { ${this.key}, ${this.status} }`
  }

  /** @internal */
  get [futureResult](): HeldResult {
    return this.#result
  }
}
