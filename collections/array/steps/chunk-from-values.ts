/**
 * Conversion of values that users pass or return, such as nested lists and typed arrays, to chunks.
 */

import {
  assertDtype,
  type Complex,
  type Dtype,
  type DtypeOfData,
  dtypeOfData,
  isScalar,
  type Scalar,
  type TypedArray,
  toElement,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray, type Nested, sizeOf, writeElement } from '../block/ndarray.js'
import { astype, lazy } from '../expressions/lazy-chunk.js'
import { mayEqual } from '../planning/concatenate-plan.js'

export type { DtypeOfData }

/** A typed array that an array can be made of. */
export type AnyTypedArray = TypedArray | Uint8ClampedArray

/** Values that an array can be made of. */
export type ArrayValues =
  | AnyTypedArray
  | Nested<number>
  | Nested<bigint>
  | Nested<boolean>
  | Nested<Complex | number>
  | Scalar

/** The dtype of a plain value. */
export type DtypeOfScalar<S> = S extends boolean
  ? 'bool'
  : S extends bigint
    ? 'int64'
    : S extends Complex
      ? 'complex128'
      : 'float64'

/**
 * Converts values to one chunk, by default of the dtype of the values. A typed array that has the
 * dtype already is not copied. Nested lists must have equal lengths at each level.
 */
export function chunkFromValues(values: unknown, operation: string, dtype?: Dtype): NDArray {
  if (dtype !== undefined) assertDtype(dtype, operation)
  if (values instanceof NDArray)
    return dtype === undefined ? values : astype(values, dtype).finish()
  if (ArrayBuffer.isView(values)) return chunkFromTyped(values, operation, dtype)
  return chunkFromNested(values, operation, dtype)
}

function chunkFromTyped(values: ArrayBufferView, operation: string, dtype?: Dtype): NDArray {
  const own = nativeData(inThisContext(values), operation)
  const kind = dtypeOfData(own)!
  const chunk = new NDArray(kind, own, [own.length])
  return dtype === undefined || dtype === kind ? chunk : astype(lazy(chunk), dtype).finish()
}

/** Returns a view of this context on the memory of a typed array, which may be of another context of `node:vm`. */
function inThisContext(values: ArrayBufferView): ArrayBufferView {
  const name = (values as Uint8Array)[Symbol.toStringTag]
  const Class = (globalThis as Record<string, unknown>)[name] as Float64ArrayConstructor | undefined
  if (Class === undefined || values instanceof Class) return values
  const { buffer, byteOffset, length } = values as Float64Array
  return new Class(buffer, byteOffset, length)
}

/** Converts a typed array to one that holds elements of a dtype. */
function nativeData(values: ArrayBufferView, operation: string): NDArray['data'] {
  if (dtypeOfData(values) !== undefined) return values as NDArray['data']
  if (values instanceof Uint8ClampedArray) return Uint8Array.from(values)
  throw new TypeError(
    `${operation}: cannot make an array of a ${values.constructor.name}; use a typed array of numbers or bigints`,
  )
}

function chunkFromNested(values: unknown, operation: string, dtype?: Dtype): NDArray {
  const shape: number[] = []
  for (let level = values; Array.isArray(level); level = level[0]) {
    shape.push(level.length)
    if (level.length === 0) break
  }
  const flat: Scalar[] = []
  flatten(values, shape, 0, flat, operation)
  const kind = dtype ?? dtypeOfScalars(flat, operation)
  const chunk = NDArray.zeros(kind, shape)
  if (flat.length !== chunk.size) throw new RangeError(`${operation}: too many values`)
  for (let i = 0; i < flat.length; i++) {
    writeElement(chunk.data, i, toElement(flat[i]!, kind, operation))
  }
  return chunk
}

/** Appends the elements of nested lists to `flat`, checking them against the shape. */
function flatten(
  values: unknown,
  shape: readonly number[],
  axis: number,
  flat: Scalar[],
  operation: string,
): void {
  if (axis === shape.length) {
    if (!isScalar(values)) {
      throw new TypeError(
        `${operation}: ${formatArgument(values)} is not a number, bigint, boolean or complex number (element ${flat.length})`,
      )
    }
    flat.push(values)
    return
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const got = Array.isArray(values) ? `one of ${values.length}` : formatArgument(values)
    throw new RangeError(
      `${operation}: lists must be equally long at each depth: expected ${shape[axis]} items at depth ${axis + 1}, got ${got}`,
    )
  }
  for (const item of values) flatten(item, shape, axis + 1, flat, operation)
}

/** Returns the dtype of plain values, which must all be of one type; numbers may stand among complex ones. */
function dtypeOfScalars(flat: readonly Scalar[], operation: string): Dtype {
  const kinds = new Set(flat.map((value) => typeof value))
  if (kinds.has('object') && !kinds.has('bigint') && !kinds.has('boolean')) return 'complex128'
  if (kinds.size > 1) {
    throw new TypeError(
      `${operation}: the values are of several kinds (${[...kinds].join(', ')}); give the dtype with { dtype }`,
    )
  }
  if (kinds.has('bigint')) return 'int64'
  return kinds.has('boolean') ? 'bool' : 'float64'
}

/** How the expected shape is given, by operation. */
const SHAPE_ADVICE: Readonly<Record<string, string>> = {
  fromDelayed: 'give the sizes of the result with { shape }',
  read: 'read(region) must return the elements of the region, no more and no fewer',
  blockwise: 'give the sizes of the result with { adjustChunks }',
  applyGufunc: 'give the sizes of new axes with { outputSizes }',
  mapOverlap: 'the function must keep the shape of its block, or give { trim: false, chunks }',
}

/**
 * Converts the result of a user's function to a block. Throws a RangeError unless it has the expected
 * shape; a typed array of the right length is reshaped.
 */
export function blockFromResult(
  operation: string,
  value: unknown,
  expected: readonly number[],
  dtype: Dtype,
): NDArray {
  let chunk = value instanceof NDArray ? value : chunkFromValues(value, operation, dtype)
  if (chunk.ndim === 1 && expected.length > 1 && ArrayBuffer.isView(value)) {
    // One size may not be known: that of an axis that a mask selects from.
    const rest = sizeOf(expected.filter((n) => !Number.isNaN(n)))
    const known = expected.map((n) => (Number.isNaN(n) ? chunk.size / rest : n))
    if (chunk.size === sizeOf(known) && known.every(Number.isInteger)) chunk = chunk.reshape(known)
  }
  const hasShape =
    chunk.ndim === expected.length && chunk.shape.every((n, axis) => mayEqual(n, expected[axis]!))
  if (!hasShape) {
    throw new RangeError(
      `${operation}: the function returned a block of shape ${formatArgument(chunk.shape)}, expected ${formatArgument(expected)}; ${SHAPE_ADVICE[operation] ?? 'give the sizes of the result with { chunks }'}`,
    )
  }
  const result = astype(chunk, dtype).finish()
  // A new chunk, since the function may keep the one that it returned.
  const own = new NDArray(dtype, result.data, result.shape, result.strides, result.offset)
  return result.data.byteLength === own.nbytes ? own : own.contiguous()
}
