/** A client as who calls functions on the cluster and holds futures of their results. */
import { type CallSite, captureCallSite } from '../../core/base/call-site.js'
import { type CapturedFunction, capture } from '../../core/capture.js'
import { isComputable } from '../../core/graph/descriptor.js'
import { TooFewWorkersError } from '../base/errors.js'
import { assertOptions, assertTimeout } from '../base/options.js'
import type { WhoHas, WorkerInfo } from '../protocol/info.js'
import type {
  Argument,
  Arguments,
  Futures,
  Gathered,
  Lists,
  Submitted,
} from './futures/argument-types.js'
import {
  assertCallOptions,
  type CallOptions,
  captureCalled,
  makeCall,
  makeData,
} from './futures/function-call.js'
import type { Future } from './futures/future.js'
import { gatherIn, isPlainObject } from './futures/gather-results.js'
import { type ReplicateOptions, replicate } from './futures/replicate.js'
import { touch } from './futures/touch.js'
import {
  type AsCompleted,
  asCompleted,
  futuresOf,
  type Waited,
  type WaitOptions,
  wait,
} from './futures/wait.js'
import { Graphs } from './graph-runs.js'

/** Milliseconds between two looks at which workers there are. */
const lookForWorkersEvery = 100

export abstract class Calls extends Graphs {
  /**
   * Runs a function on the cluster, and gives a future of its result at once. Arguments may be
   * futures, or hold some in lists and plain objects. Equal calls are one task: see `pure` of
   * `submitWith`. The function may be an expression in mathjs's language.
   *
   * @throws NotPortableError for a function or an argument that cannot travel, CancelledError for a future
   *   that was released, CancelledError or ConnectionError when the client is closed or has lost its scheduler.
   * @example
   * await client.submit((x, y) => x + y, 1, 2).result() // 3
   * await client.submit('x + y', 1, 2).result() // 3
   */
  submit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R>
  submit<R = number>(expression: string, ...args: readonly unknown[]): Future<R>
  submit(fn: unknown, ...args: readonly unknown[]): Future<unknown> {
    return this.call(fn, args, {}, 'submit')
  }

  /**
   * The same with options: `pure: false` for a function that does not always give the same, `key` to
   * name the task, and the annotations `retries`, `priority`, `workers`, `resources` and `timeout`.
   *
   * @example client.submitWith({ pure: false, retries: 2 }, download, url)
   */
  submitWith<A extends readonly unknown[], R>(
    options: CallOptions,
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R>
  submitWith<R = number>(
    options: CallOptions,
    expression: string,
    ...args: readonly unknown[]
  ): Future<R>
  submitWith(options: CallOptions, fn: unknown, ...args: readonly unknown[]): Future<unknown> {
    return this.call(fn, args, options, 'submitWith')
  }

  private call(
    fn: unknown,
    args: readonly unknown[],
    options: CallOptions,
    what: string,
  ): Future<unknown> {
    if (typeof options === 'function')
      throw new TypeError(`${what}: options come first: submitWith({ retries: 2 }, fn, ...args)`)
    assertCallOptions(options, what)
    const captured = captureCalled(fn, what)
    this.assertOpen(what)
    return this.submitCall(captured, args, options, captureCallSite())
  }

  private submitCall(
    fn: CapturedFunction,
    args: readonly unknown[],
    options: CallOptions,
    site: CallSite,
  ): Future<unknown> {
    return this.held.submit(
      makeCall(fn, args, options, () => this.unique()),
      site,
    )
  }

  /**
   * Runs a function, or an expression, for every item, one task each, and gives their futures; with
   * several lists, for every row of them, up to the end of the shortest. Options come last.
   *
   * @example
   * const squares = client.map((x) => x * x, [1, 2, 3])
   * const sums = client.map((x, y) => x + y, [1, 2], squares, { retries: 2 })
   */
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...rest: readonly [...lists: Lists<A>, options?: CallOptions]
  ): Submitted<R>[]
  map<T, R>(fn: (item: T) => R, items: Iterable<Argument<T>>, options?: CallOptions): Submitted<R>[]
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...rest: readonly [
      ...lists: { [K in keyof A]: Iterable<Arguments<A>[K]> },
      options?: CallOptions,
    ]
  ): Submitted<R>[]
  map<R = number>(
    expression: string,
    ...rest: readonly [Iterable<unknown>, ...(Iterable<unknown> | CallOptions)[]]
  ): Future<R>[]
  map(fn: unknown, ...rest: readonly unknown[]): unknown {
    const last = rest.at(-1)
    const hasOptions =
      rest.length > 1 && (last === undefined || (isPlainObject(last) && !isList(last)))
    const options = hasOptions ? (last ?? {}) : {}
    assertCallOptions(options, 'map')
    const lists = hasOptions ? rest.slice(0, -1) : rest
    const captured = captureCalled(fn, 'map')
    if (lists.length === 0)
      throw new TypeError('map: expected lists of items after the function, got none')
    const columns = lists.map(itemsOf)
    this.assertOpen('map')
    const site = captureCallSite()
    const count = Math.min(...columns.map((column) => column.length))
    return Array.from({ length: count }, (_, i) => {
      const args = columns.map((column) => column[i])
      return this.submitCall(captured, args, options, site)
    })
  }

  /**
   * Puts values on the cluster and gives their futures, in the form in which the values came: of a
   * list a list, of a plain object an object, of anything else one future. `broadcast: true` has copies
   * brought to all workers that are there now.
   *
   * @example const [a, b] = client.scatter([tableA, tableB])
   */
  scatter<const T extends readonly unknown[]>(
    values: T,
    options?: ScatterOptions,
  ): number extends T['length']
    ? Future<T[number]>[]
    : { -readonly [K in keyof T]: Future<Widened<T[K]>> }
  scatter<T extends Record<string, unknown>>(
    values: T,
    options?: ScatterOptions,
  ): { [K in keyof T]: Future<T[K]> }
  scatter<T>(value: T, options?: ScatterOptions): Future<T>
  scatter(values: unknown, given: ScatterOptions = {}): unknown {
    const { broadcast = false, ...options } = given ?? {}
    if (typeof broadcast !== 'boolean')
      throw new TypeError(`scatter: broadcast is true or false, got ${typeof broadcast}`)
    assertCallOptions(given === null ? given : options, 'scatter')
    this.assertOpen('scatter')
    const site = captureCallSite()
    const made: Future<unknown>[] = []
    const put = (value: unknown): Future<unknown> => {
      const data = makeData(value, options, () => this.unique())
      const future: Future<unknown> = this.held.submit(data, site)
      made.push(future)
      return future
    }
    // Whoever reads the data can have it without the copies too.
    if (broadcast) queueMicrotask(() => void this.replicate(made).catch(() => {}))
    if (Array.isArray(values)) return values.map(put)
    if (!isPlainObject(values)) return put(values)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, put(value)]))
  }

  /**
   * The results of futures, in the form in which the futures came: lists, plain objects, or one.
   * `errors: 'skip'` leaves out of lists what failed, instead of rejecting.
   *
   * @example const [x, { y }] = await client.gather([futureX, { y: futureY }])
   */
  async gather<T>(
    futures: T,
    options: { readonly errors?: 'raise' | 'skip' } = {},
  ): Promise<Gathered<T>> {
    assertOptions(options, 'gather', ['errors'])
    const { errors = 'raise' } = options
    if (errors !== 'raise' && errors !== 'skip')
      throw new RangeError(`gather: errors is 'raise' or 'skip', got ${String(errors)}`)
    return (await gatherIn(futures, errors === 'skip')) as Gathered<T>
  }

  /**
   * Has copies of results kept on other workers too, as long as somebody holds the futures: on all of
   * them, on those whose names are given, or on `n`. Fulfilled when they are there.
   *
   * @example
   * await client.replicate([table], { workers: ['worker-1'] })
   * await client.replicate(futures, { n: 2 })
   */
  async replicate(futures: Futures, options: ReplicateOptions = {}): Promise<void> {
    const site = captureCallSite()
    const copier = capture(touch)
    const host = {
      workers: () => this.workers(),
      whoHas: (of: readonly Future<unknown>[]) => this.whoHas(of),
      acquire: (address: string, results: readonly Future<unknown>[]) => {
        const how = { workers: [address], pure: false, acquire: true }
        return this.submitCall(copier, results, how, site)
      },
    }
    await replicate(host, futures, options)
  }

  /**
   * Runs a function once on each worker that is there now, and gives what it gave by the workers' names:
   * to look at their processes, or to prepare them.
   *
   * @example await client.run(() => process.memoryUsage().rss) // { 'worker-0': 81649664 }
   */
  async run<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Promise<Record<string, Awaited<R>>> {
    const captured = captureCalled(fn, 'run')
    this.assertOpen('run')
    const site = captureCallSite()
    const futures: Record<string, Future<unknown>> = {}
    for (const { name, address } of await this.workers()) {
      const how = { workers: [address], pure: false }
      const future = this.submitCall(captured, args as readonly unknown[], how, site)
      // Names may be the same; addresses are not.
      futures[name in futures ? address : name] = future
    }
    try {
      return (await this.gather(futures)) as Record<string, Awaited<R>>
    } finally {
      this.release(Object.values(futures))
    }
  }

  /**
   * Waits until there are so many workers.
   *
   * @throws TooFewWorkersError when they are not there after `timeout` milliseconds.
   * @example await client.waitForWorkers(4, { timeout: 60_000 })
   */
  async waitForWorkers(n = 1, options: { readonly timeout?: number } = {}): Promise<void> {
    assertOptions(options, 'waitForWorkers', ['timeout'])
    const { timeout } = options
    if (!Number.isInteger(n) || n < 0)
      throw new RangeError(`waitForWorkers: expected a whole number of workers, got ${String(n)}`)
    assertTimeout(timeout, 'waitForWorkers: timeout')
    const deadline = performance.now() + (timeout ?? Number.POSITIVE_INFINITY)
    for (;;) {
      const { length } = await this.workers()
      if (length >= n) return
      if (performance.now() >= deadline) throw new TooFewWorkersError(n, length, timeout!)
      await new Promise((resolve) => setTimeout(resolve, lookForWorkersEvery))
    }
  }

  abstract workers(): Promise<readonly WorkerInfo[]>

  abstract whoHas(of?: readonly Future<unknown>[]): Promise<WhoHas>

  /** Gives up futures, and those of this client that read them and are not finished. */
  cancel(futures: Futures): void {
    for (const future of futuresOf(futures, 'cancel')) future.cancel()
  }

  /** Tries failed futures again, with what failed before them; others are left as they are. */
  retry(futures: Futures): void {
    for (const future of futuresOf(futures, 'retry')) future.retry()
  }

  /** Lets go of futures: results that nobody else needs are dropped, or not computed. */
  release(futures: Futures): void {
    for (const future of futuresOf(futures, 'release')) future.release()
  }

  /** Waits until futures are finished, have failed or were cancelled: see `wait`. */
  wait<F extends Future<unknown>>(
    futures: F | Iterable<F>,
    options: WaitOptions = {},
  ): Promise<Waited<F>> {
    return wait(futures, options)
  }

  /** Gives futures as they are done: `for await (const future of client.asCompleted(futures))`. */
  asCompleted<F extends Future<unknown>>(futures: F | Iterable<F>): AsCompleted<F> {
    return asCompleted(futures)
  }
}

/** How data is put on the cluster. */
export interface ScatterOptions extends CallOptions {
  /** Whether all workers are to have copies. */
  readonly broadcast?: boolean | undefined
}

/** The type of a literal's values. */
type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends bigint
        ? bigint
        : T

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function itemsOf(list: unknown, place: number): unknown[] {
  if (isList(list)) return [...list]
  const given = list === null ? 'null' : typeof list
  const hint = isComputable(list) ? ': a collection has a map of its own, collection.map(fn)' : ''
  throw new TypeError(`map: expected lists of items, got ${given} as list ${place + 1}${hint}`)
}
