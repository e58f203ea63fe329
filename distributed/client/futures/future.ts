/** Futures: results on the cluster that somebody holds on to. */
import { RemoteValue } from '../../../core/graph/remote-value.js'
import type { FutureStatus, Target } from './held-result.js'
import { releaseWhenCollected, stopWatching } from './release-collected.js'

/** The way from a future to what is known of it. */
export const futureTarget = Symbol('target')

/**
 * A result that the cluster computes, or has, and keeps as long as somebody holds a future of it. A
 * future goes into other calls as it is, wherever a value could stand; the result then travels from
 * worker to worker, and not by way of here.
 *
 * @example
 * const a = client.submit(add, 1, 2)
 * const b = client.submit(add, a, 10)
 * await b.result() // 13
 */
export class Future<out T> extends RemoteValue implements Disposable {
  /** What type its result has; there is no such property when it runs. */
  declare readonly type: T
  readonly #target: Target

  /** @internal */
  constructor(run: string, place: number, target: Target) {
    super(run, place, target.key)
    this.#target = target
    releaseWhenCollected(this, target)
  }

  /** `pending`, `finished`, `error`, or `cancelled`, as far as is known here. */
  get status(): FutureStatus {
    return this.#target.status
  }

  /** The size of the result in bytes, once it is there. */
  get nbytes(): number | undefined {
    return this.#target.nbytes
  }

  /** Whether it is not pending any more. */
  done(): boolean {
    return this.#target.status !== 'pending'
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#target.status === 'cancelled'
  }

  /**
   * The result, fetched from the worker that has it. Rejects with the TaskError of the task that
   * failed, or a CancelledError.
   */
  result(): Promise<T> {
    return this.#target.result(this) as Promise<T>
  }

  /** The error that `result` would reject with; undefined once it is finished. */
  exception(): Promise<unknown> {
    return this.#target.exception(this)
  }

  /** Gives up the result, and those of this client's futures that are not finished and read it. */
  cancel(): void {
    this.#target.cancel()
  }

  /** Tries a failed task again, and what failed before it. */
  retry(): void {
    this.#target.retry()
  }

  /** Lets go of the result: if nobody else needs it, it is dropped, or not computed. */
  release(): void {
    if (stopWatching(this)) this.#target.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  /** What the console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Future { ${this.key}, ${this.status} }`
  }

  /** @internal */
  get [futureTarget](): Target {
    return this.#target
  }
}
