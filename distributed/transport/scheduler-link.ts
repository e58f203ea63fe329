/**
 * The session of a worker or client with its scheduler. Sends `hello` until it is answered, sends
 * heartbeats, and begins a new session when the scheduler was lost or does not know the current one.
 */
import { randomUUID } from 'node:crypto'
import { heartbeatInterval } from '../base/timeouts.js'
import type { Envelope, Goodbye, Heartbeat, Hello, Refused, Unknown } from '../protocol/index.js'
import type { Connection, OpenConnection } from './connection.js'
import type { HandshakeFault } from './curve.js'
import { DroppedMessages } from './dropped-messages.js'
import { EnvelopeCounter, Mailbox } from './mailbox.js'

/** What workers and clients both send. */
type LinkOutput = Hello | Heartbeat | Goodbye

/** What workers and clients both receive. */
type LinkInput = Heartbeat | Goodbye | Refused | Unknown | Welcome

interface Welcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
}

/** The settings and handlers of a link. */
interface LinkEvents<In, W> {
  /** Milliseconds without a message after which the session ends. */
  readonly timeout: number
  /** Makes the hello of a new session. */
  hello(nonce: string): Hello
  /** Makes a heartbeat that carries information; without this, heartbeats are empty. */
  heartbeat?(): Heartbeat
  /** A session begins. */
  onWelcome(welcome: W): void
  onMessage(message: Exclude<In, LinkInput>): void
  /** The session has ended; the link begins another by itself. `isClosed`: the scheduler was closed for good. */
  onLost(reason: string, isClosed: boolean): void
  /** There has been no session for longer than the timeout. Called once until there is one again. */
  onGivenUp?(): void
  /** Called about once a second. */
  onTick?(now: number): void
  /** The scheduler refuses this process. */
  onRefused(refused: Refused): void
  /** The connection cannot be opened because of its keys, which is tried again. */
  onHandshakeFault?(fault: HandshakeFault): void
  onError(error: unknown): void
}

export class SchedulerLink<In extends { readonly op: string }, Out, W extends Welcome> {
  /** Invalid envelopes. */
  readonly drops: DroppedMessages
  private readonly events: LinkEvents<In, W>
  private readonly connection: Connection<Out | LinkOutput>
  private readonly mailbox: Mailbox<Out | LinkOutput>
  private readonly timer: NodeJS.Timeout
  private counter = new EnvelopeCounter()
  private nonce = randomUUID()
  private session = ''
  private lastHeard = performance.now()
  private lastTick = performance.now()
  private isGivenUp = false
  private isClosed = false

  /** `name` identifies this side to the scheduler's endpoint. */
  constructor(
    open: OpenConnection<In | LinkInput, Out | LinkOutput>,
    name: string,
    events: LinkEvents<In, W>,
  ) {
    this.events = events
    this.drops = new DroppedMessages(name.split('-')[0]!, 'the scheduler')
    this.connection = open(name, {
      onEnvelope: (envelope) => this.onEnvelope(envelope),
      onFault: this.drops.add,
      onHandshakeFault: (fault) => events.onHandshakeFault?.(fault),
      onError: (error) => events.onError(error),
    })
    this.mailbox = new Mailbox((envelope) => this.connection.send(envelope))
    this.mailbox.post(events.hello(this.nonce))
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
    // The socket keeps the process alive as long as it should be.
    this.timer.unref()
  }

  /** Whether there is a session. */
  get isConnected(): boolean {
    return this.session !== ''
  }

  /** Sends a message in the session. Without one it is dropped, since a new session starts from nothing. */
  post(message: Out): void {
    if (this.session !== '') this.mailbox.post(message)
  }

  /** Ends the session after an error and begins a new one. */
  restart(reason: string): void {
    if (this.session === '') return
    this.lose(reason)
  }

  /** Sends goodbye and closes. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.timer)
    const isConnected = this.session !== ''
    if (isConnected) this.mailbox.post({ op: 'goodbye' })
    this.mailbox.flush()
    await this.connection.close(isConnected)
  }

  private onEnvelope(envelope: Envelope<In | LinkInput>): void {
    if (envelope.session === '') {
      for (const message of envelope.messages) this.onSessionlessMessage(message as LinkInput)
      return
    }
    if (envelope.session !== this.session) return
    const order = this.counter.check(envelope)
    if (order === 'repeated') return
    if (order === 'lost') {
      this.lose('messages from the scheduler were lost')
      return
    }
    this.lastHeard = performance.now()
    for (const message of envelope.messages) {
      if (message.op === 'heartbeat') continue
      if (this.session !== envelope.session || this.isClosed) return
      if (message.op === 'goodbye') this.onGoodbye(message as Goodbye)
      else this.events.onMessage(message as Exclude<In, LinkInput>)
    }
  }

  private onGoodbye({ willRestart = false }: Goodbye): void {
    if (!willRestart) this.lose('the scheduler was closed', true)
    else this.lose('the scheduler was closed, and has not come back yet')
  }

  /** Handles a message that belongs to no session. */
  private onSessionlessMessage(message: LinkInput): void {
    if (message.op === 'welcome' && message.nonce === this.nonce && this.session === '') {
      this.session = message.session
      this.lastHeard = performance.now()
      this.isGivenUp = false
      this.counter = new EnvelopeCounter()
      this.mailbox.start(message.session)
      this.events.onWelcome(message as W)
    } else if (message.op === 'refused' && message.nonce === this.nonce) {
      this.events.onRefused(message)
    } else if (message.op === 'unknown' && message.session === this.session) {
      if (this.session !== '') this.lose('the scheduler does not know this process any more')
    }
  }

  private lose(reason: string, isClosed = false): void {
    if (this.session === '') return
    this.session = ''
    this.nonce = randomUUID()
    this.mailbox.start('')
    this.events.onLost(reason, isClosed)
    if (!this.isClosed) this.mailbox.post(this.events.hello(this.nonce))
  }

  private tick(): void {
    const now = performance.now()
    // If this process itself was stopped, messages may be waiting: they are received first.
    const { timeout } = this.events
    const wasStopped = now - this.lastTick > Math.max(timeout / 2, 2 * heartbeatInterval)
    this.lastTick = now
    if (wasStopped) this.lastHeard = now
    const isTooLong = now - this.lastHeard > timeout
    this.events.onTick?.(now)
    if (this.isClosed) return
    if (this.session === '') this.mailbox.post(this.events.hello(this.nonce))
    else if (!isTooLong) this.mailbox.postLater(this.events.heartbeat?.() ?? { op: 'heartbeat' })
    else this.lose(`nothing was received from the scheduler for ${timeout / 1000} s`)
    if (!isTooLong || this.isGivenUp) return
    this.isGivenUp = true
    this.events.onGivenUp?.()
  }
}
