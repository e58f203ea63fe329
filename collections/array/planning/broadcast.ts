/**
 * Broadcasting of shapes and grids: NumPy's rule, integers only.
 */
import { commonGrid, type Grid, gridFor, gridShape } from './chunk-grid.js'

/**
 * The shape in which several shapes meet: aligned at their ends, an axis of 1 repeats.
 * `broadcastShapes('add', [[3, 1], [4]])` is `[3, 4]`. Throws a RangeError when they do not meet.
 */
export function broadcastShapes(
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
      if (have === 1) result[axis + lead] = n
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

/** How several grids meet: what each must become, and which axis of the result each axis runs along. */
export interface Alignment {
  readonly chunks: Grid
  readonly grids: readonly Grid[]
  /** -1: the axis has one element, which repeats. */
  readonly axes: readonly (readonly number[])[]
}

/** Broadcasts grids: shapes as `broadcastShapes`, cuts as `commonGrid`. */
export function alignGrids(operation: string, given: readonly Grid[]): Alignment {
  const shape = broadcastShapes(operation, given.map(gridShape))
  const chunks = commonGrid(given, shape)
  const grids = given.map((grid) => gridFor(grid, chunks))
  const axes = grids.map((grid) => {
    const lead = chunks.length - grid.length
    return gridShape(grid).map((size, axis) =>
      size === 1 && shape[axis + lead] !== 1 ? -1 : axis + lead,
    )
  })
  return { chunks, grids, axes }
}
