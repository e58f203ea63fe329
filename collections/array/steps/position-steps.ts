/**
 * Steps of positions: elements at positions along an axis, and coordinates as one number.
 */
import { operations } from '../../../core/base/operations.js'
import { NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import {
  type ElementOrder,
  type OutsideMode,
  ravelPositions,
  repeatedPositions,
  takeAlong,
  unravelPositions,
} from '../kernels/position-kernel.js'
import { commonShape } from '../planning/broadcast.js'

type Block = NDArray | LazyChunk

/** Takes elements at positions along an axis. */
export function takeAlongStep(block: Block, indices: Block, axis: number): NDArray {
  return takeAlong(toChunk(block), toChunk(indices), axis)
}

/** Repeats each element along an axis as often as a vector of integers says. */
export function repeatByStep(block: Block, counts: Block, axis: number): NDArray {
  const own = toChunk(block)
  const list = repeatedPositions(toChunk(counts))
  const shape = own.shape.map((_, a) => (a === axis ? list.length : 1))
  return takeAlong(own, NDArray.fromData(list, { shape }), axis)
}

/** Returns the positions of coordinates, a block for each axis, in a flattened array. */
export function ravelIndexStep(
  coordinates: readonly Block[],
  dims: readonly number[],
  modes: readonly OutsideMode[],
  order: ElementOrder,
): NDArray {
  const blocks = coordinates.map(toChunk)
  const shape = commonShape(
    'ravelMultiIndex',
    blocks.map((block) => block.shape),
  )
  return ravelPositions(blocks, shape, dims, modes, order)
}

/** Returns the coordinates along an axis of positions in a flattened array. */
export function unravelIndexStep(
  positions: Block,
  dims: readonly number[],
  axis: number,
  order: ElementOrder,
): NDArray {
  return unravelPositions(toChunk(positions), dims, axis, order)
}

operations('collections/array/steps/position-steps', {
  ravelIndexStep,
  repeatByStep,
  takeAlongStep,
  unravelIndexStep,
})
