/**
 * The two directions of a session: a mailbox collects messages to one peer and sends them as one envelope.
 * Envelopes are counted on both sides, so that a loss is detected.
 */
import type { Envelope } from '../protocol/index.js'

/** Milliseconds for which a message that is not urgent waits for others. */
const longestDelay = 5

/** Messages within this many milliseconds after an envelope are collected until the turn of the event loop ends. */
const busyFor = 0.1

/** Collects and sends the messages to one peer. */
export class Mailbox<M> {
  private readonly send: (envelope: Envelope<M>) => void
  private session = ''
  private number = 0
  private pending: M[] = []
  private immediate: NodeJS.Immediate | undefined
  private timer: NodeJS.Timeout | undefined
  private isFlushing = false
  /** When the last envelope was sent, by `performance.now()`. */
  private lastSent = Number.NEGATIVE_INFINITY

  constructor(send: (envelope: Envelope<M>) => void) {
    this.send = send
  }

  /** Begins a session, after pending messages were sent as part of the current one. */
  start(session: string): void {
    this.flush()
    this.session = session
    this.number = 0
  }

  /**
   * Queues a message. The queue is sent as one envelope when the code that runs now has ended; if another envelope was
   * sent shortly before, at the end of the turn of the event loop. So a single message is not delayed.
   */
  post(message: M): void {
    this.pending.push(message)
    if (this.isFlushing || this.immediate !== undefined) return
    if (performance.now() - this.lastSent < busyFor) {
      this.immediate = setImmediate(() => this.flush())
      return
    }
    this.isFlushing = true
    queueMicrotask(() => this.flush())
  }

  /** Sends a message with the next urgent one, or after a few milliseconds: an envelope for it alone is expensive. */
  postLater(message: M): void {
    this.pending.push(message)
    if (!this.isFlushing && this.immediate === undefined)
      this.timer ??= setTimeout(() => this.flush(), longestDelay)
  }

  /** Sends pending messages now. */
  flush(): void {
    if (this.immediate !== undefined) clearImmediate(this.immediate)
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.immediate = undefined
    this.timer = undefined
    this.isFlushing = false
    if (this.pending.length === 0) return
    const messages = this.pending
    this.pending = []
    this.lastSent = performance.now()
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
