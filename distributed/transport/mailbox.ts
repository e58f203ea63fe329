/**
 * The two directions of a session: a mailbox collects the messages to one peer over a turn of the event
 * loop and sends them as one envelope. Envelopes are counted on both sides, so that a loss is detected.
 */
import type { Envelope } from '../protocol/index.js'

/** Milliseconds for which a message that is not urgent waits for others. */
const longestDelay = 5

/** Collects and sends the messages to one peer. */
export class Mailbox<M> {
  private readonly send: (envelope: Envelope<M>) => void
  private session = ''
  private number = 0
  private pending: M[] = []
  private immediate: NodeJS.Immediate | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(send: (envelope: Envelope<M>) => void) {
    this.send = send
  }

  /** Begins a session, after pending messages were sent as part of the current one. */
  start(session: string): void {
    this.flush()
    this.session = session
    this.number = 0
  }

  /** Sends a message at the end of this turn, with the others of the turn. */
  post(message: M): void {
    this.pending.push(message)
    this.immediate ??= setImmediate(() => this.flush())
  }

  /** Sends a message with the next urgent one, or after a few milliseconds: an envelope for it alone is expensive. */
  postLater(message: M): void {
    this.pending.push(message)
    if (this.immediate === undefined) this.timer ??= setTimeout(() => this.flush(), longestDelay)
  }

  /** Sends pending messages now. */
  flush(): void {
    clearImmediate(this.immediate)
    clearTimeout(this.timer)
    this.immediate = undefined
    this.timer = undefined
    if (this.pending.length === 0) return
    const messages = this.pending
    this.pending = []
    this.send({ session: this.session, number: this.number++, messages })
  }
}

/** Checks the numbers of the envelopes that one peer sends in a session. */
export class EnvelopeCounter {
  private next = 0

  /** Returns `lost` if earlier envelopes are missing, and `repeated` if this one was received before. */
  check({ number }: Envelope<unknown>): 'next' | 'lost' | 'repeated' {
    if (number < this.next) return 'repeated'
    if (number > this.next) return 'lost'
    this.next++
    return 'next'
  }
}
