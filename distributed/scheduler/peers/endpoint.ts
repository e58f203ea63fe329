/**
 * An endpoint of the scheduler: the ROUTER socket that workers or clients connect to, and the sessions
 * with these peers.
 *
 * A peer sends `hello` and is assigned a session, whose envelopes are counted. A peer is removed when it
 * says goodbye, times out, cannot be reached, or when an envelope of it is lost. If it is still alive, its
 * next envelope is answered with `unknown`, and it says hello again.
 */
import { randomBytes } from 'node:crypto'
import type { AwaitedCount } from '../../base/awaited-count.js'
import { FaultLog } from '../../base/fault-log.js'
import { heartbeatInterval } from '../../base/timeouts.js'
import { type FieldKinds, hasFields, type MessageShapes } from '../../protocol/field-kinds.js'
import type {
  Envelope,
  ExitReport,
  Goodbye,
  Heartbeat,
  Hello,
  Refused,
  Unknown,
} from '../../protocol/index.js'
import { describeVersions, ownVersions } from '../../protocol/version.js'
import type { KeyGuard } from '../../security/key-guard.js'
import type { ConnectionEvents, OpenConnection } from '../../transport/connection.js'
import { DroppedMessages } from '../../transport/dropped-messages.js'
import { fromFrames, toFrames } from '../../transport/framing.js'
import { EnvelopeCounter, Mailbox } from '../../transport/mailbox.js'
import { refusedConnectionsLog } from '../../transport/refused-connections.js'
import { RouterSocket, type SocketEvents } from '../../transport/zmq.js'
import { NameConflicts } from './name-conflicts.js'

/** Messages that an endpoint sends by itself. */
type EndpointMessage = Heartbeat | Goodbye | Unknown | Refused

/** The reason for removing a peer that has left on purpose. */
export const goodbyeReason = 'it said goodbye'

/** The maximum size of an envelope from a peer without a session, and of the number of its messages. */
const [largestSessionless, mostSessionless] = [1 << 16, 8]

/** The maximum number of "unknown session" replies per heartbeat interval. */
const mostUnknown = 1000

/** Milliseconds for which a peer that cannot be reached may still be heard saying goodbye. */
const goodbyeWithin = 20

/** A worker or client with a session. */
export interface Peer<Out, Link> {
  /** The peer's name at the socket. */
  readonly peer: string
  readonly session: string
  readonly nonce: string
  readonly mailbox: Mailbox<Out | EndpointMessage>
  readonly counter: EnvelopeCounter
  /** The key that it has proved to own; undefined if it needs none. */
  readonly publicKey: string | undefined
  /** What the handler has returned for the peer. */
  readonly link: Link
  /** When the last message was received, by `performance.now()`. */
  lastHeard: number
}

/** The settings and handlers of an endpoint for one kind of peers. */
interface EndpointHandler<H extends Hello, In, Out, Link> {
  readonly kind: 'worker' | 'client'
  /** Decides which keys are accepted; undefined if peers need none. */
  readonly guard: KeyGuard | undefined
  /** Returns the address of the endpoint for the other kind. */
  otherAddress(): string
  readonly shapes: MessageShapes
  /** The shape of the hello of a peer of this version. */
  readonly helloShape: FieldKinds
  /** Describes a peer that a hello would share its name with; undefined if names do not matter. */
  namesake?(link: Link, hello: H): Refused['namesake']
  /** Returns what is wrong with a hello of that shape, to complete the sentence that is logged. */
  findHelloFault?(hello: H): string | undefined
  /** A peer was accepted. Returns what is kept for it as `link`. */
  admit(peer: Omit<Peer<Out, Link>, 'link'>, hello: H): Link
  /** Makes the message that begins the session. */
  welcome(peer: Peer<Out, Link>): Out
  /** The session has begun; messages can be sent to the peer. */
  onAdmitted?(peer: Peer<Out, Link>): void
  onMessage(
    peer: Peer<Out, Link>,
    message: Exclude<In, Hello | Heartbeat | Goodbye | ExitReport>,
  ): void
  /** A message outside of any session was received, perhaps not from a peer. */
  onSessionlessMessage?(message: In): void
  onHeartbeat?(peer: Peer<Out, Link>, heartbeat: Heartbeat): void
  /** A peer was removed. */
  onLeft(peer: Peer<Out, Link>, reason: string): void
  /** A handler threw, or the socket failed. */
  onError(error: unknown): void
}

export class Endpoint<H extends Hello, In extends { readonly op: string }, Out, Link> {
  /** Invalid envelopes. */
  readonly drops: DroppedMessages
  private readonly handler: EndpointHandler<H, In, Out, Link>
  private readonly timeout: number
  private readonly peers = new Map<string, Peer<Out, Link>>()
  /** Connections within this process, by the names of the peers. */
  private readonly local = new Map<string, ConnectionEvents<Out | EndpointMessage>>()
  /** The names of peers that got an "unknown session" reply since the last heartbeat. */
  private readonly answeredUnknown = new Set<string>()
  private socket: RouterSocket | undefined
  private timer: NodeJS.Timeout | undefined
  private awaited: AwaitedCount | undefined
  private readonly refusedKeys: FaultLog
  private lastRefusedKey = ''
  private readonly conflicts = new NameConflicts()
  private isClosed = false
  private lastTick = performance.now()

  /** `timeout`: milliseconds without a message after which a peer is removed. */
  constructor(timeout: number, handler: EndpointHandler<H, In, Out, Link>) {
    this.timeout = timeout
    this.handler = handler
    this.drops = new DroppedMessages('scheduler', `a ${handler.kind}`)
    this.refusedKeys = new FaultLog('scheduler', (count) => {
      const what = count === 1 ? 'a connection' : `${count} connections`
      return `refused ${what}: the key ${this.lastRefusedKey} is not accepted for ${handler.kind}s; others are logged at most once a minute`
    })
  }

  /**
   * Starts to listen. Returns the bound address. With `awaited` the endpoint keeps the process alive only while
   * something is awaited.
   */
  async open(address: string, awaited?: AwaitedCount): Promise<string> {
    this.awaited = awaited
    const refused = refusedConnectionsLog(
      'scheduler',
      () => this.socket?.bound ?? address,
      this.handler.guard !== undefined,
    )
    const events: SocketEvents = {
      onMessage: (frames, peer) => {
        if (!this.peers.has(peer) && sizeOf(frames) > largestSessionless) {
          // The next heartbeat of a peer whose session was lost is answered.
          this.drops.add('is outside of a session and too large')
          return
        }
        const envelope = fromFrames<In>(frames, this.handler.shapes, this.drops.add)
        if (envelope !== undefined) this.onEnvelope(envelope, peer)
      },
      onUnreachable: (peer) => this.onUnreachable(peer),
      onRefused: refused.add,
      onError: (error) => this.handler.onError(error),
    }
    const { guard } = this.handler
    const curve = guard && {
      secretKey: guard.pair.secretKey,
      isAllowed: (key: string) => this.isKeyAllowed(guard, key),
    }
    this.socket = await RouterSocket.bind(address, events, { awaited, curve })
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
    this.timer.unref()
    return this.socket.bound
  }

  /** Connects a peer in this process: envelopes are passed on as objects, without the socket. */
  readonly openConnection: OpenConnection<Out | EndpointMessage, In> = (peer, events) => {
    this.local.set(peer, events)
    return {
      send: (envelope) => queueMicrotask(() => this.receiveLocal(envelope, peer)),
      close: async () => {
        if (this.local.get(peer) === events) this.local.delete(peer)
      },
    }
  }

  /** Whether a peer is in this process. */
  isLocal({ peer }: Peer<Out, Link>): boolean {
    return this.local.has(peer)
  }

  /** An error of a handler must not reach the microtask queue. */
  private receiveLocal(envelope: Envelope<In>, peer: string): void {
    if (this.isClosed) return
    try {
      this.onEnvelope(envelope, peer)
    } catch (error) {
      this.handler.onError(error)
    }
  }

  /** Sends an envelope to a peer in this process, or through the socket. */
  private send(peer: string, envelope: Envelope<Out | EndpointMessage>): void {
    const connection = this.local.get(peer)
    if (connection === undefined) this.socket?.send(peer, toFrames(envelope))
    else {
      queueMicrotask(() => {
        try {
          connection.onEnvelope(envelope)
        } catch (error) {
          connection.onError(error)
        }
      })
    }
  }

  /** Says goodbye to all peers and closes. `willRestart`: another scheduler is expected at this address. */
  async close(willRestart: boolean): Promise<void> {
    clearInterval(this.timer)
    for (const peer of this.peers.values()) {
      peer.mailbox.post({ op: 'goodbye', willRestart })
      peer.mailbox.flush()
    }
    this.peers.clear()
    this.isClosed = true
    await this.socket?.close()
  }

  /** Removes a peer, unless that has happened already. */
  remove(peer: Peer<Out, Link>, reason: string): void {
    if (this.peers.get(peer.peer) !== peer) return
    this.peers.delete(peer.peer)
    this.handler.onLeft(peer, reason)
  }

  private isKeyAllowed(guard: KeyGuard, key: string): boolean {
    const { kind } = this.handler
    guard.refresh()
    if (guard.allows(key, kind)) return true
    this.lastRefusedKey = key
    this.refusedKeys.add()
    return false
  }

  /** Ends the sessions of peers whose keys are not accepted any more. */
  removeRevoked(): void {
    const { guard, kind } = this.handler
    if (guard === undefined) return
    for (const peer of [...this.peers.values()]) {
      if (peer.publicKey === undefined || guard.allows(peer.publicKey, kind)) continue
      // Its next envelope is answered with `unknown`, and its hello is refused.
      this.remove(peer, 'its key is not accepted any more')
    }
  }

  /** Removes the peers that satisfy a condition. */
  removeWhere(test: (link: Link) => boolean, reason: string): void {
    for (const peer of [...this.peers.values()]) if (test(peer.link)) this.remove(peer, reason)
  }

  /** Returns, for each peer, the milliseconds since its last message. */
  silences(): Map<Link, number> {
    const now = performance.now()
    return new Map([...this.peers.values()].map(({ link, lastHeard }) => [link, now - lastHeard]))
  }

  private onUnreachable(name: string): void {
    const peer = this.peers.get(name)
    if (peer === undefined) return
    // Its goodbye may be among the messages that were received and not read yet.
    this.awaited?.begin()
    setTimeout(() => {
      this.awaited?.end()
      this.remove(peer, 'it cannot be reached')
    }, goodbyeWithin)
  }

  private onEnvelope(envelope: Envelope<In>, name: string): void {
    if (envelope.session === '') {
      if (envelope.messages.length > mostSessionless) {
        this.drops.add('is outside of a session and has too many parts')
        return
      }
      for (const message of envelope.messages) {
        if (message.op === 'hello') this.onHello(name, message as unknown as H)
        else this.handler.onSessionlessMessage?.(message)
      }
      return
    }
    const peer = this.peers.get(name)
    if (peer === undefined || peer.session !== envelope.session) {
      if (envelope.messages.every((message) => message.op === 'goodbye')) return
      this.sendUnknown(name, envelope.session)
      return
    }
    const order = peer.counter.check(envelope)
    if (order === 'repeated') {
      this.drops.add('came twice')
      return
    }
    if (order === 'lost') {
      this.remove(peer, 'messages from it were lost')
      this.sendUnknown(name, envelope.session)
      return
    }
    peer.lastHeard = performance.now()
    for (const message of envelope.messages) this.onMessage(peer, message)
  }

  private onMessage(peer: Peer<Out, Link>, message: In): void {
    if (message.op === 'hello' || message.op === 'exit-report') return
    if (message.op === 'heartbeat') {
      this.handler.onHeartbeat?.(peer, message as unknown as Heartbeat)
      return
    }
    if (message.op === 'goodbye') this.remove(peer, goodbyeReason)
    else if (this.peers.get(peer.peer) === peer) {
      this.handler.onMessage(peer, message as Exclude<In, Hello | Heartbeat | Goodbye | ExitReport>)
    }
  }

  private onHello(name: string, hello: H): void {
    const known = this.peers.get(name)
    // A hello is repeated until it is answered, so some are received twice.
    if (known?.nonce === hello.nonce) return
    if (known !== undefined) this.remove(known, 'it started a new session')
    if (!this.isAcceptable(name, hello) || this.hasNamesake(name, hello)) return
    // Each envelope repeats it.
    const session = randomBytes(16).toString('base64url')
    const entering: Omit<Peer<Out, Link>, 'link'> = {
      peer: name,
      session,
      nonce: hello.nonce,
      mailbox: new Mailbox((envelope) => this.send(name, envelope)),
      counter: new EnvelopeCounter(),
      publicKey: this.local.has(name) ? undefined : hello.publicKey,
      lastHeard: performance.now(),
    }
    const peer: Peer<Out, Link> = { ...entering, link: this.handler.admit(entering, hello) }
    this.peers.set(name, peer)
    peer.mailbox.post(this.handler.welcome(peer))
    peer.mailbox.start(session)
    this.handler.onAdmitted?.(peer)
  }

  /** Checks a hello, and refuses one of another version or for the other endpoint. */
  private isAcceptable(name: string, hello: H): boolean {
    const { kind } = this.handler
    const { nonce, role } = hello
    const versions = ownVersions()
    if (hello.versions.protocol !== versions.protocol || hello.versions.skein !== versions.skein) {
      this.drops.logOnce(
        `refused a ${kind} that runs ${describeVersions(hello.versions)}; this is ${describeVersions(versions)}`,
      )
      this.sendSessionless(name, { op: 'refused', nonce, versions })
      return false
    }
    if (role !== kind && (role === 'worker' || role === 'client')) {
      const rightAddress = this.handler.otherAddress()
      this.drops.logOnce(`refused a ${role} that connected to the address to ${kind}s`)
      this.sendSessionless(name, { op: 'refused', nonce, versions, rightAddress })
      return false
    }
    const fault = hasFields(hello, this.handler.helloShape)
      ? this.handler.findHelloFault?.(hello)
      : `is a hello that lacks a field of a ${kind}'s`
    if (fault !== undefined) {
      this.drops.add(fault)
      return false
    }
    return this.hasAcceptedKey(name, hello)
  }

  /** Checks that the sender of a hello owns an accepted key, unless it needs none, and refuses it otherwise. */
  private hasAcceptedKey(name: string, hello: H): boolean {
    const { guard, kind } = this.handler
    if (guard === undefined || this.local.has(name) || guard.accepts(hello, kind)) return true
    const { nonce, publicKey } = hello
    const refusedKey = typeof publicKey === 'string' ? publicKey : ''
    this.drops.logOnce(
      `refused a ${kind} with the key ${guard.nameOf(refusedKey)}, which is not accepted`,
    )
    this.sendSessionless(name, { op: 'refused', nonce, versions: ownVersions(), refusedKey })
    return false
  }

  /** Whether a peer has the name of a newcomer, which is refused if that peer is alive, and otherwise waits. */
  private hasNamesake(newcomer: string, hello: H): boolean {
    for (const { link, lastHeard } of this.peers.values()) {
      const namesake = this.handler.namesake?.(link, hello)
      if (namesake === undefined) continue
      const { nonce } = hello
      if (this.conflicts.decide(nonce, lastHeard, performance.now()) === 'refuse') {
        const { name, pid, hostname } = hello as Hello & { name?: string }
        this.drops.logOnce(
          `refused a second worker '${name}' (process ${pid} on ${hostname}): the first is process ${namesake.pid} on ${namesake.hostname}`,
        )
        this.sendSessionless(newcomer, { op: 'refused', nonce, versions: ownVersions(), namesake })
      }
      return true
    }
    return false
  }

  private tick(): void {
    this.answeredUnknown.clear()
    const now = performance.now()
    // If this process itself was stopped, messages may be waiting: they are received first.
    const { timeout } = this
    const wasStopped = now - this.lastTick > Math.max(timeout / 2, 2 * heartbeatInterval)
    this.lastTick = now
    for (const peer of [...this.peers.values()]) {
      if (wasStopped) peer.lastHeard = now
      if (now - peer.lastHeard > timeout)
        this.remove(peer, `it timed out: no message for ${timeout / 1000} s`)
      else peer.mailbox.postLater({ op: 'heartbeat' })
    }
  }

  /** Replies that a session is unknown, once per heartbeat interval: the peer may never read the replies. */
  private sendUnknown(name: string, session: string): void {
    if (this.answeredUnknown.has(name) || this.answeredUnknown.size >= mostUnknown) return
    this.answeredUnknown.add(name)
    this.sendSessionless(name, { op: 'unknown', session })
  }

  private sendSessionless(name: string, message: EndpointMessage): void {
    this.send(name, { session: '', number: 0, messages: [message] })
  }
}

function sizeOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((total, frame) => total + frame.byteLength, 0)
}
