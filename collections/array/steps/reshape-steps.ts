/**
 * Steps that change the shape of blocks or rearrange their elements: indexing, rechunking, reshaping.
 */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import type { AxisSlice } from '../block/index-parser.js'
import { NDArray } from '../block/ndarray.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { assembleBlock, type BlockPart } from '../kernels/assemble-block.js'
import { blockShapeAt, type Grid } from '../planning/chunk-grid.js'
import { completeShape } from '../planning/reshape-plan.js'

/**
 * Returns a view: a slice of every axis, then the axes of the result as in `axesStep`. A slice whose size is NaN is
 * the whole axis.
 */
export function viewStep(
  block: NDArray | LazyChunk,
  slices: readonly AxisSlice[],
  axes: readonly number[],
): LazyChunk {
  const chunk = toChunk(block)
  const known = slices.map((slice, axis) =>
    Number.isNaN(slice.size) ? { ...slice, size: chunk.shape[axis]! } : slice,
  )
  return lazy(selectAxes(chunk.slice(known), axes))
}

/** Returns a view with the axes in another order; -1 adds an axis of size 1. */
export function axesStep(block: NDArray | LazyChunk, axes: readonly number[]): LazyChunk {
  return lazy(selectAxes(toChunk(block), axes))
}

function selectAxes(chunk: NDArray, axes: readonly number[]): NDArray {
  const shape = axes.map((axis) => (axis < 0 ? 1 : chunk.shape[axis]!))
  const strides = axes.map((axis) => (axis < 0 ? 0 : chunk.strides[axis]!))
  return new NDArray(chunk.dtype, chunk.data, shape, strides, chunk.offset)
}

/** Returns the elements in row-major order, with the shape of one block of a grid. */
export function reshapeStep(block: NDArray | LazyChunk, grid: Grid, position: number): LazyChunk {
  return lazy(toChunk(block).reshape(blockShapeAt(grid, position)))
}

/** Reshapes a block whose size was not known when the shape was given; one size may be -1. */
export function reshapeAtRunStep(block: NDArray | LazyChunk, sizes: readonly number[]): LazyChunk {
  const chunk = toChunk(block)
  return lazy(chunk.reshape(completeShape(sizes, chunk.size)))
}

/** Repeats a block to the shape of one block of a grid, in which NaN is the size that the block has. */
export function broadcastStep(block: NDArray | LazyChunk, grid: Grid, position: number): LazyChunk {
  const chunk = toChunk(block)
  const lead = grid.length - chunk.ndim
  const shape = blockShapeAt(grid, position)
  return lazy(
    chunk.broadcastTo(shape.map((n, a) => (Number.isNaN(n) ? chunk.shape[a - lead]! : n))),
  )
}

/** Assembles a block from parts of others. */
export function assembleStep(
  blocks: readonly (NDArray | LazyChunk)[],
  dtype: Dtype,
  shape: readonly number[],
  parts: readonly BlockPart[],
): LazyChunk {
  return lazy(assembleBlock(blocks.map(toChunk), dtype, shape, parts))
}

operations('collections/array/steps/reshape-steps', {
  assembleStep,
  axesStep,
  broadcastStep,
  reshapeAtRunStep,
  reshapeStep,
  viewStep,
})
