/**
 * Steps of histograms.
 */
import { operations } from '../../../core/base/operations.js'
import type { Chunk } from '../block/chunk.js'
import type { LazyChunk } from '../expressions/lazy-chunk.js'
import { histogramBlock } from '../kernels/histogram-kernel.js'

/** Counts the elements of a block in each bin, with a first axis of size 1. */
export function histogramStep(
  block: Chunk | LazyChunk,
  edges: readonly number[],
  even: boolean,
): Chunk {
  return histogramBlock(block, edges, even).reshape([1, edges.length - 1])
}

operations('collections/array/steps/histogram-steps', { histogramStep })
