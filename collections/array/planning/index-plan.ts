/**
 * Indexing: reading an index as users write it, and planning which blocks give which.
 *
 * `x.at('1:10:2', -1, null, '...')`: texts are Python slices, numbers pick one element and drop the
 * axis, null adds an axis, '...' fills up with whole axes, and one list of integers picks those.
 * Integers only; the plan says, for every block of the result, which blocks of the source it reads
 * and what part of each.
 */
import type { AxisSlice } from '../block/chunk.js'
import { bounds, type Grid, show } from './chunk-grid.js'

/** A list of places as a typed array. */
export type IndexArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** One entry of an index. */
export type IndexItem = number | string | null | readonly number[] | IndexArray

/** What is taken of one axis of the source, or `newaxis`. */
export type AxisIndex =
  | { readonly kind: 'slice'; readonly start: number; readonly step: number; readonly size: number }
  | { readonly kind: 'pick'; readonly at: number }
  | { readonly kind: 'list'; readonly at: readonly number[] }
  | { readonly kind: 'newaxis' }

/** Reads an index for an array of this shape. Throws a RangeError or TypeError that says what is wrong. */
export function parseIndex(items: readonly IndexItem[], shape: readonly number[]): AxisIndex[] {
  const isDots = (item: unknown) => typeof item === 'string' && item.trim() === '...'
  const dots = items.filter(isDots).length
  const used = items.filter((item) => item !== null && !isDots(item)).length
  if (dots > 1) throw new RangeError(`at: '...' may appear once, not ${dots} times`)
  if (used > shape.length) {
    throw new RangeError(
      `at: ${used} indices for an array of ${shape.length} axes, shape [${shape}]`,
    )
  }
  if (items.filter((item) => listOf(item) !== undefined).length > 1) {
    throw new RangeError('at: only one list of integers may be given; index twice instead')
  }
  const rest = shape.length - used
  const full = dots === 1 ? items : [...items, '...']
  const index: AxisIndex[] = []
  let axis = 0
  for (const item of full) {
    if (isDots(item)) {
      for (let i = 0; i < rest; i++) index.push(whole(shape[axis++]!))
    } else if (item === null) index.push({ kind: 'newaxis' })
    else index.push(parseItem(item, shape[axis]!, axis++))
  }
  return index
}

function whole(n: number): AxisIndex {
  return { kind: 'slice', start: 0, step: 1, size: n }
}

function parseItem(item: unknown, n: number, axis: number): AxisIndex {
  if (typeof item === 'number') return { kind: 'pick', at: position(item, n, axis) }
  const list = listOf(item)
  if (list !== undefined) return { kind: 'list', at: list.map((i) => position(i, n, axis)) }
  if (typeof item === 'string') {
    if (/^\s*[+-]?\d+\s*$/.test(item)) return { kind: 'pick', at: position(Number(item), n, axis) }
    return { kind: 'slice', ...parseSlice(item, n) }
  }
  throw new TypeError(
    `at: ${show(item)} is not an index; use an integer, a slice such as '1:10:2', null, '...' or a list of integers`,
  )
}

/** The entries of a list of places; undefined for whatever is none. */
function listOf(item: unknown): readonly unknown[] | undefined {
  if (Array.isArray(item)) return item
  const isFloat = item instanceof Float32Array || item instanceof Float64Array
  if (!ArrayBuffer.isView(item) || item instanceof DataView || isFloat) return undefined
  return Array.from(item as Exclude<IndexArray, BigInt64Array | BigUint64Array>, Number)
}

function position(i: unknown, n: number, axis: number): number {
  if (typeof i !== 'number' || !Number.isInteger(i)) {
    throw new TypeError(`at: ${show(i)} is not an integer (axis ${axis})`)
  }
  if (i < -n || i >= n) throw new RangeError(`at: ${i} is outside axis ${axis} of size ${n}`)
  return i < 0 ? i + n : i
}

/** A Python slice of an axis of `n`: `parseSlice('::-2', 5)` is `{ start: 4, step: -2, size: 3 }`. */
export function parseSlice(text: string, n: number): AxisSlice {
  const match = /^\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?$/.exec(text)
  if (match === null) {
    throw new RangeError(
      `at: '${text}' is not a slice; use start:stop:step, each part optional, such as '1:10:2' or '::-1'`,
    )
  }
  const part = (i: number) => (match[i] === undefined ? undefined : Number(match[i]))
  const step = part(3) ?? 1
  if (step === 0) throw new RangeError(`at: the step of '${text}' must not be 0`)
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const clamp = (i: number) => Math.min(high, Math.max(low, i < 0 ? i + n : i))
  const first = part(1)
  const last = part(2)
  const start = first === undefined ? (step > 0 ? low : high) : clamp(first)
  const stop = last === undefined ? (step > 0 ? high : low) : clamp(last)
  return { start, step, size: Math.max(0, Math.ceil((stop - start) / step)) }
}

/** Part of an axis of the source block: a slice of it, or a list of places. */
export type Take = AxisSlice | readonly number[]

/** What one chunk of the result needs along one axis of the source. */
export interface AxisPart {
  readonly size: number
  /** In the order of the result, unless `to` says where each goes. */
  readonly pieces: readonly Piece[]
}

/** What one chunk of the source gives. `to` are places in the result's chunk. */
export interface Piece {
  readonly block: number
  readonly take: Take
  readonly to?: readonly number[]
}

/** The chunks of the result along one axis. */
export function planAxis(index: AxisIndex, sizes: readonly number[]): AxisPart[] {
  const edges = bounds(sizes)
  switch (index.kind) {
    case 'newaxis':
      return [{ size: 1, pieces: [] }]
    case 'pick': {
      const block = findBlock(edges, index.at)
      const take = { start: index.at - edges[block]!, step: 1, size: 1 }
      return [{ size: 1, pieces: [{ block, take }] }]
    }
    case 'list':
      return planList(index.at, edges)
    case 'slice':
      return planSlice(index, edges)
  }
}

/** The chunk that holds an element. */
export function findBlock(edges: readonly number[], at: number): number {
  let low = 0
  let high = edges.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle]! <= at) low = middle
    else high = middle - 1
  }
  return low
}

function planSlice(slice: AxisSlice, edges: readonly number[]): AxisPart[] {
  const { start, step, size } = slice
  if (size === 0) return [{ size: 0, pieces: [{ block: 0, take: { start: 0, step: 1, size: 0 } }] }]
  const parts: AxisPart[] = []
  let done = 0
  while (done < size) {
    const at = start + done * step
    const block = findBlock(edges, at)
    const room = step > 0 ? edges[block + 1]! - 1 - at : at - edges[block]!
    const count = Math.min(size - done, Math.floor(room / Math.abs(step)) + 1)
    const take = { start: at - edges[block]!, step, size: count }
    parts.push({ size: count, pieces: [{ block, take }] })
    done += count
  }
  return parts
}

/** Chunks no larger than the source's; each source block gives a chunk all it has for it at once. */
function planList(at: readonly number[], edges: readonly number[]): AxisPart[] {
  if (at.length === 0) return [{ size: 0, pieces: [{ block: 0, take: [], to: [] }] }]
  let largest = 1
  for (let b = 0; b + 1 < edges.length; b++) largest = Math.max(largest, edges[b + 1]! - edges[b]!)
  const parts: AxisPart[] = []
  for (let from = 0; from < at.length; from += largest) {
    const slice = at.slice(from, from + largest)
    const pieces = new Map<number, { block: number; take: number[]; to: number[] }>()
    slice.forEach((place, to) => {
      const block = findBlock(edges, place)
      let piece = pieces.get(block)
      if (piece === undefined) {
        piece = { block, take: [], to: [] }
        pieces.set(block, piece)
      }
      piece.take.push(place - edges[block]!)
      piece.to.push(to)
    })
    parts.push({ size: slice.length, pieces: [...pieces.values()] })
  }
  return parts
}

/** An index read and planned: the parts of each axis, and the grid of the result. */
export interface IndexPlan {
  readonly index: readonly AxisIndex[]
  /** One list per entry of `index`. */
  readonly parts: readonly (readonly AxisPart[])[]
  readonly grid: Grid
  /** Whether every block is a view of one source block. */
  readonly views: boolean
}

/** Plans an index over a source that is cut by a grid. */
export function planIndex(
  items: readonly IndexItem[],
  shape: readonly number[],
  grid: Grid,
): IndexPlan {
  const index = parseIndex(items, shape)
  let axis = 0
  const parts = index.map((entry) =>
    planAxis(entry, entry.kind === 'newaxis' ? [1] : grid[axis++]!),
  )
  const kept = parts.filter((_, i) => index[i]!.kind !== 'pick')
  return {
    index,
    parts,
    grid: kept.map((list) => list.map(({ size }) => size)),
    views: !index.some(({ kind }) => kind === 'list'),
  }
}
