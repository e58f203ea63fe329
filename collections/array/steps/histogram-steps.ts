/**
 * Steps of histograms.
 */
import { operations } from '../../../core/base/operations.js'
import { NDArray } from '../block/ndarray.js'
import type { LazyChunk } from '../expressions/lazy-chunk.js'
import { astype, lazy } from '../expressions/lazy-chunk.js'
import {
  type BinEdges,
  countInBins,
  evenEdges,
  histogramBlock,
} from '../kernels/histogram-kernel.js'

type Block = NDArray | LazyChunk

/** The numbers of a block. */
function numbersOf(block: Block): number[] {
  return astype(block, 'float64').chunk().reshape([-1]).toArray() as number[]
}

function edgesOf(bins: BinEdges | Block, even: boolean): BinEdges {
  return 'even' in bins ? bins : { edges: numbersOf(bins), even }
}

/** Counts the elements of a block in each bin, with a first axis of size 1. `even` is about edges that are a block. */
export function histogramStep(block: Block, given: BinEdges | Block, even = false): NDArray {
  const bins = edgesOf(given, even)
  return histogramBlock(block, bins).reshape([1, bins.edges.length - 1])
}

/**
 * Counts points in bins of several axes, with a first axis of size 1. The blocks are the coordinates on each axis and,
 * if there is one more, the weights.
 */
export function histogramPointsStep(
  blocks: readonly Block[],
  given: readonly (BinEdges | Block)[],
  even = false,
): NDArray {
  const bins = given.map((each) => edgesOf(each, even))
  const counts = countInBins(blocks.slice(0, bins.length), bins, blocks[bins.length])
  const shape = [1, ...bins.map(({ edges }) => edges.length - 1)]
  return NDArray.fromData(counts, { shape })
}

/**
 * Returns the edges of bins of equal width from one number to another, half a unit around it if there is only one, as NumPy.
 * @throws RangeError for numbers that are not finite or not in order.
 */
export function rangeEdgesStep(
  first: Block,
  last: Block,
  count: number,
  operation: string,
): LazyChunk {
  const [low, high] = [numbersOf(first)[0]!, numbersOf(last)[0]!]
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new RangeError(
      `${operation}: the range must be two finite numbers in ascending order; got [${low}, ${high}]. Give a range if there is NaN or infinity`,
    )
  }
  const edges = low === high ? evenEdges(low - 0.5, high + 0.5, count) : evenEdges(low, high, count)
  return lazy(NDArray.fromData(Float64Array.from(edges)))
}

/**
 * Returns edges in float64.
 * @throws RangeError unless they are in ascending order.
 */
export function ascendingEdgesStep(block: Block, operation: string): LazyChunk {
  const edges = numbersOf(block)
  if (!edges.every((edge, i) => edge >= edges[Math.max(0, i - 1)]!)) {
    throw new RangeError(`${operation}: the edges are not in ascending order`)
  }
  return lazy(NDArray.fromData(Float64Array.from(edges)))
}

operations('collections/array/steps/histogram-steps', {
  ascendingEdgesStep,
  histogramPointsStep,
  histogramStep,
  rangeEdgesStep,
})
