/**
 * Steps of histograms.
 */
import { operations } from '../../../core/base/operations.js'
import { NDArray } from '../block/ndarray.js'
import type { LazyChunk } from '../expressions/lazy-chunk.js'
import { type BinEdges, countInBins, histogramBlock } from '../kernels/histogram-kernel.js'

type Block = NDArray | LazyChunk

/** Counts the elements of a block in each bin, with a first axis of size 1. */
export function histogramStep(block: Block, bins: BinEdges): NDArray {
  return histogramBlock(block, bins).reshape([1, bins.edges.length - 1])
}

/**
 * Counts points in bins of several axes, with a first axis of size 1. The blocks are the coordinates on each axis and,
 * if there is one more, the weights.
 */
export function histogramPointsStep(blocks: readonly Block[], bins: readonly BinEdges[]): NDArray {
  const counts = countInBins(blocks.slice(0, bins.length), bins, blocks[bins.length])
  const shape = [1, ...bins.map(({ edges }) => edges.length - 1)]
  return NDArray.fromData(counts, { shape })
}

operations('collections/array/steps/histogram-steps', { histogramPointsStep, histogramStep })
