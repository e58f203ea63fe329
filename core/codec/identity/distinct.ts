/**
 * Detection of repeated objects in a list.
 *
 * A `Set` could find them, but V8 gives every object in it an identity hash, which takes longer
 * than the rest of the encoding. Objects with different content are different objects. So the
 * content is hashed instead, and only objects with equal hashes are compared. Where many hashes are
 * equal, a `Set` of those objects is used.
 */
import { types } from 'node:util'
import { haveSameClass } from './hidden-class.js'

export type ContentColumns = readonly ArrayLike<unknown>[]

/** Up to this many objects of equal hash are compared one by one; further ones go to a `Set`. */
const MAX_COMPARED = 12
const SAMPLE_VALUES = 64
/** In a bucket of more objects than this, a `Set` is faster than comparisons. */
const LARGE_BUCKET = 128
/** In lists up to this length, searching for each object in the rest of the list is fastest. */
const FEW = 32
/** From this many objects on, those with unique hashes are set aside first. */
const SET_ASIDE_FROM = 256
/**
 * The number of first rows that are sampled to estimate repetition, if there are at least twice as
 * many.
 */
const SAMPLE_ROWS = 1024
/** Fewer repeats than this in a sample may be chance. */
const MIN_REPEATS = 8
/** If an added list is at least this fraction of all rows, all rows are checked again. */
const LARGE_FRACTION = 1 / 4

/** Whether no two rows are the same object; `columns` are their values. */
export function areDifferent(rows: readonly object[], columns: ContentColumns): boolean {
  if (columns.some(isAscending)) return true
  if (rows.length > FEW) {
    const chosen = chooseColumns(columns)
    const repeats = chosen.length === 0 ? 'much' : estimateRepetition(columns, chosen, rows.length)
    // A few contents occur again and again, so comparisons would take long.
    if (repeats === 'much') return new Set(rows).size === rows.length
    const hashes = new Int32Array(rows.length)
    hashRows(hashes, 0, columns, chosen)
    return repeats === 'often'
      ? areDifferentAmong(rows, hashes, undefined, rows.length)
      : areDifferentByHash(rows, hashes)
  }
  for (let i = 0; i < rows.length - 1; i++) if (rows.includes(rows[i]!, i + 1)) return false
  return true
}

/**
 * Estimates from the first rows how contents repeat. `much`: each of a few contents occurs very
 * often. `often`: there are fewer contents than rows, so setting unique ones aside does not help.
 */
function estimateRepetition(
  columns: ContentColumns,
  chosen: readonly number[],
  n: number,
): 'much' | 'often' | 'seldom' {
  if (n < SAMPLE_ROWS * 2) return 'seldom'
  const hashes = new Int32Array(SAMPLE_ROWS)
  hashRows(hashes, 0, columns, chosen, SAMPLE_ROWS)
  const different = new Set(hashes).size
  if (different * LARGE_BUCKET < n && different * 4 < SAMPLE_ROWS) return 'much'
  // With as many equally frequent contents as rows, this many of the sampled rows would be repeats.
  const expectedRepeats = (SAMPLE_ROWS * SAMPLE_ROWS) / (2 * n)
  return SAMPLE_ROWS - different > Math.max(expectedRepeats, MIN_REPEATS) ? 'often' : 'seldom'
}

/** Whether rows are all different; `hashes` has a hash for each, and may be longer. */
function areDifferentByHash(rows: readonly object[], hashes: Int32Array): boolean {
  const n = rows.length
  if (n < SET_ASIDE_FROM) return areDifferentAmong(rows, hashes, undefined, n)
  const repeated = new HashSet(n)
  const seen = new HashSet(n)
  let repeats = 0
  for (let i = 0; i < n; i++) {
    const hash = hashes[i]!
    if (!seen.add(hash)) {
      repeated.add(hash)
      repeats++
    }
  }
  if (repeats === 0) return true
  if (repeats > n >> 2) return areDifferentAmong(rows, hashes, undefined, n)
  const suspects = new Int32Array(Math.min(n, repeats * 8))
  let count = 0
  for (let i = 0; i < n; i++) {
    if (!repeated.has(hashes[i]!)) continue
    if (count === suspects.length) return areDifferentAmong(rows, hashes, undefined, n)
    suspects[count++] = i
  }
  return areDifferentAmong(rows, hashes, suspects, count)
}

/**
 * An approximate set of hashes with one bit each: `has` may return true for a hash that was not
 * added, but never false for one that was.
 */
class HashSet {
  private readonly bits: Int32Array
  private readonly mask: number

  constructor(count: number) {
    const size = 16 << (31 - Math.clz32(count))
    this.bits = new Int32Array(size >> 5)
    this.mask = size - 1
  }

  /** Adds a hash; returns false if it seems to be there already. */
  add(hash: number): boolean {
    const at = hash & this.mask
    const bit = 1 << at
    const bits = this.bits[at >> 5]!
    if ((bits & bit) !== 0) return false
    this.bits[at >> 5] = bits | bit
    return true
  }

  has(hash: number): boolean {
    const at = hash & this.mask
    return (this.bits[at >> 5]! & (1 << at)) !== 0
  }
}

/**
 * Whether the chosen rows, or all rows, are different: they are sorted into buckets by their
 * hashes, and only rows in the same bucket are compared.
 */
function areDifferentAmong(
  rows: readonly object[],
  hashes: Int32Array,
  chosen: Int32Array | undefined,
  count: number,
): boolean {
  const size = 1 << (32 - Math.clz32(count))
  const ends = new Int32Array(size)
  for (let i = 0; i < count; i++)
    ends[hashes[chosen === undefined ? i : chosen[i]!]! & (size - 1)]!++
  let sum = 0
  for (let b = 0; b < size; b++) {
    const inBucket = ends[b]!
    ends[b] = sum
    sum += inBucket
  }
  const sorted = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const row = chosen === undefined ? i : chosen[i]!
    sorted[ends[hashes[row]! & (size - 1)]!++] = row
  }
  const bucket: object[] = []
  let from = 0
  for (let b = 0; b < size; b++) {
    const to = ends[b]!
    if (to - from > LARGE_BUCKET) {
      const crowd: object[] = []
      for (let i = from; i < to; i++) crowd.push(rows[sorted[i]!]!)
      if (new Set(crowd).size < to - from) return false
    } else if (to - from > 1) {
      for (let i = from; i < to; i++) {
        const row = rows[sorted[i]!]!
        for (let j = 0; j < i - from; j++) if (bucket[j] === row) return false
        bucket[i - from] = row
      }
    }
    from = to
  }
  return true
}

function isAscending(column: ArrayLike<unknown>): boolean {
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < column.length; i++) {
    const value = column[i]
    const number = typeof value === 'number' ? value : timeOf(value)
    if (number === undefined || !(number > last)) return false
    last = number
  }
  return true
}

/** Returns the time of a date; undefined for anything else. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return haveSameClass(value, someDate) || types.isDate(value) ? getTime.call(value) : undefined
}

const { getTime } = Date.prototype
const someDate = new Date(0)

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
        const place = this.hashes[at - 1]! & (size - 1)
        before[at] = last[place]!
        last[place] = at
      }
    }
    this.before = before
    this.last = last
  }
}

/**
 * Hashes the values of rows in the chosen columns. The hash of the first row is stored at `base`.
 */
function hashRows(
  hashes: Int32Array,
  base: number,
  columns: ContentColumns,
  chosen: readonly number[],
  limit = Number.POSITIVE_INFINITY,
): void {
  for (const k of chosen) {
    const column = columns[k]!
    const n = Math.min(column.length, limit)
    if (column instanceof Int32Array) mixHashes(hashes, base, column, n)
    else if (column instanceof Float64Array) mixNumbers(hashes, base, column, n)
    else mixScalars(hashes, base, column, n)
  }
}

function mixHashes(hashes: Int32Array, base: number, column: Int32Array, n: number): void {
  for (let i = 0; i < n; i++) hashes[base + i] = mix(hashes[base + i]!, column[i]!)
}

function mixNumbers(hashes: Int32Array, base: number, column: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) hashes[base + i] = mix(hashes[base + i]!, hashNumber(column[i]!))
}

function mixScalars(hashes: Int32Array, base: number, column: ArrayLike<unknown>, n: number): void {
  for (let i = 0; i < n; i++) hashes[base + i] = mix(hashes[base + i]!, hashScalar(column[i]))
}

function mix(hash: number, other: number): number {
  const mixed = Math.imul(hash ^ other, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

/** Returns the fewest columns that seem to distinguish all rows, judging by a sample. */
function chooseColumns(columns: ContentColumns): number[] {
  const n = columns[0]?.length ?? 0
  const step = Math.max(1, Math.floor(n / SAMPLE_VALUES))
  const counts: { k: number; different: number }[] = []
  columns.forEach((column, k) => {
    const values = new Set<unknown>()
    let sampled = 0
    for (let i = 0; i < n && sampled < SAMPLE_VALUES; i += step, sampled++) {
      const value = column[i]
      values.add(typeof value === 'string' ? value : hashScalar(value))
    }
    // Among columns without repeats, numbers are hashed fastest and objects slowest.
    const all = column instanceof Float64Array ? n + 1 : typeof column[0] === 'object' ? n / 4 : n
    if (values.size > 1) counts.push({ k, different: values.size === sampled ? all : values.size })
  })
  counts.sort((a, b) => b.different - a.different)
  const chosen: number[] = []
  let combinations = 1
  for (const { k, different } of counts) {
    if (combinations >= n * 4) break
    chosen.push(k)
    combinations *= different
  }
  return chosen
}

/** Returns a hash of a number, a string or a date; 0 for other values. */
export function hashScalar(value: unknown): number {
  if (typeof value === 'number') return hashNumber(value)
  if (typeof value === 'string') return hashString(value)
  const time = timeOf(value)
  return time === undefined ? 0 : hashNumber(time)
}

/**
 * Returns a hash of a number. The factor retains enough of a fraction, and keeps products small
 * enough for processors to convert them to integers.
 */
export function hashNumber(value: number): number {
  return Math.imul(value, 31) + ((value * 0xfffef) | 0)
}

/** Hashes mainly the end of a string: strings of one list often differ there. */
function hashString(string: string): number {
  const length = string.length
  let hash = length
  if (length > 8) hash = Math.imul(hash, 31) + string.charCodeAt(length >> 1)
  for (let i = Math.max(0, length - 4); i < length; i++)
    hash = Math.imul(hash, 31) + string.charCodeAt(i)
  return hash
}
