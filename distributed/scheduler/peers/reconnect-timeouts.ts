/** Timeouts of disconnected clients, which may reconnect. */
export class ReconnectTimeouts<T> {
  private readonly onExpired: (who: T) => void
  private readonly timers = new Map<T, NodeJS.Timeout>()

  /** `onExpired` is called for those that have not reconnected in time. */
  constructor(onExpired: (who: T) => void) {
    this.onExpired = onExpired
  }

  /** Starts a timeout of so many milliseconds. */
  start(who: T, within: number): void {
    this.cancel(who)
    const due = performance.now() + within
    const onTime = (): void => {
      // If this process was stopped itself, nobody could reconnect: the timeout starts again.
      const late = performance.now() - due
      if (late > within / 2 && late > 2000) this.start(who, within)
      else {
        this.timers.delete(who)
        this.onExpired(who)
      }
    }
    this.timers.set(who, setTimeout(onTime, within))
  }

  /** Cancels a timeout, if there is one. */
  cancel(who: T): T {
    clearTimeout(this.timers.get(who))
    this.timers.delete(who)
    return who
  }

  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
  }
}
