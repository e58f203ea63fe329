/**
 * The clients' side of the scheduler: who is there, what each computes, and what goes to whom.
 */
import { columnOf, noNumbers } from '../../../core/base/short-columns.js'
import type { StoredValue } from '../../../core/graph/stored-value.js'
import type {
  Bundle,
  DeleteCollection,
  GetCollection,
  SchedulerToClient,
  Values,
  WireFailure,
} from '../../protocol/index.js'
import type { BundleCache } from '../computations/bundle-cache.js'
import type { Computation } from '../computations/computation.js'

/** A client that was let in; one whose connection is lost may come back for a while. */
export class RemoteClient {
  /** The client's own for its life. */
  readonly name: string
  /** Changes with each connection; empty while it is away. */
  session: string
  /** Its own numbers of its computations, and the scheduler's. */
  readonly runs = new Map<number, number>()
  /** What it was told of computations that failed, by its own numbers, until it says that it knows. */
  readonly failures = new Map<number, SchedulerToClient>()
  private send: (message: SchedulerToClient) => void
  private readonly bundleCache: BundleCache
  /** What of the shelf it keeps: it sends a bundle once, and relies on its being here. */
  private readonly kept = new Set<string>()

  constructor(
    { session, name }: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
    shelf: BundleCache,
  ) {
    this.session = session
    this.name = name
    this.send = post
    this.bundleCache = shelf
  }

  /** Says something; to a client that is away nothing, since it is told all anew when it comes back. */
  post(message: SchedulerToClient): void {
    if (this.session !== '') this.send(message)
  }

  /** The connection is lost. */
  disconnect(): void {
    this.session = ''
  }

  reconnect(session: string, post: (message: SchedulerToClient) => void): void {
    this.session = session
    this.send = post
  }

  /** The client's own numbers of what the scheduler knows of it. */
  get knownRuns(): number[] {
    return [...this.runs.keys(), ...this.failures.keys()]
  }

  /** What everybody knows a run of this client by. */
  runName(run: number): string {
    return `${this.name}/${run}`
  }

  /** Puts bundles on the shelf until the client leaves. */
  keepBundles(bundles: readonly Bundle[]): void {
    if (bundles.length === 0) return
    this.bundleCache.add(bundles)
    const fresh = bundles.map(([token]) => token).filter((token) => !this.kept.has(token))
    for (const token of this.bundleCache.retain(fresh)) {
      // What a bundle leads to may have been kept before: then once is enough.
      if (this.kept.has(token)) this.bundleCache.release([token])
      else this.kept.add(token)
    }
  }

  /** Lets go of some of its bundles, which it will send again when it needs them. */
  dropBundles(tokens: readonly unknown[]): void {
    for (const token of tokens)
      if (typeof token === 'string' && this.kept.delete(token)) this.bundleCache.release([token])
  }

  /** Lets go of its bundles. */
  releaseBundles(): void {
    this.bundleCache.release([...this.kept])
    this.kept.clear()
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
}

/** Milliseconds between two reports of progress of one computation. */
const progressEvery = 100

/** Results that go to one computation in this turn. */
interface Parcel {
  readonly client: string
  readonly run: number
  readonly targets: number[]
  readonly values: StoredValue[]
  readonly bundles: Map<string, Bundle>
}

export class Clients {
  /** How many computations want to be told how far they are. */
  progressListeners = 0
  private readonly bundleCache: BundleCache
  /** By name. */
  private readonly links = new Map<string, RemoteClient>()
  private parcel: Parcel | undefined

  constructor(shelf: BundleCache) {
    this.bundleCache = shelf
  }

  /** How many are connected. */
  get size(): number {
    let size = 0
    for (const link of this.links.values()) if (link.session !== '') size++
    return size
  }

  /** Those that are there, and those that may come back. */
  all(): Iterable<RemoteClient> {
    return this.links.values()
  }

  join(
    who: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
  ): RemoteClient {
    const known = this.links.get(who.name)
    if (known !== undefined) {
      known.reconnect(who.session, post)
      return known
    }
    const link = new RemoteClient(who, post, this.bundleCache)
    this.links.set(who.name, link)
    return link
  }

  leave(link: RemoteClient): void {
    this.links.delete(link.name)
  }

  forgetRun(computation: Computation): void {
    this.links.get(computation.client)?.runs.delete(computation.clientRun)
  }

  post(client: string, message: SchedulerToClient): void {
    this.sendParcel()
    this.links.get(client)?.post(message)
  }

  /** Tells that a computation failed, and keeps that until the client says that it knows. */
  failed(
    { client, clientRun, holdsTargets }: Computation,
    failure: WireFailure,
    bundles: readonly Bundle[],
  ): void {
    const message: SchedulerToClient = { op: 'failed', run: clientRun, failure, bundles }
    if (!holdsTargets) this.links.get(client)?.failures.set(clientRun, message)
    this.post(client, message)
  }

  /** Tells which targets are in memory. */
  targetsDone({ client, clientRun }: Computation, done: Int32Array, nbytes: Float64Array): void {
    this.post(client, { op: 'target-states', run: clientRun, done, nbytes, lost: noNumbers })
  }

  /** Tells which targets are to be made again. */
  targetsLost({ client, clientRun }: Computation, lost: Int32Array): void {
    const nbytes = new Float64Array(0)
    this.post(client, { op: 'target-states', run: clientRun, done: noNumbers, nbytes, lost })
  }

  targetsFailed(
    { client, clientRun: run }: Computation,
    places: readonly number[],
    failure: WireFailure,
    bundles: readonly Bundle[],
  ): void {
    const told = Int32Array.from(places)
    this.post(client, { op: 'target-failed', run, targets: told, failure, bundles })
  }

  /** Tells how far a computation is, unless that was done a moment ago. */
  progress(computation: Computation, now: number): void {
    if (now - computation.lastProgress < progressEvery) return
    computation.lastProgress = now
    const done = Math.min(computation.finished, computation.count)
    this.post(computation.client, { op: 'progress', run: computation.clientRun, done })
  }

  /** Passes on one result; those of one computation that come in a row go together. */
  addValue(
    { client, clientRun }: Computation,
    place: number,
    value: StoredValue,
    bundles: readonly Bundle[],
  ): void {
    if (this.parcel?.client !== client || this.parcel.run !== clientRun) {
      this.sendParcel()
      this.parcel = { client, run: clientRun, targets: [], values: [], bundles: new Map() }
      queueMicrotask(() => this.sendParcel())
    }
    this.parcel!.targets.push(place)
    this.parcel!.values.push(value)
    for (const bundle of bundles) this.parcel!.bundles.set(bundle[0], bundle)
  }

  private sendParcel(): void {
    const { parcel } = this
    if (parcel === undefined) return
    this.parcel = undefined
    const message: Values = {
      op: 'values',
      run: parcel.run,
      targets: columnOf(parcel.targets),
      values: parcel.values,
      bundles: [...parcel.bundles.values()],
    }
    this.links.get(parcel.client)?.post(message)
  }
}
