/**
 * The dtype of what a user's function returns, found by calling it with blocks of one element.
 */
import { type Dtype, dtypeInfo, isBig, isComplex, isComplexValue } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { chunkFromValues } from '../steps/chunk-from-values.js'

/**
 * Returns the dtype of a function's result, given the dtype of its first block. Typed arrays of the kind that
 * holds the block's dtype have that dtype; numbers in lists have it too, unless it is bool or of 64 bits.
 * If the function throws or is async, the dtype is that of the block.
 */
export function inferDtype(fn: Function, args: readonly unknown[], first: Dtype): Dtype {
  if (fn.constructor.name === 'AsyncFunction') return first
  let value: unknown
  try {
    value = fn(...args)
  } catch {
    return first
  }
  if (value instanceof Promise) {
    value.catch(() => undefined)
    return first
  }
  return dtypeOfResult(value, first)
}

/** Returns the dtype of a block, a typed array, nested lists or a plain value; see `inferDtype`. */
export function dtypeOfResult(value: unknown, first: Dtype): Dtype {
  if (value instanceof NDArray) return value.dtype
  if (value instanceof dtypeInfo(first).array) return first
  let sample = value
  while (Array.isArray(sample) && sample.length > 0) sample = sample[0]
  if (typeof sample === 'number') return first === 'bool' || isBig(first) ? 'float64' : first
  if (typeof sample === 'bigint' && isBig(first)) return first
  if (isComplexValue(sample) && first === 'complex64') return first
  try {
    return chunkFromValues(value, 'mapBlocks').dtype
  } catch {
    return first
  }
}

/** Returns a block of one element, which is 1. */
export function oneElement(dtype: Dtype, ndim: number): NDArray {
  const one = isComplex(dtype) ? { re: 1, im: 0 } : isBig(dtype) ? 1n : 1
  return NDArray.scalar(dtype, one).reshape(new Array<number>(ndim).fill(1))
}
