/**
 * The bundles that a pool and one of its threads both have, as the pool sees it. The pool decides which
 * ones the thread keeps, and keeps those itself, because results of the thread refer to them.
 *
 * Messages arrive in order, so the thread has whatever a message refers to. A bundle that the thread was
 * asked to drop stays here until the thread has confirmed it: results that were on their way may still
 * refer to it.
 */
import { SentCache } from '../../codec/bundles/sent-cache.js'
import { bundles, type KnownBundles, type StoredBundle } from '../../codec/index.js'
import { holdBundles, type StoredValue } from '../../graph/stored-value.js'
import type { BundleItem } from './executor-protocol.js'

/** The bundles that a thread keeps, besides those in use. */
const threadLimits = { count: 1000, bytes: 2 * 1024 * 1024 }

/** Bundles that the thread must drop. */
interface Forgotten {
  readonly id: number
  readonly tokens: readonly string[]
}

export class ThreadBundles implements KnownBundles {
  private readonly known = new SentCache<StoredBundle>(threadLimits)
  /** The bundles of messages that the thread has not confirmed, by the number of the message. */
  private readonly leaving = new Map<number, readonly StoredBundle[]>()
  private nextId = 0

  /** The bytes of the known bundles. */
  get nbytes(): number {
    return this.known.nbytes
  }

  get(token: string): StoredBundle | undefined {
    const found = this.known.get(token)
    if (found !== undefined || this.leaving.size === 0) return found
    for (const list of this.leaving.values())
      for (const bundle of list) if (bundle.token === token) return bundle
    return undefined
  }

  /** Begins a message to the thread. */
  startMessage(): void {
    this.known.startMessage()
  }

  /** Adds the bundles that a list of tokens needs and the thread does not have to `into`. */
  addNew(tokens: readonly string[], into: BundleItem[]): void {
    for (const bundle of bundles.closureOf(bundles.bundlesOf(tokens)))
      if (this.known.use(bundle.token, bundle)) into.push([bundle.token, bundle.encoded])
  }

  /** Adds bundles that the thread has sent. */
  receive(items: readonly BundleItem[]): void {
    for (const [token, bytes] of items) this.known.add(token, bundles.add(token, bytes, this))
  }

  /** Makes values of the thread hold their bundles. */
  hold(values: readonly StoredValue[]): void {
    holdBundles(values, this)
  }

  /** Removes the bundles above the limits that the current message does not need. */
  takeOld(): Forgotten | undefined {
    const old = this.known.takeOld()
    if (old.length === 0) return undefined
    const id = this.nextId++
    this.leaving.set(
      id,
      old.map(([, bundle]) => bundle),
    )
    return { id, tokens: old.map(([token]) => token) }
  }

  /** The thread does not refer to these bundles any more. */
  onForgotten(id: number): void {
    this.leaving.delete(id)
  }
}
