/**
 * A client: runs graphs on the cluster of a scheduler, and keeps collections there under names.
 *
 * Every call ends: with its result, with the error of the task that failed, or, when the scheduler is
 * gone for too long, with a CancelledError that says why.
 */
import { randomUUID } from 'node:crypto'
import { annotationsOf } from '../../core/annotate.js'
import { callSite } from '../../core/call-site.js'
import { bundles as knownBundles } from '../../core/codec/index.js'
import {
  askedOf,
  assertGetOptions,
  type Get,
  type GetOptions,
  persistKeys,
} from '../../core/context.js'
import {
  type Computable,
  type Describable,
  graphOfValue,
  isComputable,
  type NamedCollection,
  withRemoteBlocks,
} from '../../core/descriptor.js'
import { CancelledError } from '../../core/errors.js'
import type { Key, Keys } from '../../core/key.js'
import { type GraphLike, makePlan } from '../../core/plan.js'
import type { RemoteValue } from '../../core/remote.js'
import { load } from '../../core/stored-value.js'
import { assertAddress } from '../address.js'
import { ConnectionError } from '../errors.js'
import type { SchedulerInfo } from '../info.js'
import { log } from '../log.js'
import { schedulerToClient } from '../message-shapes.js'
import { assertOptions, assertTimeout, shortestSilence } from '../options.js'
import type {
  Bundle,
  ClientRequest,
  ClientToScheduler,
  ClientWelcome,
  Refused,
  Reply,
  SchedulerToClient,
  Submit,
} from '../protocol.js'
import { timeouts } from '../protocol.js'
import { refusal } from '../version.js'
import { assertCallOptions, type CallOptions, captureCalled, makeCall, makeData } from './call.js'
import { Computations } from './computations.js'
import type { TaskSource } from './failures.js'
import { Future } from './future.js'
import { HeldRuns } from './held-runs.js'
import { clientHello } from './hello.js'
import { Names } from './names.js'
import type { ClientLink, ClientLinkEvents, ClientMessage } from './port-link.js'
import { Requests } from './requests.js'
import { makeSubmission, withBundles } from './submission.js'
import { SubmittedRuns } from './submitted.js'
import type { Arguments, Gathered, Submitted } from './types.js'

/** How to connect. */
export interface ClientOptions {
  /** Milliseconds to wait for the scheduler's first answer; by default 10,000. */
  readonly timeout?: number
  /**
   * Milliseconds without a scheduler after which what is waited for is rejected; by default 300,000.
   * Until then a client waits for the scheduler to come back, and hands over what is not done.
   */
  readonly schedulerTimeout?: number
}

/** Makes a client's connection. */
type Connect = (
  name: string,
  events: ClientLinkEvents & { onRefused(refused: Refused): void },
) => ClientLink

/** The `get` of a client: results that it persists stay on the workers. */
type ClientGet = ((graph: GraphLike, keys: Keys, options?: GetOptions) => Promise<unknown>) &
  Required<Pick<Get, typeof persistKeys>>

export class Client implements AsyncDisposable {
  /** The scheduler's address to clients. */
  readonly address: string
  private readonly link: ClientLink
  /** What the scheduler and other clients know it by, for its whole life. */
  private readonly name = randomUUID()
  private readonly computations: Computations
  private readonly held: HeldRuns
  private readonly names: Names
  private readonly requests: Requests
  /** What is to be submitted again to a scheduler that does not know it. */
  private readonly submitted = new SubmittedRuns(this.name)
  /** Whether the scheduler is gone for too long, or on purpose. */
  private isAlone = false
  private lostBecause = ''
  private sentBundles = new Set<string>()
  private nextNumber = 0
  private connected!: () => void
  private refuse!: (error: Error) => void
  private readonly welcome: Promise<void>
  private closing: Promise<void> | undefined
  /** Whether it is not the user's alone, who may not close it then. */
  private readonly isShared: boolean

  private constructor(address: string, connect: Connect, isShared = false) {
    this.address = address
    this.isShared = isShared
    this.welcome = new Promise((resolve, reject) => {
      this.connected = resolve
      this.refuse = reject
    })
    this.welcome.catch(() => {})
    const find = (run: string, task: number) => this.findTask(run, task)
    this.computations = new Computations({
      find,
      onOver: (run) => {
        this.submitted.over(run)
        this.link.post({ op: 'cancel-run', run })
      },
    })
    this.held = new HeldRuns({
      name: this.name,
      nextRun: () => this.nextNumber++,
      post: (message) => this.link.post(message),
      submit: (message) => this.hand(message),
      onOver: (run) => this.submitted.over(run),
      sentBundles: () => this.sentBundles,
      findTask: find,
    })
    this.requests = new Requests({
      nextNumber: () => this.nextNumber++,
      post: (message) => this.link.post(message),
    })
    this.names = new Names({
      ask: (request) => this.ask(request),
      sentBundles: () => this.sentBundles,
      held: this.held,
    })
    this.link = connect(this.name, {
      onWelcome: (welcome) => this.onWelcome(welcome),
      onMessage: (message) => this.onMessage(message),
      onLost: (reason, isClosed) => this.onLost(reason, isClosed),
      onGivenUp: () => this.giveUp(),
      onRefused: (refused) => this.refuse(refusal(address, refused, 'client')),
    })
  }

  /**
   * Connects to a scheduler.
   *
   * @throws TypeError for what is no address, ConnectionError when nobody answers in time,
   *   VersionMismatchError when the scheduler runs another version.
   * @example const client = await Client.connect('tcp://127.0.0.1:5555')
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<Client> {
    assertAddress(address, 'Client.connect')
    assertOptions(options, 'Client.connect', ['timeout', 'schedulerTimeout'])
    const { timeout = 10_000, schedulerTimeout = timeouts.schedulerOfClient } = options
    assertTimeout(schedulerTimeout, 'Client.connect: schedulerTimeout', shortestSilence)
    if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31)) {
      throw new RangeError(`Client.connect: timeout is a number of milliseconds, got ${timeout}`)
    }
    const { SchedulerLink } = await import('../scheduler-link.js')
    const client = new Client(address, (name, events) => {
      return new SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>(
        address,
        `client-${name}`,
        {
          ...events,
          shapes: schedulerToClient,
          patience: schedulerTimeout,
          hello: (nonce) => clientHello(name, nonce),
          onMessage: (message) => events.onMessage(message as ClientMessage),
          onError: (error) => log('client', 'an error in the client', error),
        },
      )
    })
    const timer = setTimeout(() => {
      client.refuse(
        new ConnectionError(
          address,
          `No scheduler answered at ${address} within ${timeout} ms: is it running, and is this its address to clients?`,
        ),
      )
    }, timeout)
    try {
      await client.welcome
    } catch (error) {
      await client.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
    return client
  }

  /**
   * A client over a connection that somebody else has made, which it shares with others: closing it
   * does nothing.
   *
   * @internal
   */
  static over(address: string, connect: Connect): Client {
    return new Client(address, connect, true)
  }

  /**
   * Runs what the keys need on the cluster and gives the results in the shape of the keys. Bound, so
   * that it can be handed over: `bag.compute({ get: client.get })`.
   *
   * @throws CycleError, MissingKeyError, GraphError for a graph or request that makes no sense;
   *   NotPortableError for what cannot travel; TaskError when a task throws; CancelledError when
   *   `options.signal` is aborted, the client is closed, or the scheduler is lost.
   */
  readonly get: ClientGet = Object.assign(
    (graph: GraphLike, keys: Keys, options: GetOptions = {}) => this.runGraph(graph, keys, options),
    {
      [persistKeys]: (graph: GraphLike, keys: readonly Key[], options: GetOptions = {}) =>
        this.persistGraph(graph, keys, options),
    },
  )

  private async runGraph(graph: GraphLike, keys: Keys, options: GetOptions): Promise<unknown> {
    assertGetOptions(options, 'client.get')
    const plan = makePlan(graph, keys, 'client.get')
    this.assertOpen('get')
    const { signal } = options
    if (signal?.aborted) throw aborted(signal)
    this.held.flush()
    const run = this.nextNumber++
    const { message, targets, taskOf } = makeSubmission(plan, {
      run,
      wantsProgress: options.onProgress !== undefined,
      sent: this.sentBundles,
      annotations: annotationsOf(askedOf(options)),
    })
    const result = this.computations.start(run, { plan, targets, taskOf, options }, aborted)
    this.hand(message)
    return result
  }

  // Futures ----------------------------------------------------------------------------------------

  /**
   * Runs a function on the cluster, and gives a future of its result at once. Arguments may be
   * futures, or hold some. Equal calls are one task: see `pure` of `submitWith`.
   *
   * @throws NotPortableError for a function or an argument that cannot travel, CancelledError or
   *   ConnectionError when the client is closed or has lost its scheduler.
   * @example await client.submit((x, y) => x + y, 1, 2).result() // 3
   */
  submit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R> {
    return this.submitWith({}, fn, ...args)
  }

  /**
   * The same with options: `pure: false` for a function that does not always give the same, `key` to
   * name the task, and the annotations `retries`, `priority`, `workers` and `resources`.
   *
   * @example client.submitWith({ pure: false, retries: 2 }, download, url)
   */
  submitWith<A extends readonly unknown[], R>(
    options: CallOptions,
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R> {
    assertCallOptions(options, 'submit')
    const captured = captureCalled(fn, 'submit')
    this.assertOpen('submit')
    const call = makeCall(captured, args, options, () => this.unique())
    return this.held.submit(call, callSite())
  }

  /**
   * Runs a function for every item, one task each, and gives their futures; with several lists, for
   * every row of them, up to the end of the shortest.
   *
   * @example const squares = client.map((x) => x * x, [1, 2, 3])
   */
  map<T, R>(
    fn: (item: T, ...more: never[]) => R,
    items: Iterable<T | Future<T>>,
    ...rest: readonly (Iterable<unknown> | CallOptions)[]
  ): Submitted<R>[] {
    const last = rest.at(-1)
    const hasOptions = last !== undefined && !isIterable(last)
    const options = (hasOptions ? last : {}) as CallOptions
    assertCallOptions(options, 'map')
    const lists = [items, ...(hasOptions ? rest.slice(0, -1) : rest)]
    for (const list of lists)
      if (!isIterable(list))
        throw new TypeError(
          `map: expected lists of items, got ${list === null ? 'null' : typeof list}`,
        )
    const captured = captureCalled(fn as Function as (item: T) => R, 'map')
    this.assertOpen('map')
    const site = callSite()
    const columns = lists.map((list) => [...(list as Iterable<unknown>)])
    const count = Math.min(...columns.map((column) => column.length))
    return Array.from({ length: count }, (_, i) => {
      const args = columns.map((column) => column[i])
      return this.held.submit(
        makeCall(captured, args, options, () => this.unique()),
        site,
      )
    })
  }

  /**
   * Puts values on the cluster and gives their futures, in the form in which the values came: of a
   * list a list, of a plain object an object, of anything else one future.
   *
   * @example const [a, b] = client.scatter([tableA, tableB])
   */
  scatter<T>(values: readonly T[], options?: CallOptions): Future<T>[]
  scatter<T extends Record<string, unknown>>(
    values: T,
    options?: CallOptions,
  ): { [K in keyof T]: Future<T[K]> }
  scatter<T>(value: T, options?: CallOptions): Future<T>
  scatter(values: unknown, options: CallOptions = {}): unknown {
    assertCallOptions(options, 'scatter')
    this.assertOpen('scatter')
    const site = callSite()
    const put = (value: unknown): Future<unknown> =>
      this.held.submit(
        makeData(value, options, () => this.unique()),
        site,
      )
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

  /** Computes a collection on the cluster, and gives a future of its value at once. */
  compute<R>(collection: Computable<R>, options: GetOptions = {}): Future<R> {
    assertCollection(collection, 'compute')
    const { graph, key } = graphOfValue(collection)
    return this.keep(graph, [key], options, 'compute')[0] as Future<R>
  }

  /** Computes the blocks of a collection on the cluster and keeps them there; gives it at once. */
  persist<C extends Computable>(collection: C, options: GetOptions = {}): C {
    assertCollection(collection, 'persist')
    const futures = this.keep(collection.optimize(), collection.keys, options, 'persist')
    return collection[withRemoteBlocks](futures)
  }

  private async persistGraph(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
  ): Promise<readonly RemoteValue[]> {
    const { signal } = options
    if (signal?.aborted) throw aborted(signal)
    const futures = this.keep(graph, keys, options, 'persist')
    const onAbort = (): void => {
      for (const future of futures) future.cancel()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for (const future of futures) {
        const error = await future.exception()
        if (signal?.aborted) throw aborted(signal)
        if (error !== undefined) throw error
      }
    } catch (error) {
      for (const future of futures) future.release()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    return futures
  }

  private keep(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
    what: string,
  ): Future<unknown>[] {
    assertGetOptions(options, what)
    const plan = makePlan(graph, keys, what)
    this.assertOpen(what)
    let taskOf: ArrayLike<number> = []
    const annotations = annotationsOf(askedOf(options))
    const sent = this.sentBundles
    const places = new Map<number, number>()
    const make = (run: number) => {
      const how = { run, wantsProgress: false, sent, annotations, keeps: true }
      const submission = makeSubmission(plan, how)
      taskOf = submission.taskOf
      for (const [place, task] of submission.targets.entries()) places.set(task, place)
      return submission.message
    }
    const found = this.held.keep(plan, make, (task) => {
      const number = taskOf[task]
      return number === undefined ? undefined : { source: plan, task: number }
    })
    // Two keys may name one task.
    return (plan.targets as readonly number[]).map((task) => found[places.get(task)!]!)
  }

  private unique(): string {
    return `${this.name.slice(0, 8)}-${this.nextNumber++}`
  }

  private findTask(run: string, task: number): { source: TaskSource; task: number } | undefined {
    const slash = run.lastIndexOf('/')
    if (run.slice(0, slash) !== this.name) return undefined
    const number = Number(run.slice(slash + 1))
    return this.computations.findTask(number, task) ?? this.held.findTask(number, task)
  }

  // Names ------------------------------------------------------------------------------------------

  /**
   * Keeps a collection or a future under a name; a former one is replaced. Of a collection it is the
   * graph that is kept; of one that was persisted, and of a future, the data too.
   */
  async setCollection(name: string, value: Describable | Future<unknown>): Promise<void> {
    this.held.flush()
    await this.names.set(name, value)
  }

  /**
   * What is kept under a name, of the kind it had; none of its author's code is needed here.
   * TypeScript can be told the kind: `client.getCollection<Bag<number>>('squares')`.
   *
   * @throws UnknownCollectionError when there is none.
   */
  async getCollection<T = NamedCollection>(name: string): Promise<T> {
    return (await this.names.get(name)) as T
  }

  /** The names under which collections are kept. */
  async listCollections(): Promise<string[]> {
    return this.names.list()
  }

  /** Forgets a collection. Throws UnknownCollectionError when there is none of that name. */
  async deleteCollection(name: string): Promise<void> {
    await this.names.delete(name)
  }

  /** What the scheduler is doing, and with which workers. */
  async schedulerInfo(): Promise<SchedulerInfo> {
    return load((await this.ask((request) => ({ op: 'info', request }))).value) as SchedulerInfo
  }

  /** Leaves the scheduler; what is not done is cancelled. */
  close(): Promise<void> {
    if (this.isShared) return Promise.resolve()
    if (this.closing === undefined) {
      this.endAll((what) => new CancelledError(`The client was closed before ${what} was done`))
      this.closing = this.link.close()
    }
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Messages ---------------------------------------------------------------------------------------

  private onMessage(message: ClientMessage): void {
    switch (message.op) {
      case 'values':
        addBundles(message.bundles)
        if (this.held.has(message.run)) this.held.onValues(message)
        else this.computations.onValues(message)
        return
      case 'targets':
        this.held.onStates(message)
        return
      case 'target-failed':
        addBundles(message.bundles)
        void this.held.onFailed(message)
        return
      case 'done':
        void this.computations.onDone(message.run)
        return
      case 'failed':
        addBundles(message.bundles)
        if (this.held.has(message.run)) this.held.onRefused(message.run, message.failure)
        else void this.computations.onFailed(message)
        return
      case 'progress':
        this.computations.onProgress(message)
        return
      case 'reply':
        addBundles(message.bundles)
        this.requests.onReply(message)
        return
      case 'reply-error':
        this.requests.onError(message)
    }
  }

  // Waiting ------------------------------------------------------------------------------------------

  private async ask(request: (number: number) => ClientRequest): Promise<Reply> {
    this.assertOpen('the request')
    return this.requests.ask(request)
  }

  /** Submits a run, now and whenever a scheduler does not know it. */
  private hand(message: Submit): void {
    this.submitted.add(message)
    this.link.post(message)
  }

  private assertOpen(what: string): void {
    if (this.closing !== undefined) {
      throw new CancelledError(`${what}: this client of ${this.address} is closed`)
    }
    if (this.isAlone) {
      throw new ConnectionError(
        this.address,
        `${what}: the connection to the scheduler at ${this.address} is lost; it is being tried again`,
      )
    }
  }

  /** A session begins: what the scheduler does not know of is handed over again. */
  private onWelcome({ runs }: ClientWelcome): void {
    this.isAlone = false
    this.sentBundles = new Set()
    const { submitted, computations, held, link, sentBundles } = this
    const { submit, resume, drop } = submitted.handover(new Set(runs))
    for (const run of submit) {
      const former = submitted.messageOf(run)
      const message = former.keeps ? held.anew(former) : computations.withoutWhatCame(former)
      submitted.replace(message)
      link.post(withBundles(message, sentBundles))
    }
    for (const run of resume) {
      const { keeps } = submitted.messageOf(run)
      const places = keeps ? held.lacking(run) : computations.lacking(run)
      link.post({ op: 'resume', run, places })
    }
    this.requests.askAgain(sentBundles)
    for (const run of [...submit, ...resume]) held.sayAgain(run)
    for (const run of drop) link.post({ op: 'cancel-run', run })
    this.connected()
  }

  private onLost(reason: string, isClosed: boolean): void {
    this.lostBecause = reason
    if (isClosed) this.giveUp()
  }

  /** The scheduler is gone for good, as far as can be known. */
  private giveUp(): void {
    this.isAlone = true
    const { address, lostBecause: reason } = this
    const cause = new ConnectionError(address, `The scheduler at ${address}: ${reason}`)
    this.endAll((what) => {
      const message = `${what} was given up, since the scheduler at ${address} is lost: ${reason}`
      return new CancelledError(message, { cause })
    })
  }

  private endAll(error: (what: string) => Error): void {
    this.computations.endAll(error)
    this.held.endAll(error)
    this.requests.endAll(error)
  }
}

function addBundles(bundles: readonly Bundle[]): void {
  for (const [token, bytes] of bundles) knownBundles.add(token, bytes)
}

function assertCollection(value: unknown, what: string): asserts value is Computable {
  if (isComputable(value)) return
  const given = value === null ? 'null' : typeof value
  throw new TypeError(`${what}: expected a collection, such as a Bag or an Array, got ${given}`)
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

const skipped = Symbol('skipped')

/** What stands for the futures in lists and plain objects: their results. */
async function gatherIn(value: unknown, skips: boolean, depth = 0): Promise<unknown> {
  if (value instanceof Future) {
    return skips && depth > 0 ? value.result().catch(() => skipped) : value.result()
  }
  if (depth > 100) return value
  if (Array.isArray(value)) {
    const results = await Promise.all(value.map((item) => gatherIn(item, skips, depth + 1)))
    return skips ? results.filter((item) => item !== skipped) : results
  }
  if (!isPlainObject(value)) return value
  const entries = Object.entries(value).map(async ([name, item]) => {
    return [name, await gatherIn(item, skips, depth + 1)] as const
  })
  const found = await Promise.all(entries)
  return Object.fromEntries(found.filter(([, item]) => item !== skipped))
}

function aborted(signal: AbortSignal): CancelledError {
  return new CancelledError('The computation was aborted', { cause: signal.reason })
}
