/**
 * Steps of the greatest and least elements along an axis.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import {
  type Extremes,
  mergeExtremesAlong,
  selectExtremes,
  type Topk,
} from '../kernels/topk-kernel.js'

/** Selects elements of a block, with their positions in the axis. */
export function topkStep(
  block: NDArray | LazyChunk,
  topk: Topk,
  starts: readonly number[],
  coordinates: readonly number[],
): Extremes {
  return selectExtremes(toChunk(block), topk, starts[coordinates[topk.axis]!]!)
}

/** Selects among elements that are selected already. */
export function mergeTopkStep(parts: readonly Extremes[], topk: Topk): Extremes {
  return mergeExtremesAlong(parts, topk)
}

/** Returns the selected elements, or their positions. */
export function finishTopkStep(
  { values, positions }: Extremes,
  givesPositions: boolean,
): LazyChunk {
  return givesPositions ? astype(positions, 'int64') : lazy(values)
}

operations('collections/array/steps/topk-steps', { finishTopkStep, mergeTopkStep, topkStep })
