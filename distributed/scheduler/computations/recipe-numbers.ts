/**
 * Numbers for recipes over all clients, by content token: a recipe met again has its number, its
 * workers know it already, and how long its tasks take is known. Unused ones are kept for a while.
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
  /** Numbers of recipes that are forgotten, for others. */
  private readonly free: number[] = []

  /** `capacity`: how many recipes are kept beyond those in use. */
  constructor(shelf: BundleCache, capacity = 4096) {
    this.bundleCache = shelf
    this.capacity = capacity
  }

  /** The number of a recipe; one more uses it. Its bundles must be on the shelf. */
  acquire(token: string, bytes: Encoded): number {
    let entry = this.entries.get(token)
    if (entry === undefined) {
      const bundles = this.bundleCache.retain(bytes.bundles)
      entry = { number: this.free.pop() ?? this.next++, token, bytes, bundles, users: 0 }
      this.byNumber.set(entry.number, entry)
    } else this.entries.delete(token)
    // Last used goes last, so that the first unused one is the oldest.
    this.entries.set(token, entry)
    entry.users++
    return entry.number
  }

  bytesOf(number: number): Encoded {
    return this.byNumber.get(number)!.bytes
  }

  /** One fewer uses these; gives the numbers of those that are forgotten now. */
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
