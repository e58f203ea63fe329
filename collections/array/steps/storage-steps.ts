/**
 * Steps that read blocks from sources and write them to targets.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import type { Dtype } from '../block/dtype.js'
import { copyOf, type NDArray } from '../block/ndarray.js'
import { LazyChunk } from '../expressions/lazy-chunk.js'
import { type ArraySource, type ArrayTarget, StoredArray } from '../io/array-source.js'
import type { Grid } from '../planning/chunk-grid.js'
import { blockRegion, type Region, regionShape } from '../planning/regions.js'
import { blockFromResult } from './chunk-from-values.js'

/** Reads a block of a source, whose grid begins at `starts`. */
export function readRegionStep(
  source: ArraySource,
  grid: Grid,
  starts: readonly number[],
  dtype: Dtype,
  position: number,
): NDArray | PromiseLike<NDArray> {
  return readRegion(source, blockRegion(grid, position, starts), dtype)
}

function readRegion(
  source: Pick<ArraySource, 'read'>,
  region: Region,
  dtype: Dtype,
): NDArray | PromiseLike<NDArray> {
  const toBlock = (values: unknown) => blockFromResult('read', values, regionShape(region), dtype)
  const values = source.read(region)
  return isThenable(values) ? values.then(toBlock) : toBlock(values)
}

/**
 * Writes a block to a region of a target. Returns null, or the block as the target reads it if `reads` is true.
 */
export function storeStep(
  block: NDArray | LazyChunk,
  target: ArrayTarget,
  grid: Grid,
  starts: readonly number[],
  reads: boolean,
  position: number,
): unknown {
  const chunk = block instanceof LazyChunk ? block.finish() : block
  const region = blockRegion(grid, position, starts)
  const after = () =>
    reads ? readRegion(target as Required<ArrayTarget>, region, chunk.dtype) : null
  if (chunk.size === 0) return reads ? chunk : null
  // A copy, since a target of the user may modify the block and other tasks may read it.
  const written = target.set(region, target instanceof StoredArray ? chunk : copyOf(chunk))
  return isThenable(written) ? written.then(after) : after()
}

/** Ends a computation that stores blocks. */
export function storedStep(): void {}

operations('collections/array/steps/storage-steps', { readRegionStep, storeStep, storedStep })
