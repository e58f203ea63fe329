/** The routines of factorizations, which LAPACK or loops of our own provide. */
import type { BlasData } from './blas-library.js'
import type { ColumnMatrix } from './column-matrix.js'

/** The parts of a system of equations with a triangular matrix. */
export interface TriangularForm {
  readonly lower: boolean
  /** Whether the conjugate transpose of the matrix is meant. */
  readonly adjoint?: boolean
  /** Whether the diagonal is read as ones. */
  readonly unit?: boolean
}

/** A singular value decomposition; `s` is in descending order, of the dtype of the parts. */
export interface SvdParts {
  readonly u: ColumnMatrix
  readonly s: BlasData
  readonly vh: ColumnMatrix
}

/**
 * Routines for matrices of one dtype. Matrices that are said to be overwritten are; all others are only read. A
 * returned position counts from 0; -1 means success.
 */
export interface MatrixRoutines {
  /**
   * Overwrites a matrix by its factors L (without its unit diagonal) and U. Returns for each column the row that was
   * swapped with the row of its number, and the position of the first zero on the diagonal of U.
   */
  lu(a: ColumnMatrix): { readonly pivots: Int32Array; readonly zeroAt: number }
  /**
   * Overwrites the lower triangle of a Hermitian matrix, of which only that is read, by its Cholesky factor. Returns
   * the size of the first part that is not positive definite, minus 1.
   */
  cholesky(a: ColumnMatrix): number
  /** Overwrites a matrix by R and the vectors of reflections below it. Returns the factors of the reflections. */
  qr(a: ColumnMatrix): BlasData
  /** Overwrites the result of `qr`, which has no more columns than rows, by Q: `count` reflections. */
  formQ(a: ColumnMatrix, tau: BlasData, count: number): void
  /** Returns the singular value decomposition. The matrix is overwritten. Throws RangeError if it does not converge. */
  svd(a: ColumnMatrix, fullMatrices: boolean): SvdParts
  /** Returns the singular values. The matrix is overwritten. */
  svdvals(a: ColumnMatrix): BlasData
  /**
   * Returns the eigenvalues of a Hermitian matrix in ascending order; only its lower triangle is read. Overwrites the
   * matrix by the eigenvectors if they are wanted. Throws RangeError if it does not converge.
   */
  eigh(a: ColumnMatrix, vectors: boolean): BlasData
  /**
   * Returns the eigenvalues of a square matrix as complex numbers, and the eigenvectors as columns if they are wanted;
   * overwrites the matrix. Throws RangeError if it does not converge.
   */
  eig(
    a: ColumnMatrix,
    wantsVectors: boolean,
  ): { values: BlasData; vectors: ColumnMatrix | undefined }
  /** Overwrites `b` by the solution of equations with a triangular matrix. */
  solveTriangular(a: ColumnMatrix, b: ColumnMatrix, form: TriangularForm): void
}
