/**
 * Arguments that may be an array or values that become one.
 */
import { isScalar } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
import type { ArrayValues } from '../steps/chunk-from-values.js'
import { type ArraySpec, isArraySpec } from './array-spec.js'
import { type CreationOptions, fromArrayLayer } from './creation-layers.js'
import { assertArray } from './operands.js'

/** An array, or values that become one. */
export type ArrayArgument = ArraySpec | ArrayValues

/** Returns an array as it is, and makes one of lists, typed arrays and plain values. Throws a TypeError for others. */
export function arrayOfValues(
  value: unknown,
  operation: string,
  options: CreationOptions = {},
): ArraySpec {
  if (isArraySpec(value)) return value
  const isValues =
    Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof NDArray || isScalar(value)
  if (!isValues) assertArray(value, operation)
  return fromArrayLayer(value, options)
}

/** Makes an int64 array of whole numbers. */
export function arrayOfPositions(
  positions: readonly number[],
  chunks?: ChunksSpec | undefined,
): ArraySpec {
  return fromArrayLayer(BigInt64Array.from(positions, BigInt), { chunks })
}
