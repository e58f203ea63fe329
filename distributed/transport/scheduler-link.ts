/**
 * A guest's connection to its scheduler, the same for workers and clients: says hello until it is
 * answered, keeps the session, and notices when the scheduler is gone or knows it no more.
 */
import { randomUUID } from 'node:crypto'
import { heartbeatInterval } from '../base/timeouts.js'
import type { Envelope, Goodbye, Heartbeat, Hello, Refused, Unknown } from '../protocol/index.js'
import type { Connection, OpenConnection } from './connection.js'
import { DroppedMessages } from './dropped-messages.js'
import { EnvelopeCounter, Mailbox } from './mailbox.js'

/** What every guest says. */
type LinkWord = Hello | Heartbeat | Goodbye

/** Messages that every guest gets. */
type LinkMessage = Heartbeat | Goodbye | Refused | Unknown | Welcome

interface Welcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
}

/** What a link tells its owner. */
export interface LinkEvents<In, W> {
  /** Milliseconds of silence after which the scheduler is given up. */
  readonly timeout: number
  /** The owner's introduction. */
  hello(nonce: string): Hello
  /** What a heartbeat says, if more than that the owner is there. */
  heartbeat?(): Heartbeat
  /** A session begins. */
  onWelcome(welcome: W): void
  onMessage(message: Exclude<In, LinkMessage>): void
  /** The session is over; the link says hello again by itself. The scheduler may have ended on purpose. */
  onLost(reason: string, isClosed: boolean): void
  /** There was no session for longer than the owner's patience. */
  onGivenUp?(): void
  /** The scheduler does not let this process in. */
  onRefused(refused: Refused): void
  onError(error: unknown): void
}

export class SchedulerLink<In extends { readonly op: string }, Out, W extends Welcome> {
  /** Envelopes that made no sense. */
  readonly drops: DroppedMessages
  private readonly events: LinkEvents<In, W>
  private readonly connection: Connection<Out | LinkWord>
  private readonly mailbox: Mailbox<Out | LinkWord>
  private readonly timer: NodeJS.Timeout
  private counter = new EnvelopeCounter()
  private nonce = randomUUID()
  private session = ''
  private lastHeard = performance.now()
  private lastTick = performance.now()
  private isGivenUp = false
  private isClosed = false

  /** `name` is what the scheduler's door knows this end by. */
  constructor(
    dial: OpenConnection<In | LinkMessage, Out | LinkWord>,
    name: string,
    events: LinkEvents<In, W>,
  ) {
    this.events = events
    this.drops = new DroppedMessages(name.split('-')[0]!, 'the scheduler')
    this.connection = dial(name, {
      onEnvelope: (envelope) => this.onEnvelope(envelope),
      onFault: this.drops.add,
      onError: (error) => events.onError(error),
    })
    this.mailbox = new Mailbox((envelope) => this.connection.send(envelope))
    this.mailbox.post(events.hello(this.nonce))
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
  }

  /** Whether there is a session. */
  get isConnected(): boolean {
    return this.session !== ''
  }

  /** Says something within the session; without one it is dropped, since a new one starts from nothing. */
  post(message: Out): void {
    if (this.session !== '') this.mailbox.post(message)
  }

  /** Ends the session since something is wrong; a new one begins, which tells the scheduler so. */
  restart(reason: string): void {
    if (this.session === '') return
    this.lose(reason)
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.timer)
    const isConnected = this.session !== ''
    if (isConnected) this.mailbox.post({ op: 'goodbye' })
    this.mailbox.flush()
    await this.connection.close(isConnected)
  }

  private onEnvelope(envelope: Envelope<In | LinkMessage>): void {
    if (envelope.session === '') {
      for (const message of envelope.messages) this.onWord(message as LinkMessage)
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
      else this.events.onMessage(message as Exclude<In, LinkMessage>)
    }
  }

  private onGoodbye({ willRestart = false }: Goodbye): void {
    if (!willRestart) this.lose('the scheduler was closed', true)
    else this.lose('the scheduler was closed, and has not come back yet')
  }

  /** What is said outside of a session. */
  private onWord(message: LinkMessage): void {
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
    // A process that was stopped itself has heard nothing either; it listens first.
    const { timeout } = this.events
    const wasStopped = now - this.lastTick > Math.max(timeout / 2, 2 * heartbeatInterval)
    this.lastTick = now
    if (wasStopped) this.lastHeard = now
    const isTooLong = now - this.lastHeard > timeout
    if (this.session === '') this.mailbox.post(this.events.hello(this.nonce))
    else if (!isTooLong) this.mailbox.postLater(this.events.heartbeat?.() ?? { op: 'heartbeat' })
    else this.lose(`nothing was heard of the scheduler for ${timeout / 1000} s`)
    if (!isTooLong || this.isGivenUp) return
    this.isGivenUp = true
    this.events.onGivenUp?.()
  }
}
