/**
 * Steps of reductions: of one block, of several partial results, and of the last ones.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import type { LazyChunk } from '../expressions/lazy-chunk.js'
import {
  type Aggregation,
  aggregate,
  combine,
  type PartialResult,
  type ReductionName,
  reduceBlock,
} from '../kernels/partial-reductions.js'
import { chunkBounds, type Grid, numblocksOf } from '../planning/chunk-grid.js'

/** Returns the partial result of one block. `grid` and `position` are passed for argmin and argmax only. */
export function reduceStep(
  block: NDArray | LazyChunk,
  name: ReductionName,
  axes: readonly number[],
  grid?: Grid,
  position?: number,
): PartialResult {
  if (grid === undefined || position === undefined) return reduceBlock(block, name, axes)
  const bounds = grid.map(chunkBounds)
  const start = blockCoordinates(position, numblocksOf(grid)).map((c, axis) => bounds[axis]![c]!)
  return reduceBlock(block, name, axes, { start, shape: bounds.map((list) => list.at(-1)!) })
}

/** Merges several partial results into one. */
export function combineStep(parts: readonly PartialResult[], name: ReductionName): PartialResult {
  return combine(parts, name)
}

/** Makes the final result of the last partial results. */
export function aggregateStep(
  parts: readonly PartialResult[],
  aggregation: Aggregation,
): LazyChunk {
  return aggregate(parts, aggregation)
}

operations('collections/array/steps/reduction-steps', { aggregateStep, combineStep, reduceStep })
