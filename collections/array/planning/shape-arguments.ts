/**
 * Checks of shapes and axes that users pass to array operations.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import { formatArgument } from '../block/format-argument.js'
import { unknownShapeAdvice } from './known-sizes.js'

/**
 * Returns the integers of a call such as `transpose(1, 0)` or `transpose([1, 0])`. Throws a TypeError
 * for options and for arguments after a list.
 */
export function integersOf(args: readonly unknown[], operation: string): readonly number[] {
  const usage = `${operation}(2, 3) or ${operation}([2, 3])`
  const isList = Array.isArray(args[0])
  const other = args.findIndex((arg, i) => i >= (isList ? 1 : 0) && typeof arg === 'object')
  if (isList || other >= 0) checkArguments(operation, args, isList ? 1 : other, usage)
  return (isList ? args[0] : args) as readonly number[]
}

/** Throws a RangeError unless the value is a list of sizes. */
export function assertShape(shape: unknown, operation: string): asserts shape is readonly number[] {
  const ok = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!ok) {
    throw new RangeError(
      `${operation}: the shape must be a list of integers of 0 or more, such as [100, 20]; got ${formatArgument(shape)}${Array.isArray(shape) ? unknownShapeAdvice(shape) : ''}`,
    )
  }
}

/** Returns the number of an axis, which may be counted from the end, as 0 or more. */
export function normalizeAxis(axis: unknown, ndim: number, operation: string): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new RangeError(
      `${operation}: axis ${formatArgument(axis)} is not an axis of an array with ${ndim} axes; use ${ndim === 0 ? 'none' : `${-ndim} to ${ndim - 1}`}`,
    )
  }
  return axis < 0 ? axis + ndim : axis
}

/** Returns the axes to reduce in ascending order: all axes if `axis` is undefined or null. */
export function normalizeAxes(
  axis: number | readonly number[] | null | undefined,
  ndim: number,
  operation: string,
): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: ndim }, (_, i) => i)
  const list = (Array.isArray(axis) ? axis : [axis]).map((a) => normalizeAxis(a, ndim, operation))
  const unique = [...new Set(list)].sort((a, b) => a - b)
  if (unique.length !== list.length) {
    throw new RangeError(`${operation}: axis ${formatArgument(axis)} names an axis twice`)
  }
  return unique
}
