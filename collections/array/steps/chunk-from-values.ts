/**
 * Reading what users hand over as arrays: nested lists and typed arrays.
 */
import { Chunk, type Nested, sizeOf } from '../block/chunk.js'
import { assertDtype, type Dtype, dtypeOfData, type Scalar, toElement } from '../block/dtype.js'
import { astype, lazy } from '../expressions/lazy-chunk.js'
import { show } from '../planning/chunk-grid.js'

/** The typed arrays that are read as they are, or converted: to int32, int64 or uint8. */
export type AnyTypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray
  | BigInt64Array

/** What an array can be made of. */
export type ArrayValues = AnyTypedArray | Nested<number> | Nested<bigint> | Nested<boolean> | Scalar

/** The dtype of a typed array. */
export type DtypeOfData<V> = V extends Float32Array
  ? 'float32'
  : V extends Float64Array
    ? 'float64'
    : V extends Int32Array | Int16Array | Int8Array | Uint16Array
      ? 'int32'
      : V extends Uint8Array | Uint8ClampedArray
        ? 'uint8'
        : 'int64'

/** The dtype of a plain value. */
export type DtypeOfScalar<S> = S extends boolean ? 'bool' : S extends bigint ? 'int64' : 'float64'

/**
 * Values as one chunk. A typed array that has the dtype already is not copied. Nested lists must be
 * as long as their neighbours; `dtype` undefined means the values' own.
 */
export function chunkFrom(values: unknown, operation: string, dtype?: Dtype): Chunk {
  if (dtype !== undefined) assertDtype(dtype, operation)
  if (values instanceof Chunk) return dtype === undefined ? values : astype(values, dtype).chunk()
  if (ArrayBuffer.isView(values)) return chunkFromTyped(values, operation, dtype)
  return chunkFromNested(values, operation, dtype)
}

function chunkFromTyped(values: ArrayBufferView, operation: string, dtype?: Dtype): Chunk {
  const own = nativeData(values, operation)
  const kind = dtypeOfData(own)!
  const chunk = new Chunk(kind, own, [own.length])
  return dtype === undefined || dtype === kind ? chunk : astype(lazy(chunk), dtype).chunk()
}

function nativeData(values: ArrayBufferView, operation: string): Chunk['data'] {
  if (dtypeOfData(values) !== undefined) return values as Chunk['data']
  if (
    values instanceof Int16Array ||
    values instanceof Int8Array ||
    values instanceof Uint16Array
  ) {
    return Int32Array.from(values)
  }
  if (values instanceof Uint8ClampedArray) return Uint8Array.from(values)
  if (values instanceof Uint32Array) return BigInt64Array.from(values, BigInt)
  throw new TypeError(
    `${operation}: cannot make an array of a ${values.constructor.name}; convert it to one of Float64Array, Float32Array, Int32Array, Uint8Array, BigInt64Array`,
  )
}

function chunkFromNested(values: unknown, operation: string, dtype?: Dtype): Chunk {
  const shape: number[] = []
  for (let level = values; Array.isArray(level); level = level[0]) {
    shape.push(level.length)
    if (level.length === 0) break
  }
  const flat: Scalar[] = []
  flatten(values, shape, 0, flat, operation)
  const kind = dtype ?? kindOf(flat, operation)
  const chunk = Chunk.zeros(kind, shape)
  const data = chunk.data as unknown as Scalar[]
  for (let i = 0; i < flat.length; i++) {
    const element = toElement(flat[i]!, kind, operation)
    data[i] = typeof element === 'boolean' ? Number(element) : element
  }
  if (chunk.data.length !== sizeOf(shape)) throw new RangeError(`${operation}: too many values`)
  return chunk
}

function flatten(
  values: unknown,
  shape: readonly number[],
  axis: number,
  flat: Scalar[],
  operation: string,
): void {
  if (axis === shape.length) {
    if (typeof values !== 'number' && typeof values !== 'bigint' && typeof values !== 'boolean') {
      throw new TypeError(
        `${operation}: ${show(values)} is not a number, bigint or boolean (element ${flat.length})`,
      )
    }
    flat.push(values)
    return
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const got = Array.isArray(values) ? `one of ${values.length}` : show(values)
    throw new RangeError(
      `${operation}: lists must be equally long at each depth: expected ${shape[axis]} items at depth ${axis + 1}, got ${got}`,
    )
  }
  for (const item of values) flatten(item, shape, axis + 1, flat, operation)
}

function kindOf(flat: readonly Scalar[], operation: string): Dtype {
  const kinds = new Set(flat.map((value) => typeof value))
  if (kinds.size > 1) {
    throw new TypeError(
      `${operation}: the values are of several kinds (${[...kinds].join(', ')}); say which dtype with { dtype }`,
    )
  }
  if (kinds.has('bigint')) return 'int64'
  return kinds.has('boolean') ? 'bool' : 'float64'
}
