/**
 * Plans an index with lists for several axes: each tuple of positions selects one point. Integers only.
 */
import { blockNumber } from '../../../core/base/keys.js'
import { chunkBounds, type Grid, numblocksOf } from './chunk-grid.js'
import { findBlock } from './index-plan.js'

/** Points of one chunk of the result that are in one block of the listed axes. */
export interface PointPiece {
  /** For each listed axis, the coordinate of the block. */
  readonly blocks: readonly number[]
  /** For each listed axis, the positions in the block. */
  readonly take: readonly (readonly number[])[]
  /** The positions in the chunk of the result. */
  readonly to: readonly number[]
}

/** One chunk of points. */
export interface PointChunk {
  readonly size: number
  readonly pieces: readonly PointPiece[]
}

/**
 * Divides points into chunks no larger than the largest block of the listed axes. `lists` has the positions along
 * each of them, `sizes` the sizes of their chunks.
 */
export function planPoints(lists: readonly (readonly number[])[], sizes: Grid): PointChunk[] {
  const count = lists[0]!.length
  const empty = { blocks: sizes.map(() => 0), take: sizes.map(() => []), to: [] }
  if (count === 0) return [{ size: 0, pieces: [empty] }]
  const edges = sizes.map(chunkBounds)
  const numblocks = numblocksOf(sizes)
  const largest = sizes.reduce((product, own) => product * Math.max(1, ...own), 1)
  const chunks: PointChunk[] = []
  for (let from = 0; from < count; from += largest) {
    const size = Math.min(largest, count - from)
    const pieces = new Map<number, { blocks: number[]; take: number[][]; to: number[] }>()
    for (let i = 0; i < size; i++) {
      const blocks = lists.map((list, k) => findBlock(edges[k]!, list[from + i]!))
      const key = blockNumber(blocks, numblocks)
      let piece = pieces.get(key)
      if (piece === undefined)
        pieces.set(key, (piece = { blocks, take: lists.map(() => []), to: [] }))
      for (let k = 0; k < lists.length; k++) {
        piece.take[k]!.push(lists[k]![from + i]! - edges[k]![blocks[k]!]!)
      }
      piece.to.push(i)
    }
    chunks.push({ size, pieces: [...pieces.values()] })
  }
  return chunks
}
