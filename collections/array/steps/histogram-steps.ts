/**
 * Steps of histograms.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import type { LazyChunk } from '../expressions/lazy-chunk.js'
import { histogramBlock } from '../kernels/histogram-kernel.js'

/** Counts the elements of a block in each bin, with a first axis of size 1. */
export function histogramStep(
  block: NDArray | LazyChunk,
  edges: readonly number[],
  even: boolean,
): NDArray {
  return histogramBlock(block, edges, even).reshape([1, edges.length - 1])
}

operations('collections/array/steps/histogram-steps', { histogramStep })
