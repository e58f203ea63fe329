/** Calls of functions on the cluster, and values that are put there. */

import { type CallSite, captureCallSite } from '../../core/base/call-site.js'
import { describeValue } from '../../core/base/describe-value.js'
import { isIterable } from '../../core/base/plain-use.js'
import { type CapturedFunction, capture } from '../../core/capture.js'
import { isComputable } from '../../core/graph/collection-interface.js'
import { TooFewWorkersError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { assertObject, assertOptions, assertTimeout } from '../base/options.js'
import { Overdue } from '../base/overdue.js'
import { assertNoOptionsLast, splitOptions } from './call-arguments.js'
import type { ClientSession } from './client-session.js'
import type { ClusterInspection } from './cluster-inspection.js'
import type { Futures } from './futures/argument-types.js'
import {
  assertCallOptions,
  type CallOptions,
  captureCallable,
  makeCall,
  makeData,
  type ScatterOptions,
} from './futures/cluster-call.js'
import { Future } from './futures/future.js'
import { gatherResults, isPlainObject } from './futures/gather-results.js'
import { type ReplicateOptions, replicate } from './replicate.js'
import { touchInputs } from './touch-inputs.js'

/** Options of `client.run`. */
export interface RunOptions {
  /** The names or addresses of the workers to run the function on. By default all. */
  readonly workers?: string | readonly string[] | undefined
}

const runOptionNames = ['workers']

/** Milliseconds between two looks at how many workers there are. */
const workersCheckInterval = 100

export class FunctionCalls {
  private readonly session: ClientSession
  private readonly inspection: ClusterInspection

  constructor(session: ClientSession, inspection: ClusterInspection) {
    this.session = session
    this.inspection = inspection
  }

  /** Submits one call. `what` is the method of the client, for errors. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    options: CallOptions,
    what: string,
  ): Future<unknown> {
    if (typeof options === 'function')
      throw new TypeError(`${what}: options come first: submitWith({ retries: 2 }, fn, ...args)`)
    assertCallOptions(options, what)
    const captured = captureCallable(fn, what)
    assertNoOptionsLast(fn, args, what)
    this.session.assertOpen(what)
    return this.submitCaptured(captured, args, options, captureCallSite())
  }

  private submitCaptured(
    fn: CapturedFunction,
    args: readonly unknown[],
    options: CallOptions,
    site: CallSite,
  ): Future<unknown> {
    const { channel, held } = this.session
    return held.submitCall(makeCall(fn, args, options, channel), site)
  }

  /** Submits a call for each row of some lists; the last of `rest` may be options. */
  map(fn: unknown, rest: readonly unknown[]): Future<unknown>[] {
    const last = rest.at(-1)
    const hasOptions =
      rest.length > 1 && (last === undefined || (isPlainObject(last) && !isIterable(last)))
    const options = hasOptions ? (last ?? {}) : {}
    assertCallOptions(options, 'map')
    const lists = hasOptions ? rest.slice(0, -1) : rest
    const captured = captureCallable(fn, 'map')
    if (lists.length === 0)
      throw new TypeError('map: expected lists of items after the function, got none')
    const columns = lists.map(itemsOf)
    this.session.assertOpen('map')
    const site = captureCallSite()
    const count = Math.min(...columns.map((column) => column.length))
    return Array.from({ length: count }, (_, i) => {
      const args = columns.map((column) => column[i])
      return this.submitCaptured(captured, args, options, site)
    })
  }

  /** Puts a value, or each item of a list or plain object, on the cluster. */
  scatter(values: unknown, given: ScatterOptions): unknown {
    if (isComputable(values))
      throw new TypeError(
        'scatter: a collection is not data; client.persist(collection) computes it and keeps it on the cluster',
      )
    assertObject(given, 'scatter')
    const { broadcast = false, ...options } = given
    if (typeof broadcast !== 'boolean')
      throw new TypeError(`scatter: broadcast is true or false, got ${typeof broadcast}`)
    assertCallOptions(options, 'scatter')
    const { session } = this
    session.assertOpen('scatter')
    const site = captureCallSite()
    const futures: Future<unknown>[] = []
    const put = (value: unknown): Future<unknown> => {
      const data = makeData(value, options, session.channel)
      const future: Future<unknown> = session.held.submitCall(data, site)
      futures.push(future)
      return future
    }
    // Tasks can read the data without the copies, so a failure to make them is ignored.
    if (broadcast) queueMicrotask(() => void this.replicate(futures, {}).catch(() => {}))
    if (Array.isArray(values)) return values.map(put)
    if (!isPlainObject(values)) return put(values)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, put(value)]))
  }

  /** Returns the results of futures in nested lists and plain objects. */
  async gather(
    futures: unknown,
    options: { readonly errors?: 'raise' | 'skip' },
  ): Promise<unknown> {
    assertOptions(options, 'gather', ['errors'])
    const { errors = 'raise' } = options
    if (errors !== 'raise' && errors !== 'skip')
      throw new RangeError(`gather: errors is 'raise' or 'skip', got ${String(errors)}`)
    return gatherResults(futures, errors === 'skip')
  }

  /** Copies results to workers, where they stay as long as their futures are held. */
  async replicate(futures: Futures, options: ReplicateOptions): Promise<void> {
    const site = captureCallSite()
    const captured = capture(touchInputs)
    await replicate(
      this.inspection,
      (address, results) => {
        const how = { workers: [address], pure: false, acquire: true }
        return this.submitCaptured(captured, results, how, site)
      },
      futures,
      options,
    )
  }

  /**
   * Runs a function once on each worker, or on those that options after its arguments name. Returns its
   * results by the names of the workers.
   */
  async runOnWorkers(fn: unknown, given: readonly unknown[]): Promise<Record<string, unknown>> {
    const captured = captureCallable(fn, 'run')
    const { args, options = {} } = splitOptions(fn, given, runOptionNames)
    assertOptions(options, 'run', runOptionNames)
    this.session.assertOpen('run')
    const site = captureCallSite()
    const futures: Record<string, Future<unknown>> = {}
    const workers = await this.inspection.workersNamed((options as RunOptions).workers, 'run')
    for (const { name, address } of workers) {
      const future = this.submitCaptured(captured, args, { workers: [address], pure: false }, site)
      // Two workers may have one name, but not one address.
      futures[name in futures ? address : name] = future
    }
    try {
      return (await gatherResults(futures, false)) as Record<string, unknown>
    } finally {
      for (const future of Object.values(futures)) future.release()
    }
  }

  /** Waits until there are `n` workers. */
  async waitForWorkers(n: number, options: { readonly timeout?: number }): Promise<void> {
    assertOptions(options, 'waitForWorkers', ['timeout'])
    const { timeout } = options
    if (!Number.isInteger(n) || n < 0)
      throw new RangeError(
        `waitForWorkers: expected a whole number of workers, got ${describeValue(n)}`,
      )
    assertTimeout(timeout, 'waitForWorkers: timeout')
    const deadline = performance.now() + (timeout ?? Number.POSITIVE_INFINITY)
    const overdue = new Overdue()
    for (;;) {
      const { addressToWorkers, workers } = await this.inspection.schedulerInfo()
      const { length } = workers
      if (length >= n) return
      if (overdue.check(true, performance.now()) !== undefined)
        logEvent(
          'client',
          `waitForWorkers waits for ${n} workers, and there are ${length}; workers connect to ${addressToWorkers}`,
        )
      if (performance.now() >= deadline) throw new TooFewWorkersError(n, length, timeout!)
      await new Promise((resolve) => setTimeout(resolve, workersCheckInterval))
    }
  }
}

function itemsOf(list: unknown, position: number): unknown[] {
  if (isIterable(list)) return [...list]
  const hint = isComputable(list)
    ? ': a collection has a map of its own, collection.map(fn)'
    : list instanceof Future
      ? ': its result is not known yet; map a list of futures, or write client.submit(fn, future)'
      : ''
  throw new TypeError(
    `map: expected lists of items, got ${describeValue(list)} as list ${position + 1}${hint}`,
  )
}
