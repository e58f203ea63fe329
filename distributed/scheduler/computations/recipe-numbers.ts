/**
 * Numbers the recipes of all clients by content token. A recipe that is submitted again has the same number, so
 * workers that have it need not be sent it, and the durations of its tasks are known. A limited number of
 * unused recipes is kept.
 */
import type { Encoded } from '../../../core/codec/index.js'
import type { BundleCache } from './bundle-cache.js'

interface Entry {
  readonly number: number
  readonly token: string
  readonly bytes: Encoded
  readonly bundles: readonly string[]
  users: number
}

export class RecipeNumbers {
  private readonly bundleCache: BundleCache
  private readonly capacity: number
  private readonly entries = new Map<string, Entry>()
  private readonly byNumber = new Map<number, Entry>()
  private next = 0
  /** Numbers of forgotten recipes, which are reused. */
  private readonly free: number[] = []

  /** `capacity`: the number of recipes above which unused ones are forgotten. */
  constructor(bundleCache: BundleCache, capacity = 4096) {
    this.bundleCache = bundleCache
    this.capacity = capacity
  }

  /** Returns the number of a recipe and adds a user. Its bundles must be in the cache. */
  acquire(token: string, bytes: Encoded): number {
    let entry = this.entries.get(token)
    if (entry === undefined) {
      const bundles = this.bundleCache.retain(bytes.bundles)
      entry = { number: this.free.pop() ?? this.next++, token, bytes, bundles, users: 0 }
      this.byNumber.set(entry.number, entry)
    } else this.entries.delete(token)
    // The last used recipe is last, so that the first unused one is the oldest.
    this.entries.set(token, entry)
    entry.users++
    return entry.number
  }

  bytesOf(number: number): Encoded {
    return this.byNumber.get(number)!.bytes
  }

  /** Removes a user of each recipe. Returns the numbers of recipes that are forgotten by that. */
  release(numbers: readonly number[]): number[] {
    for (const number of numbers) this.byNumber.get(number)!.users--
    const forgotten: number[] = []
    if (this.entries.size <= this.capacity) return forgotten
    for (const entry of this.entries.values()) {
      if (entry.users > 0) continue
      this.entries.delete(entry.token)
      this.byNumber.delete(entry.number)
      this.bundleCache.release(entry.bundles)
      forgotten.push(entry.number)
      this.free.push(entry.number)
      if (this.entries.size <= this.capacity) break
    }
    return forgotten
  }
}
