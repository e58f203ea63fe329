/**
 * Messages that make no sense: each is counted, and the first of every kind of fault is logged, so
 * that whoever sends many cannot fill a log.
 */
import { logEvent } from '../base/log.js'

/** Kinds of faults that are told apart; of further ones the log says nothing. */
const mostKinds = 100

export class DroppedMessages {
  count = 0
  private readonly who: string
  private readonly from: string
  private readonly logged = new Set<string>()

  /** `who` speaks in the log; `from` is what those are called whose messages these are. */
  constructor(who: string, from: string) {
    this.who = who
    this.from = from
  }

  /** A message is dropped, since it has a fault: `did not parse`. */
  readonly add = (fault: string): void => {
    this.count++
    this.logOnce(`a message from ${this.from} ${fault}; it was dropped, as others like it will be`)
  }

  /** Logs a text once. */
  logOnce(text: string): void {
    if (this.logged.has(text) || this.logged.size >= mostKinds) return
    this.logged.add(text)
    logEvent(this.who, text)
  }
}
