/**
 * Reductions of complex blocks. Sums are sums of the parts. Products and extremes combine the halves of
 * a block, then the halves of the result, until one element is left.
 */

import type { Complex } from '../block/dtype.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { astype, elementwise, type LazyChunk } from '../expressions/lazy-chunk.js'
import type { Reducer } from './reduction-accumulators.js'
import { reduceChunk } from './reduction-kernel.js'

/** The operation of extremes, and the parts of their value for no elements. */
const EXTREMES = {
  min: ['minimum', Infinity],
  max: ['maximum', -Infinity],
  fmin: ['fmin', NaN],
  fmax: ['fmax', NaN],
} as const

/** Reduces complex elements along some axes, which become 1. Sums and products are complex128. */
export function reduceComplex(
  value: LazyChunk,
  reducer: Reducer,
  axes: readonly number[],
): NDArray {
  switch (reducer) {
    case 'any':
    case 'all':
      return reduceChunk(astype(value, 'bool'), reducer, axes)
    case 'sum': {
      const [re, im] = (['real', 'imag'] as const).map((part) => {
        return reduceChunk(elementwise(part, value), 'sum', axes)
      })
      return elementwise('makeComplex', re!, im!).finish()
    }
    case 'prod':
      return combineAll(astype(value, 'complex128'), axes, { re: 1, im: 0 }, (a, b) => {
        return elementwise('multiply', a, b).finish()
      })
    case 'min':
    case 'max':
    case 'fmin':
    case 'fmax': {
      const [op, limit] = EXTREMES[reducer]
      return combineAll(value, axes, { re: limit, im: limit }, (a, b) => {
        return elementwise(op, a, b).finish()
      })
    }
  }
}

/** Combines all elements along some axes, which become 1. */
function combineAll(
  value: LazyChunk,
  axes: readonly number[],
  initial: Complex,
  combine: (a: NDArray, b: NDArray) => NDArray,
): NDArray {
  const shape = value.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const flat = reducedLast(value.chunk(), axes)
  if (flat.shape.at(-1) === 0)
    return NDArray.scalar(value.dtype, initial).broadcastTo(shape).contiguous()
  return combineHalves(flat, combine, sliceLast).reshape(shape)
}

/** Returns a chunk whose last axis runs over the reduced axes, in row-major order. */
export function reducedLast(chunk: NDArray, axes: readonly number[]): NDArray {
  const kept = chunk.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const moved = chunk.transpose([...kept, ...axes])
  const count = sizeOf(axes.map((axis) => chunk.shape[axis]!))
  return moved.reshape([...kept.map((axis) => chunk.shape[axis]!), count])
}

/** Returns elements `start` to `stop` of the last axis. */
export function sliceLast(chunk: NDArray, start: number, stop: number): NDArray {
  return chunk.slice(
    chunk.shape.map((size, axis) => {
      return axis === chunk.ndim - 1
        ? { start, step: 1, size: stop - start }
        : { start: 0, step: 1, size }
    }),
  )
}

/** Combines the elements along the last axis of values of one shape, which must not be empty, to one. */
export function combineHalves<T extends { readonly shape: readonly number[] }>(
  value: T,
  combine: (a: T, b: T) => T,
  slice: (value: T, start: number, stop: number) => T,
): T {
  let rest: T | undefined
  let current = value
  for (let n = value.shape.at(-1)!; n > 1; n >>= 1) {
    const half = n >> 1
    if (n % 2 === 1) {
      const last = slice(current, n - 1, n)
      rest = rest === undefined ? last : combine(last, rest)
    }
    current = combine(slice(current, 0, half), slice(current, half, 2 * half))
  }
  return rest === undefined ? current : combine(current, rest)
}
