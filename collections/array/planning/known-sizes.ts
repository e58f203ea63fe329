/**
 * Checks of operations that need the size of an axis when the graph is made. Sizes that depend on values that are not
 * computed yet are NaN.
 */
import { type Grid, isUnknown } from './chunk-grid.js'

/** Says how to make sizes known. */
export const KNOW_SIZES = 'write x = await x.computeChunkSizes() first'

/** Returns the error of an operation that needs the size of an axis; `advice` says what else the user can write. */
export function unknownSizeError(operation: string, axis: number, advice?: string): RangeError {
  return new RangeError(
    `${operation}: the size of axis ${axis} is not known, since it depends on values that are not computed yet; ${advice === undefined ? '' : `${advice}, or `}${KNOW_SIZES}`,
  )
}

/** Throws a RangeError unless the sizes of some axes, by default all, are known. */
export function assertKnown(grid: Grid, operation: string, axes?: readonly number[]): void {
  const axis = (axes ?? grid.map((_, a) => a)).find((a) => isUnknown(grid[a]!))
  if (axis !== undefined) throw unknownSizeError(operation, axis)
}

/** Returns the end of a message about a shape: what to do about sizes that are not known, if there are any. */
export function unknownShapeAdvice(shape: readonly unknown[]): string {
  return shape.some(Number.isNaN) ? `; NaN is a size that is not known: ${KNOW_SIZES}` : ''
}
