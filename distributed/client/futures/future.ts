/** Futures: results on the cluster that a client holds. */
import { checkArguments } from '../../../core/base/argument-checks.js'
import {
  type PlainUseAdvice,
  plainUseAdvice,
  refusePlainUse,
} from '../../../core/base/plain-use.js'
import { getOfHolder, RemoteValue } from '../../../core/graph/remote-value.js'
import { assertOwnCall } from '../../base/public-objects.js'
import { type FutureStatus, HeldResult } from './held-result.js'
import { releaseWhenCollected, stopWatching } from './release-collected.js'

/** The property of a future that has its held result. */
export const futureResult = Symbol('held result')

/**
 * A result that the cluster computes or has, and keeps as long as a future of it is held. Pass a future
 * to other calls wherever a value could be: the result goes from worker to worker, not through this
 * process. It is released when it is garbage-collected.
 *
 * Using it as a plain value (`future + 1`, a template string, `JSON.stringify(future)`) throws a
 * TypeError that says what to write. `if (future)` cannot be caught and is always true.
 *
 * @example
 * const a = client.submit(add, 1, 2)
 * const b = client.submit(add, a, 10)
 * await b.result() // 13
 */
export class Future<out T> extends RemoteValue implements Disposable {
  static {
    refusePlainUse(Future.prototype, 'run')
  }

  /** The type of the result; there is no such property at run time. */
  declare readonly type: T
  readonly #result: HeldResult

  /** Makes the future of one result of a run. Users call `client.submit`, `map`, `compute` or `scatter`. */
  constructor(run: string, target: number, result: HeldResult) {
    assertOwnCall(result instanceof HeldResult, run, 'a Future', 'client.submit(fn, ...args)')
    super(run, target, result.key)
    this.#result = result
    releaseWhenCollected(this, result)
  }

  /** What errors advise when the future is used as a plain value. */
  get [plainUseAdvice](): PlainUseAdvice {
    return {
      kind: 'future',
      state: 'not the result itself',
      compute: 'await future.result(), or pass the future as an argument to client.submit',
    }
  }

  /** The `get` of its client, with which collections that read it are computed unless another is given. */
  override get [getOfHolder](): unknown {
    return this.#result.clientGet
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
    checkArguments('done', arguments, 0, 'future.done()')
    return this.#result.status !== 'pending'
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    checkArguments('cancelled', arguments, 0, 'future.cancelled()')
    return this.#result.status === 'cancelled'
  }

  /**
   * Fetches the result from the worker that has it. Rejects with the TaskError of the task that failed,
   * or a CancelledError.
   */
  result(): Promise<T> {
    checkArguments('result', arguments, 0, 'future.result()')
    return this.#result.result(this) as Promise<T>
  }

  /** Waits until it is done; the error that `result` would reject with, undefined if there is none. */
  exception(): Promise<unknown> {
    checkArguments('exception', arguments, 0, 'future.exception()')
    return this.#result.exception(this)
  }

  /** Cancels the task, and the pending futures of this client that read its result. */
  cancel(): void {
    checkArguments('cancel', arguments, 0, 'future.cancel()')
    this.#result.cancel()
  }

  /** Retries a failed task, and the tasks that failed before it. */
  retry(): void {
    checkArguments('retry', arguments, 0, 'future.retry()')
    this.#result.retry()
  }

  /** Releases the result: unless another future or task needs it, it is dropped, or not computed. */
  release(): void {
    checkArguments('release', arguments, 0, 'future.release()')
    if (stopWatching(this)) this.#result.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  /** Returns the key and the status: `Future<add-1f3a, pending>`. */
  override toString(): string {
    return `Future<${this.key}, ${this.status}>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** @internal */
  get [futureResult](): HeldResult {
    return this.#result
  }
}
