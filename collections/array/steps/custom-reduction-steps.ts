/**
 * Steps of reductions by functions of the user.
 */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { copyInto, copyOf, NDArray, sizeOf } from '../block/ndarray.js'
import { astype, type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { chunkFromValues } from './chunk-from-values.js'

/** What the functions of a reduction receive after the block. */
export interface ReductionCall {
  /** The axes to reduce. */
  readonly axis: readonly number[]
  /** Whether the reduced axes stay, with size 1. */
  readonly keepdims: boolean
}

type ReducingFunction = (block: NDArray, call: ReductionCall) => unknown

/** Reduces one block. Reduced axes stay; their size is that of the partial result. */
export function reduceBlockStep(
  fn: ReducingFunction,
  block: NDArray | LazyChunk,
  axes: readonly number[],
): NDArray {
  const own = copyOf(toChunk(block))
  return reducedBlock(fn(own, { axis: axes, keepdims: true }), own.shape, axes, true)
}

/** How partial results are merged. */
interface PartsMerge {
  /** The axis along which they are joined. */
  readonly axis: number
  readonly axes: readonly number[]
  readonly keepdims: boolean
  readonly dtype: Dtype
}

/** Joins partial results and reduces them. */
export function reducePartsStep(
  fn: ReducingFunction,
  parts: readonly NDArray[],
  { axis, axes, keepdims, dtype }: PartsMerge,
): NDArray {
  const joined = joinAlong(parts, axis)
  const result = reducedBlock(fn(joined, { axis: axes, keepdims }), joined.shape, axes, keepdims)
  return keepdims ? result : astype(result, dtype).finish()
}

/** Joins blocks along an axis, in memory of their own. */
export function joinAlong(parts: readonly NDArray[], axis: number): NDArray {
  const [first] = parts as [NDArray]
  if (first.ndim === 0 || parts.length === 1) return copyOf(first)
  const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0)
  const joined = NDArray.zeros(
    first.dtype,
    first.shape.map((n, a) => (a === axis ? total : n)),
  )
  let start = 0
  for (const part of parts) {
    const slices = part.shape.map((size, a) => ({ start: a === axis ? start : 0, step: 1, size }))
    copyInto(joined.slice(slices), part)
    start += part.shape[axis]!
  }
  return joined
}

/** Converts the result of a function of the user to a block, and checks the axes that are not reduced. */
function reducedBlock(
  value: unknown,
  shape: readonly number[],
  axes: readonly number[],
  keepdims: boolean,
): NDArray {
  const chunk = value instanceof NDArray ? value : chunkFromValues(value, 'reduction')
  const kept = shape.filter((_, axis) => !axes.includes(axis))
  const single = keepdims ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n)) : kept
  if (!(value instanceof NDArray) && chunk.size === sizeOf(single)) return chunk.reshape(single)
  const own = keepdims ? chunk.shape.filter((_, axis) => !axes.includes(axis)) : chunk.shape
  const fits = chunk.ndim === single.length && own.every((n, i) => n === kept[i])
  if (fits) return copyOf(chunk)
  throw new RangeError(
    `reduction: a function returned a block of shape ${formatArgument(chunk.shape)} for one of ${formatArgument(shape)}; expected ${formatArgument(single)}`,
  )
}

operations('collections/array/steps/custom-reduction-steps', { reduceBlockStep, reducePartsStep })
