/**
 * Steps on blocks whose sizes are not known when the graph is made.
 */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { joinBlocks } from '../kernels/assemble-block.js'

/** Joins blocks of any sizes; `counts` are their numbers along each axis. */
export function gatherStep(
  blocks: readonly (NDArray | LazyChunk)[],
  counts: readonly number[],
  dtype: Dtype,
): LazyChunk {
  const grid = counts.map((count) => new Array<number>(count).fill(Number.NaN))
  return lazy(joinBlocks(blocks.map(toChunk), grid, dtype))
}

/** Returns a block. Throws a RangeError unless it has the expected shape, in which NaN is any size. */
export function checkShapeStep(
  block: NDArray | LazyChunk,
  expected: readonly number[],
  operation: string,
): NDArray | LazyChunk {
  const axis = expected.findIndex((n, a) => !Number.isNaN(n) && n !== block.shape[a])
  if (axis < 0) return block
  throw new RangeError(
    `${operation}: axis ${axis} of an array turned out to have ${block.shape[axis]} elements, expected ${expected[axis]}`,
  )
}

/** Returns a block. Throws a RangeError unless it is as long along an axis as another one. */
export function checkSameStep(
  block: NDArray | LazyChunk,
  other: NDArray | LazyChunk,
  axis: number,
  otherAxis: number,
  operation: string,
): NDArray | LazyChunk {
  const [n, expected] = [block.shape[axis], other.shape[otherAxis]]
  if (n === expected) return block
  throw new RangeError(
    `${operation}: axis ${axis} of an array turned out to have ${n} elements, expected ${expected}`,
  )
}

/** Returns the shape of a block. */
export function shapeStep(block: NDArray | LazyChunk): readonly number[] {
  return block.shape
}

/** Returns the number of elements along some axes, as a block whose axes have size 1. */
export function countStep(block: NDArray | LazyChunk, axes: readonly number[]): NDArray {
  const count = axes.reduce((product, axis) => product * block.shape[axis]!, 1)
  return NDArray.scalar('float64', count).reshape(block.shape.map(() => 1))
}

operations('collections/array/steps/unknown-size-steps', {
  checkSameStep,
  checkShapeStep,
  countStep,
  gatherStep,
  shapeStep,
})
