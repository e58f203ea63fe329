/**
 * The routines of factorizations for one dtype: LAPACK's where a library is found, otherwise the loops of this folder,
 * which compute in float64.
 */
import { type BlasData, type BlasDtype, findBlas } from '../blas/blas-library.js'
import { type ColumnMatrix, zeroColumns } from '../blas/column-matrix.js'
import { lapackRoutines } from '../blas/lapack-routines.js'
import type { MatrixRoutines } from '../blas/matrix-routines.js'
import { complexDtype, isComplex } from '../block/dtype.js'
import { allocate } from '../block/ndarray.js'
import { generalEigenvalues } from './general-eigenvalues.js'
import { eighInPlace } from './hermitian-eigenvalues.js'
import { tallSvd } from './jacobi-svd.js'
import { formQInPlace, qrInPlace } from './reflections.js'
import {
  choleskyInPlace,
  type DoubleMatrix,
  luInPlace,
  solveTriangularInPlace,
} from './triangular-loops.js'
import { complexVectors, realVectors, type Vectors } from './vectors.js'

/** Returns the routines for a dtype. */
export function routinesFor(dtype: BlasDtype): MatrixRoutines {
  const blas = findBlas()
  return blas === undefined ? ownRoutines(dtype) : lapackRoutines(blas, dtype)
}

/** Returns the routines that are written in JavaScript. */
export function ownRoutines(dtype: BlasDtype): MatrixRoutines {
  const vectors = isComplex(dtype) ? complexVectors : realVectors
  const part = dtype === 'float32' || dtype === 'complex64' ? 'float32' : 'float64'
  const store = (data: Float64Array, as: BlasDtype): BlasData => {
    const out = allocate(as, isComplex(as) ? data.length / 2 : data.length)
    out.set(data)
    return out
  }
  return {
    lu: (a) => inDoubles(a, (doubles) => luInPlace(vectors, doubles)),
    cholesky: (a) => inDoubles(a, (doubles) => choleskyInPlace(vectors, doubles)),
    qr: (a) =>
      store(
        inDoubles(a, ({ data, rows, columns }) => qrInPlace(vectors, data, rows, columns)),
        dtype,
      ),
    formQ: (a, tau, count) =>
      inDoubles(a, ({ data, rows, columns }) =>
        formQInPlace(vectors, data, rows, columns, Float64Array.from(tau), count),
      ),
    svd: (a, fullMatrices) => {
      const least = Math.min(a.rows, a.columns)
      const isTall = a.rows >= a.columns
      const source = isTall ? doublesOf(a) : adjoint(vectors, doublesOf(a))
      const { u, s, v } = tallSvd(vectors, source, fullMatrices ? source.rows : least)
      const { rows } = source
      const left: DoubleMatrix = { data: u, rows, columns: fullMatrices ? rows : least }
      const right: DoubleMatrix = { data: v, rows: least, columns: least }
      const matrix = ({ data, rows: m, columns }: DoubleMatrix): ColumnMatrix => ({
        dtype,
        data: store(data, dtype),
        rows: m,
        columns,
      })
      return isTall
        ? { u: matrix(left), s: store(s, part), vh: matrix(adjoint(vectors, right)) }
        : { u: matrix(right), s: store(s, part), vh: matrix(adjoint(vectors, left)) }
    },
    svdvals: (a) => {
      const source = a.rows >= a.columns ? doublesOf(a) : adjoint(vectors, doublesOf(a))
      return store(tallSvd(vectors, source, source.columns).s, part)
    },
    eigh: (a, wantsVectors) =>
      store(
        inDoubles(a, (doubles) => eighInPlace(vectors, doubles, wantsVectors)),
        part,
      ),
    eig: (a, wantsVectors) => {
      const { data, rows: n } = doublesOf(a)
      const { values, vectors } = generalEigenvalues(data, n, isComplex(dtype), wantsVectors)
      const as = complexDtype(dtype)
      return {
        values: store(values, as),
        vectors: vectors && { dtype: as, data: store(vectors, as), rows: n, columns: n },
      }
    },
    solveTriangular: (a, b, form) =>
      inDoubles(b, (doubles) => solveTriangularInPlace(vectors, doublesOf(a), doubles, form)),
  }
}

/** Returns the matrix in float64, sharing its memory if it is already. */
function doublesOf({ data, rows, columns }: ColumnMatrix): DoubleMatrix {
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), rows, columns }
}

/** Runs a loop that overwrites a matrix, in float64. */
function inDoubles<T>(matrix: ColumnMatrix, run: (doubles: DoubleMatrix) => T): T {
  const doubles = doublesOf(matrix)
  const result = run(doubles)
  if (doubles.data !== matrix.data) matrix.data.set(doubles.data)
  return result
}

/** Returns the conjugate transpose. */
function adjoint({ width }: Vectors, { data, rows, columns }: DoubleMatrix): DoubleMatrix {
  const out = new Float64Array(data.length)
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < rows; i++) {
      const from = (j * rows + i) * width
      const to = (i * columns + j) * width
      out[to] = data[from]!
      if (width === 2) out[to + 1] = -data[from + 1]!
    }
  }
  return { data: out, rows: columns, columns: rows }
}

/** Makes the identity, or the first `columns` columns of it. */
export function identityColumns(dtype: BlasDtype, rows: number, columns: number): ColumnMatrix {
  const out = zeroColumns(dtype, rows, columns)
  const width = isComplex(dtype) ? 2 : 1
  for (let k = 0; k < Math.min(rows, columns); k++) out.data[(k * rows + k) * width] = 1
  return out
}
