/** Waiting for futures: for all or the first of some, and for one after another as they are done. */
import { assertOptions } from '../../base/options.js'
import { Future, futureTarget } from './future.js'

/** Which futures were done when the wait was over. */
export interface Waited<F> {
  readonly done: F[]
  readonly notDone: F[]
}

/** For what to wait. */
export interface WaitOptions {
  /** Milliseconds after which it gives what it has. */
  readonly timeout?: number | undefined
  readonly returnWhen?: 'ALL_COMPLETED' | 'FIRST_COMPLETED' | undefined
}

/**
 * Waits until futures are finished, have failed or were cancelled: all, or with
 * `returnWhen: 'FIRST_COMPLETED'` one of them. After `timeout` milliseconds it gives what it has.
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
        future[futureTarget].onSettled(() => {
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
 * Gives futures as they are done, failed ones and cancelled ones too. More may be added on the way.
 *
 * @example for await (const future of asCompleted(futures)) console.log(await future.result())
 */
export function asCompleted<F extends Future<unknown>>(futures: F | Iterable<F>): AsCompleted<F> {
  return new AsCompleted(futuresOf(futures, 'asCompleted'))
}

/** Futures in the order in which they are done. */
export class AsCompleted<F extends Future<unknown>> implements AsyncIterableIterator<F> {
  private readonly ready: F[] = []
  private pending = 0
  private wake: (() => void) | undefined

  /** @internal */
  constructor(futures: readonly F[]) {
    for (const future of futures) this.add(future)
  }

  /** How many are still to come. */
  get count(): number {
    return this.pending + this.ready.length
  }

  /** Waits for one more. */
  add(future: F): void {
    if (!(future instanceof Future)) throw new TypeError('asCompleted: expected a future')
    this.pending++
    future[futureTarget].onSettled(() => {
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

/** Futures as a list, of one or several. */
export function futuresOf<F extends Future<unknown>>(futures: F | Iterable<F>, what: string): F[] {
  if (futures instanceof Future) return [futures]
  const isList = typeof futures === 'object' && futures !== null && Symbol.iterator in futures
  if (!isList)
    throw new TypeError(
      `${what}: expected a future or a list of futures, got ${futures === null ? 'null' : typeof futures}`,
    )
  const all = [...futures]
  const at = all.findIndex((future) => !(future instanceof Future))
  if (at >= 0) throw new TypeError(`${what}: expected futures, got something else at place ${at}`)
  return all
}
