/**
 * What arrays are read from and written to: anything with a way to read or to set a region.
 */
import {
  assertDtype,
  type Complex,
  type Dtype,
  dtypeOfData,
  type TypedArray,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray, type Nested } from '../block/ndarray.js'
import type { Region } from '../planning/regions.js'
import { assertShape } from '../planning/shape-arguments.js'

/** The elements of a region: an `NDArray`, a typed array in row-major order, or nested lists. */
export type RegionValues =
  | NDArray
  | TypedArray
  | Nested<number>
  | Nested<bigint>
  | Nested<boolean>
  | Nested<Complex | number>

/**
 * Anything that arrays can be read from. Tasks call `read` on copies of the object, on threads and workers: what it
 * reads must be reachable there.
 */
export interface ArraySource<D extends Dtype = Dtype> {
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The dtype of the elements. */
  readonly dtype: D
  /** The shape of the parts that are read fastest; they are the chunks of the array by default. */
  readonly chunks?: readonly number[] | undefined
  /**
   * A string that changes with the elements. Sources with equal tokens are read once in a computation; without
   * a token, every array reads for itself.
   */
  readonly token?: string | undefined
  /** Returns the elements of a region, or a promise of them. */
  read(region: Region): RegionValues | PromiseLike<RegionValues>
}

/**
 * Anything that arrays can be written to. Tasks call `set` on copies of the object, on threads and workers: it must
 * write to a file, a database or another place outside of the object, which is reachable there.
 */
export interface ArrayTarget {
  /** The size of each axis, to check regions. */
  readonly shape?: readonly number[] | undefined
  /** The dtype of the elements. Arrays of other dtypes are refused. */
  readonly dtype?: Dtype | undefined
  /** The shape of parts that only one task may write to. Arrays are rechunked to whole parts. */
  readonly chunks?: readonly number[] | undefined
  /** Writes a block to a region. A promise is awaited. The block may be kept and changed. */
  set(region: Region, block: NDArray): unknown
  /** Returns whether a region is complete already, or a promise of that; needed for `resume`. */
  has?(region: Region): boolean | PromiseLike<boolean>
  /** Returns the elements of a region; needed for `returnStored`. */
  read?(region: Region): RegionValues | PromiseLike<RegionValues>
}

/**
 * A stored array of this package. Blocks that it is given are not changed, so they are not copied first.
 */
export abstract class StoredArray<D extends Dtype = Dtype> implements ArraySource<D>, ArrayTarget {
  abstract readonly shape: readonly number[]
  abstract readonly dtype: D
  abstract readonly chunks: readonly number[] | undefined
  abstract read(region: Region): NDArray<D> | Promise<NDArray<D>>
  abstract set(region: Region, block: NDArray): void | Promise<void>
}

/** Returns whether a value is meant as a source: an object that is no list, typed array or block. */
export function isSourceLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (ArrayBuffer.isView(value) || value instanceof NDArray || dtypeOfData(value)) return false
  return 'read' in value || ('shape' in value && 'dtype' in value)
}

/**
 * Throws unless a value is a source.
 */
export function assertSource(value: unknown, operation: string): asserts value is ArraySource {
  const { shape, dtype, chunks, read } = value as ArraySource
  if (typeof read !== 'function') {
    throw new TypeError(
      `${operation}: a source of an array needs a method read(region) besides shape and dtype; got ${formatArgument(Object.keys(value as object))}`,
    )
  }
  assertShape(shape, operation)
  assertDtype(dtype, operation)
  if (chunks !== undefined) assertChunkShape(chunks, shape, operation)
}

/** Throws unless a value is the shape of chunks of an array. */
export function assertChunkShape(
  chunks: unknown,
  shape: readonly number[],
  operation: string,
): asserts chunks is readonly number[] {
  const isShape =
    Array.isArray(chunks) &&
    chunks.length === shape.length &&
    chunks.every((n) => Number.isSafeInteger(n) && n > 0)
  if (isShape) return
  throw new RangeError(
    `${operation}: the chunks of a stored array are one size of 1 or more per axis of shape [${shape}]; got ${formatArgument(chunks)}`,
  )
}

/** Throws unless a value is a target. */
export function assertTarget(value: unknown, operation: string): asserts value is ArrayTarget {
  const target = value as ArrayTarget | null | undefined
  if (value instanceof NDArray || ArrayBuffer.isView(value)) {
    throw new TypeError(
      `${operation}: tasks cannot write to the memory of this process; to get the elements write await x.compute()`,
    )
  }
  if (typeof target !== 'object' || target === null || typeof target.set !== 'function') {
    throw new TypeError(
      `${operation}: a target must be an object with a method set(region, block); got ${formatArgument(value)}`,
    )
  }
  if (target.shape !== undefined) {
    assertShape(target.shape, operation)
    if (target.chunks !== undefined) assertChunkShape(target.chunks, target.shape, operation)
  }
  if (target.dtype !== undefined) assertDtype(target.dtype, operation)
}
