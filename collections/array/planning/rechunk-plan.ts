/**
 * Plans how elements move between chunks when an axis is rechunked. Integers only.
 */
import type { AxisSlice } from '../block/index-parser.js'
import { chunkBounds } from './chunk-grid.js'
import { findBlock } from './index-plan.js'

/** Elements of one source chunk that move to one chunk of the result, along one axis. */
export interface AxisMove {
  /** The source chunk. */
  readonly block: number
  /** The elements of the source chunk. */
  readonly take: AxisSlice
  /** The position of the first element in the chunk of the result. */
  readonly to: number
}

/**
 * Returns, for each new chunk of an axis, the parts of the old chunks it consists of. In
 * `planMoves([4, 4], [3, 5])` the second new chunk takes one element of the first old chunk and four
 * of the second.
 */
export function planMoves(from: readonly number[], into: readonly number[]): AxisMove[][] {
  const old = chunkBounds(from)
  const fresh = chunkBounds(into)
  return into.map((size, chunk) => {
    const start = fresh[chunk]!
    const end = start + size
    const moves: AxisMove[] = []
    let at = start
    while (at < end) {
      const block = findBlock(old, at)
      const stop = Math.min(end, old[block + 1]!)
      const take = { start: at - old[block]!, step: 1, size: stop - at }
      moves.push({ block, take, to: at - start })
      at = stop
    }
    if (moves.length === 0) moves.push({ block: 0, take: { start: 0, step: 1, size: 0 }, to: 0 })
    return moves
  })
}

/** Returns the moves along an axis whose chunks stay as they are. Their sizes need not be known. */
export function wholeMoves(count: number): AxisMove[][] {
  const take = { start: 0, step: 1, size: Number.NaN }
  return Array.from({ length: count }, (_, block) => [{ block, take, to: 0 }])
}
