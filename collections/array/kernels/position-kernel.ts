/**
 * Kernels of positions: elements at positions along an axis, and coordinates as one number.
 */

import { numbersPerElement } from '../block/dtype.js'
import { fillExact } from '../block/int64-elements.js'
import { allocate, NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { astype } from '../expressions/lazy-chunk.js'

/** How coordinates outside an axis are handled: an error, wrapped around, or clipped to the nearest end. */
export type OutsideMode = 'raise' | 'wrap' | 'clip'

/** The order of elements: with the last axis next to each other, or the first. */
export type ElementOrder = 'C' | 'F'

function asFloats(block: NDArray): Float64Array {
  const { data, offset, size } = (
    astype(block, 'float64').chunk() as NDArray<'float64'>
  ).contiguous()
  return data.subarray(offset, offset + size)
}

/**
 * Takes elements at the positions in an array of integers along an axis; the other axes broadcast. Negative
 * positions count from the end. Throws a RangeError for positions outside the axis.
 */
export function takeAlong(block: NDArray, indices: NDArray, axis: number): NDArray {
  const others = indices.shape.map((n, a) => (n === 1 ? block.shape[a]! : n))
  const shape = others.map((n, a) => (a === axis ? indices.shape[a]! : n))
  const length = block.shape[axis]!
  const full = shape.map((n, a) => (a === axis ? length : n))
  const source = block.broadcastTo(full).contiguous()
  const positions = asFloats(indices.broadcastTo(shape))
  const inner = sizeOf(shape.slice(axis + 1))
  const width = numbersPerElement(block.dtype)
  const target = allocate(block.dtype, sizeOf(shape))
  const start = source.offset * width
  const count = shape[axis]!
  for (let at = 0; at < positions.length; at++) {
    let position = positions[at]!
    if (position < 0) position += length
    if (!(position >= 0 && position < length)) {
      throw new RangeError(
        `takeAlongAxis: position ${positions[at]} is outside axis ${axis} with size ${length}`,
      )
    }
    const lane = Math.floor(at / (count * inner))
    const from = start + ((lane * length + position) * inner + (at % inner)) * width
    for (let part = 0; part < width; part++) target[at * width + part] = source.data[from + part]!
  }
  return new NDArray(block.dtype, target, shape, rowMajor(shape), 0)
}

/** Returns the distance between neighbours along each axis of an array of a shape. */
function orderedStrides(shape: readonly number[], order: ElementOrder): readonly number[] {
  if (order === 'C') return rowMajor(shape)
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)))
}

/** Returns the positions of coordinates in a flattened array. Throws a RangeError for those outside with `raise`. */
export function ravelPositions(
  coordinates: readonly NDArray[],
  shape: readonly number[],
  dims: readonly number[],
  modes: readonly OutsideMode[],
  order: ElementOrder,
): NDArray<'int64'> {
  const strides = orderedStrides(dims, order)
  const result = NDArray.zeros('int64', shape)
  const sums = new Float64Array(result.size)
  coordinates.forEach((block, axis) => {
    const list = asFloats(block.broadcastTo(shape))
    const size = dims[axis]!
    const mode = modes[axis]!
    for (let i = 0; i < sums.length; i++) {
      const own = insideAxis(list[i]!, size, mode, axis)
      sums[i] = sums[i]! + own * strides[axis]!
    }
  })
  let at = 0
  fillExact(result.data, () => sums[at++]!)
  return result
}

function insideAxis(coordinate: number, size: number, mode: OutsideMode, axis: number): number {
  if (coordinate >= 0 && coordinate < size) return coordinate
  if (mode === 'clip') return coordinate < 0 ? 0 : size - 1
  if (mode === 'wrap') return ((coordinate % size) + size) % size
  throw new RangeError(
    `ravelMultiIndex: coordinate ${coordinate} is outside axis ${axis} with size ${size}`,
  )
}

/** Returns the coordinates along an axis of positions in a flattened array. Throws a RangeError for those outside. */
export function unravelPositions(
  positions: NDArray,
  dims: readonly number[],
  axis: number,
  order: ElementOrder,
): NDArray<'int64'> {
  const list = asFloats(positions)
  const [total, size, stride] = [sizeOf(dims), dims[axis]!, orderedStrides(dims, order)[axis]!]
  const result = NDArray.zeros('int64', positions.shape)
  let at = 0
  fillExact(result.data, () => {
    const position = list[at++]!
    if (position >= 0 && position < total) return Math.floor(position / stride) % size
    throw new RangeError(
      `unravelIndex: position ${position} is outside an array of shape [${dims}] with ${total} elements`,
    )
  })
  return result
}

/** Returns each position as often as a vector of counts says. Throws a RangeError for negative counts. */
export function repeatedPositions(counts: NDArray): Int32Array {
  const list = asFloats(counts)
  let total = 0
  for (let i = 0; i < list.length; i++) {
    if (list[i]! < 0) {
      throw new RangeError(`repeat: expected numbers of at least 0; got ${list[i]}`)
    }
    total += list[i]!
  }
  const positions = new Int32Array(total)
  let at = 0
  for (let i = 0; i < list.length; i++) {
    positions.fill(i, at, at + list[i]!)
    at += list[i]!
  }
  return positions
}
