/**
 * The two ends of a session: messages to one peer are gathered over a turn of the event loop and go
 * out as one envelope; envelopes are counted on both sides, so that losing one is noticed.
 */
import type { Envelope } from '../protocol/index.js'

/** Milliseconds that a message may wait for others to go with. */
const patience = 5

/** What goes to one peer. */
export class Mailbox<M> {
  private readonly send: (envelope: Envelope<M>) => void
  private session = ''
  private number = 0
  private pending: M[] = []
  private urgent: NodeJS.Immediate | undefined
  private patient: NodeJS.Timeout | undefined

  constructor(send: (envelope: Envelope<M>) => void) {
    this.send = send
  }

  /** From now on envelopes belong to this session; what is pending goes out as part of it. */
  start(session: string): void {
    this.flush()
    this.session = session
    this.number = 0
  }

  /** Sends a message with the others of this turn. */
  post(message: M): void {
    this.pending.push(message)
    this.urgent ??= setImmediate(() => this.flush())
  }

  /** Sends a message with the next that cannot wait, or soon: sending one by itself costs more than it is worth. */
  postLater(message: M): void {
    this.pending.push(message)
    if (this.urgent === undefined) this.patient ??= setTimeout(() => this.flush(), patience)
  }

  /** Sends what is pending now. */
  flush(): void {
    clearImmediate(this.urgent)
    clearTimeout(this.patient)
    this.urgent = undefined
    this.patient = undefined
    if (this.pending.length === 0) return
    const messages = this.pending
    this.pending = []
    this.send({ session: this.session, number: this.number++, messages })
  }
}

/** What comes from one peer: tells whether an envelope is the next one of its session. */
export class EnvelopeCounter {
  private next = 0

  /** `lost`: some before it did not come; `repeated`: it came before. */
  check({ number }: Envelope<unknown>): 'next' | 'lost' | 'repeated' {
    if (number < this.next) return 'repeated'
    if (number > this.next) return 'lost'
    this.next++
    return 'next'
  }
}
