/**
 * Selection of the greatest or least elements along an axis, in order.
 */

import { isComplex } from '../block/dtype.js'
import { copyInto, NDArray } from '../block/ndarray.js'
import { fromLanes, type Lanes, lanesOf, orderOfLanes } from './sort-kernel.js'

/** What is selected: the `k` greatest elements along an axis, or the `-k` least. */
export interface Topk {
  readonly axis: number
  readonly k: number
}

/** Selected elements, in order, and their positions in the axis. */
export interface Extremes {
  readonly values: NDArray
  readonly positions: NDArray<'float64'>
}

/** Selects elements of a block whose first element has a position in the axis. */
export function selectExtremes(block: NDArray, { axis, k }: Topk, start: number): Extremes {
  const lanes = lanesOf(block, axis)
  const { length } = lanes
  const positions = NDArray.zeros('float64', lanes.chunk.shape)
  for (let i = 0; i < positions.data.length; i++) positions.data[i] = start + (i % length)
  return selectFrom(lanes, positions, { axis, k })
}

/** Selects among elements that are selected already. */
export function mergeExtremesAlong(parts: readonly Extremes[], { axis, k }: Topk): Extremes {
  const values = lanesOf(
    joinBlocksAlong(
      parts.map((part) => part.values),
      axis,
    ),
    axis,
  )
  const positions = lanesOf(
    joinBlocksAlong(
      parts.map((part) => part.positions),
      axis,
    ),
    axis,
  )
  return selectFrom(values, positions.chunk as NDArray<'float64'>, { axis, k })
}

function joinBlocksAlong(blocks: readonly NDArray[], axis: number): NDArray {
  const [first] = blocks as [NDArray]
  const total = blocks.reduce((sum, { shape }) => sum + shape[axis]!, 0)
  const joined = NDArray.zeros(first.dtype, first.shape.with(axis, total))
  let start = 0
  for (const block of blocks) {
    const slices = block.shape.map((size, a) => ({ start: a === axis ? start : 0, step: 1, size }))
    copyInto(joined.slice(slices), block)
    start += block.shape[axis]!
  }
  return joined
}

/** Selects elements of lanes. NaN counts as the greatest, so it comes first among the greatest. */
function selectFrom(lanes: Lanes, positions: NDArray<'float64'>, { axis, k }: Topk): Extremes {
  const { chunk, count, length } = lanes
  const size = Math.min(Math.abs(k), length)
  const shape = chunk.shape.with(-1, size)
  const taken = NDArray.zeros(chunk.dtype, shape)
  const places = NDArray.zeros('float64', shape)
  const order = orderOfLanes(lanes, k > 0)
  const width = isComplex(chunk.dtype) ? 2 : 1
  for (let lane = 0; lane < count; lane++) {
    const first = k > 0 ? numbersIn(lanes, lane) : length
    for (let i = 0; i < size; i++) {
      // In descending order NaN comes last, and is taken first.
      const rank = (first + i) % length
      const at = lane * length + order[lane * length + rank]!
      for (let w = 0; w < width; w++) {
        taken.data[(lane * size + i) * width + w] = chunk.data[at * width + w] as never
      }
      places.data[lane * size + i] = positions.data[at]!
    }
  }
  return {
    values: fromLanes(taken, axis),
    positions: fromLanes(places, axis) as NDArray<'float64'>,
  }
}

/** Returns the number of elements of a lane that are not NaN. */
function numbersIn({ chunk, length }: Lanes, lane: number): number {
  const width = isComplex(chunk.dtype) ? 2 : 1
  let numbers = 0
  for (let i = lane * length; i < (lane + 1) * length; i++) {
    let present = true
    for (let w = 0; w < width; w++) if (Number.isNaN(chunk.data[i * width + w])) present = false
    if (present) numbers++
  }
  return numbers
}
