/**
 * Assembles blocks: from parts of other blocks, for rechunking and lists of indices; and all blocks of
 * an array to one chunk, for the result of `compute()`.
 */

import type { Dtype } from '../block/dtype.js'
import type { AxisSlice } from '../block/index-parser.js'
import { newOffsets } from '../block/listed-copy.js'
import { copyInto, NDArray } from '../block/ndarray.js'
import { copyElements } from '../block/select-elements.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import {
  blockShape,
  chunkBounds,
  forEachBlock,
  type Grid,
  gridOfShapes,
  gridShape,
  hasUnknown,
} from '../planning/chunk-grid.js'
import type { AxisSelection } from '../planning/index-plan.js'

/** A part of a source block, and its position in the result. */
export interface BlockPart {
  /** The index of the source among the inputs of the task. */
  readonly source: number
  /** For each axis, the elements that are taken. */
  readonly take: readonly AxisSelection[]
  /** For each axis, the first position in the result, or all positions. */
  readonly to: readonly (number | readonly number[])[]
}

const isList = (take: AxisSelection): take is readonly number[] => Array.isArray(take)

/**
 * Makes a block of some shape from parts of the sources, which must fill it. An axis whose size is NaN stays whole.
 */
export function assembleBlock(
  sources: readonly NDArray[],
  dtype: Dtype,
  shape: readonly number[],
  parts: readonly BlockPart[],
): NDArray {
  const known = shape.map((n, axis) => (Number.isNaN(n) ? sources[0]!.shape[axis]! : n))
  const target = borrowChunk(dtype, known)
  for (const { source, take, to } of parts) copyPart(target, sources[source]!, take, to)
  return target
}

function copyPart(
  target: NDArray,
  source: NDArray,
  take: readonly AxisSelection[],
  to: readonly (number | readonly number[])[],
): void {
  const axis = take.findIndex(isList)
  const from = take.map((t, a): AxisSlice => {
    if (isList(t)) return { start: 0, step: 1, size: 0 }
    return Number.isNaN(t.size) ? { ...t, size: source.shape[a]! } : t
  })
  const into = from.map(
    ({ size }, a): AxisSlice => ({ start: (to[a] as number | undefined) ?? 0, step: 1, size }),
  )
  if (axis < 0) {
    copyInto(target.slice(into), source.slice(from))
    return
  }
  const positions = to[axis] as readonly number[]
  const taken = take[axis] as readonly number[]
  from[axis] = { start: 0, step: 1, size: source.shape[axis]! }
  into[axis] = { start: 0, step: 1, size: target.shape[axis]! }
  gather(target.slice(into), source.slice(from), axis, positions, taken)
}

/** Copies the elements at `taken[i]` of an axis to `positions[i]`. */
function gather(
  target: NDArray,
  source: NDArray,
  axis: number,
  positions: readonly number[],
  taken: readonly number[],
): void {
  const to = newOffsets(positions.length, target.data.length)
  const from = newOffsets(taken.length, source.data.length)
  const [a, b] = [target.strides[axis]!, source.strides[axis]!]
  for (let i = 0; i < to.length; i++) {
    to[i] = positions[i]! * a
    from[i] = taken[i]! * b
  }
  const shape = target.shape.map((n, at) => (at === axis ? to.length : n))
  const { data, strides, offset, dtype } = target
  copyElements({ data, shape, strides, offset }, source, dtype, axis, { to, from })
}

/** Joins all blocks of a grid, in row-major order, to one chunk. */
export function joinBlocks(blocks: readonly NDArray[], given: Grid, dtype: Dtype): NDArray {
  if (blocks.length === 1) return blocks[0]!.contiguous()
  const shapes = blocks.map(({ shape }) => shape)
  const grid = hasUnknown(given) ? gridOfShapes(shapes, given) : given
  const whole = NDArray.zeros(dtype, gridShape(grid))
  const bounds = grid.map(chunkBounds)
  let block = 0
  forEachBlock(grid, (at) => {
    const slices = blockShape(grid, at).map((size, axis) => {
      return { start: bounds[axis]![at[axis]!]!, step: 1, size }
    })
    copyInto(whole.slice(slices), blocks[block++]!)
  })
  return whole
}
