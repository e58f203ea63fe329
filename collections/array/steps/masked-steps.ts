/** Steps of masked arrays, whose blocks are pairs of elements and mask. */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { LazyChunk, lazy } from '../expressions/lazy-chunk.js'

/** A block of a masked array. */
export type MaskedPair = readonly [data: NDArray, mask: NDArray]

/** Pairs a block with its mask. */
export function maskedPairStep(data: NDArray | LazyChunk, mask: NDArray | LazyChunk): MaskedPair {
  return [finished(data), finished(mask)]
}

/** Returns a chunk in memory that outlasts the task: the end of a task finishes no chunks within lists. */
function finished(value: NDArray | LazyChunk): NDArray {
  return value instanceof LazyChunk ? value.finish() : value
}

/** Returns the elements (0) or the mask (1) of a block. */
export function maskedPartStep(pair: MaskedPair, part: 0 | 1): LazyChunk {
  return lazy(pair[part])
}

operations('collections/array/steps/masked-steps', { maskedPairStep, maskedPartStep })
