/**
 * The lists of a batch, split into columns: the length of each list, a hash of its first elements,
 * and its elements, either in one column per position or in one column of all.
 *
 * Numbers are tried first and stored in typed arrays, so that V8 allocates no objects for them.
 */
import { types } from 'node:util'
import { MOST_IN_TUPLE } from '../bytes/tags.js'
import { hashNumber, hashScalar } from '../identity/content-hashes.js'
import { isOrdinaryArray } from '../identity/hidden-class.js'
import type { ValueColumn } from './record-columns.js'

/** Longer lists are written as a column each. */
const LONG_LIST = 256
/** How many elements of each list its hash includes. */
const HASHED = 4

type List = readonly unknown[]

/** Lists that have nothing but their elements. */
export interface MeasuredLists {
  readonly lists: readonly List[]
  readonly lengths: Int32Array
  /** The length of the longest list. */
  readonly longest: number
  /** The total number of elements. */
  readonly total: number
  /** The common length of the lists, if they have one and it is small; otherwise 0. */
  readonly width: number
  /**
   * A hash of each list, of its length and its first elements; complete once elements are gathered.
   */
  readonly hashes: Int32Array
}

/** Measures lists. Returns undefined if one has more than its elements, is frozen, or is long. */
export function measureLists(values: readonly unknown[]): MeasuredLists | undefined {
  const n = values.length
  const lengths = new Int32Array(n)
  let total = 0
  let longest = 0
  for (let i = 0; i < n; i++) {
    const list = values[i]
    if (!Array.isArray(list) || !(isOrdinaryArray(list) || isPlainList(list))) return undefined
    const { length } = list
    if (length > LONG_LIST) return undefined
    lengths[i] = length
    total += length
    if (length > longest) longest = length
  }
  const first = lengths[0]!
  const isEven = longest <= MOST_IN_TUPLE && lengths.every((length) => length === first)
  const lists = values as readonly List[]
  return { lists, lengths, longest, total, width: isEven ? first : 0, hashes: lengths.slice() }
}

/**
 * Whether a list has as many properties as elements, inherits from Array directly, and is
 * extensible.
 */
function isPlainList(list: List): boolean {
  return (
    !types.isProxy(list) &&
    Object.getPrototypeOf(list) === Array.prototype &&
    Object.isExtensible(list) &&
    Object.keys(list).length === list.length &&
    Object.getOwnPropertySymbols(list).length === 0
  )
}

/** Returns one column per position of lists of equal length; undefined if an element is a hole. */
export function gatherPositions(of: MeasuredLists): ValueColumn[] | undefined {
  const columns: ValueColumn[] = allNumbersAt(of) ?? []
  for (let k = columns.length; k < of.width; k++) {
    const column = numbersAt(of, k) ?? valuesAt(of, k)
    if (column === undefined) return undefined
    columns.push(column)
  }
  return columns
}

/** Returns the numbers at all positions in one pass; undefined if an element is not a number. */
function allNumbersAt({ lists, width, hashes }: MeasuredLists): Float64Array[] | undefined {
  const n = lists.length
  for (const list of [lists[0]!, lists[n - 1]!])
    for (let k = 0; k < width; k++) if (typeof list[k] !== 'number') return undefined
  const columns = Array.from({ length: width }, () => new Float64Array(n))
  const mixed = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    const list = lists[i]!
    let hash = width
    for (let k = 0; k < width; k++) {
      const value = list[k]
      if (typeof value !== 'number') return undefined
      columns[k]![i] = value
      if (k < HASHED) hash = Math.imul(hash, 31) + hashNumber(value)
    }
    mixed[i] = hash
  }
  hashes.set(mixed)
  return columns
}

function numbersAt({ lists, hashes }: MeasuredLists, k: number): Float64Array | undefined {
  const n = lists.length
  if (typeof lists[n - 1]![k] !== 'number' || typeof lists[0]![k] !== 'number') return undefined
  const column = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const value = lists[i]![k]
    if (typeof value !== 'number') return undefined
    column[i] = value
  }
  if (k < HASHED)
    for (let i = 0; i < n; i++) hashes[i] = Math.imul(hashes[i]!, 31) + hashNumber(column[i]!)
  return column
}

function valuesAt({ lists, hashes }: MeasuredLists, k: number): unknown[] | undefined {
  const n = lists.length
  const column = new Array<unknown>(n)
  for (let i = 0; i < n; i++) {
    const list = lists[i]!
    const value = list[k]
    // An added property could hide a hole from the count of properties.
    if (value === undefined && !(k in list)) return undefined
    column[i] = value
    if (k < HASHED) hashes[i] = Math.imul(hashes[i]!, 31) + hashScalar(value)
  }
  return column
}

/** Returns the elements of all lists, list by list; undefined if an element is a hole. */
export function gatherElements(of: MeasuredLists): ValueColumn | undefined {
  return allNumbers(of) ?? allValues(of)
}

function allNumbers({ lists, lengths, hashes, total }: MeasuredLists): Float64Array | undefined {
  const column = new Float64Array(total)
  let at = 0
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i]!
    const length = lengths[i]!
    for (let j = 0; j < length; j++) {
      const value = list[j]
      if (typeof value !== 'number') return undefined
      column[at + j] = value
    }
    at += length
  }
  at = 0
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i]!
    let hash = hashes[i]!
    for (let j = 0; j < length && j < HASHED; j++)
      hash = Math.imul(hash, 31) + hashNumber(column[at + j]!)
    hashes[i] = hash
    at += length
  }
  return column
}

function allValues({ lists, lengths, hashes, total }: MeasuredLists): unknown[] | undefined {
  const column = new Array<unknown>(total)
  let at = 0
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i]!
    const length = lengths[i]!
    let hash = hashes[i]!
    for (let j = 0; j < length; j++) {
      const value = list[j]
      if (value === undefined && !(j in list)) return undefined
      column[at++] = value
      if (j < HASHED) hash = Math.imul(hash, 31) + hashScalar(value)
    }
    hashes[i] = hash
  }
  return column
}
