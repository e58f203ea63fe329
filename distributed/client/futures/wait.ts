/** Waits for futures: for all or the first of some, or for one after another as they are done. */

import { checkArguments } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { isIterable } from '../../../core/base/plain-use.js'
import { assertBoolean, assertOptions, assertTimeout } from '../../base/options.js'
import { makeProcessBound } from '../../base/public-objects.js'
import { Future, futureResult } from './future.js'

/** The futures that were done when `wait` returned, and the others. */
export interface Waited<F> {
  /** Those that are finished, have failed or were cancelled, in the order in which they were given. */
  readonly done: F[]
  /** The pending ones. */
  readonly notDone: F[]
}

/** Options of `wait`. */
export interface WaitOptions {
  /** Milliseconds after which `wait` returns in any case. By default it waits without limit. */
  readonly timeout?: number | undefined
  /** By default 'ALL_COMPLETED'. */
  readonly returnWhen?: 'ALL_COMPLETED' | 'FIRST_COMPLETED' | undefined
}

/**
 * Waits until futures are finished, have failed or were cancelled: all of them, or one with
 * `returnWhen: 'FIRST_COMPLETED'`. After `timeout` milliseconds it returns in any case.
 *
 * @throws TypeError or RangeError (as a rejection) for anything but futures and for invalid options.
 * @example const { done, notDone } = await wait(futures, { timeout: 1000 })
 */
export async function wait<F extends Future<unknown>>(
  futures: F | Iterable<F>,
  options: WaitOptions = {},
): Promise<Waited<F>> {
  checkArguments('wait', arguments, 2, 'wait(futures, options)')
  assertOptions(options, 'wait', ['timeout', 'returnWhen'])
  const { timeout, returnWhen = 'ALL_COMPLETED' } = options
  if (returnWhen !== 'ALL_COMPLETED' && returnWhen !== 'FIRST_COMPLETED')
    throw new RangeError(
      `wait: returnWhen is 'ALL_COMPLETED' or 'FIRST_COMPLETED', got ${String(returnWhen)}`,
    )
  assertTimeout(timeout, 'wait: timeout', 0)
  const all = futuresOf(futures, 'wait')
  const pending = all.filter((future) => !future.done())
  let left = pending.length
  const mayStop = (): boolean =>
    left === 0 || (returnWhen === 'FIRST_COMPLETED' && left < all.length)
  if (!mayStop()) {
    await new Promise<void>((resolve) => {
      const timer = timeout === undefined ? undefined : setTimeout(end, timeout)
      const stops = pending.map((future) =>
        future[futureResult].onSettled(() => {
          left--
          if (mayStop()) end()
        }),
      )
      function end(): void {
        clearTimeout(timer)
        for (const stop of stops) stop()
        resolve()
      }
    })
  }
  return {
    done: all.filter((future) => future.done()),
    notDone: all.filter((future) => !future.done()),
  }
}

/** Options of `asCompleted`. */
export interface AsCompletedOptions {
  /**
   * Whether to give pairs of a future and its result instead of futures. The result of a failed or
   * cancelled future is thrown as its error; the iterator can be continued. By default false.
   */
  readonly withResults?: boolean | undefined
}

/** A future and its result. */
export type FutureAndResult<F> = [future: F, result: F extends Future<infer R> ? R : never]

/**
 * Iterates over futures in the order in which they are done, failed and cancelled ones too. More may be
 * added meanwhile.
 *
 * @throws TypeError for anything but futures and for invalid options.
 * @example
 * for await (const future of asCompleted(futures)) console.log(await future.result())
 * for await (const [future, result] of asCompleted(futures, { withResults: true })) console.log(result)
 */
export function asCompleted<F extends Future<unknown>>(
  futures: F | Iterable<F>,
  options: AsCompletedOptions & { readonly withResults: true },
): AsCompleted<F, FutureAndResult<F>>
export function asCompleted<F extends Future<unknown>>(
  futures: F | Iterable<F>,
  options?: AsCompletedOptions & { readonly withResults?: false | undefined },
): AsCompleted<F>
export function asCompleted<F extends Future<unknown>>(
  futures: F | Iterable<F>,
  options: AsCompletedOptions = {},
): AsCompleted<F, F | FutureAndResult<F>> {
  checkArguments('asCompleted', arguments, 2, 'asCompleted(futures, options)')
  assertOptions(options, 'asCompleted', ['withResults'])
  assertBoolean(options.withResults, 'asCompleted: withResults')
  return new AsCompleted(futuresOf(futures, 'asCompleted'), options.withResults === true)
}

/** An iterator over futures, or over pairs of a future and its result, in the order in which they are done. */
export class AsCompleted<F extends Future<unknown>, Item = F>
  implements AsyncIterableIterator<Item>
{
  static {
    makeProcessBound(AsCompleted.prototype, 'an iterator over futures')
  }

  private readonly ready: F[] = []
  private pending = 0
  private waiting: (() => void)[] = []
  private readonly withResults: boolean

  /** Iterates over futures. Users call `asCompleted`. */
  constructor(futures: readonly F[], withResults = false) {
    this.withResults = withResults
    for (const future of futuresOf(futures, 'asCompleted')) this.add(future)
  }

  /** The number of futures that are still to come. */
  get count(): number {
    return this.pending + this.ready.length
  }

  /**
   * Adds a future.
   *
   * @throws TypeError for anything else.
   */
  add(future: F): void {
    checkArguments('add', arguments, 1, 'completed.add(future)')
    if (!(future instanceof Future))
      throw new TypeError(`asCompleted: add expects a future, got ${describeValue(future)}`)
    this.pending++
    future[futureResult].onSettled(() => {
      this.pending--
      this.ready.push(future)
      for (const wake of this.waiting.splice(0)) wake()
    })
  }

  /**
   * Waits for the next future to be done, and returns it; with `withResults`, with its result.
   *
   * @throws TaskError or CancelledError (as a rejection) of the future, with `withResults` only.
   */
  async next(): Promise<IteratorResult<Item, undefined>> {
    while (this.ready.length === 0) {
      if (this.pending === 0) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve)
      })
    }
    const future = this.ready.shift()!
    const value = this.withResults ? [future, await future.result()] : future
    return { done: false, value: value as Item }
  }

  /** Returns the number of futures to come: `AsCompleted<3 futures to come>`. */
  toString(): string {
    return `AsCompleted<${this.count} future${this.count === 1 ? '' : 's'} to come>`
  }

  /** Returns itself. */
  [Symbol.asyncIterator](): this {
    return this
  }
}

/** Returns a list of one or several futures. Throws TypeError for anything else. */
export function futuresOf<F extends Future<unknown>>(futures: F | Iterable<F>, what: string): F[] {
  if (futures instanceof Future) return [futures]
  if (!isIterable(futures))
    throw new TypeError(
      `${what}: expected a future or a list of futures, got ${describeValue(futures)}`,
    )
  const all = [...futures]
  const at = all.findIndex((future) => !(future instanceof Future))
  if (at >= 0)
    throw new TypeError(
      `${what}: expected futures, got ${describeValue(all[at])} at position ${at}`,
    )
  return all
}
