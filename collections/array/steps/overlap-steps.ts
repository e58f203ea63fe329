/**
 * Steps of blocks that overlap their neighbours.
 */
import { operations } from '../../../core/base/operations.js'
import { type Dtype, isBig, type Scalar } from '../block/dtype.js'
import { type AxisSlice, copyInto, NDArray } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'

/** A part of a block: elements of an input, or one value. */
export interface OverlapPart {
  /** The number of the input; -1 for a value. */
  readonly source: number
  readonly fill: number
  readonly take: readonly AxisSlice[]
  readonly to: readonly number[]
}

/** Makes a block of a shape from parts of others, which fill it. */
export function overlapStep(
  blocks: readonly (NDArray | LazyChunk)[],
  dtype: Dtype,
  shape: readonly number[],
  parts: readonly OverlapPart[],
): LazyChunk {
  const target = borrowChunk(dtype, shape)
  const chunks = blocks.map(toChunk)
  for (const { source, fill, take, to } of parts) {
    const into = take.map(({ size }, axis) => ({ start: to[axis]!, step: 1, size }))
    const value: Scalar = isBig(dtype) ? BigInt(fill) : fill
    const from =
      source < 0
        ? NDArray.scalar(
            dtype,
            dtype.startsWith('complex') ? { re: fill, im: 0 } : value,
          ).broadcastTo(take.map(({ size }) => size))
        : chunks[source]!.slice(take)
    copyInto(target.slice(into), from)
  }
  return lazy(target)
}

/** Returns a view of windows: each axis of the list becomes shorter, and gets an axis of the window's width at the end. */
export function slidingWindowStep(
  block: NDArray | LazyChunk,
  windows: readonly (readonly [axis: number, width: number])[],
): LazyChunk {
  const chunk = toChunk(block)
  const shape = [...chunk.shape]
  const strides = [...chunk.strides]
  for (const [axis, width] of windows) {
    shape[axis]! -= width - 1
    shape.push(width)
    strides.push(chunk.strides[axis]!)
  }
  return lazy(
    new NDArray(
      chunk.dtype,
      chunk.data,
      shape.map((n) => Math.max(0, n)),
      strides,
      chunk.offset,
    ),
  )
}

operations('collections/array/steps/overlap-steps', { overlapStep, slidingWindowStep })
