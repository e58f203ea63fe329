/** Detects states that last so long that the user should get a warning. */

export class Overdue {
  private readonly after: number
  private readonly again: number
  private readonly longestGap: number
  private since: number | undefined
  private next = 0
  private checked = 0

  /**
   * `after` are the milliseconds after which a state is reported, and `again` those between two reports. If
   * more than `longestGap` pass between two checks, this process was stopped, and the time does not count.
   */
  constructor({ after = 5000, again = Number.POSITIVE_INFINITY, longestGap = 3000 } = {}) {
    this.after = after
    this.again = again
    this.longestGap = longestGap
  }

  /** Returns for how many milliseconds the state has lasted if that is to be reported now. Called regularly. */
  check(isOn: boolean, now: number): number | undefined {
    const gap = now - this.checked
    this.checked = now
    if (!isOn) {
      this.since = undefined
      return undefined
    }
    if (this.since === undefined) {
      this.since = now
      this.next = this.after
    } else if (gap > this.longestGap) this.since += gap
    const lasted = now - this.since
    if (lasted < this.next) return undefined
    this.next = lasted + this.again
    return lasted
  }
}
