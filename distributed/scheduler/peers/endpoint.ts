/**
 * A door of the scheduler: the socket by which its guests, workers or clients, come in.
 *
 * A guest says hello, gets a session, and from then on its envelopes are counted. A guest that says
 * goodbye, is silent for too long, cannot be reached, or of whose envelopes one is missing, is gone;
 * if it is alive after all it is told so with its next word, and says hello again.
 */
import { randomUUID } from 'node:crypto'
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
import type { ConnectionEvents, OpenConnection } from '../../transport/connection.js'
import { DroppedMessages } from '../../transport/dropped-messages.js'
import { fromFrames, toFrames } from '../../transport/framing.js'
import { EnvelopeCounter, Mailbox } from '../../transport/mailbox.js'
import { RouterSocket } from '../../transport/zmq.js'

/** What a door sends by itself. */
type DoorMessage = Heartbeat | Goodbye | Unknown | Refused

/** The reason why a guest is gone that went by itself. */
export const goodbyeReason = 'it said goodbye'

/** Milliseconds in which a guest that cannot be reached may still be heard saying goodbye. */
const goodbyeWithin = 20

/** Somebody who was let in. */
export interface Peer<Out, Link> {
  /** What the socket knows it by. */
  readonly peer: string
  readonly session: string
  readonly nonce: string
  readonly mailbox: Mailbox<Out | DoorMessage>
  readonly counter: EnvelopeCounter
  /** What the door's owner keeps for it. */
  readonly link: Link
  /** When it was last heard, by `performance.now()`. */
  lastHeard: number
}

/** Who owns a door: it hears who comes, what they say, and who goes. */
export interface EndpointHandler<H extends Hello, In, Out, Link> {
  /** What guests are called in the log. */
  readonly kind: 'worker' | 'client'
  /** Where guests of the other kind come in. */
  otherAddress(): string
  readonly shapes: MessageShapes
  /** The shape of the hello of a peer of this version. */
  readonly helloShape: FieldKinds
  /** Lets a guest in. */
  admit(guest: Omit<Peer<Out, Link>, 'link'>, hello: H): Link
  /** The word that begins the guest's session. */
  welcome(guest: Peer<Out, Link>): Out
  /** The session has begun: the guest may be told things. */
  onAdmitted?(guest: Peer<Out, Link>): void
  onMessage(
    guest: Peer<Out, Link>,
    message: Exclude<In, Hello | Heartbeat | Goodbye | ExitReport>,
  ): void
  /** Something was said outside of any session, by who may not be a guest. */
  onSessionlessMessage?(message: In): void
  onHeartbeat?(guest: Peer<Out, Link>, heartbeat: Heartbeat): void
  onLeft(guest: Peer<Out, Link>, reason: string): void
  /** A handler failed. */
  onError(error: unknown): void
}

export class Endpoint<H extends Hello, In extends { readonly op: string }, Out, Link> {
  /** Envelopes that made no sense. */
  readonly drops: DroppedMessages
  private readonly host: EndpointHandler<H, In, Out, Link>
  private readonly silenceLimit: number
  private readonly guests = new Map<string, Peer<Out, Link>>()
  /** The other ends of lines within this process, by the guests' names. */
  private readonly lines = new Map<string, ConnectionEvents<Out | DoorMessage>>()
  private socket: RouterSocket | undefined
  private timer: NodeJS.Timeout | undefined
  private isClosed = false
  private lastTick = performance.now()

  /** `silenceLimit` is how many milliseconds a guest may be silent. */
  constructor(silenceLimit: number, host: EndpointHandler<H, In, Out, Link>) {
    this.silenceLimit = silenceLimit
    this.host = host
    this.drops = new DroppedMessages('scheduler', `a ${host.kind}`)
  }

  /** Starts to listen; gives the bound address. */
  async open(address: string): Promise<string> {
    this.socket = await RouterSocket.bind(address, {
      onMessage: (frames, peer) => {
        const envelope = fromFrames<In>(frames, this.host.shapes, this.drops.add)
        if (envelope !== undefined) this.onEnvelope(envelope, peer)
      },
      onUnreachable: (peer) => this.onUnreachable(peer),
      onError: (error) => this.host.onError(error),
    })
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
    return this.socket.bound
  }

  /** For a guest of this very process: what is said goes by hand, and not through the socket. */
  readonly openConnection: OpenConnection<Out | DoorMessage, In> = (peer, events) => {
    this.lines.set(peer, events)
    return {
      send: (envelope) => queueMicrotask(() => this.hear(envelope, peer)),
      close: async () => {
        if (this.lines.get(peer) === events) this.lines.delete(peer)
      },
    }
  }

  /** A handler that fails must not end whoever delivers. */
  private hear(envelope: Envelope<In>, peer: string): void {
    if (this.isClosed) return
    try {
      this.onEnvelope(envelope, peer)
    } catch (error) {
      this.host.onError(error)
    }
  }

  /** Sends to whoever has that name, by the way by which it came. */
  private send(peer: string, envelope: Envelope<Out | DoorMessage>): void {
    const line = this.lines.get(peer)
    if (line === undefined) this.socket?.send(peer, toFrames(envelope))
    else {
      queueMicrotask(() => {
        try {
          line.onEnvelope(envelope)
        } catch (error) {
          line.onError(error)
        }
      })
    }
  }

  /** Says goodbye to all, and closes; `willRestart`: somebody is expected to open it again. */
  async close(willRestart: boolean): Promise<void> {
    clearInterval(this.timer)
    for (const guest of this.guests.values()) {
      guest.mailbox.post({ op: 'goodbye', willRestart })
      guest.mailbox.flush()
    }
    this.guests.clear()
    this.isClosed = true
    await this.socket?.close()
  }

  /** A guest is gone, whoever found out. */
  dismiss(guest: Peer<Out, Link>, reason: string): void {
    if (this.guests.get(guest.peer) !== guest) return
    this.guests.delete(guest.peer)
    this.host.onLeft(guest, reason)
  }

  /** For how many milliseconds each guest was not heard. */
  silences(): Map<Link, number> {
    const now = performance.now()
    return new Map([...this.guests.values()].map(({ link, lastHeard }) => [link, now - lastHeard]))
  }

  /** Dismisses the guests of whom something is true. */
  dismissWhere(test: (link: Link) => boolean, reason: string): void {
    for (const guest of [...this.guests.values()]) if (test(guest.link)) this.dismiss(guest, reason)
  }

  private onUnreachable(peer: string): void {
    const guest = this.guests.get(peer)
    if (guest === undefined) return
    // Its goodbye may be among what has come and was not read yet.
    setTimeout(() => this.dismiss(guest, 'it cannot be reached'), goodbyeWithin)
  }

  private onEnvelope(envelope: Envelope<In>, peer: string): void {
    if (envelope.session === '') {
      for (const message of envelope.messages) {
        if (message.op === 'hello') this.onHello(peer, message as unknown as H)
        else this.host.onSessionlessMessage?.(message)
      }
      return
    }
    const guest = this.guests.get(peer)
    if (guest === undefined || guest.session !== envelope.session) {
      if (envelope.messages.every((message) => message.op === 'goodbye')) return
      this.say(peer, { op: 'unknown', session: envelope.session })
      return
    }
    const order = guest.counter.check(envelope)
    if (order === 'repeated') {
      this.drops.add('came twice')
      return
    }
    if (order === 'lost') {
      this.dismiss(guest, 'messages from it were lost')
      this.say(peer, { op: 'unknown', session: envelope.session })
      return
    }
    guest.lastHeard = performance.now()
    for (const message of envelope.messages) this.onMessage(guest, message)
  }

  private onMessage(guest: Peer<Out, Link>, message: In): void {
    if (message.op === 'hello' || message.op === 'exit-report') return
    if (message.op === 'heartbeat') {
      this.host.onHeartbeat?.(guest, message as unknown as Heartbeat)
      return
    }
    if (message.op === 'goodbye') this.dismiss(guest, goodbyeReason)
    else if (this.guests.get(guest.peer) === guest) {
      this.host.onMessage(guest, message as Exclude<In, Hello | Heartbeat | Goodbye | ExitReport>)
    }
  }

  private onHello(peer: string, hello: H): void {
    const known = this.guests.get(peer)
    // Hellos are repeated until they are answered, so some come twice.
    if (known?.nonce === hello.nonce) return
    if (known !== undefined) this.dismiss(known, 'it started anew')
    const versions = ownVersions()
    if (hello.versions.protocol !== versions.protocol || hello.versions.skein !== versions.skein) {
      this.drops.logOnce(
        `refused a ${this.host.kind} that runs ${describeVersions(hello.versions)}; this is ${describeVersions(versions)}`,
      )
      this.say(peer, { op: 'refused', nonce: hello.nonce, versions })
      return
    }
    if (hello.role !== undefined && hello.role !== this.host.kind) {
      const rightAddress = this.host.otherAddress()
      this.drops.logOnce(`sent a ${hello.role} that came to the door of ${this.host.kind}s away`)
      this.say(peer, { op: 'refused', nonce: hello.nonce, versions, rightAddress })
      return
    }
    if (!hasFields(hello, this.host.helloShape)) {
      this.drops.add('lacks what introduces whom comes in here')
      return
    }
    const session = randomUUID()
    const entering: Omit<Peer<Out, Link>, 'link'> = {
      peer,
      session,
      nonce: hello.nonce,
      mailbox: new Mailbox((envelope) => this.send(peer, envelope)),
      counter: new EnvelopeCounter(),
      lastHeard: performance.now(),
    }
    const guest: Peer<Out, Link> = { ...entering, link: this.host.admit(entering, hello) }
    this.guests.set(peer, guest)
    guest.mailbox.post(this.host.welcome(guest))
    guest.mailbox.start(session)
    this.host.onAdmitted?.(guest)
  }

  private tick(): void {
    const now = performance.now()
    // A scheduler that was stopped itself has heard nobody; it listens first.
    const { silenceLimit } = this
    const wasStopped = now - this.lastTick > Math.max(silenceLimit / 2, 2 * heartbeatInterval)
    this.lastTick = now
    for (const guest of [...this.guests.values()]) {
      if (wasStopped) guest.lastHeard = now
      if (now - guest.lastHeard > silenceLimit) this.dismiss(guest, 'nothing was heard of it')
      else guest.mailbox.postLater({ op: 'heartbeat' })
    }
  }

  /** A word outside of any session. */
  private say(peer: string, message: DoorMessage): void {
    this.send(peer, { session: '', number: 0, messages: [message] })
  }
}
