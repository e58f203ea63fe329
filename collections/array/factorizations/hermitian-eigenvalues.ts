/**
 * Eigenvalues and eigenvectors of Hermitian matrices: reflections reduce the matrix to a real tridiagonal one,
 * which the implicit QL method makes diagonal.
 * Source: G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition, section 8.3; H. Bowdler, R. S. Martin,
 * C. Reinsch and J. H. Wilkinson, The QR and QL algorithms for symmetric matrices, Numerische Mathematik 11 (1968).
 */
import { formQInPlace, makeReflection } from './reflections.js'
import type { DoubleMatrix } from './triangular-loops.js'
import type { Vectors } from './vectors.js'

const product = new Float64Array(2)
/** The steps that one eigenvalue may take. */
const MOST_STEPS = 60

/** Returns the eigenvalues in ascending order; overwrites the matrix by the eigenvectors if they are wanted. */
export function eighInPlace(
  vectors: Vectors,
  a: DoubleMatrix,
  wantsVectors: boolean,
): Float64Array {
  const n = a.rows
  const { width } = vectors
  mirror(vectors, a)
  const tau = new Float64Array(n * width)
  for (let k = 0; k < n - 1; k++) reduceColumn(vectors, a, k, tau)
  const diagonal = Float64Array.from({ length: n }, (_, k) => a.data[(k * n + k) * width]!)
  const off = Float64Array.from({ length: n }, (_, k) =>
    k < n - 1 ? a.data[(k * n + k + 1) * width]! : 0,
  )
  const basis = wantsVectors ? basisOf(vectors, a, tau) : undefined
  implicitQl(vectors, diagonal, off, n, basis)
  const order = Array.from(diagonal.keys()).sort((p, q) => diagonal[p]! - diagonal[q]!)
  if (basis !== undefined) {
    order.forEach((from, to) => {
      a.data.set(basis.subarray(from * n * width, (from + 1) * n * width), to * n * width)
    })
  }
  return Float64Array.from(order, (k) => diagonal[k]!)
}

/** Copies the conjugate of the lower triangle to the upper one, and drops imaginary parts of the diagonal. */
function mirror({ width }: Vectors, { data, rows: n }: DoubleMatrix): void {
  for (let j = 0; j < n; j++) {
    if (width === 2) data[(j * n + j) * 2 + 1] = 0
    for (let i = j + 1; i < n; i++) {
      data[(i * n + j) * width] = data[(j * n + i) * width]!
      if (width === 2) data[(i * n + j) * 2 + 1] = -data[(j * n + i) * 2 + 1]!
    }
  }
}

/** Makes all elements of column `k` below the first subdiagonal zero, by a reflection from both sides. */
function reduceColumn(
  vectors: Vectors,
  { data, rows: n }: DoubleMatrix,
  k: number,
  tau: Float64Array,
): void {
  const { width } = vectors
  const size = n - k - 1
  const at = (k * n + k + 1) * width
  makeReflection(vectors, size, data, at, tau, k * width)
  const re = tau[k * width]!
  const im = width === 2 ? tau[k * width + 1]! : 0
  if (re === 0 && im === 0) return
  const v = data.slice(at, at + size * width)
  v[0] = 1
  if (width === 2) v[1] = 0
  // w = tau A v - (tau / 2) (w^H v) v, then A -= v w^H + w v^H.
  const w = new Float64Array(size * width)
  for (let j = 0; j < size; j++) {
    const column = ((k + 1 + j) * n + k + 1) * width
    vectors.add(size, v[j * width]!, width === 2 ? v[j * width + 1]! : 0, data, column, w, 0)
  }
  vectors.scale(size, re, im, w, 0)
  vectors.dot(size, w, 0, v, 0, product)
  const [a, b] = [product[0]!, product[1]!]
  vectors.add(size, -0.5 * (re * a - im * b), -0.5 * (re * b + im * a), v, 0, w, 0)
  for (let j = 0; j < size; j++) {
    const column = ((k + 1 + j) * n + k + 1) * width
    const from = j * width
    vectors.add(size, -w[from]!, width === 2 ? w[from + 1]! : 0, v, 0, data, column)
    vectors.add(size, -v[from]!, width === 2 ? v[from + 1]! : 0, w, 0, data, column)
  }
}

/** Returns the product of the reflections as a column-major matrix. */
function basisOf(
  vectors: Vectors,
  { data, rows: n }: DoubleMatrix,
  tau: Float64Array,
): Float64Array {
  const { width } = vectors
  const basis = new Float64Array(n * n * width)
  if (n > 0) basis[0] = 1
  if (n < 2) return basis
  const size = n - 1
  const inner = new Float64Array(size * size * width)
  for (let k = 0; k < size; k++) {
    const at = (k * n + 1) * width
    inner.set(data.subarray(at, at + size * width), k * size * width)
  }
  formQInPlace(vectors, inner, size, size, tau, size)
  for (let k = 0; k < size; k++) {
    basis.set(inner.subarray(k * size * width, (k + 1) * size * width), ((k + 1) * n + 1) * width)
  }
  return basis
}

/** Makes a real tridiagonal matrix diagonal, and rotates the columns of the basis with it. */
function implicitQl(
  vectors: Vectors,
  d: Float64Array,
  e: Float64Array,
  n: number,
  basis: Float64Array | undefined,
): void {
  const column = n * vectors.width
  for (let l = 0; l < n; l++) {
    for (let steps = 0; ; steps++) {
      let m = l
      while (m < n - 1) {
        const near = Math.abs(d[m]!) + Math.abs(d[m + 1]!)
        if (Math.abs(e[m]!) <= Number.EPSILON * near) break
        m++
      }
      if (m === l) break
      if (steps === MOST_STEPS || Number.isNaN(d[l]!))
        throw new RangeError('eigh: did not converge')
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!)
      let r = Math.hypot(g, 1)
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r))
      let [s, c, p] = [1, 1, 0]
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        r = Math.hypot(f, g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1]! -= p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        r = (d[i]! - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
        if (basis !== undefined) {
          vectors.rotate(n, c, s, basis, i * column, basis, (i + 1) * column)
        }
      }
      if (r === 0 && i >= l) continue
      d[l]! -= p
      e[l] = g
      e[m] = 0
    }
  }
}
