/**
 * Products of reflections in the compact form `I - V T V^H`, which matrix products apply.
 * Source: R. Schreiber and C. Van Loan, A storage-efficient WY representation for products of Householder
 * transformations, SIAM J. Sci. Stat. Comput. 10 (1989).
 */
import type { BlasData } from '../blas/blas-library.js'
import { type ColumnMatrix, zeroColumns } from '../blas/column-matrix.js'
import { isComplex } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { complexVectors, realVectors } from './vectors.js'

/** Returns T, from the vectors of the reflections, their factors, and `V^H V`. */
export function triangularFactor(v: ColumnMatrix, tau: BlasData, gram: NDArray): ColumnMatrix {
  const { dtype, columns: n } = v
  const vectors = isComplex(dtype) ? complexVectors : realVectors
  const { width } = vectors
  const products = gram.contiguous().data as BlasData
  const t = new Float64Array(n * n * width)
  for (let j = 0; j < n; j++) {
    const column = j * n * width
    const re = tau[j * width]!
    const im = width === 2 ? tau[j * width + 1]! : 0
    // T(:, j) = -tau_j T (V^H v_j)
    for (let i = 0; i < j; i++) {
      const at = (i * n + j) * width
      const a = products[at]!
      const b = width === 2 ? products[at + 1]! : 0
      vectors.add(i + 1, -(re * a - im * b), -(re * b + im * a), t, i * n * width, t, column)
    }
    t[column + j * width] = re
    if (width === 2) t[column + j * 2 + 1] = im
  }
  const out = zeroColumns(dtype, n, n)
  out.data.set(t)
  return out
}
