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
  type Quantiles,
  quantilesOfBlock,
  quantilesOfCandidates,
} from '../kernels/quantile-kernel.js'

type Block = NDArray | LazyChunk

/** Returns the quantiles along an axis, which are the last axis. */
export function laneQuantilesStep(block: Block, axis: number, quantiles: Quantiles): LazyChunk {
  return lazy(quantilesOfBlock(toChunk(block), axis, quantiles))
}

/** The least and the greatest number of a vector, and the number of elements that are not NaN, of blocks without axes. */
type Range = readonly [low: Block, high: Block, count: Block]

function rangeOf([low, high, count]: Range): BinRange {
  const [least, most, numbers] = [low, high, count].map((block) => {
    return Number(astype(block, 'float64').chunk().item())
  })
  return { low: least!, high: most!, count: numbers! }
}

/** Counts the elements of a block in each bin. */
export function countBinsStep(block: Block, range: Range): NDArray {
  return countBins(astype(block, 'float64').chunk(), rangeOf(range))
}

/** Returns the elements of a block in the bins that hold what is looked for. */
export function quantileCandidatesStep(
  block: Block,
  counts: Block,
  range: Range,
  quantiles: Quantiles,
): Candidates {
  const values = astype(block, 'float64').chunk()
  return candidatesInBins(values, rangeOf(range), toChunk(counts), quantiles)
}

/** Returns the quantiles of all blocks; NaN if an element is NaN that is not ignored. */
export function finishQuantilesStep(
  parts: readonly Candidates[],
  counts: Block,
  range: Range,
  quantiles: Quantiles,
  size: number,
): NDArray {
  const own = rangeOf(range)
  const isAbsent = !quantiles.ignoresNaN && own.count < size
  return quantilesOfCandidates(
    parts,
    isAbsent ? { ...own, count: 0 } : own,
    toChunk(counts),
    quantiles,
  )
}

operations('collections/array/steps/quantile-steps', {
  countBinsStep,
  finishQuantilesStep,
  quantileCandidatesStep,
  laneQuantilesStep,
})
