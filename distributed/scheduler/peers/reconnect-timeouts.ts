/** Who is away, and may come back within a time. */
export class ReconnectTimeouts<T> {
  private readonly onGone: (who: T) => void
  private readonly timers = new Map<T, NodeJS.Timeout>()

  /** `onGone` is told who did not come back. */
  constructor(onGone: (who: T) => void) {
    this.onGone = onGone
  }

  /** Somebody is away, and has so many milliseconds to come back. */
  start(who: T, within: number): void {
    this.cancel(who)
    const due = performance.now() + within
    const onTime = (): void => {
      // A process that was stopped itself could not be reached either; it listens first.
      const late = performance.now() - due
      if (late > within / 2 && late > 2000) this.start(who, within)
      else {
        this.timers.delete(who)
        this.onGone(who)
      }
    }
    this.timers.set(who, setTimeout(onTime, within))
  }

  /** Somebody has come back, or was not away. */
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
