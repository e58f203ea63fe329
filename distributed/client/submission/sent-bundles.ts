/**
 * The function bundles that the scheduler has from this client, least recently used first. A bundle is
 * sent once, with the first message that needs it, until the client asks the scheduler to drop it.
 */
import { type CacheLimits, SentCache } from '../../../core/codec/bundles/sent-cache.js'
import { bundles, type StoredBundle } from '../../../core/codec/index.js'
import type { Bundle, Submit } from '../../protocol/index.js'

/** What the scheduler keeps for a client besides what is in use. */
const defaultLimits = { count: 1000, bytes: 4 * 1024 * 1024 }

export class SentBundles {
  /** Only sizes: the client itself need not keep what it has sent. */
  private readonly sent: SentCache<{ readonly nbytes: number }>

  constructor(limits: CacheLimits = defaultLimits) {
    this.sent = new SentCache(limits)
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
    this.sent.startMessage()
    for (const { token, encoded, nbytes } of bundles.closureOf(needed))
      if (this.sent.use(token, { nbytes })) missing.push([token, encoded])
    return missing
  }

  /**
   * Removes the least recently used bundles if there are more than the limits allow, except those of the
   * last message; returns their tokens, for a message that asks the scheduler to drop them.
   */
  takeOld(): string[] {
    return this.sent.takeOld().map(([token]) => token)
  }

  /** Notes that the scheduler of a new session has none. */
  clear(): void {
    this.sent.clear()
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
