/**
 * The public face of a cluster: every method checks its arguments and calls one part. `ClientSession`
 * owns the connection; `FunctionCalls`, `GraphRuns`, `NamedCollections` and `ClusterInspection` do the
 * work.
 */
import type { Key, Keys } from '../../core/base/keys.js'
import type {
  Computable,
  Describable,
  NamedCollection,
} from '../../core/graph/collection-interface.js'
import { type Get, type GetOptions, persistKeys } from '../../core/graph/get.js'
import type { GraphLike } from '../../core/graph/graph.js'
import { AwaitedCount } from '../base/awaited-count.js'
import { assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { timeouts } from '../base/timeouts.js'
import type { ClientToScheduler, SchedulerToClient } from '../protocol/index.js'
import type {
  ClusterDump,
  KeysByWorker,
  SchedulerInfo,
  TaskStory,
  WhoHas,
  WorkerInfo,
} from '../protocol/info.js'
import { schedulerToClient } from '../protocol/message-shapes.js'
import { assertAddress } from '../transport/address.js'
import type { OpenConnection } from '../transport/connection.js'
import {
  ClientSession,
  type ConnectClient,
  type FindTaskScope,
  openSession,
} from './client-session.js'
import { ClusterInspection, type DumpOptions, type Inspectable } from './cluster-inspection.js'
import { FunctionCalls } from './function-calls.js'
import type {
  Argument,
  ArgumentLists,
  Arguments,
  Futures,
  FuturesOf,
  Gathered,
  Submitted,
  Widened,
} from './futures/argument-types.js'
import type { CallOptions, ScatterOptions } from './futures/cluster-call.js'
import type { Future } from './futures/future.js'
import {
  type AsCompleted,
  asCompleted,
  futuresOf,
  type Waited,
  type WaitOptions,
  wait,
} from './futures/wait.js'
import { GraphRuns } from './graph-runs.js'
import { NamedCollections } from './named-collections.js'
import type { ReplicateOptions } from './replicate.js'

/** Options of `Client.connect`. */
export interface ClientOptions {
  /** Milliseconds to wait for the scheduler's first answer. By default 10,000. */
  readonly timeout?: number
  /**
   * Milliseconds without a scheduler after which everything that is not done is rejected. By default
   * 300,000. Until then a client waits for the scheduler to come back, and submits again what the
   * scheduler does not know.
   */
  readonly schedulerTimeout?: number
}

/** The type of `client.get`: with `persistKeys` the results stay on the workers. */
type ClientGet = ((graph: GraphLike, keys: Keys, options?: GetOptions) => Promise<unknown>) &
  Required<Pick<Get, typeof persistKeys>>

/**
 * A client of a cluster: runs graphs, collections and functions there.
 *
 * Methods that submit something throw CancelledError when the client is closed, and ConnectionError
 * when it has lost its scheduler.
 *
 * @example
 * const client = await Client.connect('tcp://127.0.0.1:5555')
 * await client.submit((x, y) => x + y, 1, 2).result() // 3
 * await client.close()
 */
export class Client implements AsyncDisposable {
  /** The scheduler's address to clients. */
  readonly address: string
  private readonly session: ClientSession
  private readonly inspection: ClusterInspection
  private readonly calls: FunctionCalls
  private readonly graphs: GraphRuns
  private readonly named: NamedCollections

  /**
   * Runs the tasks that the keys need on the cluster and returns the results in the shape of the keys.
   * It is bound to the client, so it can be passed on: `bag.compute({ get: client.get })`.
   *
   * @throws CycleError, MissingKeyError or GraphError for an invalid graph or request;
   *   NotPortableError for what cannot be sent; TaskError when a task throws; CancelledError when
   *   `options.signal` is aborted, the client is closed, or the scheduler is lost.
   */
  readonly get: ClientGet

  private constructor(session: ClientSession) {
    this.address = session.address
    this.session = session
    this.inspection = new ClusterInspection(session)
    this.calls = new FunctionCalls(session, this.inspection)
    this.named = new NamedCollections(session)
    const graphs = new GraphRuns(session)
    this.graphs = graphs
    this.get = Object.assign(
      (graph: GraphLike, keys: Keys, options: GetOptions = {}) => graphs.get(graph, keys, options),
      {
        [persistKeys]: (graph: GraphLike, keys: readonly Key[], options: GetOptions = {}) =>
          graphs.persistKeys(graph, keys, options),
      },
    )
  }

  // Connecting -------------------------------------------------------------------------------------

  /**
   * Connects to a scheduler.
   *
   * @throws TypeError for an invalid address, ConnectionError when no scheduler answers in time,
   *   VersionMismatchError when the scheduler runs another version.
   * @example const client = await Client.connect('tcp://127.0.0.1:5555')
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<Client> {
    assertAddress(address, 'Client.connect')
    const { connectSocket } = await import('../transport/connection.js')
    const awaited = new AwaitedCount()
    const dial = connectSocket<SchedulerToClient, ClientToScheduler>(
      address,
      schedulerToClient,
      awaited,
    )
    return Client.dial(address, dial, options, awaited)
  }

  /**
   * Connects to a scheduler through a given kind of connection. `awaited` counts what the client waits for.
   *
   * @internal
   */
  static async dial(
    address: string,
    dial: OpenConnection<SchedulerToClient, ClientToScheduler>,
    options: ClientOptions,
    awaited = new AwaitedCount(),
  ): Promise<Client> {
    assertOptions(options, 'Client.connect', ['timeout', 'schedulerTimeout'])
    const { timeout = 10_000, schedulerTimeout = timeouts.schedulerOfClient } = options
    assertTimeout(schedulerTimeout, 'Client.connect: schedulerTimeout', minimumTimeout)
    if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31)) {
      throw new RangeError(`Client.connect: timeout is a number of milliseconds, got ${timeout}`)
    }
    return new Client(await openSession(address, dial, { timeout, schedulerTimeout, awaited }))
  }

  /**
   * Makes a client that the tasks of a thread share, over a given connection. Its `close` does nothing;
   * what a task has started ends when the task is not wanted any more.
   *
   * @internal
   */
  static over(address: string, connect: ConnectClient, findTaskScope: FindTaskScope): Client {
    return new Client(new ClientSession(address, connect, { findTaskScope }))
  }

  /** Leaves the scheduler; what is not done is cancelled. */
  close(): Promise<void> {
    return this.session.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Functions and values ---------------------------------------------------------------------------

  /**
   * Runs a function on the cluster and returns a future of its result. Arguments may be futures, or
   * lists and plain objects that contain futures. Equal calls are one task: see `pure` of `submitWith`.
   * The function may be an expression in mathjs's language.
   *
   * @throws NotPortableError for a function or an argument that cannot be sent, CancelledError for a
   *   future that was released, CancelledError or ConnectionError when the client is closed or has lost
   *   its scheduler.
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
    return this.calls.submit(fn, args, {}, 'submit')
  }

  /**
   * Runs a function as `submit` does, with options: `pure: false` for a function whose result may
   * differ from call to call, `key` to name the task, and the annotations `retries`, `priority`,
   * `workers`, `resources` and `timeout`.
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
    return this.calls.submit(fn, args, options, 'submitWith')
  }

  /**
   * Applies a function, or an expression, to every item, in one task each, and returns the futures.
   * With several lists, applies it to every row of them, up to the end of the shortest. Options come
   * last.
   *
   * @example
   * const squares = client.map((x) => x * x, [1, 2, 3])
   * const sums = client.map((x, y) => x + y, [1, 2], squares, { retries: 2 })
   */
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...rest: readonly [...lists: ArgumentLists<A>, options?: CallOptions]
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
    return this.calls.map(fn, rest)
  }

  /**
   * Puts values on the cluster and returns their futures in the form of the values: a list for a list,
   * an object for a plain object, one future for anything else. `broadcast: true` sends copies to all
   * workers that there are now.
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
  scatter(values: unknown, options: ScatterOptions = {}): unknown {
    return this.calls.scatter(values, options)
  }

  /**
   * Returns the results of futures in the form of the futures: lists, plain objects, or one.
   * `errors: 'skip'` leaves failed ones out of lists and objects instead of rejecting.
   *
   * @example const [x, { y }] = await client.gather([futureX, { y: futureY }])
   */
  async gather<T>(
    futures: T,
    options: { readonly errors?: 'raise' | 'skip' } = {},
  ): Promise<Gathered<T>> {
    return (await this.calls.gather(futures, options)) as Gathered<T>
  }

  /**
   * Copies results to other workers, where they stay as long as the futures are held: to all workers,
   * to those whose names are given, or to `n`. Fulfilled when the copies are there.
   *
   * @example
   * await client.replicate([table], { workers: ['worker-1'] })
   * await client.replicate(futures, { n: 2 })
   */
  async replicate(futures: Futures, options: ReplicateOptions = {}): Promise<void> {
    await this.calls.replicate(futures, options)
  }

  /**
   * Runs a function once on each worker that there is now, and returns the results by the workers'
   * names. Useful to look at the processes of the workers, or to prepare them.
   *
   * @example await client.run(() => process.memoryUsage().rss) // { 'worker-0': 81649664 }
   */
  async run<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Promise<Record<string, Awaited<R>>> {
    const results = await this.calls.runOnWorkers(fn, args as readonly unknown[])
    return results as Record<string, Awaited<R>>
  }

  /**
   * Waits until there are `n` workers.
   *
   * @throws TooFewWorkersError when there are fewer after `timeout` milliseconds.
   * @example await client.waitForWorkers(4, { timeout: 60_000 })
   */
  async waitForWorkers(n = 1, options: { readonly timeout?: number } = {}): Promise<void> {
    await this.calls.waitForWorkers(n, options)
  }

  // Futures ----------------------------------------------------------------------------------------

  /** Cancels futures, and the pending futures of this client that read them. */
  cancel(futures: Futures): void {
    for (const future of futuresOf(futures, 'cancel')) future.cancel()
  }

  /** Retries failed futures, and the tasks that failed before them. Other futures stay as they are. */
  retry(futures: Futures): void {
    for (const future of futuresOf(futures, 'retry')) future.retry()
  }

  /** Releases futures: results that nothing else needs are dropped, or not computed. */
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

  /** Iterates over futures as they are done: `for await (const future of client.asCompleted(futures))`. */
  asCompleted<F extends Future<unknown>>(futures: F | Iterable<F>): AsCompleted<F> {
    return asCompleted(futures)
  }

  // Collections ------------------------------------------------------------------------------------

  /**
   * Computes a collection on the cluster, or several, and returns a future of each value. Tasks that
   * several collections have in common are computed once.
   *
   * @throws TypeError for anything but collections.
   * @example const [sum, most] = client.compute([bag.sum(), bag.max()])
   */
  compute<R>(collection: Computable<R>, options?: GetOptions): Future<R>
  compute<const C extends readonly Computable[]>(collections: C, options?: GetOptions): FuturesOf<C>
  compute(what: Computable | readonly Computable[], options: GetOptions = {}): unknown {
    return this.graphs.compute(what, options)
  }

  /**
   * Computes the blocks of a collection on the cluster, or of several, and keeps them there. Returns
   * collections of the kept blocks without waiting for them.
   *
   * @throws TypeError for anything but collections.
   * @example const words = client.persist(db.readText('*.txt').flatMap((line) => line.split(' ')))
   */
  persist<C extends Computable>(collection: C, options?: GetOptions): C
  persist<const C extends readonly Computable[]>(
    collections: C,
    options?: GetOptions,
  ): { -readonly [K in keyof C]: C[K] }
  persist(what: Computable | readonly Computable[], options: GetOptions = {}): unknown {
    return this.graphs.persist(what, options)
  }

  /**
   * Keeps a collection or a future under a name, in place of a former one of that name. Of a collection
   * the graph is kept; of a persisted collection, and of a future, the data too.
   */
  async setCollection(name: string, value: Describable | Future<unknown>): Promise<void> {
    await this.named.set(name, value)
  }

  /**
   * Returns the collection or future that is kept under a name. The code that made it is not needed.
   * Its type can be given: `client.getCollection<Bag<number>>('squares')`.
   *
   * @throws UnknownCollectionError when there is none.
   */
  async getCollection<T = NamedCollection>(name: string): Promise<T> {
    return (await this.named.get(name)) as T
  }

  /** Returns the names under which collections are kept. */
  async listCollections(): Promise<string[]> {
    return this.named.list()
  }

  /**
   * Deletes a named collection.
   *
   * @throws UnknownCollectionError when there is none of that name.
   */
  async deleteCollection(name: string): Promise<void> {
    await this.named.delete(name)
  }

  // Inspection -------------------------------------------------------------------------------------

  /** Returns what the scheduler is doing, and its workers. */
  async schedulerInfo(): Promise<SchedulerInfo> {
    return this.inspection.schedulerInfo()
  }

  /** Returns the workers: name, address, process, threads, memory, resources, and numbers of tasks. */
  async workers(): Promise<readonly WorkerInfo[]> {
    return this.inspection.workers()
  }

  /** Returns for each worker, by name, how many tasks it runs at once. */
  async nthreads(): Promise<Readonly<Record<string, number>>> {
    const workers = await this.workers()
    return Object.fromEntries(workers.map(({ name, nthreads }) => [name, nthreads]))
  }

  /**
   * Returns for each key the names of the workers that hold its result: an empty list if none does.
   * Without an argument, for all results that are held.
   *
   * @example await client.whoHas([future]) // { 'add-1f3c': ['worker-0'] }
   */
  async whoHas(of?: Inspectable | readonly Inspectable[]): Promise<WhoHas> {
    return this.inspection.whoHas(of)
  }

  /** Returns for each worker, by name, the keys of the results that it holds; for some workers, or all. */
  async hasWhat(workers?: string | readonly string[]): Promise<KeysByWorker> {
    return this.inspection.keysByWorker('has-what', workers, 'hasWhat')
  }

  /** Returns for each worker, by name, the keys of its unfinished tasks; for some workers, or all. */
  async processing(workers?: string | readonly string[]): Promise<KeysByWorker> {
    return this.inspection.keysByWorker('processing', workers, 'processing')
  }

  /**
   * Returns what happened to a task and why it is in its state: `why` says what it waits for, `events`
   * lists its transitions.
   *
   * @example (await client.story(future)).why
   *   // is ready, but it asks for 2 GPU, and no worker has so much: the most is 1
   */
  async story(of: Inspectable): Promise<TaskStory> {
    return this.inspection.story(of)
  }

  /**
   * Returns everything that the scheduler knows as plain data, and writes it to a file as JSON if
   * `filename` is given: versions, options, workers, clients, computations, tasks, queues, and the last
   * events. Values and code are not included.
   *
   * @example await client.dump({ filename: 'cluster.json' })
   */
  async dump(options: DumpOptions = {}): Promise<ClusterDump> {
    return this.inspection.dump(options)
  }
}
