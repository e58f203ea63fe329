/**
 * Steps of diagonals and triangles.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import { type Dtype, isBig, numbersPerElement } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { blockShapeAt, chunkBounds, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import type { DiagonalPiece } from '../planning/diagonal-plan.js'

/** Returns a view of a part of a diagonal, along the last axis. */
export function diagonalPieceStep(
  block: NDArray | LazyChunk,
  rows: number,
  columns: number,
  { row, column, size }: DiagonalPiece,
): LazyChunk {
  const { dtype, data, shape, strides, offset } = toChunk(block)
  const isKept = (_: number, axis: number) => axis !== rows && axis !== columns
  const start = size === 0 ? 0 : row * strides[rows]! + column * strides[columns]!
  const stride = strides[rows]! + strides[columns]!
  const view = new NDArray(
    dtype,
    data,
    [...shape.filter(isKept), size],
    [...strides.filter(isKept), stride],
    offset + start,
  )
  return lazy(view)
}

/** Makes a block of a matrix that has ones on and below diagonal `k` and zeros above it. */
export function triangleStep(grid: Grid, position: number, dtype: Dtype, k: number): LazyChunk {
  const [rows, columns] = blockShapeAt(grid, position) as [number, number]
  const [top, left] = blockCoordinates(position, numblocksOf(grid)).map(
    (c, axis) => chunkBounds(grid[axis]!)[c]!,
  ) as [number, number]
  const chunk = borrowChunk(dtype, [rows, columns])
  const [zero, one] = (isBig(dtype) ? [0n, 1n] : [0, 1]) as [never, never]
  const width = numbersPerElement(dtype)
  chunk.data.fill(zero)
  for (let i = 0; i < rows; i++) {
    const end = Math.min(columns, top + i + k - left + 1)
    if (end <= 0) continue
    const start = i * columns
    if (width === 1) chunk.data.fill(one, start, start + end)
    else for (let j = 0; j < end; j++) (chunk.data as Float64Array)[(start + j) * width] = one
  }
  return lazy(chunk)
}

operations('collections/array/steps/diagonal-steps', { diagonalPieceStep, triangleStep })
