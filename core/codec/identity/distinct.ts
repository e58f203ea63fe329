/**
 * Detection of repeated objects in a list.
 *
 * A `Set` could find them, but V8 gives every object in it an identity hash, which takes longer
 * than the rest of the encoding. Objects with different content are different objects. So the
 * content is hashed instead, and only objects with equal hashes are compared. Where many hashes are
 * equal, a `Set` of those objects is used.
 */
import { type ContentColumns, chooseColumns, hashRows, timeOf } from './content-hashes.js'

/** In a bucket of more objects than this, a `Set` is faster than comparisons. */
const LARGE_BUCKET = 128
/** In lists up to this length, searching for each object in the rest of the list is fastest. */
const FEW = 32
/** From this many objects on, those with unique hashes are set aside first. */
export const SET_ASIDE_FROM = 256
/**
 * The number of first rows that are sampled to estimate repetition, if there are at least twice as
 * many.
 */
const SAMPLE_ROWS = 1024
/** Fewer repeats than this in a sample may be chance. */
const MIN_REPEATS = 8

/** Whether no two rows are the same object; `columns` are their values. */
export function areDifferent(rows: readonly object[], columns: ContentColumns): boolean {
  if (columns.some(isAscending)) return true
  if (rows.length > FEW) {
    const chosen = chooseColumns(columns)
    const repeats =
      chosen.length === 0 ? 'very often' : estimateRepetition(columns, chosen, rows.length)
    // A few contents occur again and again, so comparisons would take long.
    if (repeats === 'very often') return new Set(rows).size === rows.length
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
 * Estimates from the first rows how contents repeat. `very often`: each of a few contents occurs
 * very often. `often`: there are fewer contents than rows, so setting unique ones aside does not
 * help.
 */
function estimateRepetition(
  columns: ContentColumns,
  chosen: readonly number[],
  n: number,
): 'very often' | 'often' | 'seldom' {
  if (n < SAMPLE_ROWS * 2) return 'seldom'
  const hashes = new Int32Array(SAMPLE_ROWS)
  hashRows(hashes, 0, columns, chosen, SAMPLE_ROWS)
  const different = new Set(hashes).size
  if (different * LARGE_BUCKET < n && different * 4 < SAMPLE_ROWS) return 'very often'
  // With as many equally frequent contents as rows, this many of the sampled rows would be repeats.
  const expectedRepeats = (SAMPLE_ROWS * SAMPLE_ROWS) / (2 * n)
  return SAMPLE_ROWS - different > Math.max(expectedRepeats, MIN_REPEATS) ? 'often' : 'seldom'
}

/** Whether rows are all different; `hashes` has a hash for each, and may be longer. */
export function areDifferentByHash(rows: readonly object[], hashes: Int32Array): boolean {
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
      const inBucket: object[] = []
      for (let i = from; i < to; i++) inBucket.push(rows[sorted[i]!]!)
      if (new Set(inBucket).size < to - from) return false
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
