/**
 * Plans an index: for every chunk of the result along an axis, the source chunks it reads and the
 * elements it takes from each. Integers only.
 */
import type { AxisSlice } from '../block/ndarray.js'
import { chunkBounds, type Grid } from './chunk-grid.js'
import { type AxisIndex, type IndexItem, parseIndex } from './index-parser.js'

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

/** A parsed index, the chunks that it selects along each axis, and the grid of the result. */
export interface IndexPlan {
  readonly index: readonly AxisIndex[]
  /** For each entry of `index`, its chunks. */
  readonly chunks: readonly (readonly ResultChunk[])[]
  readonly grid: Grid
  /** Whether every block of the result is a view of one source block. */
  readonly views: boolean
}

/** Parses and plans an index of an array with a shape and grid. */
export function planIndex(
  items: readonly IndexItem[],
  shape: readonly number[],
  grid: Grid,
): IndexPlan {
  const index = parseIndex(items, shape)
  let axis = 0
  const chunks = index.map((entry) =>
    planAxis(entry, entry.kind === 'newaxis' ? [1] : grid[axis++]!),
  )
  const resultChunks = chunks.filter((_, i) => index[i]!.kind !== 'pick')
  return {
    index,
    chunks,
    grid: resultChunks.map((list) => list.map(({ size }) => size)),
    views: !index.some(({ kind }) => kind === 'list'),
  }
}
