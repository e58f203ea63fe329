/**
 * Selects elements of blocks at listed positions, and writes them to listed positions of a block.
 */
import type { Dtype } from '../block/dtype.js'
import { newOffsets, type Offsets } from '../block/listed-copy.js'
import { copyInto, type NDArray } from '../block/ndarray.js'
import { copyElements } from '../block/select-elements.js'
import type { StridedElements } from '../block/strided-copy.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'

/** Positions on some axes of a block, as tuples: `lists[k][i]` is that of point `i` on axis `axes[k]`. */
export interface Points {
  readonly axes: readonly number[]
  readonly lists: readonly ArrayLike<number>[]
}

/** Returns the block without the listed axes and with an axis of points, and the offset of each point. */
function pointsView(
  { data, shape, strides, offset }: StridedElements,
  { axes, lists }: Points,
  at: number,
): { readonly view: StridedElements; readonly offsets: Offsets } {
  const count = lists[0]!.length
  const offsets = newOffsets(count, data.length)
  lists.forEach((list, k) => {
    const stride = strides[axes[k]!]!
    for (let i = 0; i < count; i++) offsets[i]! += list[i]! * stride
  })
  const others = (list: readonly number[], points: number) => {
    const rest = list.filter((_, axis) => !axes.includes(axis))
    return [...rest.slice(0, at), points, ...rest.slice(at)]
  }
  return {
    view: { data, shape: others(shape, count), strides: others(strides, 0), offset },
    offsets,
  }
}

/** Returns the elements at points; the axis of the points is number `at` of the result. */
export function takePoints(source: NDArray, points: Points, at: number): NDArray {
  const { dtype } = source
  const { view, offsets } = pointsView(source, points, at)
  const target = borrowChunk(dtype, view.shape)
  copyElements(target, view, dtype, at, { from: offsets })
  return target
}

/** Positions on one axis of a block. */
export function along(axis: number, list: ArrayLike<number>): Points {
  return { axes: [axis], lists: [list] }
}

/** A part of a block of points: those of one source block. */
export interface PointPart {
  readonly source: number
  readonly lists: readonly (readonly number[])[]
  readonly to: readonly number[]
}

/** A block of points: its dtype, their number, their axes in the sources, and their axis in the block. */
interface PointBlock {
  readonly dtype: Dtype
  readonly count: number
  readonly axes: readonly number[]
  readonly at: number
}

/** Makes a block of points from parts of several sources. */
export function assemblePoints(
  sources: readonly NDArray[],
  { dtype, count, axes, at }: PointBlock,
  parts: readonly PointPart[],
): NDArray {
  const rest = sources[0]!.shape.filter((_, axis) => !axes.includes(axis))
  const shape = [...rest.slice(0, at), count, ...rest.slice(at)]
  const target = borrowChunk(dtype, shape)
  for (const { source, lists, to } of parts) {
    const { view, offsets } = pointsView(sources[source]!, { axes, lists }, at)
    const { data, strides, offset } = target
    copyElements({ data, shape: view.shape, strides, offset }, view, dtype, at, {
      from: offsets,
      to: scaled(to, strides[at]!, data.length),
    })
  }
  return target
}

function scaled(positions: ArrayLike<number>, stride: number, limit: number): Offsets {
  const offsets = newOffsets(positions.length, limit)
  for (let i = 0; i < offsets.length; i++) offsets[i] = positions[i]! * stride
  return offsets
}

/** Returns a copy of a block in which the elements at points are those of `values`; their axis there is number `at`. */
export function withPoints(block: NDArray, values: NDArray, points: Points, at: number): NDArray {
  const { dtype, shape } = block
  const target = borrowChunk(dtype, shape)
  copyInto(target, block)
  const { view, offsets } = pointsView(target, points, at)
  copyElements(view, values.broadcastTo(view.shape), dtype, at, { to: offsets })
  return target
}

/** Returns the positions of the true elements of a mask with one axis. */
export function truePositions(mask: NDArray): Int32Array {
  const { data, offset } = mask
  const n = mask.shape[0]!
  const stride = mask.strides[0]!
  const flags = data as Uint8Array
  let count = 0
  for (let i = 0, p = offset; i < n; i++, p += stride) count += flags[p]!
  const positions = new Int32Array(count)
  for (let i = 0, p = offset, to = 0; to < count; i++, p += stride) {
    if (flags[p] !== 0) positions[to++] = i
  }
  return positions
}
