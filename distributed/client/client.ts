/**
 * The public face of a cluster: every method checks its arguments and calls one part. `ClientSession`
 * owns the connection; `FunctionCalls`, `GraphRuns`, `NamedCollections` and `ClusterInspection` do the
 * work.
 */
import { checkArguments } from '../../core/base/argument-checks.js'
import type { Key, Keys } from '../../core/base/keys.js'
import { checkSettings } from '../../core/base/settings.js'
import type {
  Computable,
  Describable,
  NamedCollection,
} from '../../core/graph/collection-interface.js'
import { type Get, type GetOptions, persistKeys } from '../../core/graph/get.js'
import type { GraphLike } from '../../core/graph/graph.js'
import { AwaitedCount } from '../base/awaited-count.js'
import type { PeerKeys } from '../base/curve-keys.js'
import { assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { assertOwnCall, makeProcessBound } from '../base/public-objects.js'
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
import type { OpenConnection } from '../transport/connection.js'
import {
  ClientSession,
  type ConnectClient,
  type FindTaskScope,
  openSession,
} from './client-session.js'
import {
  ClusterInspection,
  type DumpOptions,
  type FindWorkers,
  type Inspectable,
} from './cluster-inspection.js'
import { FunctionCalls, type RunOptions } from './function-calls.js'
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
  type AsCompletedOptions,
  asCompleted,
  type FutureAndResult,
  futuresOf,
  type Waited,
  type WaitOptions,
  wait,
} from './futures/wait.js'
import { GraphRuns } from './graph-runs.js'
import { NamedCollections, type SetCollectionOptions } from './named-collections.js'
import type { ReplicateOptions } from './replicate.js'
import { type RetireOptions, retireWorkers } from './retire-workers.js'
import {
  type ClientOptions,
  clientOptionNames,
  defaultTimeout,
  findScheduler,
  type SchedulerFileOptions,
} from './scheduler-address.js'

export type { ClientOptions, SchedulerFileOptions } from './scheduler-address.js'

/** The local clusters of this thread, by their addresses to clients. */
export const localClusters = new Map<string, { client(options: ClientOptions): Promise<Client> }>()

/** The type of `client.get`: with `persistKeys` the results stay on the workers. */
export type ClientGet = ((graph: GraphLike, keys: Keys, options?: GetOptions) => Promise<unknown>) &
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
  static {
    makeProcessBound(Client.prototype, 'a Client')
  }

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

  private constructor(session: ClientSession, findWorkers?: FindWorkers) {
    assertOwnCall(
      session instanceof ClientSession,
      session,
      'a Client',
      "await Client.connect('tcp://127.0.0.1:5555'), or await cluster.client() of a LocalCluster",
    )
    this.address = session.address
    this.session = session
    this.inspection = new ClusterInspection(session, findWorkers)
    this.calls = new FunctionCalls(session, this.inspection)
    this.named = new NamedCollections(session)
    const graphs = new GraphRuns(session)
    this.graphs = graphs
    this.get = Object.assign(
      function get(graph: GraphLike, keys: Keys, options: GetOptions = {}) {
        checkArguments('client.get', arguments, 3, 'client.get(graph, keys, options)')
        return graphs.get(graph, keys, options)
      },
      {
        [persistKeys]: (graph: GraphLike, keys: readonly Key[], options: GetOptions = {}) =>
          graphs.persistKeys(graph, keys, options),
      },
    )
    session.held.get = this.get
  }

  // Connecting -------------------------------------------------------------------------------------

  /**
   * Connects to a scheduler. With the address of a local cluster of this process it does what `cluster.client` does.
   *
   * @throws TypeError for an invalid address or invalid keys, ConnectionError when no scheduler answers in time (or its file is
   *   not there in time) or it does not accept the keys, VersionMismatchError when the scheduler runs another version.
   * @example
   * const client = await Client.connect('tcp://127.0.0.1:5555')
   * const remote = await Client.connect('tcp://scheduler:5555', { keys: 'keys/alice.key' })
   * const ofJob = await Client.connect({ schedulerFile: 'job-17/scheduler.json' })
   */
  static async connect(address: string, options?: ClientOptions): Promise<Client>
  static async connect(options: SchedulerFileOptions): Promise<Client>
  static async connect(): Promise<Client> {
    const { address, options, serverKey } = await findScheduler(arguments)
    const ofThisProcess = localClusters.get(address.replace('//localhost:', '//127.0.0.1:'))
    if (ofThisProcess !== undefined) return ofThisProcess.client(options)
    const [{ connectSocket }, { readKeysOfPeer }] = await Promise.all([
      import('../transport/connection.js'),
      import('../security/read-security.js'),
    ])
    const awaited = new AwaitedCount()
    const keys = readKeysOfPeer(options.keys, 'client', 'Client.connect', serverKey)
    const dial = connectSocket<SchedulerToClient, ClientToScheduler>(address, schedulerToClient, {
      awaited,
      curve: keys,
    })
    return Client.dial(address, dial, options, { awaited, keys })
  }

  /**
   * Connects to a scheduler through a given kind of connection. `awaited` counts what the client waits for;
   * `findWorkers` describes the workers of a scheduler in this process, where no `keys` are needed.
   *
   * @throws RangeError for an invalid timeout.
   * @internal
   */
  static async dial(
    address: string,
    dial: OpenConnection<SchedulerToClient, ClientToScheduler>,
    options: ClientOptions,
    {
      awaited = new AwaitedCount(),
      findWorkers,
      keys,
    }: { awaited?: AwaitedCount; findWorkers?: FindWorkers; keys?: PeerKeys | undefined } = {},
  ): Promise<Client> {
    assertOptions(options, 'Client.connect', clientOptionNames)
    const { timeout = defaultTimeout, schedulerTimeout = timeouts.schedulerOfClient } = options
    assertTimeout(schedulerTimeout, 'Client.connect: schedulerTimeout', minimumTimeout)
    if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31)) {
      throw new RangeError(`Client.connect: timeout is a number of milliseconds, got ${timeout}`)
    }
    checkSettings()
    const session = await openSession(address, dial, { timeout, schedulerTimeout, awaited, keys })
    return new Client(session, findWorkers)
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
    checkArguments('close', arguments, 0, 'client.close()')
    return this.session.close()
  }

  /** Closes the client, at the end of the block of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Returns the scheduler's address and the state of the connection: `Client<tcp://..., connected>`. */
  toString(): string {
    const { state } = this.session
    const workers = state === 'connected' ? this.inspection.summary() : undefined
    return `Client<${[this.address, state, ...(workers === undefined ? [] : [workers])].join(', ')}>`
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
  submit<R = number>(expression: string, ...args: readonly unknown[]): Future<R>
  submit<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R>
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
  submitWith<R = number>(
    options: CallOptions,
    expression: string,
    ...args: readonly unknown[]
  ): Future<R>
  submitWith<A extends readonly unknown[], R>(
    options: CallOptions,
    fn: (...args: A) => R,
    ...args: Arguments<A>
  ): Submitted<R>
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
  map<R = number>(
    expression: string,
    ...rest: readonly [Iterable<unknown>, ...(Iterable<unknown> | CallOptions)[]]
  ): Future<R>[]
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
    checkArguments('scatter', arguments, 2, 'client.scatter(values, options)')
    return this.calls.scatter(values, options)
  }

  /**
   * Returns the results of futures in the form of the futures: lists, plain objects, Maps, or one; a
   * list for a Set. `errors: 'skip'` leaves failed ones out of them instead of rejecting.
   *
   * @throws TaskError or CancelledError (as a rejection) of a future.
   * @throws TypeError (as a rejection) for a collection, which must be computed first.
   * @example const [x, { y }] = await client.gather([futureX, { y: futureY }])
   */
  async gather<T>(
    futures: T,
    options: { readonly errors?: 'raise' | 'skip' } = {},
  ): Promise<Gathered<T>> {
    checkArguments('gather', arguments, 2, 'client.gather(futures, options)')
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
    checkArguments('replicate', arguments, 2, 'client.replicate(futures, options)')
    await this.calls.replicate(futures, options)
  }

  /**
   * Runs a function once on each worker that there is now, or on those that the option `workers` names,
   * and returns the results by the workers' names. Useful to look at the processes of the workers, or
   * to prepare them.
   *
   * Options come after the arguments for all parameters of the function. After a rest parameter, an
   * object with other names than those of options is an argument.
   *
   * @throws RangeError (as a rejection) for a worker that does not exist, TypeError for an option that
   *   does not exist.
   * @throws TaskError (as a rejection) if the function throws on a worker.
   * @example
   * await client.run(() => process.memoryUsage().rss) // { 'worker-0': 81649664 }
   * await client.run((level) => setLogLevel(level), 'debug', { workers: ['worker-1'] })
   */
  async run<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...args: readonly [...args: Arguments<A>, options?: RunOptions]
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
    checkArguments('waitForWorkers', arguments, 2, 'client.waitForWorkers(n, options)')
    await this.calls.waitForWorkers(n, options)
  }

  /**
   * Lets workers leave without loss, by name or address: they get no more tasks, finish those that they have, others take the results
   * that only they hold, and then they end. Fulfilled with their names once they have left.
   *
   * @throws RangeError (as a rejection) for a worker that is not there.
   * @throws TimeoutError (as a rejection) when one has not left after `timeout` milliseconds; it leaves later.
   * @example await client.retireWorkers(['worker-1'], { timeout: 60_000 })
   */
  async retireWorkers(
    workers: string | readonly string[],
    options: RetireOptions = {},
  ): Promise<string[]> {
    checkArguments('retireWorkers', arguments, 2, "client.retireWorkers(['worker-1'], options)")
    return retireWorkers(this.session, this.inspection, workers, options)
  }

  // Futures ----------------------------------------------------------------------------------------

  /**
   * Cancels futures, and the pending futures of this client that read them. What other clients hold goes
   * on for them; there is no `force`, with which Dask cancels it for them too.
   *
   * @throws TypeError for anything but futures.
   */
  cancel(futures: Futures): void {
    checkArguments('cancel', arguments, 1, 'client.cancel(futures)')
    for (const future of futuresOf(futures, 'cancel')) future.cancel()
  }

  /**
   * Retries failed futures, and the tasks that failed before them. Other futures stay as they are.
   *
   * @throws TypeError for anything but futures.
   */
  retry(futures: Futures): void {
    checkArguments('retry', arguments, 1, 'client.retry(futures)')
    for (const future of futuresOf(futures, 'retry')) future.retry()
  }

  /**
   * Releases futures: results that nothing else needs are dropped, or not computed.
   *
   * @throws TypeError for anything but futures.
   */
  release(futures: Futures): void {
    checkArguments('release', arguments, 1, 'client.release(futures)')
    for (const future of futuresOf(futures, 'release')) future.release()
  }

  /** Waits until futures are finished, have failed or were cancelled: see `wait`. */
  wait<F extends Future<unknown>>(
    futures: F | Iterable<F>,
    options: WaitOptions = {},
  ): Promise<Waited<F>> {
    checkArguments('wait', arguments, 2, 'client.wait(futures, options)')
    return wait(futures, options)
  }

  /**
   * Iterates over futures as they are done, with `withResults: true` over pairs of a future and its
   * result: see `asCompleted`.
   *
   * @throws TypeError for anything but futures, and for options that do not exist.
   * @example for await (const future of client.asCompleted(futures)) console.log(future.key)
   */
  asCompleted<F extends Future<unknown>>(
    futures: F | Iterable<F>,
    options: AsCompletedOptions & { readonly withResults: true },
  ): AsCompleted<F, FutureAndResult<F>>
  asCompleted<F extends Future<unknown>>(
    futures: F | Iterable<F>,
    options?: AsCompletedOptions & { readonly withResults?: false | undefined },
  ): AsCompleted<F>
  asCompleted(futures: Futures, options: AsCompletedOptions = {}): unknown {
    checkArguments('asCompleted', arguments, 2, 'client.asCompleted(futures, options)')
    return asCompleted(futures, options as { withResults: true })
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
    checkArguments('compute', arguments, 2, 'client.compute(collection, options)')
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
    checkArguments('persist', arguments, 2, 'client.persist(collection, options)')
    return this.graphs.persist(what, options)
  }

  /**
   * Keeps a collection or a future under a name, in place of a former one of that name. Of a collection
   * the graph is kept; of a persisted collection, and of a future, the data too.
   *
   * @throws CollectionExistsError (as a rejection) with `override: false` if the name is used already.
   * @throws TypeError (as a rejection) for anything but a collection or a future.
   * @example await client.setCollection('squares', squares, { override: false })
   */
  async setCollection(
    name: string,
    value: Describable | Future<unknown>,
    options: SetCollectionOptions = {},
  ): Promise<void> {
    checkArguments('setCollection', arguments, 3, 'client.setCollection(name, value, options)')
    await this.named.set(name, value, options)
  }

  /**
   * Returns the collection or future that is kept under a name. The code that made it is not needed.
   * Its type can be given: `client.getCollection<Bag<number>>('squares')`.
   *
   * @throws UnknownCollectionError when there is none.
   */
  async getCollection<T = NamedCollection>(name: string): Promise<T> {
    checkArguments('getCollection', arguments, 1, 'client.getCollection(name)')
    return (await this.named.get(name)) as T
  }

  /** Returns the names under which collections are kept. */
  async listCollections(): Promise<string[]> {
    checkArguments('listCollections', arguments, 0, 'client.listCollections()')
    return this.named.list()
  }

  /**
   * Deletes a named collection.
   *
   * @throws UnknownCollectionError when there is none of that name.
   */
  async deleteCollection(name: string): Promise<void> {
    checkArguments('deleteCollection', arguments, 1, 'client.deleteCollection(name)')
    await this.named.delete(name)
  }

  // Inspection -------------------------------------------------------------------------------------

  /** Returns what the scheduler is doing, and its workers. */
  async schedulerInfo(): Promise<SchedulerInfo> {
    checkArguments('schedulerInfo', arguments, 0, 'client.schedulerInfo()')
    return this.inspection.schedulerInfo()
  }

  /** Returns the workers: name, address, process, threads, memory, resources, and numbers of tasks. */
  async workers(): Promise<readonly WorkerInfo[]> {
    checkArguments('workers', arguments, 0, 'client.workers()')
    return this.inspection.workers()
  }

  /** Returns for each worker, by name, how many tasks it runs at once. */
  async nthreads(): Promise<Readonly<Record<string, number>>> {
    checkArguments('nthreads', arguments, 0, 'client.nthreads()')
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
    checkArguments('whoHas', arguments, 1, 'client.whoHas(futures)')
    return this.inspection.whoHas(of)
  }

  /** Returns for each worker, by name, the keys of the results that it holds; for some workers, or all. */
  async hasWhat(workers?: string | readonly string[]): Promise<KeysByWorker> {
    checkArguments('hasWhat', arguments, 1, 'client.hasWhat(workers)')
    return this.inspection.keysByWorker('has-what', workers, 'hasWhat')
  }

  /** Returns for each worker, by name, the keys of its unfinished tasks; for some workers, or all. */
  async processing(workers?: string | readonly string[]): Promise<KeysByWorker> {
    checkArguments('processing', arguments, 1, 'client.processing(workers)')
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
    checkArguments('story', arguments, 1, 'client.story(future)')
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
    checkArguments('dump', arguments, 1, 'client.dump(options)')
    return this.inspection.dump(options)
  }
}
