/**
 * Plans an index: for every chunk of the result along an axis, the source chunks it reads and the
 * elements it takes from each. Integers only.
 */
import type { AxisIndex, AxisSlice } from '../block/index-parser.js'
import { chunkBounds, type Grid, gridShape } from './chunk-grid.js'

/** Elements of one axis of a source block: a slice, or a list of positions. */
export type AxisSelection = AxisSlice | readonly number[]

/** One chunk of the result along one axis, and the elements of the source it consists of. */
export interface ResultChunk {
  readonly size: number
  /** In the order of the result, unless a piece has `to`. */
  readonly pieces: readonly SourcePiece[]
}

/** Elements of one chunk of the source. `to` are their positions in the chunk of the result. */
interface SourcePiece {
  readonly block: number
  readonly take: AxisSelection
  readonly to?: readonly number[]
}

/** Plans the chunks of the result along one axis. */
export function planAxis(index: AxisIndex, sizes: readonly number[]): ResultChunk[] {
  const edges = chunkBounds(sizes)
  switch (index.kind) {
    case 'newaxis':
      return [{ size: 1, pieces: [] }]
    case 'pick': {
      const block = findBlock(edges, index.position)
      const take = { start: index.position - edges[block]!, step: 1, size: 1 }
      return [{ size: 1, pieces: [{ block, take }] }]
    }
    case 'list':
      return planList(index.positions, edges)
    case 'slice':
      return planSlice(index, edges)
  }
}

/** Returns the chunk that holds the element at a position, by bisection of the chunk bounds. */
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

function planSlice(slice: AxisSlice, edges: readonly number[]): ResultChunk[] {
  const { start, step, size } = slice
  if (size === 0) return [{ size: 0, pieces: [{ block: 0, take: { start: 0, step: 1, size: 0 } }] }]
  const parts: ResultChunk[] = []
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

/**
 * Plans chunks no larger than those of the source. A chunk has one piece for each source block, with
 * all elements it reads from that block.
 */
function planList(positions: readonly number[], edges: readonly number[]): ResultChunk[] {
  if (positions.length === 0) return [{ size: 0, pieces: [{ block: 0, take: [], to: [] }] }]
  let largest = 1
  for (let b = 0; b + 1 < edges.length; b++) largest = Math.max(largest, edges[b + 1]! - edges[b]!)
  const parts: ResultChunk[] = []
  for (let from = 0; from < positions.length; from += largest) {
    const own = positions.slice(from, from + largest)
    const pieces = new Map<number, { block: number; take: number[]; to: number[] }>()
    own.forEach((position, to) => {
      const block = findBlock(edges, position)
      let piece = pieces.get(block)
      if (piece === undefined) {
        piece = { block, take: [], to: [] }
        pieces.set(block, piece)
      }
      piece.take.push(position - edges[block]!)
      piece.to.push(to)
    })
    parts.push({ size: own.length, pieces: [...pieces.values()] })
  }
  return parts
}

/** An index with at most one list, the chunks that it selects along each axis, and the grid of the result. */
export interface IndexPlan {
  readonly index: readonly AxisIndex[]
  /** For each entry of `index`, its chunks. */
  readonly chunks: readonly (readonly ResultChunk[])[]
  readonly grid: Grid
  /** Whether every block of the result is a view of one source block. */
  readonly views: boolean
}

/** Plans an index with at most one list, of an array with a grid. */
export function planIndex(index: readonly AxisIndex[], grid: Grid): IndexPlan {
  let axis = 0
  /** The sizes of the chunks along the axes that stay whole: the same lists as those of the source. */
  const kept = new Map<number, readonly number[]>()
  const chunks = index.map((entry, i) => {
    if (entry.kind === 'newaxis') return planAxis(entry, [1])
    const sizes = grid[axis++]!
    if (isWhole(entry, sizes)) kept.set(i, sizes)
    return kept.has(i) ? planWhole(sizes) : planAxis(entry, sizes)
  })
  return {
    index,
    chunks,
    grid: index.flatMap(({ kind }, i) =>
      kind === 'pick' ? [] : [kept.get(i) ?? chunks[i]!.map(({ size }) => size)],
    ),
    views: !index.some(({ kind }) => kind === 'list'),
  }
}

/** Whether an entry selects all elements of an axis in order. */
function isWhole(entry: AxisIndex, sizes: readonly number[]): boolean {
  if (entry.kind !== 'slice' || entry.start !== 0 || entry.step !== 1) return false
  return Object.is(gridShape([sizes])[0], entry.size)
}

/** Plans an axis that stays as it is. The sizes of its chunks need not be known. */
function planWhole(sizes: readonly number[]): ResultChunk[] {
  return sizes.map((size, block) => ({
    size,
    pieces: [{ block, take: { start: 0, step: 1, size } }],
  }))
}
