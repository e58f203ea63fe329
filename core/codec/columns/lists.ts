/**
 * MeasuredLists of a batch, taken apart: how long each is, a hash of what is in it, and its elements in
 * columns, one for each position or one of them all.
 *
 * Numbers are tried first, and laid out as such, so that none of them becomes an object on the way.
 */
import { types } from 'node:util'
import { MOST_IN_TUPLE } from '../bytes/tags.js'
import { hashNumber, hashScalar } from '../identity/distinct.js'
import { isOrdinaryArray } from '../identity/hidden-class.js'
import type { ValueColumn } from './record-columns.js'

/** Longer lists are worth a column each. */
const LONG_LIST = 256
/** So many elements of each list go into its hash. */
const HASHED = 4

type List = readonly unknown[]

/** MeasuredLists that are nothing but their elements. */
export interface MeasuredLists {
  readonly lists: readonly List[]
  readonly lengths: Int32Array
  /** The length of the longest one. */
  readonly longest: number
  /** How many elements they have together. */
  readonly total: number
  /** The length of each, if all are equally long, and short; 0 if not. */
  readonly width: number
  /** A hash for each, of its length and its first elements, once the elements are gathered. */
  readonly hashes: Int32Array
}

/** Looks at lists from outside; undefined if one of them is more than a list, frozen, or long. */
export function measureLists(values: readonly unknown[]): MeasuredLists | undefined {
  const n = values.length
  const lengths = new Int32Array(n)
  let total = 0
  let longest = 0
  for (let i = 0; i < n; i++) {
    const list = values[i]
    if (!Array.isArray(list) || !(isOrdinaryArray(list) || isOnlyAList(list))) return undefined
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

/** Whether a list has as many properties as elements, inherits from Array alone, and was not frozen. */
function isOnlyAList(list: List): boolean {
  return (
    !types.isProxy(list) &&
    Object.getPrototypeOf(list) === Array.prototype &&
    Object.isExtensible(list) &&
    Object.keys(list).length === list.length &&
    Object.getOwnPropertySymbols(list).length === 0
  )
}

/** The elements at each position of lists of one length; undefined if one is a hole. */
export function gatherPositions(of: MeasuredLists): ValueColumn[] | undefined {
  const columns: ValueColumn[] = allNumbersAt(of) ?? []
  for (let k = columns.length; k < of.width; k++) {
    const column = numbersAt(of, k) ?? valuesAt(of, k)
    if (column === undefined) return undefined
    columns.push(column)
  }
  return columns
}

/** The numbers at all positions, in one go through the lists; undefined if one is no number. */
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
    // A named property could make up for a hole.
    if (value === undefined && !(k in list)) return undefined
    column[i] = value
    if (k < HASHED) hashes[i] = Math.imul(hashes[i]!, 31) + hashScalar(value)
  }
  return column
}

/** The elements of all lists, one list after another; undefined if one is a hole. */
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
