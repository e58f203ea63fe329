/** Waits for futures: for all or the first of some, or for one after another as they are done. */
import { assertOptions } from '../../base/options.js'
import { Future, futureResult } from './future.js'

/** The futures that were done when `wait` returned, and the others. */
export interface Waited<F> {
  readonly done: F[]
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
 * @example const { done, notDone } = await wait(futures, { timeout: 1000 })
 */
export async function wait<F extends Future<unknown>>(
  futures: F | Iterable<F>,
  options: WaitOptions = {},
): Promise<Waited<F>> {
  assertOptions(options, 'wait', ['timeout', 'returnWhen'])
  const { timeout, returnWhen = 'ALL_COMPLETED' } = options
  if (returnWhen !== 'ALL_COMPLETED' && returnWhen !== 'FIRST_COMPLETED')
    throw new RangeError(
      `wait: returnWhen is 'ALL_COMPLETED' or 'FIRST_COMPLETED', got ${String(returnWhen)}`,
    )
  if (timeout !== undefined && !(timeout >= 0 && timeout < 2 ** 31))
    throw new RangeError(`wait: timeout is a number of milliseconds, got ${String(timeout)}`)
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

/**
 * Iterates over futures in the order in which they are done, failed and cancelled ones too. More may be
 * added meanwhile.
 *
 * @example for await (const future of asCompleted(futures)) console.log(await future.result())
 */
export function asCompleted<F extends Future<unknown>>(futures: F | Iterable<F>): AsCompleted<F> {
  return new AsCompleted(futuresOf(futures, 'asCompleted'))
}

/** An iterator over futures in the order in which they are done. */
export class AsCompleted<F extends Future<unknown>> implements AsyncIterableIterator<F> {
  private readonly ready: F[] = []
  private pending = 0
  private wake: (() => void) | undefined

  /** @internal */
  constructor(futures: readonly F[]) {
    for (const future of futures) this.add(future)
  }

  /** The number of futures that are still to come. */
  get count(): number {
    return this.pending + this.ready.length
  }

  /** Adds a future. */
  add(future: F): void {
    if (!(future instanceof Future)) throw new TypeError('asCompleted: expected a future')
    this.pending++
    future[futureResult].onSettled(() => {
      this.pending--
      this.ready.push(future)
      this.wake?.()
    })
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    while (this.ready.length === 0) {
      if (this.pending === 0) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    return { done: false, value: this.ready.shift()! }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** Returns a list of one or several futures. Throws TypeError for anything else. */
export function futuresOf<F extends Future<unknown>>(futures: F | Iterable<F>, what: string): F[] {
  if (futures instanceof Future) return [futures]
  const isList = typeof futures === 'object' && futures !== null && Symbol.iterator in futures
  if (!isList)
    throw new TypeError(
      `${what}: expected a future or a list of futures, got ${futures === null ? 'null' : typeof futures}`,
    )
  const all = [...futures]
  const at = all.findIndex((future) => !(future instanceof Future))
  if (at >= 0)
    throw new TypeError(`${what}: expected futures, got something else at position ${at}`)
  return all
}
