/**
 * Plans that move elements between blocks without changing them: rechunk, concatenate, stack.
 * Integers only.
 */
import type { AxisSlice } from '../block/chunk.js'
import { bounds, type Grid, show } from './chunk-grid.js'
import { findBlock } from './index-plan.js'

/** What one source chunk gives to one chunk of the result along one axis. */
export interface AxisMove {
  readonly block: number
  /** The part of the source chunk. */
  readonly take: AxisSlice
  /** Where it begins in the result's chunk. */
  readonly to: number
}

/**
 * For each chunk of the new cutting of an axis, which parts of the old chunks it is made of:
 * `planMoves([4, 4], [3, 5])` says the second takes 1 of the first old chunk and 4 of the second.
 */
export function planMoves(from: readonly number[], into: readonly number[]): AxisMove[][] {
  const old = bounds(from)
  const fresh = bounds(into)
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

/** The grid of arrays laid end to end along an axis; their other axes must be cut alike. */
export function concatenatedGrid(grids: readonly Grid[], axis: number): Grid {
  return grids[0]!.map((sizes, a) => (a === axis ? grids.flatMap((grid) => grid[a]!) : sizes))
}

/** Fails unless shapes agree on every axis but one. */
export function assertConcatenable(
  shapes: readonly (readonly number[])[],
  axis: number,
  operation: string,
): void {
  const first = shapes[0]!
  shapes.forEach((shape, i) => {
    const fits =
      shape.length === first.length && shape.every((n, a) => a === axis || n === first[a])
    if (!fits) {
      throw new RangeError(
        `${operation}: array ${i} has shape ${show(shape)}, which does not fit ${show(first)}` +
          (axis < 0 ? '' : ` along axis ${axis}`),
      )
    }
  })
}
