/**
 * Numbers the recipes of all clients by content token. A recipe that is submitted again has the same number, so
 * workers that have it need not be sent it, and the durations of its tasks are known. A limited number of
 * unused recipes is kept.
 */
import { type Encoded, encodedSize } from '../../../core/codec/index.js'
import type { BundleCache } from './bundle-cache.js'

interface Entry {
  readonly number: number
  readonly token: string
  readonly bytes: Encoded
  readonly bundles: readonly string[]
  /** The bytes of the recipe and of its bundles. */
  readonly nbytes: number
  users: number
}

/** The bytes of unused recipes, with their bundles, that are kept at most. */
const maxUnusedBytes = 4 * 1024 * 1024

export class RecipeNumbers {
  private readonly bundleCache: BundleCache
  private readonly capacity: number
  private readonly entries = new Map<string, Entry>()
  private readonly byNumber = new Map<number, Entry>()
  private unusedBytes = 0
  private next = 0
  /** Numbers of forgotten recipes, which are reused. */
  private readonly free: number[] = []

  /** `capacity`: the number of recipes above which unused ones are forgotten; large ones are forgotten sooner. */
  constructor(bundleCache: BundleCache, capacity = 1024) {
    this.bundleCache = bundleCache
    this.capacity = capacity
  }

  /** Returns the number of a recipe and adds a user. Its bundles must be in the cache. */
  acquire(token: string, bytes: Encoded): number {
    let entry = this.entries.get(token)
    if (entry === undefined) {
      const bundles = this.bundleCache.retain(bytes.bundles)
      const nbytes = encodedSize(bytes) + this.bundleCache.sizeOf(bundles)
      entry = { number: this.free.pop() ?? this.next++, token, bytes, bundles, nbytes, users: 0 }
      this.unusedBytes += nbytes
      this.byNumber.set(entry.number, entry)
    } else this.entries.delete(token)
    // The last used recipe is last, so that the first unused one is the oldest.
    this.entries.set(token, entry)
    if (entry.users++ === 0) this.unusedBytes -= entry.nbytes
    return entry.number
  }

  bytesOf(number: number): Encoded {
    return this.byNumber.get(number)!.bytes
  }

  /** Removes a user of each recipe. Returns the numbers of recipes that are forgotten by that. */
  release(numbers: readonly number[]): number[] {
    for (const number of numbers) {
      const entry = this.byNumber.get(number)!
      if (--entry.users === 0) this.unusedBytes += entry.nbytes
    }
    const forgotten: number[] = []
    if (!this.isOverLimit) return forgotten
    for (const entry of this.entries.values()) {
      if (entry.users > 0) continue
      this.unusedBytes -= entry.nbytes
      this.entries.delete(entry.token)
      this.byNumber.delete(entry.number)
      this.bundleCache.release(entry.bundles)
      forgotten.push(entry.number)
      this.free.push(entry.number)
      if (!this.isOverLimit) break
    }
    return forgotten
  }

  private get isOverLimit(): boolean {
    return this.entries.size > this.capacity || this.unusedBytes > maxUnusedBytes
  }
}
