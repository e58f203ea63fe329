/**
 * Invalid messages: each is counted and dropped, and the first of every kind of fault is logged, so that
 * a peer that sends many cannot fill the log.
 */
import { logEvent } from '../base/log.js'

/** The maximum number of lines that are logged. */
const mostLines = 100

export class DroppedMessages {
  count = 0
  private readonly who: string
  private readonly from: string
  private readonly logged = new Set<string>()

  /** `who` is the kind of this process in the log; `from` names the senders, as in `a client`. */
  constructor(who: string, from: string) {
    this.who = who
    this.from = from
  }

  /** Counts a message; `fault` completes the sentence that is logged: `did not parse`. */
  readonly add = (fault: string): void => {
    this.count++
    this.logOnce(`a message from ${this.from} ${fault}; it was dropped, and others like it will be`)
  }

  /** Logs a line unless it was logged before. */
  logOnce(line: string): void {
    if (this.logged.has(line) || this.logged.size >= mostLines) return
    this.logged.add(line)
    logEvent(this.who, line)
  }
}
