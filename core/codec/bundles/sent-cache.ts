/**
 * What one side knows that the other side has, by token, least recently sent first. The sender decides what
 * the receiver drops.
 */

/** The limits of what a receiver keeps besides what is in use. */
export interface CacheLimits {
  readonly count: number
  readonly bytes: number
}

interface Sized {
  readonly nbytes: number
}

export class SentCache<V extends Sized> {
  private readonly sent = new Map<string, V>()
  private readonly limits: CacheLimits
  private bytes = 0
  /** The number of entries that the current message needs; these are the last ones. */
  private current = 0

  constructor(limits: CacheLimits) {
    this.limits = limits
  }

  get size(): number {
    return this.sent.size
  }

  /** The bytes of all entries. */
  get nbytes(): number {
    return this.bytes
  }

  has(token: string): boolean {
    return this.sent.has(token)
  }

  get(token: string): V | undefined {
    return this.sent.get(token)
  }

  /** Begins a message to the receiver. */
  startMessage(): void {
    this.current = 0
  }

  /** Notes that the current message needs an entry. Returns whether the receiver lacks it. */
  use(token: string, value: V): boolean {
    const isNew = !this.sent.delete(token)
    this.sent.set(token, value)
    this.current++
    if (isNew) this.bytes += value.nbytes
    return isNew
  }

  /** Notes that the receiver has an entry, because it was the receiver that sent it. */
  add(token: string, value: V): void {
    if (!this.sent.has(token)) this.bytes += value.nbytes
    this.sent.set(token, value)
  }

  /**
   * Removes and returns the least recently sent entries if there are more than the limits allow, except
   * those that the current message needs. Half of the limits is left, so that this is rarely done.
   */
  takeOld(): [token: string, value: V][] {
    const old: [string, V][] = []
    const { count, bytes } = this.limits
    if (this.sent.size <= count && this.bytes <= bytes) return old
    for (const [token, value] of this.sent) {
      if (this.sent.size <= this.current) break
      this.sent.delete(token)
      this.bytes -= value.nbytes
      old.push([token, value])
      if (this.sent.size <= count / 2 && this.bytes <= bytes / 2) break
    }
    return old
  }

  /** Notes that the receiver has nothing. */
  clear(): void {
    this.sent.clear()
    this.bytes = 0
    this.current = 0
  }
}
