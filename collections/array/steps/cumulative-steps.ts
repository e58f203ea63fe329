/**
 * Steps of cumulative sums and products.
 */
import { operations } from '../../../core/base/operations.js'
import { NDArray } from '../block/ndarray.js'
import { elementwise, type LazyChunk, lazy } from '../expressions/lazy-chunk.js'
import { type Accumulation, accumulate } from '../kernels/cumulative-kernel.js'
import { combine } from '../kernels/partial-reductions.js'

/** Accumulates a block along an axis, after the total of the blocks before it. */
export function cumulativeStep(
  block: NDArray | LazyChunk,
  accumulation: Accumulation,
  ignoresNaN: boolean,
  carry?: NDArray,
): LazyChunk {
  const value = block instanceof NDArray ? lazy(block) : block
  const neutral = accumulation.op === 'sum' ? 0 : 1
  const filled = ignoresNaN
    ? elementwise('where', elementwise('isnan', value), neutral, value)
    : value
  return lazy(accumulate(filled, accumulation, carry))
}

/** Merges the totals of neighbours. */
export function mergeTotalsStep(a: NDArray, b: NDArray, op: Accumulation['op']): NDArray {
  return combine([a, b], op) as NDArray
}

operations('collections/array/steps/cumulative-steps', { cumulativeStep, mergeTotalsStep })
