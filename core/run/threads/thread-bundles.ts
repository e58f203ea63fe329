/**
 * The bundles that a pool and one of its threads both have, as the pool sees it. The pool decides which
 * ones the thread keeps, and keeps those itself, because results of the thread refer to them.
 *
 * Messages arrive in order, so the thread has whatever a message refers to. A bundle that the thread was
 * told to forget stays here until the thread has confirmed it: results that were on their way may still
 * refer to it.
 */
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
  /** Least recently sent first. */
  private readonly known = new Map<string, StoredBundle>()
  /** The bytes of these bundles. */
  nbytes = 0
  /** The bundles of messages that the thread has not confirmed, by the number of the message. */
  private readonly leaving = new Map<number, readonly StoredBundle[]>()
  private nextId = 0
  /** The number of known bundles that the current message needs; these are the last ones. */
  private current = 0

  get(token: string): StoredBundle | undefined {
    const found = this.known.get(token)
    if (found !== undefined || this.leaving.size === 0) return found
    for (const list of this.leaving.values())
      for (const bundle of list) if (bundle.token === token) return bundle
    return undefined
  }

  /** Begins a message to the thread. */
  startMessage(): void {
    this.current = 0
  }

  /** Adds the bundles that a list of tokens needs and the thread does not have to `into`. */
  addNew(tokens: readonly string[], into: BundleItem[]): void {
    for (const bundle of bundles.closureOf(bundles.bundlesOf(tokens))) {
      const { token, nbytes, encoded } = bundle
      const isKnown = this.known.delete(token)
      this.known.set(token, bundle)
      this.current++
      if (isKnown) continue
      this.nbytes += nbytes
      into.push([token, encoded])
    }
  }

  /** Adds bundles that the thread has sent. */
  receive(items: readonly BundleItem[]): void {
    for (const [token, bytes] of items) {
      const bundle = bundles.add(token, bytes, this)
      if (!this.known.has(token)) this.nbytes += bundle.nbytes
      this.known.set(token, bundle)
    }
  }

  /** Makes values of the thread hold their bundles. */
  hold(values: readonly StoredValue[]): void {
    holdBundles(values, this)
  }

  /** Removes the bundles above the limits that the current message does not need. */
  takeOld(): Forgotten | undefined {
    const { count, bytes } = threadLimits
    if (this.known.size <= count && this.nbytes <= bytes) return undefined
    const tokens: string[] = []
    const old: StoredBundle[] = []
    for (const [token, bundle] of this.known) {
      if (this.known.size <= this.current) break
      this.known.delete(token)
      this.nbytes -= bundle.nbytes
      tokens.push(token)
      old.push(bundle)
      if (this.known.size <= count / 2 && this.nbytes <= bytes / 2) break
    }
    if (tokens.length === 0) return undefined
    const id = this.nextId++
    this.leaving.set(id, old)
    return { id, tokens }
  }

  /** The thread does not refer to these bundles any more. */
  onForgotten(id: number): void {
    this.leaving.delete(id)
  }
}
