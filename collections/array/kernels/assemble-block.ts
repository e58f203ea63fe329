/**
 * Assembles blocks: from parts of other blocks, for rechunking and lists of indices; and all blocks of
 * an array to one chunk, for the result of `compute()`.
 */

import { type Dtype, isComplex } from '../block/dtype.js'
import { type AxisSlice, copyInto, NDArray } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import {
  blockShape,
  chunkBounds,
  forEachBlock,
  type Grid,
  gridShape,
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

/** Makes a block of some shape from parts of the sources, which must fill it. */
export function assembleBlock(
  sources: readonly NDArray[],
  dtype: Dtype,
  shape: readonly number[],
  parts: readonly BlockPart[],
): NDArray {
  const target = borrowChunk(dtype, shape)
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
  const from = take.map((t): AxisSlice => (isList(t) ? { start: 0, step: 1, size: 0 } : t))
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
  const [to, from] = [target.strides[axis]!, source.strides[axis]!]
  if (target.ndim === 1 && !isComplex(target.dtype)) {
    gatherVector(target.data as Float64Array, source.data as Float64Array, {
      positions,
      taken,
      to,
      from,
      target: target.offset,
      source: source.offset,
    })
    return
  }
  const elementsAt = (chunk: NDArray, at: number) => {
    const one = { start: at, step: 1, size: 1 }
    return chunk.slice(
      chunk.shape.map((size, a) => (a === axis ? one : { start: 0, step: 1, size })),
    )
  }
  for (let i = 0; i < positions.length; i++) {
    copyInto(elementsAt(target, positions[i]!), elementsAt(source, taken[i]!))
  }
}

interface VectorGather {
  readonly positions: readonly number[]
  readonly taken: readonly number[]
  /** Strides. */
  readonly to: number
  readonly from: number
  /** Offsets. */
  readonly target: number
  readonly source: number
}

function gatherVector(target: Float64Array, source: Float64Array, gather: VectorGather): void {
  const { positions, taken, to, from } = gather
  for (let i = 0; i < positions.length; i++) {
    target[gather.target + positions[i]! * to] = source[gather.source + taken[i]! * from]!
  }
}

/** Joins all blocks of a grid, in row-major order, to one chunk. */
export function joinBlocks(blocks: readonly NDArray[], grid: Grid, dtype: Dtype): NDArray {
  if (blocks.length === 1) return blocks[0]!.contiguous()
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
