/** LU and Cholesky decompositions and triangular systems, by loops over columns. */
import type { TriangularForm } from '../blas/matrix-routines.js'
import type { Vectors } from './vectors.js'

const product = new Float64Array(2)

/** A column-major matrix of float64 numbers. */
export interface DoubleMatrix {
  readonly data: Float64Array
  readonly rows: number
  readonly columns: number
}

/** Overwrites a matrix by its LU decomposition with partial pivoting; as `MatrixRoutines.lu`. */
export function luInPlace(
  vectors: Vectors,
  { data, rows, columns }: DoubleMatrix,
): { readonly pivots: Int32Array; readonly zeroAt: number } {
  const { width } = vectors
  const count = Math.min(rows, columns)
  const pivots = new Int32Array(count)
  let zeroAt = -1
  for (let k = 0; k < count; k++) {
    const column = k * rows * width
    const pivot = largestBelow(data, column, k, rows, width)
    pivots[k] = pivot
    swapRows(data, k, pivot, rows, columns, width)
    const at = column + k * width
    const re = data[at]!
    const im = width === 2 ? data[at + 1]! : 0
    if (re === 0 && im === 0) {
      if (zeroAt < 0) zeroAt = k
      continue
    }
    const square = re * re + im * im
    if (width === 1) vectors.scale(rows - k - 1, 1 / re, 0, data, at + width)
    else vectors.scale(rows - k - 1, re / square, -im / square, data, at + width)
    for (let j = k + 1; j < columns; j++) {
      const to = (j * rows + k) * width
      const factorIm = width === 2 ? -data[to + 1]! : 0
      vectors.add(rows - k - 1, -data[to]!, factorIm, data, at + width, data, to + width)
    }
  }
  return { pivots, zeroAt }
}

/** Returns the row of the largest element of a column, from row `k` on, in the sense of LAPACK: |re| + |im|. */
function largestBelow(
  data: Float64Array,
  column: number,
  k: number,
  rows: number,
  width: number,
): number {
  let pivot = k
  let largest = -1
  for (let i = k; i < rows; i++) {
    const at = column + i * width
    const size = Math.abs(data[at]!) + (width === 2 ? Math.abs(data[at + 1]!) : 0)
    if (size > largest) {
      largest = size
      pivot = i
    }
  }
  return pivot
}

function swapRows(
  data: Float64Array,
  a: number,
  b: number,
  rows: number,
  columns: number,
  width: number,
): void {
  if (a === b) return
  for (let j = 0; j < columns; j++) {
    for (let part = 0; part < width; part++) {
      const from = (j * rows + a) * width + part
      const to = (j * rows + b) * width + part
      const value = data[from]!
      data[from] = data[to]!
      data[to] = value
    }
  }
}

/** Overwrites the lower triangle of a Hermitian matrix by its Cholesky factor; as `MatrixRoutines.cholesky`. */
export function choleskyInPlace(vectors: Vectors, { data, rows }: DoubleMatrix): number {
  const { width } = vectors
  for (let k = 0; k < rows; k++) {
    const at = (k * rows + k) * width
    const diagonal = data[at]!
    if (!(diagonal > 0)) return k
    const root = Math.sqrt(diagonal)
    data[at] = root
    if (width === 2) data[at + 1] = 0
    vectors.scale(rows - k - 1, 1 / root, 0, data, at + width)
    for (let j = k + 1; j < rows; j++) {
      const from = (k * rows + j) * width
      const im = width === 2 ? data[from + 1]! : 0
      vectors.add(rows - j, -data[from]!, im, data, from, data, (j * rows + j) * width)
    }
  }
  return -1
}

/** Overwrites `b` by the solution of equations with a triangular matrix. */
export function solveTriangularInPlace(
  vectors: Vectors,
  { data: t, rows }: DoubleMatrix,
  b: DoubleMatrix,
  { lower, adjoint = false, unit = false }: TriangularForm,
): void {
  const { width } = vectors
  const forward = lower !== adjoint
  for (let column = 0; column < b.columns; column++) {
    const start = column * rows * width
    for (let step = 0; step < rows; step++) {
      const k = forward ? step : rows - 1 - step
      const x = start + k * width
      const diagonal = (k * rows + k) * width
      /** The rest of column k of the triangle: its first row and its length. */
      const first = lower ? k + 1 : 0
      const length = lower ? rows - k - 1 : k
      const from = (k * rows + first) * width
      const rest = start + first * width
      if (adjoint) {
        vectors.dot(length, t, from, b.data, rest, product)
        b.data[x]! -= product[0]!
        if (width === 2) b.data[x + 1]! -= product[1]!
      }
      if (!unit) divide(b.data, x, t, diagonal, width, adjoint)
      if (!adjoint) {
        const im = width === 2 ? -b.data[x + 1]! : 0
        vectors.add(length, -b.data[x]!, im, t, from, b.data, rest)
      }
    }
  }
}

/** Divides an element by one of `t`, or by its conjugate. */
function divide(
  data: Float64Array,
  at: number,
  t: Float64Array,
  from: number,
  width: number,
  conjugate: boolean,
): void {
  if (width === 1) {
    data[at]! /= t[from]!
    return
  }
  const c = t[from]!
  const d = conjugate ? -t[from + 1]! : t[from + 1]!
  const a = data[at]!
  const b = data[at + 1]!
  // Smith's method: no overflow of the squares.
  if (Math.abs(c) >= Math.abs(d)) {
    const ratio = d / c
    const size = c + d * ratio
    data[at] = (a + b * ratio) / size
    data[at + 1] = (b - a * ratio) / size
  } else {
    const ratio = c / d
    const size = c * ratio + d
    data[at] = (a * ratio + b) / size
    data[at + 1] = (b * ratio - a) / size
  }
}
