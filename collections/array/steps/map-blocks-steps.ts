/**
 * Steps that call a user's function with blocks.
 */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import { copyOf, type NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { blockShapeAt, type Grid } from '../planning/chunk-grid.js'
import { blockFromResult } from './chunk-from-values.js'

/** Calls `fn` with blocks and converts its result to a block. Accepts a function that is async. */
export function mapBlocksStep(
  fn: (...args: unknown[]) => unknown,
  blocks: readonly (NDArray | LazyChunk)[],
  grid: Grid,
  position: number,
  dtype: Dtype,
  ...extra: unknown[]
): unknown {
  // Copies, since the function may modify its arguments and other tasks may read the same blocks.
  const args = blocks.map((block) => copyOf(toChunk(block)))
  const shape = blockShapeAt(grid, position)
  const result = fn(...args, ...extra)
  const toBlock = (value: unknown) => blockFromResult('mapBlocks', value, shape, dtype)
  if (typeof result === 'object' && result !== null && 'then' in result) {
    return (result as unknown as PromiseLike<unknown>).then(toBlock)
  }
  return toBlock(result)
}

operations('collections/array/steps/map-blocks-steps', { mapBlocksStep })
