/**
 * Whether objects are all different.
 *
 * A `Set` of them would tell, but giving every object a hash takes V8 longer than all the rest of
 * encoding it. Objects of different content are different objects, so the content is hashed instead,
 * and only objects that agree in it are compared. Where many agree, a `Set` of those does the rest.
 */
import { types } from 'node:util'
import { haveSameClass } from './hidden-class.js'

export type ContentColumns = readonly ArrayLike<unknown>[]

/** Objects of equal hash that are compared one by one; those beyond go to a `Set`. */
const COMPARED = 12
const SAMPLE = 64
/** In a bucket of more objects than this, a `Set` is faster than comparing them all. */
const CROWD = 128
/** In lists up to this length, looking for each object in the rest is fastest. */
const FEW = 32
/** From this many objects on, those whose hash nothing else has are set aside first. */
const MANY = 256
/** A batch of more rows than twice this is tried on as many of them. */
const TRIED = 1024
/** Fewer repeats than this among those may be chance. */
const FEWEST_REPEATS = 8
/** What was added is worth a look at everything that is there, if it is at least this part of it. */
const LARGE_PART = 1 / 4

/** Whether no two rows are one and the same; `columns` are their values. */
export function areDifferent(rows: readonly object[], columns: ContentColumns): boolean {
  if (columns.some(isAscending)) return true
  if (rows.length > FEW) {
    const chosen = chooseColumns(columns)
    const repeats = chosen.length === 0 ? 'much' : repeatsHow(columns, chosen, rows.length)
    // The same contents over and over: comparing would not end soon.
    if (repeats === 'much') return new Set(rows).size === rows.length
    const hashes = new Int32Array(rows.length)
    hashRows(hashes, 0, columns, chosen)
    return repeats === 'often'
      ? areDifferentAmong(rows, hashes, undefined, rows.length)
      : areDifferentBy(rows, hashes)
  }
  for (let i = 0; i < rows.length - 1; i++) if (rows.includes(rows[i]!, i + 1)) return false
  return true
}

/**
 * How contents repeat, by the first rows: much if each of the few that there are has a crowd of its
 * own, often if there are fewer of them than rows, so that setting aside what is unique is in vain.
 */
function repeatsHow(
  columns: ContentColumns,
  chosen: readonly number[],
  n: number,
): 'much' | 'often' | 'seldom' {
  if (n < TRIED * 2) return 'seldom'
  const hashes = new Int32Array(TRIED)
  hashRows(hashes, 0, columns, chosen, TRIED)
  const different = new Set(hashes).size
  if (different * CROWD < n && different * 4 < TRIED) return 'much'
  // Of so many contents that are equally frequent, this many of the first rows repeat one.
  const asManyAsRows = (TRIED * TRIED) / (2 * n)
  return TRIED - different > Math.max(asManyAsRows, FEWEST_REPEATS) ? 'often' : 'seldom'
}

/** Whether rows are all different; `hashes` has one for each, and may be longer. */
function areDifferentBy(rows: readonly object[], hashes: Int32Array): boolean {
  const n = rows.length
  if (n < MANY) return areDifferentAmong(rows, hashes, undefined, n)
  const repeated = new HashSet(n)
  const met = new HashSet(n)
  let again = 0
  for (let i = 0; i < n; i++) {
    const hash = hashes[i]!
    if (!met.add(hash)) {
      repeated.add(hash)
      again++
    }
  }
  if (again === 0) return true
  if (again > n >> 2) return areDifferentAmong(rows, hashes, undefined, n)
  const suspects = new Int32Array(Math.min(n, again * 8))
  let count = 0
  for (let i = 0; i < n; i++) {
    if (!repeated.has(hashes[i]!)) continue
    if (count === suspects.length) return areDifferentAmong(rows, hashes, undefined, n)
    suspects[count++] = i
  }
  return areDifferentAmong(rows, hashes, suspects, count)
}

/** Hashes, a bit for each: it may take a hash for one that it has, but never the other way round. */
class HashSet {
  private readonly bits: Int32Array
  private readonly mask: number

  constructor(count: number) {
    const size = 16 << (31 - Math.clz32(count))
    this.bits = new Int32Array(size >> 5)
    this.mask = size - 1
  }

  /** Adds a hash; false if it seems to be there already. */
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
 * Whether the chosen rows, or all, are different: sorted into buckets by their hashes, only those in
 * the same bucket are compared.
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
    if (to - from > CROWD) {
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

/** The time of a date; undefined for anything else. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return haveSameClass(value, someDate) || types.isDate(value) ? getTime.call(value) : undefined
}

const { getTime } = Date.prototype
const someDate = new Date(0)

/** Objects of one kind, found again by what is in them. */
export class DistinctTable {
  /** The columns that tell the objects from one another best. */
  private readonly chosen: readonly number[]
  private rows: readonly object[]
  private hashes = new Int32Array(0)
  /** The last object of each bucket, and for each the one before it there, counted from 1; 0 is none. */
  private last = new Int32Array(0)
  private before = new Int32Array(0)
  /** Those that have too many of equal hash before them to be in a bucket. */
  private readonly crowd = new Set<object>()
  /** How many are in the buckets. */
  private linked = 0

  /** A table of objects that are all different, with their values. */
  constructor(rows: readonly object[], columns: ContentColumns) {
    this.chosen = chooseColumns(columns)
    this.rows = rows
    this.makeRoom(0)
    hashRows(this.hashes, 0, columns, this.chosen)
  }

  /** Adds objects with their values; false, and the table is spoilt, if one of them is in it already. */
  add(added: readonly object[], columns: ContentColumns): boolean {
    const base = this.rows.length
    this.rows = this.rows.concat(added)
    this.makeRoom(base)
    hashRows(this.hashes, base, columns, this.chosen)
    const n = this.rows.length
    if (n >= MANY && added.length >= n * LARGE_PART) return areDifferentBy(this.rows, this.hashes)
    return this.link()
  }

  /** Puts objects into their buckets; false if one of them is there already. */
  private link(): boolean {
    this.growBuckets()
    const { last, before, rows, hashes, crowd } = this
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
          if (++equal === COMPARED) break
        }
        other = before[other]!
      }
      if (other !== 0) {
        const size = crowd.size
        if (crowd.add(row).size === size) return false
      } else {
        before[i + 1] = found
        last[hash & mask] = i + 1
      }
    }
    this.linked = rows.length
    return true
  }

  /** Makes room for the hashes of all rows, of which the first `count` have theirs. */
  private makeRoom(count: number): void {
    const n = this.rows.length
    if (n <= this.hashes.length) return
    const hashes = new Int32Array(count === 0 ? n : 2 << (31 - Math.clz32(n)))
    hashes.set(this.hashes.subarray(0, count))
    this.hashes = hashes
  }

  /** Makes the buckets as many as there are rows, and sorts into them what was in fewer. */
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

/** Hashes the values that rows have in the chosen columns; the first row's hash goes to `base`. */
function hashRows(
  hashes: Int32Array,
  base: number,
  columns: ContentColumns,
  chosen: readonly number[],
  most = Number.POSITIVE_INFINITY,
): void {
  for (const k of chosen) {
    const column = columns[k]!
    const n = Math.min(column.length, most)
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

/** The fewest columns that seem to tell all rows from one another, by a sample of them. */
function chooseColumns(columns: ContentColumns): number[] {
  const n = columns[0]?.length ?? 0
  const step = Math.max(1, Math.floor(n / SAMPLE))
  const counts: { k: number; different: number }[] = []
  columns.forEach((column, k) => {
    const values = new Set<unknown>()
    let looked = 0
    for (let i = 0; i < n && looked < SAMPLE; i += step, looked++) {
      const value = column[i]
      values.add(typeof value === 'string' ? value : hashScalar(value))
    }
    // Of columns that are all different, one of numbers is hashed in less time, one of objects in more.
    const all = column instanceof Float64Array ? n + 1 : typeof column[0] === 'object' ? n / 4 : n
    if (values.size > 1) counts.push({ k, different: values.size === looked ? all : values.size })
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

/** A hash of a number, a text or a date; other values have none. */
export function hashScalar(value: unknown): number {
  if (typeof value === 'number') return hashNumber(value)
  if (typeof value === 'string') return hashText(value)
  const time = timeOf(value)
  return time === undefined ? 0 : hashNumber(time)
}

/** A hash of a number. The factor keeps enough of a fraction, and products within what processors turn into integers. */
export function hashNumber(value: number): number {
  return Math.imul(value, 31) + ((value * 0xfffef) | 0)
}

/** Texts of one list often differ near their ends. */
function hashText(text: string): number {
  const length = text.length
  let hash = length
  if (length > 8) hash = Math.imul(hash, 31) + text.charCodeAt(length >> 1)
  for (let i = Math.max(0, length - 4); i < length; i++)
    hash = Math.imul(hash, 31) + text.charCodeAt(i)
  return hash
}
