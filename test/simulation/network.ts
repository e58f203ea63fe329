/**
 * Sockets on a simulated network, which replace `distributed/transport/zmq.ts`.
 *
 * A message takes some milliseconds. By the world's faults it is lost, arrives twice, or is overtaken.
 * Two processes may be cut off from each other for some time: messages meanwhile are lost or arrive
 * afterwards.
 */
import type { SocketEvents } from '../../distributed/transport/zmq.js'
import { below } from '../support/random.js'
import { currentWorld } from './current-world.js'
import { contentOf } from './envelopes.js'
import type { Process } from './virtual-time.js'
import type { World } from './world.js'

/** Milliseconds after which a connection that is refused is tried again. */
const retryAfter = 60

/** The sockets, the cuts between processes, and the faults. */
export class Network {
  readonly routers = new Map<string, RouterSocket>()
  /** The probabilities that a message is lost, arrives twice, is overtaken. */
  readonly faults = { loss: 0, twice: 0, overtaken: 0 }
  /** The maximum of milliseconds that a message takes. */
  slowness = 5
  private readonly world: World
  private readonly cuts = new Map<string, number>()
  private readonly lastArrivals = new Map<string, number>()
  private nextPort = 5000

  constructor(world: World) {
    this.world = world
  }

  port(): string {
    return `tcp://127.0.0.1:${this.nextPort++}`
  }

  /** Cuts two processes off from each other for some milliseconds. */
  cut(a: Process, b: Process, during: number): void {
    this.cuts.set(pairOf(a, b), this.world.time.now + during)
  }

  /** Ends all faults. */
  heal(): void {
    this.cuts.clear()
    Object.assign(this.faults, { loss: 0, twice: 0, overtaken: 0 })
  }

  /** Sends a message from one process to another. */
  send(
    from: Process,
    to: Process,
    frames: readonly Uint8Array[],
    receive: (frames: Uint8Array[]) => void,
  ): void {
    const { random, time, trace } = this.world
    const content = trace === undefined ? '' : `${from.name}: ${contentOf(frames)}`
    const deliver = (): void => {
      this.world.note(to, `receives ${content}`)
      receive([...frames])
    }
    const { loss, twice, overtaken } = this.faults
    const pair = pairOf(from, to)
    const cutFor = (this.cuts.get(pair) ?? 0) - time.now
    if (random() < (cutFor > 0 ? 0.5 : loss)) {
      this.world.note(to, `loses ${content}`)
      return
    }
    const route = `${from.name}>${to.name}`
    const isOvertaken = random() < overtaken
    const copies = random() < twice ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delay = Math.max(0, cutFor) + 0.05 + random() * this.slowness
      const last = this.lastArrivals.get(route) ?? 0
      const at = isOvertaken ? time.now + 4 * delay : Math.max(last, time.now + delay)
      if (!isOvertaken) this.lastArrivals.set(route, at)
      time.after(at - time.now, to, deliver)
    }
  }
}

function pairOf(a: Process, b: Process): string {
  return a.name < b.name ? `${a.name} ${b.name}` : `${b.name} ${a.name}`
}

/** Listens at an address and exchanges messages with dealers, by their names. */
export class RouterSocket {
  readonly bound: string
  readonly process: Process
  readonly events: SocketEvents
  private readonly world = currentWorld()
  private readonly dealers = new Map<string, DealerSocket>()
  isClosed = false

  private constructor(bound: string, events: SocketEvents) {
    this.bound = bound
    this.events = events
    this.process = this.world.time.current!
    this.world.network.routers.set(bound, this)
  }

  static async bind(address: string, events: SocketEvents): Promise<RouterSocket> {
    const { network } = currentWorld()
    return new RouterSocket(address.endsWith('*') ? network.port() : address, events)
  }

  get isThere(): boolean {
    return !this.isClosed && this.process.status !== 'dead'
  }

  send(peer: string, frames: readonly Uint8Array[]): void {
    // A process that was killed in the middle of this turn sends nothing more.
    if (!this.isThere) return
    const { world, process } = this
    const dealer = this.dealers.get(peer)
    if (dealer?.isThere !== true) {
      world.time.after(0.1, process, () => {
        if (!this.isClosed) this.events.onUnreachable?.(peer)
      })
      return
    }
    world.network.send(process, dealer.process, frames, (copy) => dealer.receive(copy))
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  receive(from: DealerSocket, frames: Uint8Array[]): void {
    if (this.isClosed) return
    this.dealers.set(from.name, from)
    deliver(this.events, frames, from.name)
  }
}

/** Exchanges messages with the router at an address, which need not be bound yet. */
export class DealerSocket {
  readonly address: string
  readonly name: string
  readonly process: Process
  private readonly events: SocketEvents
  private readonly world = currentWorld()
  private isClosed = false

  constructor(address: string, name: string, events: SocketEvents) {
    this.address = address
    this.name = name
    this.events = events
    this.process = this.world.time.current!
  }

  get isThere(): boolean {
    return !this.isClosed && this.process.status !== 'dead'
  }

  send(frames: readonly Uint8Array[]): void {
    const { world, process } = this
    const { network, time } = world
    if (!this.isThere) return
    const router = network.routers.get(this.address)
    if (router?.isThere === true) {
      network.send(process, router.process, frames, (copy) => router.receive(this, copy))
      return
    }
    time.after(retryAfter, process, () => {
      if (this.isClosed) return
      this.events.onBroken?.()
      // What waits for a connection is sent when there is one, unless the process was too long gone.
      if (below(world.random, 4) > 0) this.send(frames)
    })
  }

  receive(frames: Uint8Array[]): void {
    if (!this.isClosed) deliver(this.events, frames, '')
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

function deliver(events: SocketEvents, frames: Uint8Array[], peer: string): void {
  try {
    events.onMessage(frames, peer)
  } catch (error) {
    events.onError(error)
  }
}
