/**
 * Whether objects are all different.
 *
 * A `Set` of them would tell, but giving every object a hash takes V8 longer than all the rest of
 * encoding it. Objects of different content are different objects, so the content is hashed instead,
 * and only objects that agree in it are compared. Where many agree, a `Set` of those does the rest.
 */
import { types } from 'node:util'

export type Columns = readonly ArrayLike<unknown>[]

/** Objects of equal hash that are compared one by one; those beyond go to a `Set`. */
const COMPARED = 12
const SAMPLE = 64
/** In a bucket of more objects than this, a `Set` is faster than comparing them all. */
const CROWD = 64
/** A batch of more rows than this is tried on as many of them. */
const LARGE = 1024
/** In lists up to this length, looking for each object in the rest is fastest. */
const FEW = 32

/** Whether no two rows are one and the same; `columns` are their values. */
export function areDifferent(rows: readonly object[], columns: Columns): boolean {
  if (columns.some(isAscending)) return true
  if (rows.length > FEW) {
    const hashes = new Int32Array(rows.length)
    const chosen = chooseColumns(columns)
    if (rows.length > LARGE) {
      hashRows(hashes, 0, columns, chosen, LARGE)
      const different = new Set(hashes.subarray(0, LARGE)).size
      // The same contents over and over: comparing would not end soon.
      if (different * CROWD < rows.length && different * 4 < LARGE)
        return new Set(rows).size === rows.length
      hashes.fill(0, 0, LARGE)
    }
    hashRows(hashes, 0, columns, chosen)
    return areDifferentBy(rows, hashes)
  }
  for (let i = 0; i < rows.length - 1; i++) if (rows.includes(rows[i]!, i + 1)) return false
  return true
}

/** Sorts rows into buckets by their hashes, so that what is compared lies side by side. */
function areDifferentBy(rows: readonly object[], hashes: Int32Array): boolean {
  const n = rows.length
  const size = 1 << (32 - Math.clz32(n))
  const ends = new Int32Array(size)
  for (let i = 0; i < n; i++) ends[hashes[i]! & (size - 1)]!++
  let sum = 0
  for (let b = 0; b < size; b++) {
    const count = ends[b]!
    ends[b] = sum
    sum += count
  }
  const sorted = rows.slice()
  for (let i = 0; i < n; i++) sorted[ends[hashes[i]! & (size - 1)]!++] = rows[i]!
  let from = 0
  for (let b = 0; b < size; b++) {
    const to = ends[b]!
    if (to - from > CROWD) {
      if (new Set(sorted.slice(from, to)).size < to - from) return false
    } else {
      for (let i = from + 1; i < to; i++) {
        const row = sorted[i]
        for (let j = from; j < i; j++) if (sorted[j] === row) return false
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
    if (typeof value !== 'number' || !(value > last)) return false
    last = value
  }
  return true
}

/** Objects of one kind, found again by what is in them. */
export class DistinctTable {
  /** The columns that tell the objects from one another best. */
  private readonly chosen: readonly number[]
  private rows: readonly object[] = []
  private hashes = new Int32Array(0)
  /** The last object of each bucket, and for each the one before it there, counted from 1; 0 is none. */
  private last = new Int32Array(0)
  private before = new Int32Array(0)
  /** Those that have too many of equal hash before them to be in a bucket. */
  private readonly crowd = new Set<object>()

  constructor(columns: Columns) {
    this.chosen = chooseColumns(columns)
  }

  /** Adds objects with their values; false, and the table is spoilt, if one of them is in it already. */
  add(added: readonly object[], columns: Columns): boolean {
    const base = this.rows.length
    this.rows = base === 0 ? added : this.rows.concat(added)
    this.grow(base, added.length)
    hashRows(this.hashes, base, columns, this.chosen)
    const { last, before, rows, hashes, crowd } = this
    const mask = last.length - 1
    for (let i = base; i < rows.length; i++) {
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
    return true
  }

  /** Makes room for more than the `count` that are there. */
  private grow(count: number, more: number): void {
    if (count + more < this.hashes.length) return
    const size = 2 << (31 - Math.clz32(count + more))
    const hashes = new Int32Array(size)
    hashes.set(this.hashes)
    const before = new Int32Array(size + 1)
    before.set(this.before)
    const last = new Int32Array(size)
    for (let bucket = 0; bucket < this.last.length; bucket++) {
      for (let at = this.last[bucket]!; at !== 0; ) {
        const next = this.before[at]!
        const place = hashes[at - 1]! & (size - 1)
        before[at] = last[place]!
        last[place] = at
        at = next
      }
    }
    this.hashes = hashes
    this.before = before
    this.last = last
  }
}

/** Hashes the values that rows have in the chosen columns; the first row's hash goes to `base`. */
function hashRows(
  hashes: Int32Array,
  base: number,
  columns: Columns,
  chosen: readonly number[],
  most = Number.POSITIVE_INFINITY,
): void {
  for (const k of chosen) {
    const column = columns[k]!
    const n = Math.min(column.length, most)
    if (column instanceof Float64Array) hashNumbers(hashes, base, column, n)
    else
      for (let i = 0; i < n; i++) {
        const mixed = Math.imul(hashes[base + i]! ^ hashScalar(column[i]), 0x9e3779b1)
        hashes[base + i] = mixed ^ (mixed >>> 15)
      }
  }
}

function hashNumbers(hashes: Int32Array, base: number, column: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const mixed = Math.imul(hashes[base + i]! ^ hashNumber(column[i]!), 0x9e3779b1)
    hashes[base + i] = mixed ^ (mixed >>> 15)
  }
}

/** The fewest columns that seem to tell all rows from one another, by a sample of them. */
function chooseColumns(columns: Columns): number[] {
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
    if (values.size > 1) counts.push({ k, different: values.size === looked ? n : values.size })
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
  if (typeof value !== 'object' || value === null || !types.isDate(value)) return 0
  return hashNumber(getTime.call(value))
}

const { getTime } = Date.prototype

/** The factor keeps enough of a fraction, and products within what processors turn into integers. */
function hashNumber(value: number): number {
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
