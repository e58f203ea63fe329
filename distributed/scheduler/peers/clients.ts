/** The clients: their runs, the bundles they have sent, and the messages to them. */
import { columnOf, noNumbers } from '../../../core/base/short-columns.js'
import type { StoredValue } from '../../../core/graph/stored-value.js'
import type {
  Bundle,
  DeleteCollection,
  GetCollection,
  SchedulerToClient,
  SetCollection,
  Values,
  WireFailure,
} from '../../protocol/index.js'
import type { BundleCache } from '../computations/bundle-cache.js'
import type { Computation } from '../computations/computation.js'

/** A client. A disconnected one is kept for a while, since it may reconnect. */
export class RemoteClient {
  /** The name that the client has in all its sessions. */
  readonly name: string
  /** The current session; empty while the client is disconnected. */
  session: string
  /** By the client's number of a run, the scheduler's. */
  readonly runs = new Map<number, number>()
  /** The failures of runs, by the client's numbers, until the client confirms them by cancelling the run. */
  readonly failures = new Map<number, SchedulerToClient>()
  private send: (message: SchedulerToClient) => void
  private readonly bundleCache: BundleCache
  /** The bundles that are retained for the client, which sends each only once. */
  private readonly retained = new Set<string>()

  constructor(
    { session, name }: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
    bundleCache: BundleCache,
  ) {
    this.session = session
    this.name = name
    this.send = post
    this.bundleCache = bundleCache
  }

  /** Sends a message. A disconnected client is sent nothing: it is sent everything when it reconnects. */
  post(message: SchedulerToClient): void {
    if (this.session !== '') this.send(message)
  }

  /** Notes that the connection is lost. */
  disconnect(): void {
    this.session = ''
  }

  /** Begins another session, in which the client sends the bundles that it uses again. */
  reconnect(session: string, post: (message: SchedulerToClient) => void): void {
    this.releaseBundles()
    this.session = session
    this.send = post
  }

  /** The client's numbers of its runs that the scheduler knows. */
  get knownRuns(): number[] {
    return [...this.runs.keys(), ...this.failures.keys()]
  }

  /** Returns the name of a run, by which all clients can refer to it. */
  runName(run: number): string {
    return `${this.name}/${run}`
  }

  /** Adds bundles to the cache and retains them for the client. */
  keepBundles(bundles: readonly Bundle[]): void {
    if (bundles.length === 0) return
    this.bundleCache.add(bundles)
    const fresh = bundles.map(([token]) => token).filter((token) => !this.retained.has(token))
    for (const token of this.bundleCache.retain(fresh)) {
      // A bundle that another one needs may be retained already.
      if (this.retained.has(token)) this.bundleCache.release([token])
      else this.retained.add(token)
    }
  }

  /** Releases bundles, which the client sends again when it needs them. */
  dropBundles(tokens: readonly unknown[]): void {
    for (const token of tokens)
      if (typeof token === 'string' && this.retained.delete(token))
        this.bundleCache.release([token])
  }

  /** Releases all bundles of the client. */
  releaseBundles(): void {
    this.bundleCache.release([...this.retained])
    this.retained.clear()
  }

  postFailure(run: number, failure: WireFailure): void {
    this.post({ op: 'failed', run, failure, bundles: [] })
  }

  postError(request: number, message: string): void {
    this.post({ op: 'reply-error', request, code: 'SCHEDULER', message, known: [] })
  }

  postUnknownCollection(
    { request, name }: GetCollection | DeleteCollection,
    known: readonly string[],
  ): void {
    this.post({ op: 'reply-error', request, code: 'UNKNOWN_COLLECTION', message: name, known })
  }

  postCollectionExists({ request, name }: SetCollection): void {
    this.post({ op: 'reply-error', request, code: 'COLLECTION_EXISTS', message: name, known: [] })
  }
}

/** Milliseconds between two reports of progress of one computation. */
const progressEvery = 100

/** Values of one run that are sent together. */
interface ValuesBatch {
  readonly client: string
  readonly run: number
  readonly targets: number[]
  readonly values: StoredValue[]
  readonly bundles: Map<string, Bundle>
}

export class Clients {
  /** The number of computations that report progress. */
  progressListeners = 0
  private readonly bundleCache: BundleCache
  private readonly byName = new Map<string, RemoteClient>()
  private batch: ValuesBatch | undefined

  constructor(bundleCache: BundleCache) {
    this.bundleCache = bundleCache
  }

  /** The number of connected clients. */
  get size(): number {
    let size = 0
    for (const link of this.byName.values()) if (link.session !== '') size++
    return size
  }

  /** Whether a client is connected now. */
  isConnected(name: string): boolean {
    return (this.byName.get(name)?.session ?? '') !== ''
  }

  /** Iterates over all clients, connected or not. */
  all(): Iterable<RemoteClient> {
    return this.byName.values()
  }

  /** Adds a client, or reconnects a known one. */
  join(
    who: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
  ): RemoteClient {
    const known = this.byName.get(who.name)
    if (known !== undefined) {
      known.reconnect(who.session, post)
      return known
    }
    const link = new RemoteClient(who, post, this.bundleCache)
    this.byName.set(who.name, link)
    return link
  }

  leave(link: RemoteClient): void {
    this.byName.delete(link.name)
  }

  forgetRun(computation: Computation): void {
    this.byName.get(computation.client)?.runs.delete(computation.clientRun)
  }

  post(client: string, message: SchedulerToClient): void {
    this.sendBatch()
    this.byName.get(client)?.post(message)
  }

  /** Reports that a computation failed. The message is kept until the client confirms it. */
  failed(
    { client, clientRun, holdsTargets }: Computation,
    failure: WireFailure,
    bundles: readonly Bundle[],
  ): void {
    const message: SchedulerToClient = { op: 'failed', run: clientRun, failure, bundles }
    if (!holdsTargets) this.byName.get(client)?.failures.set(clientRun, message)
    this.post(client, message)
  }

  /** Reports that targets are in memory. */
  targetsDone({ client, clientRun }: Computation, done: Int32Array, nbytes: Float64Array): void {
    this.post(client, { op: 'target-states', run: clientRun, done, nbytes, lost: noNumbers })
  }

  /** Reports that targets were lost and are computed again. */
  targetsLost({ client, clientRun }: Computation, lost: Int32Array): void {
    const nbytes = new Float64Array(0)
    this.post(client, { op: 'target-states', run: clientRun, done: noNumbers, nbytes, lost })
  }

  /** Reports that targets failed. */
  targetsFailed(
    { client, clientRun: run }: Computation,
    targets: readonly number[],
    failure: WireFailure,
    bundles: readonly Bundle[],
  ): void {
    this.post(client, {
      op: 'target-failed',
      run,
      targets: Int32Array.from(targets),
      failure,
      bundles,
    })
  }

  /** Reports the progress of a computation, at most ten times a second. */
  progress(computation: Computation, now: number): void {
    if (now - computation.lastProgress < progressEvery) return
    computation.lastProgress = now
    const done = Math.min(computation.finished, computation.count)
    this.post(computation.client, { op: 'progress', run: computation.clientRun, done })
  }

  /** Sends a value; consecutive values of one computation are sent together. */
  addValue(
    { client, clientRun }: Computation,
    target: number,
    value: StoredValue,
    bundles: readonly Bundle[],
  ): void {
    if (this.batch?.client !== client || this.batch.run !== clientRun) {
      this.sendBatch()
      this.batch = { client, run: clientRun, targets: [], values: [], bundles: new Map() }
      queueMicrotask(() => this.sendBatch())
    }
    this.batch!.targets.push(target)
    this.batch!.values.push(value)
    for (const bundle of bundles) this.batch!.bundles.set(bundle[0], bundle)
  }

  private sendBatch(): void {
    const { batch } = this
    if (batch === undefined) return
    this.batch = undefined
    const message: Values = {
      op: 'values',
      run: batch.run,
      targets: columnOf(batch.targets),
      values: batch.values,
      bundles: [...batch.bundles.values()],
    }
    this.byName.get(batch.client)?.post(message)
  }
}
