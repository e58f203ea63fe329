/**
 * Sorting of lanes: the elements along one axis. NaN comes last. The order of complex numbers is NumPy's: by real
 * parts, then by imaginary ones.
 */

import { type Dtype, isBigData, isComplex, type TypedArray } from '../block/dtype.js'
import { copyOf, NDArray } from '../block/ndarray.js'
import { astype } from '../expressions/lazy-chunk.js'
import { radixOrder } from './radix-order.js'
import { sortNumbers } from './radix-sort.js'

/** Compares element `i` of one array with element `j` of another: negative if it comes first. */
type Comparison = (a: TypedArray, i: number, b: TypedArray, j: number) => number

/** Elements along the last axis, in memory of their own. */
export interface Lanes {
  readonly chunk: NDArray
  readonly count: number
  readonly length: number
}

/** Copies the elements of a block so that an axis comes last. */
export function lanesOf(block: NDArray, axis: number): Lanes {
  const order = block.shape.map((_, a) => a).filter((a) => a !== axis)
  const chunk = copyOf(block.transpose([...order, axis]))
  const length = block.shape[axis]!
  return { chunk, length, count: length === 0 ? 0 : chunk.size / length }
}

/** Moves the last axis back to its place. */
export function fromLanes(chunk: NDArray, axis: number): NDArray {
  const last = chunk.ndim - 1
  const order = chunk.shape.map((_, a) => (a === axis ? last : a > axis ? a - 1 : a))
  return chunk.transpose(order)
}

/** Sorts a block along an axis. */
export function sortBlock(block: NDArray, axis: number, descending: boolean): NDArray {
  const { chunk, count, length } = lanesOf(block, axis)
  if (isComplex(chunk.dtype)) {
    const order = orderOfLanes({ chunk, count, length }, descending)
    return fromLanes(takeAlongLanes(chunk, order, length), axis)
  }
  for (let lane = 0; lane < count; lane++) {
    const part = chunk.data.subarray(lane * length, (lane + 1) * length)
    sortNumbers(part)
    if (descending) reverseNumbers(part)
  }
  return fromLanes(chunk, axis)
}

/** Reverses sorted elements; those that are NaN stay at the end. */
function reverseNumbers(sorted: TypedArray): void {
  let end = sorted.length
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--
  sorted.subarray(0, end).reverse()
}

/** Returns the positions along an axis that would sort a block; equal elements keep their order. */
export function argsortBlock(block: NDArray, axis: number, descending: boolean): NDArray<'int64'> {
  const lanes = lanesOf(block, axis)
  const order = orderOfLanes(lanes, descending)
  const positions = new NDArray('float64', Float64Array.from(order), lanes.chunk.shape)
  return astype(fromLanes(positions, axis), 'int64').finish() as NDArray<'int64'>
}

/** Returns, lane after lane, the positions in the lane that would sort it. */
export function orderOfLanes({ chunk, count, length }: Lanes, descending: boolean): Int32Array {
  const order = new Int32Array(count * length)
  const keys = keysOf(chunk)
  for (let lane = 0; lane < count; lane++) {
    const part = order.subarray(lane * length, (lane + 1) * length)
    if (keys === undefined) orderByComparison(chunk, lane * length, part, descending)
    else radixOrder(keys.subarray(lane * length, (lane + 1) * length), part, descending)
  }
  return order
}

/** Returns the elements as float64 numbers if none of them loses digits. */
function keysOf(chunk: NDArray): Float64Array | undefined {
  if (isComplex(chunk.dtype)) return undefined
  const { data } = chunk
  if (isBigData(data)) {
    const limit = BigInt(Number.MAX_SAFE_INTEGER)
    for (let i = 0; i < data.length; i++)
      if (data[i]! > limit || data[i]! < -limit) return undefined
  }
  return astype(chunk, 'float64').chunk().contiguous().data as Float64Array
}

function orderByComparison(
  { data, dtype }: NDArray,
  start: number,
  order: Int32Array,
  descending: boolean,
): void {
  const compare = comparisonOf(dtype, descending)
  const positions = Array.from({ length: order.length }, (_, i) => i)
  positions.sort((i, j) => compare(data, start + i, data, start + j) || i - j)
  order.set(positions)
}

/** Returns elements `order[i]` of each lane. */
function takeAlongLanes(chunk: NDArray, order: Int32Array, length: number): NDArray {
  const taken = NDArray.zeros(chunk.dtype, chunk.shape)
  const [from, to] = [chunk.data as Float64Array, taken.data as Float64Array]
  for (let i = 0; i < order.length; i++) {
    const at = i - (i % length) + order[i]!
    to[2 * i] = from[2 * at]!
    to[2 * i + 1] = from[2 * at + 1]!
  }
  return taken
}

/** Returns how elements of a dtype compare; NaN comes last. */
export function comparisonOf(dtype: Dtype, descending: boolean): Comparison {
  const sign = descending ? -1 : 1
  if (isComplex(dtype)) {
    return (a, i, b, j) => {
      const [ar, ai] = [a[2 * i] as number, a[2 * i + 1] as number]
      const [br, bi] = [b[2 * j] as number, b[2 * j + 1] as number]
      const groups = absence(ar, ai) - absence(br, bi)
      if (groups !== 0) return groups
      return sign * (ar < br ? -1 : ar > br ? 1 : ai < bi ? -1 : ai > bi ? 1 : 0)
    }
  }
  return (a, i, b, j) => {
    const [x, y] = [a[i]!, b[j]!]
    if (x < y) return -sign
    if (x > y) return sign
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
  }
}

/** Which parts are NaN: 0 for none, 1 for the imaginary, 2 for the real part, 3 for both. */
function absence(re: number, im: number): number {
  return 2 * Number(Number.isNaN(re)) + Number(Number.isNaN(im))
}
