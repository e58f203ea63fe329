/**
 * Hashes of the content of rows. Rows with different hashes are different objects.
 */
import { types } from 'node:util'
import { haveSameClass } from './hidden-class.js'

/** The values of rows, in a column for each key or position. */
export type ContentColumns = readonly ArrayLike<unknown>[]

/** How many values of a column are sampled. */
const SAMPLE_VALUES = 64

/**
 * Hashes the values of rows in the chosen columns. The hash of the first row is stored at `base`.
 */
export function hashRows(
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
export function chooseColumns(columns: ContentColumns): number[] {
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

/** Returns the time of a date; undefined for anything else. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return haveSameClass(value, someDate) || types.isDate(value) ? getTime.call(value) : undefined
}

const someDate = new Date(0)

const { getTime } = Date.prototype
