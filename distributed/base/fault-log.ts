/** A log of faults that others cause, and that may be many: at most one line a minute. */
import { logEvent } from './log.js'

/** Milliseconds between two lines. */
const logInterval = 60_000

/** Logs faults of one kind: the first at once, then their number at most once a minute. */
export class FaultLog {
  private readonly who: string
  private readonly describe: (count: number) => string
  private count = 0
  private lastLogged = Number.NEGATIVE_INFINITY

  /** `who` is the kind of this process in the log; `describe` makes the line about so many faults. */
  constructor(who: string, describe: (count: number) => string) {
    this.who = who
    this.describe = describe
  }

  readonly add = (count = 1): void => {
    this.count += count
    const now = performance.now()
    if (now - this.lastLogged < logInterval) return
    this.lastLogged = now
    logEvent(this.who, this.describe(this.count))
    this.count = 0
  }
}
