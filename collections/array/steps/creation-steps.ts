/**
 * Steps that make blocks without reading other blocks, or from a value of another collection.
 *
 * `grid` and `position` are the grid of the array and the row-major position of the block in it.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import {
  type Dtype,
  isBig,
  isBigData,
  isComplex,
  numbersPerElement,
  type Scalar,
} from '../block/dtype.js'
import { fillExact } from '../block/int64-elements.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { astype, type LazyChunk, lazy } from '../expressions/lazy-chunk.js'
import { blockShapeAt, chunkBounds, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { blockFromResult } from './chunk-from-values.js'

/** Makes a block of one value. */
export function fullStep(grid: Grid, position: number, dtype: Dtype, value: Scalar): LazyChunk {
  const shape = blockShapeAt(grid, position)
  if (sizeOf(shape) === 0) return lazy(NDArray.zeros(dtype, shape))
  return lazy(NDArray.scalar(dtype, value).broadcastTo(shape))
}

/** Makes a block of `start + i * step`, with `i` counted along the whole axis. */
export function arangeStep(
  grid: Grid,
  position: number,
  dtype: Dtype,
  start: number | bigint,
  step: number | bigint,
): LazyChunk {
  const at = position
  const first = chunkBounds(grid[0]!)[at]!
  const n = grid[0]![at]!
  if (isComplex(dtype)) return astype(arangeStep(grid, position, 'float64', start, step), dtype)
  const chunk = borrowChunk(dtype, [n])
  if (isBigData(chunk.data)) {
    fillIntegers(chunk.data, BigInt(start) + BigInt(first) * BigInt(step), BigInt(step))
  } else {
    const [from, by] = [Number(start), Number(step)]
    const data = chunk.data as Float64Array
    for (let i = 0; i < n; i++) data[i] = from + (first + i) * by
  }
  return lazy(chunk)
}

/** Integers up to this one are exact as numbers. */
const EXACT = BigInt(Number.MAX_SAFE_INTEGER)

/** Fills an array with `from + i * by`. Numbers are used where they are exact: bigints are 20 times slower. */
function fillIntegers(data: BigInt64Array | BigUint64Array, from: bigint, by: bigint): void {
  const n = data.length
  const last = from + BigInt(n) * by
  if ([from, by, last, last - from].some((x) => x > EXACT || x < -EXACT)) {
    for (let i = 0; i < n; i++) data[i] = from + BigInt(i) * by
    return
  }
  const [first, step] = [Number(from), Number(by)]
  let i = 0
  fillExact(data, () => first + i++ * step)
}

/** Makes a block of evenly spaced numbers; element `divisions` of the axis is exactly `stop`. */
export function linspaceStep(
  grid: Grid,
  position: number,
  dtype: Dtype,
  start: number,
  stop: number,
  divisions: number,
): LazyChunk {
  const at = position
  const first = chunkBounds(grid[0]!)[at]!
  const n = grid[0]![at]!
  const chunk = borrowChunk('float64', [n])
  const { data } = chunk
  const step = divisions === 0 ? 0 : (stop - start) / divisions
  for (let i = 0; i < n; i++) data[i] = start + (first + i) * step
  const end = divisions - first
  if (divisions > 0 && end >= 0 && end < n) data[end] = stop
  return astype(chunk, dtype)
}

/** Makes a block of a matrix that has ones on diagonal `k` and zeros elsewhere. */
export function eyeStep(grid: Grid, position: number, dtype: Dtype, k: number): LazyChunk {
  const shape = blockShapeAt(grid, position)
  const [top, left] = blockCoordinates(position, numblocksOf(grid)).map(
    (c, axis) => chunkBounds(grid[axis]!)[c]!,
  ) as [number, number]
  const chunk = borrowChunk(dtype, shape)
  const [zero, one] = (isBig(dtype) ? [0n, 1n] : [0, 1]) as [never, never]
  const width = numbersPerElement(dtype)
  chunk.data.fill(zero)
  for (let i = 0; i < shape[0]!; i++) {
    const j = top + i + k - left
    if (j >= 0 && j < shape[1]!) (chunk.data as Float64Array)[(i * shape[1]! + j) * width] = one
  }
  return lazy(chunk)
}

/** Converts the value of a delayed call to a block. */
export function delayedStep(value: unknown, shape: readonly number[], dtype: Dtype): NDArray {
  return blockFromResult('fromDelayed', value, shape, dtype)
}

operations('collections/array/steps/creation-steps', {
  arangeStep,
  delayedStep,
  eyeStep,
  fullStep,
  linspaceStep,
})
