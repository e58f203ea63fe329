/**
 * The singular value decomposition by one-sided Jacobi rotations, which make the columns of a matrix orthogonal.
 * A QR decomposition before them makes the matrix small and the rotations few.
 * Source: Z. Drmac and K. Veselic, New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. Appl. 29 (2008).
 */
import { formQInPlace, qrInPlace } from './reflections.js'
import type { DoubleMatrix } from './triangular-loops.js'
import { euclideanNorm, type Vectors } from './vectors.js'

const product = new Float64Array(2)
/** The passes over all pairs of columns; ten are plenty. */
const MOST_SWEEPS = 60

/** A decomposition of a matrix with at least as many rows as columns: `a = u diag(s) v^H`. */
interface TallSvd {
  readonly u: Float64Array
  readonly s: Float64Array
  readonly v: Float64Array
}

/** Decomposes an `m` by `n` matrix, `m >= n`; `u` gets `columns` columns. The matrix is overwritten. */
export function tallSvd(
  vectors: Vectors,
  { data: a, rows: m, columns: n }: DoubleMatrix,
  columns: number,
): TallSvd {
  const { width } = vectors
  if (a.some(Number.isNaN)) throw new RangeError('svd: did not converge')
  const tau = qrInPlace(vectors, a, m, n)
  // R^H = (columns of W) converges faster than R: R^H = V S U^H.
  const w = adjointOfTriangle(vectors, a, m, n)
  const rotations = identity(width, n)
  orthogonalize(vectors, w, rotations, n)
  const sizes = Float64Array.from({ length: n }, (_, k) =>
    euclideanNorm(n * width, w, k * n * width),
  )
  const order = Array.from(sizes.keys()).sort((p, q) => sizes[q]! - sizes[p]!)
  const s = Float64Array.from(order, (k) => sizes[k]!)
  const v = sorted(w, order, n * width)
  const small = sorted(rotations, order, n * width)
  normalize(vectors, v, s, n)
  // u = Q [small, 0; 0, I]
  const q = new Float64Array(m * columns * width)
  q.set(a.subarray(0, m * n * width))
  formQInPlace(vectors, q, m, columns, tau, n)
  return { u: timesSmall(vectors, q, small, m, n, columns), s, v }
}

function identity(width: number, n: number): Float64Array {
  const out = new Float64Array(n * n * width)
  for (let k = 0; k < n; k++) out[(k * n + k) * width] = 1
  return out
}

/** Returns the adjoint of the upper triangle of the first `n` rows. */
function adjointOfTriangle(
  { width }: Vectors,
  a: Float64Array,
  m: number,
  n: number,
): Float64Array {
  const out = new Float64Array(n * n * width)
  for (let j = 0; j < n; j++) {
    for (let i = 0; i <= j; i++) {
      const to = (i * n + j) * width
      out[to] = a[(j * m + i) * width]!
      if (width === 2) out[to + 1] = -a[(j * m + i) * 2 + 1]!
    }
  }
  return out
}

/** Rotates pairs of columns of `w`, and of `rotations` with them, until all are orthogonal. */
function orthogonalize(
  vectors: Vectors,
  w: Float64Array,
  rotations: Float64Array,
  n: number,
): void {
  const length = n * vectors.width
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (rotatePair(vectors, w, rotations, n, p * length, q * length)) rotated = true
      }
    }
    if (!rotated) return
  }
  throw new RangeError('svd: did not converge')
}

/** Makes two columns orthogonal. Returns whether they were not. */
function rotatePair(
  vectors: Vectors,
  w: Float64Array,
  rotations: Float64Array,
  n: number,
  p: number,
  q: number,
): boolean {
  vectors.dot(n, w, p, w, q, product)
  const [re, im] = [product[0]!, product[1]!]
  const size = Math.hypot(re, im)
  if (size === 0) return false
  vectors.dot(n, w, p, w, p, product)
  const alpha = product[0]!
  vectors.dot(n, w, q, w, q, product)
  const beta = product[0]!
  if (size <= 4 * Number.EPSILON * Math.sqrt(alpha * beta)) return false
  // The second column is turned so that the product of both is real and positive.
  vectors.scale(n, re / size, -im / size, w, q)
  vectors.scale(n, re / size, -im / size, rotations, q)
  const zeta = (beta - alpha) / (2 * size)
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
  const c = 1 / Math.sqrt(1 + t * t)
  vectors.rotate(n, c, c * t, w, p, w, q)
  vectors.rotate(n, c, c * t, rotations, p, rotations, q)
  return true
}

function sorted(columns: Float64Array, order: readonly number[], length: number): Float64Array {
  const out = new Float64Array(columns.length)
  order.forEach((from, to) => {
    out.set(columns.subarray(from * length, (from + 1) * length), to * length)
  })
  return out
}

/** Divides columns by their norms, and completes them to a basis where the norms are 0 in all digits. */
function normalize(vectors: Vectors, v: Float64Array, s: Float64Array, n: number): void {
  const length = n * vectors.width
  const least = (s[0] ?? 0) * Number.MIN_VALUE
  let rank = 0
  while (rank < n && s[rank]! > least) {
    const at = rank * length
    // In two steps: the reciprocal of a tiny norm is infinite.
    const half = 2 ** Math.floor(Math.log2(s[rank]!) / 2)
    vectors.scale(n, 1 / half, 0, v, at)
    vectors.scale(n, half / s[rank]!, 0, v, at)
    rank++
  }
  if (rank === n) return
  const basis = v.slice()
  const tau = qrInPlace(vectors, basis.subarray(0, rank * length), n, rank)
  formQInPlace(vectors, basis, n, n, tau, rank)
  v.set(basis.subarray(rank * length), rank * length)
}

/** Returns `q` with its first `n` columns multiplied by a small matrix. */
function timesSmall(
  vectors: Vectors,
  q: Float64Array,
  small: Float64Array,
  m: number,
  n: number,
  columns: number,
): Float64Array {
  const { width } = vectors
  const out = new Float64Array(m * columns * width)
  out.set(q.subarray(n * m * width), n * m * width)
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) {
      const at = (j * n + k) * width
      const im = width === 2 ? small[at + 1]! : 0
      vectors.add(m, small[at]!, im, q, k * m * width, out, j * m * width)
    }
  }
  return out
}
