/**
 * Column-major matrices in contiguous memory, as LAPACK has them, and their conversion from and to blocks.
 */
import { isComplex } from '../block/dtype.js'
import { allocate, copyOf, NDArray } from '../block/ndarray.js'
import type { BlasData, BlasDtype } from './blas-library.js'

/** A column-major matrix in memory of its own. Complex elements are two numbers. */
export interface ColumnMatrix {
  readonly dtype: BlasDtype
  readonly data: BlasData
  readonly rows: number
  readonly columns: number
}

/** Makes a matrix of zeros. */
export function zeroColumns(dtype: BlasDtype, rows: number, columns: number): ColumnMatrix {
  return { dtype, data: allocate(dtype, rows * columns), rows, columns }
}

/** The number of rows and columns that are transposed at a time. */
const TILE = 16

/** Copies a block with two axes to a column-major matrix. */
export function toColumns(block: NDArray): ColumnMatrix {
  const dtype = block.dtype as BlasDtype
  const [rows, columns] = block.shape as [number, number]
  if (!isComplex(dtype) && block.strides[1] === 1 && rows >= TILE) {
    const out = zeroColumns(dtype, rows, columns)
    transposeRows(block.data as BlasData, block.offset, block.strides[0]!, out)
    return out
  }
  const copy = copyOf(block.transpose())
  return { dtype, data: copy.data as BlasData, rows, columns }
}

/** Copies row-major elements, a few rows at a time, so that reads and writes stay in the cache. */
function transposeRows(from: BlasData, offset: number, width: number, out: ColumnMatrix): void {
  const { data, rows, columns } = out
  const last = Math.max(0, rows - TILE)
  for (let first = 0; first < rows; first += TILE) {
    const start = Math.min(first, last)
    for (let j = 0; j < columns; j++) {
      let at = offset + start * width + j
      const to = j * rows + start
      for (let i = 0; i < TILE; i++, at += width) data[to + i] = from[at]!
    }
  }
}

/** Returns a block that shares the memory of a matrix. */
export function toBlock({ dtype, data, rows, columns }: ColumnMatrix): NDArray {
  return new NDArray(dtype, data as never, [rows, columns], [1, Math.max(1, rows)])
}

/** Returns a copy of some columns. */
export function copyColumns(matrix: ColumnMatrix, first: number, count: number): ColumnMatrix {
  const { dtype, rows } = matrix
  const numbers = isComplex(dtype) ? 2 : 1
  const out = zeroColumns(dtype, rows, count)
  out.data.set(matrix.data.subarray(first * rows * numbers, (first + count) * rows * numbers))
  return out
}

/** Returns a copy of the upper or lower triangle, zeros elsewhere, cut or padded to `rows` rows and `columns` columns. */
export function triangleOf(
  matrix: ColumnMatrix,
  part: 'upper' | 'lower',
  rows: number,
  columns: number,
  unit = false,
): ColumnMatrix {
  const { dtype, data } = matrix
  const numbers = isComplex(dtype) ? 2 : 1
  const out = zeroColumns(dtype, rows, columns)
  for (let j = 0; j < columns; j++) {
    const from = part === 'upper' ? 0 : j
    const to = part === 'upper' ? Math.min(j + 1, rows) : rows
    if (to > from && j < matrix.columns) {
      const at = (j * matrix.rows + from) * numbers
      out.data.set(data.subarray(at, at + (to - from) * numbers), (j * rows + from) * numbers)
    }
    if (unit && j < rows) {
      out.data[(j * rows + j) * numbers] = 1
      if (numbers === 2) out.data[(j * rows + j) * 2 + 1] = 0
    }
  }
  return out
}
