/**
 * The clients' side of the scheduler: who is there, what each computes, and what goes to whom.
 */
import type { StoredValue } from '../../core/stored-value.js'
import type {
  Bundle,
  DeleteCollection,
  GetCollection,
  SchedulerToClient,
  Values,
  WireFailure,
} from '../protocol.js'
import type { BundleShelf } from './bundle-shelf.js'
import type { Computation } from './computation.js'

/** A client that was let in. */
export class ClientLink {
  readonly session: string
  /** The client's own for its life. */
  readonly name: string
  readonly post: (message: SchedulerToClient) => void
  /** Its own numbers of its computations, and the scheduler's. */
  readonly runs = new Map<number, number>()
  private readonly shelf: BundleShelf
  /** What of the shelf it keeps: it sends a bundle once, and relies on its being here. */
  private readonly kept = new Set<string>()

  constructor(
    { session, name }: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
    shelf: BundleShelf,
  ) {
    this.session = session
    this.name = name
    this.post = post
    this.shelf = shelf
  }

  /** What everybody knows a run of this client by. */
  nameOf(run: number): string {
    return `${this.name}/${run}`
  }

  /** Puts bundles on the shelf until the client leaves. */
  keep(bundles: readonly Bundle[]): void {
    if (bundles.length === 0) return
    this.shelf.add(bundles)
    const fresh = bundles.map(([token]) => token).filter((token) => !this.kept.has(token))
    for (const token of this.shelf.retain(fresh)) {
      // What a bundle leads to may have been kept before: then once is enough.
      if (this.kept.has(token)) this.shelf.release([token])
      else this.kept.add(token)
    }
  }

  /** Lets go of its bundles. */
  forget(): void {
    this.shelf.release([...this.kept])
    this.kept.clear()
  }

  failed(run: number, failure: WireFailure): void {
    this.post({ op: 'failed', run, failure, bundles: [] })
  }

  refuse(request: number, message: string): void {
    this.post({ op: 'reply-error', request, code: 'SCHEDULER', message, known: [] })
  }

  unknownCollection(
    { request, name }: GetCollection | DeleteCollection,
    known: readonly string[],
  ): void {
    this.post({ op: 'reply-error', request, code: 'UNKNOWN_COLLECTION', message: name, known })
  }
}

/** Milliseconds between two reports of progress of one computation. */
const progressEvery = 100

const nothing = new Int32Array(0)

/** Results that go to one computation in this turn. */
interface Parcel {
  readonly session: string
  readonly run: number
  readonly targets: number[]
  readonly values: StoredValue[]
  readonly bundles: Map<string, Bundle>
}

export class Clients {
  /** How many computations want to be told how far they are. */
  wantingProgress = 0
  private readonly shelf: BundleShelf
  private readonly links = new Map<string, ClientLink>()
  private parcel: Parcel | undefined

  constructor(shelf: BundleShelf) {
    this.shelf = shelf
  }

  get size(): number {
    return this.links.size
  }

  join(
    who: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
  ): ClientLink {
    const link = new ClientLink(who, post, this.shelf)
    this.links.set(who.session, link)
    return link
  }

  leave(link: ClientLink): void {
    this.links.delete(link.session)
  }

  forgetRun(computation: Computation): void {
    this.links.get(computation.session)?.runs.delete(computation.clientRun)
  }

  post(session: string, message: SchedulerToClient): void {
    this.sendParcel()
    this.links.get(session)?.post(message)
  }

  /** Tells which targets are in memory. */
  targetsDone({ session, clientRun }: Computation, done: Int32Array, nbytes: Float64Array): void {
    this.post(session, { op: 'targets', run: clientRun, done, nbytes, lost: nothing })
  }

  /** Tells which targets are to be made again. */
  targetsLost({ session, clientRun }: Computation, lost: Int32Array): void {
    const nbytes = new Float64Array(0)
    this.post(session, { op: 'targets', run: clientRun, done: nothing, nbytes, lost })
  }

  targetsFailed(
    { session, clientRun: run }: Computation,
    places: readonly number[],
    failure: WireFailure,
    bundles: readonly Bundle[],
  ): void {
    const told = Int32Array.from(places)
    this.post(session, { op: 'target-failed', run, places: told, failure, bundles })
  }

  /** Tells how far a computation is, unless that was done a moment ago. */
  progress(computation: Computation, now: number): void {
    if (now - computation.lastProgress < progressEvery) return
    computation.lastProgress = now
    const done = Math.min(computation.finished, computation.count)
    this.post(computation.session, { op: 'progress', run: computation.clientRun, done })
  }

  /** Passes on one result; those of one computation that come in a row go together. */
  values(
    { session, clientRun }: Computation,
    place: number,
    value: StoredValue,
    bundles: readonly Bundle[],
  ): void {
    if (this.parcel?.session !== session || this.parcel.run !== clientRun) {
      this.sendParcel()
      this.parcel = { session, run: clientRun, targets: [], values: [], bundles: new Map() }
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
      targets: Int32Array.from(parcel.targets),
      values: parcel.values,
      bundles: [...parcel.bundles.values()],
    }
    this.links.get(parcel.session)?.post(message)
  }
}
