/**
 * Shapes and grids of arrays that are joined along an axis.
 */
import { formatArgument } from '../block/format-argument.js'
import type { Grid } from './chunk-grid.js'

/** Returns the grid of arrays joined along an axis; the chunks of their other axes must be equal. */
export function concatenatedGrid(grids: readonly Grid[], axis: number): Grid {
  return grids[0]!.map((sizes, a) => (a === axis ? grids.flatMap((grid) => grid[a]!) : sizes))
}

/** Throws a RangeError unless shapes agree on every axis but one. */
export function assertConcatenable(
  shapes: readonly (readonly number[])[],
  axis: number,
  operation: string,
): void {
  const first = shapes[0]!
  shapes.forEach((shape, i) => {
    const agrees =
      shape.length === first.length && shape.every((n, a) => a === axis || mayEqual(n, first[a]!))
    if (!agrees) {
      throw new RangeError(
        `${operation}: array ${i} has shape ${formatArgument(shape)}, which does not fit ${formatArgument(first)}` +
          (axis < 0 ? '' : ` along axis ${axis}`),
      )
    }
  })
}

/** Whether two sizes are equal or one is not known. */
export function mayEqual(a: number, b: number): boolean {
  return a === b || Number.isNaN(a) || Number.isNaN(b)
}
