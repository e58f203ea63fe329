/**
 * Steps of operations on whole matrices, and of the QR decomposition of tall matrices.
 */
import { operations } from '../../../core/base/operations.js'
import type { BlasData, BlasDtype } from '../blas/blas-library.js'
import { type ColumnMatrix, toBlock, toColumns, triangleOf } from '../blas/column-matrix.js'
import { NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import {
  applyToMatrices,
  formedQ,
  type MatrixOperationName,
  type MatrixOptions,
} from '../factorizations/matrix-operations.js'
import { routinesFor } from '../factorizations/routines.js'
import { matmulChunks } from '../kernels/matmul-kernel.js'

/** Applies an operation to stacks of matrices, one for each argument. */
export function matrixPartsStep(
  blocks: readonly (NDArray | LazyChunk)[],
  name: MatrixOperationName,
  options: MatrixOptions,
): readonly NDArray[] {
  return applyToMatrices(name, blocks.map(toChunk), options)
}

/** Applies an operation that has one result. */
export function matrixStep(
  blocks: readonly (NDArray | LazyChunk)[],
  name: MatrixOperationName,
  options: MatrixOptions,
): NDArray {
  return applyToMatrices(name, blocks.map(toChunk), options)[0]!
}

/** Returns one of the results of an operation. */
export function partStep(parts: readonly NDArray[], index: number): NDArray {
  return parts[index]!
}

/** Returns a QR decomposition that is not formed: R with the vectors of the reflections, and their factors. */
export function qrFactorsStep(block: NDArray | LazyChunk): readonly NDArray[] {
  const factors = toColumns(toChunk(block))
  const tau = routinesFor(factors.dtype).qr(factors)
  return [toBlock(factors), new NDArray(factors.dtype, tau, [factors.columns])]
}

function columnsOf({ dtype, data, shape }: NDArray): ColumnMatrix {
  return { dtype: dtype as BlasDtype, data: data as BlasData, rows: shape[0]!, columns: shape[1]! }
}

/** Returns R of a decomposition that is not formed. */
export function qrUpperStep([factors]: readonly NDArray[]): NDArray {
  const matrix = columnsOf(factors!)
  return toBlock(triangleOf(matrix, 'upper', Math.min(matrix.rows, matrix.columns), matrix.columns))
}

/** Returns Q of a decomposition that is not formed, multiplied by a small matrix. */
export function qrTimesStep(
  [factors, tau]: readonly NDArray[],
  small: NDArray | LazyChunk,
): NDArray {
  return matmulChunks([toBlock(formedQ(columnsOf(factors!), tau!))], [toChunk(small)])
}

/** Returns the product of two blocks. */
export function matmulOnceStep(a: NDArray | LazyChunk, b: NDArray | LazyChunk): NDArray {
  return matmulChunks([toChunk(a)], [toChunk(b)])
}

operations('collections/array/steps/matrix-steps', {
  matmulOnceStep,
  matrixPartsStep,
  matrixStep,
  partStep,
  qrFactorsStep,
  qrTimesStep,
  qrUpperStep,
})
