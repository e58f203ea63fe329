/**
 * Steps of `bincount`.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { addCounts, type BinCounts, countNumbers, countsBlock } from '../kernels/bincount-kernel.js'

type Block = NDArray | LazyChunk

/** Counts the numbers of a block, or adds up weights. */
export function countNumbersStep(block: Block, ...weights: readonly Block[]): BinCounts {
  const own = weights[0] === undefined ? undefined : toChunk(weights[0])
  return countNumbers(toChunk(block), own)
}

/** Adds up the counts of blocks. */
export function addCountsStep(parts: readonly BinCounts[]): BinCounts {
  return addCounts(parts)
}

/** Returns counts as a block with at least `minimum` elements. */
export function countsBlockStep(counts: BinCounts, minimum: number, isWeighted: boolean): NDArray {
  return countsBlock(counts, minimum, isWeighted)
}

operations('collections/array/steps/bincount-steps', {
  addCountsStep,
  countNumbersStep,
  countsBlockStep,
})
