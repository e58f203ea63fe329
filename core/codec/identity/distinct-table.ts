/** A table of the objects of one kind that were written in batches. */
import { type ContentColumns, chooseColumns, hashRows } from './content-hashes.js'
import { areDifferentByHash, SET_ASIDE_FROM } from './distinct.js'

/** Up to this many objects of equal hash are compared one by one; further ones go to a `Set`. */
const MAX_COMPARED = 12

/** If an added list is at least this fraction of all rows, all rows are checked again. */
const LARGE_FRACTION = 1 / 4

/** A table of objects of one kind, by their content. */
export class DistinctTable {
  /** The columns that distinguish the objects best. */
  private readonly chosen: readonly number[]
  private rows: readonly object[]
  private hashes = new Int32Array(0)
  /**
   * The last object of each bucket, and for each object the one before it in its bucket. Numbers
   * count from 1; 0 is none.
   */
  private last = new Int32Array(0)
  private before = new Int32Array(0)
  /** Objects that share their hash with too many others to be in a bucket. */
  private readonly overflow = new Set<object>()
  /** How many objects are in buckets. */
  private linked = 0

  /** Creates a table of objects that are all different; `columns` are their values. */
  constructor(rows: readonly object[], columns: ContentColumns) {
    this.chosen = chooseColumns(columns)
    this.rows = rows
    this.makeRoom(0)
    hashRows(this.hashes, 0, columns, this.chosen)
  }

  /**
   * Adds objects with their values. Returns false if one of them is in the table already; the table
   * is unusable then.
   */
  add(added: readonly object[], columns: ContentColumns): boolean {
    const base = this.rows.length
    this.rows = this.rows.concat(added)
    this.makeRoom(base)
    hashRows(this.hashes, base, columns, this.chosen)
    const n = this.rows.length
    if (n >= SET_ASIDE_FROM && added.length >= n * LARGE_FRACTION)
      return areDifferentByHash(this.rows, this.hashes)
    return this.link()
  }

  /** Puts new objects into their buckets; returns false if one of them is there already. */
  private link(): boolean {
    this.growBuckets()
    const { last, before, rows, hashes, overflow } = this
    const mask = last.length - 1
    for (let i = this.linked; i < rows.length; i++) {
      const row = rows[i]!
      const hash = hashes[i]!
      const found = last[hash & mask]!
      let equal = 0
      let other = found
      while (other !== 0) {
        if (hashes[other - 1] === hash) {
          if (rows[other - 1] === row) return false
          if (++equal === MAX_COMPARED) break
        }
        other = before[other]!
      }
      if (other !== 0) {
        const size = overflow.size
        if (overflow.add(row).size === size) return false
      } else {
        before[i + 1] = found
        last[hash & mask] = i + 1
      }
    }
    this.linked = rows.length
    return true
  }

  /** Makes room for the hashes of all rows; the first `count` hashes exist already. */
  private makeRoom(count: number): void {
    const n = this.rows.length
    if (n <= this.hashes.length) return
    const hashes = new Int32Array(count === 0 ? n : 2 << (31 - Math.clz32(n)))
    hashes.set(this.hashes.subarray(0, count))
    this.hashes = hashes
  }

  /** Grows the number of buckets to the number of rows and sorts the objects into them again. */
  private growBuckets(): void {
    const n = this.rows.length
    if (n < this.last.length) return
    const size = 2 << (31 - Math.clz32(n))
    const before = new Int32Array(size + 1)
    const last = new Int32Array(size)
    for (let bucket = 0; bucket < this.last.length; bucket++) {
      for (let at = this.last[bucket]!; at !== 0; at = this.before[at]!) {
        const newBucket = this.hashes[at - 1]! & (size - 1)
        before[at] = last[newBucket]!
        last[newBucket] = at
      }
    }
    this.before = before
    this.last = last
  }
}
