/**
 * Householder reflections `H = I - tau v v^H`, and the QR decomposition by them. Signs are those of LAPACK:
 * `beta` has the sign opposite to the real part of the first element.
 * Source: G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition, sections 5.1 and 5.2.
 */
import { euclideanNorm, type Vectors } from './vectors.js'

const product = new Float64Array(2)

/**
 * Makes the reflection that turns a column of `n` elements into `beta, 0, ...`. The column is overwritten by
 * `beta` and the rest of `v`, whose first element is 1. Writes `tau` to `tau[t]`.
 */
export function makeReflection(
  vectors: Vectors,
  n: number,
  x: Float64Array,
  i: number,
  tau: Float64Array,
  t: number,
): void {
  const { width } = vectors
  const re = x[i]!
  const im = width === 2 ? x[i + 1]! : 0
  const rest = euclideanNorm((n - 1) * width, x, i + width)
  if (rest === 0 && im === 0) {
    tau.fill(0, t, t + width)
    return
  }
  const size = Math.hypot(re, im, rest)
  const beta = re < 0 || Object.is(re, -0) ? size : -size
  tau[t] = (beta - re) / beta
  // 1 / (alpha - beta)
  const difference = re - beta
  const square = difference * difference + im * im
  vectors.scale(n - 1, difference / square, -im / square, x, i + width)
  x[i] = beta
  if (width === 2) {
    tau[t + 1] = -im / beta
    x[i + 1] = 0
  }
}

/** Multiplies a column by `I - (re + im i) v v^H`, where the first element of `v` is 1 and not stored. */
export function reflect(
  vectors: Vectors,
  n: number,
  v: Float64Array,
  i: number,
  re: number,
  im: number,
  x: Float64Array,
  j: number,
): void {
  if (re === 0 && im === 0) return
  const { width } = vectors
  vectors.dot(n - 1, v, i + width, x, j + width, product)
  const a = product[0]! + x[j]!
  const b = product[1]! + (width === 2 ? x[j + 1]! : 0)
  const factorRe = -(re * a - im * b)
  const factorIm = -(re * b + im * a)
  x[j]! += factorRe
  if (width === 2) x[j + 1]! += factorIm
  vectors.add(n - 1, factorRe, factorIm, v, i + width, x, j + width)
}

/** Overwrites a column-major matrix by R and the vectors below it; returns the factors of the reflections. */
export function qrInPlace(
  vectors: Vectors,
  a: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const { width } = vectors
  const count = Math.min(rows, columns)
  const tau = new Float64Array(count * width)
  for (let k = 0; k < count; k++) {
    const at = (k * rows + k) * width
    makeReflection(vectors, rows - k, a, at, tau, k * width)
    const re = tau[k * width]!
    const im = width === 2 ? -tau[k * width + 1]! : 0
    for (let j = k + 1; j < columns; j++) {
      reflect(vectors, rows - k, a, at, re, im, a, (j * rows + k) * width)
    }
  }
  return tau
}

/** Overwrites the result of `qrInPlace`, of no more columns than rows, by the first columns of Q. */
export function formQInPlace(
  vectors: Vectors,
  a: Float64Array,
  rows: number,
  columns: number,
  tau: Float64Array,
  count: number,
): void {
  const { width } = vectors
  const v = new Float64Array(rows * width)
  for (let k = columns - 1; k >= count; k--) {
    a.fill(0, k * rows * width, (k + 1) * rows * width)
    a[(k * rows + k) * width] = 1
  }
  for (let k = count - 1; k >= 0; k--) {
    const at = (k * rows + k) * width
    const length = (rows - k) * width
    v.set(a.subarray(at, at + length))
    a.fill(0, k * rows * width, at + length)
    a[at] = 1
    const re = tau[k * width]!
    const im = width === 2 ? tau[k * width + 1]! : 0
    for (let j = k; j < columns; j++) {
      reflect(vectors, rows - k, v, 0, re, im, a, (j * rows + k) * width)
    }
  }
}
