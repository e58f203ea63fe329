/**
 * The function bundles that the scheduler has from this client, least recently used first. A bundle is
 * sent once, with the first message that needs it, until the client tells the scheduler to forget it.
 */
import { bundles, type StoredBundle } from '../../../core/codec/index.js'
import type { Bundle, Submit } from '../../protocol/index.js'

/** What the scheduler keeps for a client besides what is in use. */
const defaultLimits = { count: 1000, bytes: 4 * 1024 * 1024 }

export class SentBundles {
  /** The sizes in bytes, by token. */
  private readonly sent = new Map<string, number>()
  private readonly limits: typeof defaultLimits
  private nbytes = 0
  /** The number of bundles that the last message needs; these are the last ones. */
  private current = 0

  constructor(limits = defaultLimits) {
    this.limits = limits
  }

  has(token: string): boolean {
    return this.sent.has(token)
  }

  get size(): number {
    return this.sent.size
  }

  /** Returns those of some bundles, and of what they need, that the scheduler lacks; they are sent now. */
  takeNew(needed: readonly StoredBundle[]): Bundle[] {
    const missing: Bundle[] = []
    const all = bundles.closureOf(needed)
    for (const { token, encoded, nbytes } of all) {
      // Moves the token to the end: most recently used.
      const wasSent = this.sent.delete(token)
      this.sent.set(token, nbytes)
      if (wasSent) continue
      this.nbytes += nbytes
      missing.push([token, encoded])
    }
    this.current = all.length
    return missing
  }

  /**
   * Removes the least recently used bundles if there are more than the limits allow, except those of the
   * last message; returns their tokens, for a message that tells the scheduler to forget them.
   */
  takeOld(): string[] {
    const old: string[] = []
    const { count, bytes } = this.limits
    if (this.sent.size <= count && this.nbytes <= bytes) return old
    for (const [token, nbytes] of this.sent) {
      if (this.sent.size <= this.current) break
      this.sent.delete(token)
      this.nbytes -= nbytes
      old.push(token)
      if (this.sent.size <= count / 2 && this.nbytes <= bytes / 2) break
    }
    return old
  }

  /** Notes that the scheduler of a new session has none. */
  clear(): void {
    this.sent.clear()
    this.nbytes = 0
    this.current = 0
  }
}

/** Returns a submission with the bundles that the scheduler lacks. */
export function withNewBundles(message: Submit, sent: SentBundles): Submit {
  const needed = new Map<string, StoredBundle>()
  const add = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { bundles: tokens } = value as Submit['recipes'][number]
    for (const bundle of bundles.bundlesOf(tokens)) needed.set(bundle.token, bundle)
  }
  message.recipes.forEach(add)
  message.params.forEach(add)
  for (const { params } of message.layers)
    for (const param of params) if (param.kind === 'values') param.values.forEach(add)
  return { ...message, bundles: sent.takeNew([...needed.values()]) }
}
