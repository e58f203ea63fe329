/**
 * Steps of quantiles: of whole lanes, and of a vector in several blocks.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import {
  type BinRange,
  type Candidates,
  candidatesInBins,
  countBins,
  mergeRanges,
  type Quantiles,
  quantilesOfBlock,
  quantilesOfCandidates,
  rangeOfBlock,
} from '../kernels/quantile-kernel.js'

type Block = NDArray | LazyChunk

/** Returns the quantiles along an axis, which are the last axis. */
export function laneQuantilesStep(block: Block, axis: number, quantiles: Quantiles): LazyChunk {
  return lazy(quantilesOfBlock(toChunk(block), axis, quantiles))
}

/** Returns the extremes of a block, and the number of its elements. */
export function blockRangeStep(block: Block): BinRange {
  return rangeOfBlock(doubles(block))
}

/** Returns the range of all blocks. */
export function mergeRangesStep(ranges: readonly BinRange[]): BinRange {
  return mergeRanges(ranges)
}

/** Counts the elements of a block in each bin. */
export function countBinsStep(block: Block, range: BinRange): NDArray {
  return countBins(doubles(block), range)
}

/** Returns the elements of a block in the bins that hold what is looked for. */
export function quantileCandidatesStep(
  block: Block,
  counts: Block,
  range: BinRange,
  quantiles: Quantiles,
): Candidates {
  return candidatesInBins(doubles(block), range, toChunk(counts), quantiles)
}

/** Returns the quantiles of all blocks. */
export function finishQuantilesStep(
  parts: readonly Candidates[],
  counts: Block,
  range: BinRange,
  quantiles: Quantiles,
): NDArray {
  return quantilesOfCandidates(parts, range, toChunk(counts), quantiles)
}

function doubles(block: Block): NDArray {
  return astype(block, 'float64').chunk()
}

operations('collections/array/steps/quantile-steps', {
  blockRangeStep,
  countBinsStep,
  finishQuantilesStep,
  laneQuantilesStep,
  mergeRangesStep,
  quantileCandidatesStep,
})
