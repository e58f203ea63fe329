/**
 * Broadcasting of shapes and grids by NumPy's rules. Integers only.
 */
import { commonGrid, type Grid, gridFor, gridShape } from './chunk-grid.js'

/**
 * Returns the shape that several shapes broadcast to: `commonShape('add', [[3, 1], [4]])` is
 * `[3, 4]`. Throws a RangeError if they do not broadcast. NaN is a size that is not known.
 */
export function commonShape(
  operation: string,
  shapes: readonly (readonly number[])[],
): readonly number[] {
  if (shapes.length === 1) return shapes[0]!
  const ndim = Math.max(0, ...shapes.map((shape) => shape.length))
  const result = new Array<number>(ndim).fill(1)
  for (const shape of shapes) {
    const lead = ndim - shape.length
    for (let axis = 0; axis < shape.length; axis++) {
      const n = shape[axis]!
      const have = result[axis + lead]!
      // Sizes that are not known are compared when the blocks are computed.
      if (have === 1 || (Number.isNaN(have) && n !== 1)) result[axis + lead] = n
      else if (Number.isNaN(n)) continue
      else if (n !== 1 && n !== have) {
        throw new RangeError(
          `${operation}: shapes ${shapes.map((s) => `[${s}]`).join(' and ')} do not broadcast: ` +
            `axis ${axis + lead} is ${have} in one and ${n} in another; sizes must be equal or 1`,
        )
      }
    }
  }
  return result
}

/** Several grids brought to a common grid. */
interface GridAlignment {
  /** The common grid. */
  readonly chunks: Grid
  /** The grid that each array must be rechunked to. */
  readonly grids: readonly Grid[]
  /** For each axis of each array, the axis of the result; -1 if its one element repeats. */
  readonly axes: readonly (readonly number[])[]
}

/** Broadcasts grids: shapes as in `commonShape`, chunks as in `commonGrid`. */
export function alignGrids(operation: string, arrays: readonly Grid[]): GridAlignment {
  const shape = commonShape(operation, arrays.map(gridShape))
  const chunks = commonGrid(arrays, shape)
  const grids = arrays.map((grid) => gridFor(grid, chunks))
  const axes = grids.map((grid) => {
    const lead = chunks.length - grid.length
    return gridShape(grid).map((size, axis) =>
      size === 1 && shape[axis + lead] !== 1 ? -1 : axis + lead,
    )
  })
  return { chunks, grids, axes }
}
