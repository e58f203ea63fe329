/**
 * Eigenvalues and eigenvectors of any square matrix, in complex numbers: reflections reduce the matrix to one that is zero below
 * the first subdiagonal, the QR method with shifts makes that triangular, and substitution gives the vectors.
 * Source: G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition, sections 7.4 to 7.6.
 */

/** A square matrix as the rows of its real and imaginary parts. */
interface Parts {
  readonly n: number
  readonly re: Float64Array
  readonly im: Float64Array
}

/** Vectors with larger elements are scaled down, before they overflow. */
const LARGE = 1e100

/** The eigenvalues, and the eigenvectors as columns of length 1; both are interleaved complex numbers. */
export interface Eigenpairs {
  readonly values: Float64Array
  readonly vectors: Float64Array | undefined
}

/** The steps that one eigenvalue may take. */
const MOST_STEPS = 100

/**
 * Returns the eigenvalues of a column-major matrix, and its eigenvectors if they are wanted.
 * @throws RangeError if the method does not converge, as for NaN.
 */
export function generalEigenvalues(
  data: Float64Array,
  n: number,
  isComplex: boolean,
  wantsVectors: boolean,
): Eigenpairs {
  const h = rowsOf(data, n, isComplex)
  const q = wantsVectors ? identity(n) : undefined
  reduce(h, q)
  makeTriangular(h, q)
  const values = new Float64Array(2 * n)
  const largest = h.re.reduce((most, x, i) => Math.max(most, Math.hypot(x, h.im[i]!)), 0)
  for (let k = 0; k < n; k++) {
    const [re, im] = [h.re[k * n + k]!, h.im[k * n + k]!]
    values[2 * k] = re
    // Real matrices have real eigenvalues or conjugate pairs; the rest is rounding.
    const isRounding = !isComplex && Math.abs(im) <= 10 * n * Number.EPSILON * largest
    values[2 * k + 1] = isRounding ? 0 : im
  }
  return { values, vectors: q === undefined ? undefined : vectorsOf(h, q) }
}

function rowsOf(data: Float64Array, n: number, isComplex: boolean): Parts {
  const parts = { n, re: new Float64Array(n * n), im: new Float64Array(n * n) }
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const from = j * n + i
      parts.re[i * n + j] = isComplex ? data[2 * from]! : data[from]!
      if (isComplex) parts.im[i * n + j] = data[2 * from + 1]!
    }
  }
  return parts
}

function identity(n: number): Parts {
  const parts = { n, re: new Float64Array(n * n), im: new Float64Array(n * n) }
  for (let k = 0; k < n; k++) parts.re[k * n + k] = 1
  return parts
}

/** Makes all elements below the first subdiagonal zero, by rotations of rows and columns; `q` collects them. */
function reduce(h: Parts, q: Parts | undefined): void {
  const { n } = h
  for (let k = 0; k < n - 2; k++) {
    for (let i = n - 1; i > k + 1; i--) {
      if (h.re[i * n + k] === 0 && h.im[i * n + k] === 0) continue
      const rotation = rotationOf(h, i - 1, i, k)
      rotateRows(h, i - 1, i, k, rotation)
      h.re[i * n + k] = 0
      h.im[i * n + k] = 0
      rotateColumns(h, i - 1, i, n, rotation)
      if (q !== undefined) rotateColumns(q, i - 1, i, n, rotation)
    }
  }
}

/** A rotation of two rows: `a = c a + s b`, `b = -conj(s) a + c b`, with a real `c`. */
interface Rotation {
  readonly c: number
  readonly re: number
  readonly im: number
}

/** Returns the rotation of rows `i` and `j` that makes the element of row `j` in a column zero. */
function rotationOf({ n, re, im }: Parts, i: number, j: number, column: number): Rotation {
  const [a, b] = [i * n + column, j * n + column]
  const first = Math.hypot(re[a]!, im[a]!)
  const size = Math.hypot(first, re[b]!, im[b]!)
  if (size === 0) return { c: 1, re: 0, im: 0 }
  if (first === 0) {
    const second = Math.hypot(re[b]!, im[b]!)
    return { c: 0, re: re[b]! / second, im: -im[b]! / second }
  }
  // s = (a / |a|) conj(b) / size
  const [x, y] = [re[a]! / first, im[a]! / first]
  const [u, v] = [re[b]! / size, -im[b]! / size]
  return { c: first / size, re: x * u - y * v, im: x * v + y * u }
}

function rotateRows({ n, re, im }: Parts, i: number, j: number, from: number, r: Rotation): void {
  for (let k = from; k < n; k++) {
    const [a, b] = [i * n + k, j * n + k]
    const [ar, ai, br, bi] = [re[a]!, im[a]!, re[b]!, im[b]!]
    re[a] = r.c * ar + r.re * br - r.im * bi
    im[a] = r.c * ai + r.re * bi + r.im * br
    re[b] = r.c * br - r.re * ar - r.im * ai
    im[b] = r.c * bi - r.re * ai + r.im * ar
  }
}

/** Applies the conjugate transpose of a rotation to two columns, from the right. */
function rotateColumns({ n, re, im }: Parts, i: number, j: number, to: number, r: Rotation): void {
  for (let k = 0; k < to; k++) {
    const [a, b] = [k * n + i, k * n + j]
    const [ar, ai, br, bi] = [re[a]!, im[a]!, re[b]!, im[b]!]
    re[a] = r.c * ar + r.re * br + r.im * bi
    im[a] = r.c * ai + r.re * bi - r.im * br
    re[b] = r.c * br - r.re * ar + r.im * ai
    im[b] = r.c * bi - r.re * ai - r.im * ar
  }
}

/** Makes the matrix triangular by the QR method, from the last row up. */
function makeTriangular(h: Parts, q: Parts | undefined): void {
  const { n, re, im } = h
  const sizeAt = (i: number, j: number) => Math.abs(re[i * n + j]!) + Math.abs(im[i * n + j]!)
  for (let last = n - 1; last > 0; ) {
    for (let steps = 0; ; steps++) {
      let first = last
      while (first > 0) {
        const near = sizeAt(first, first) + sizeAt(first - 1, first - 1)
        if (sizeAt(first, first - 1) <= Number.EPSILON * near) {
          re[first * n + first - 1] = 0
          im[first * n + first - 1] = 0
          break
        }
        first--
      }
      if (first === last) break
      if (steps === MOST_STEPS || Number.isNaN(sizeAt(last, last))) {
        throw new RangeError('eig: did not converge')
      }
      step(h, q, first, last, steps)
    }
    last--
  }
}

/** One step of the QR method on rows `first` to `last`. */
function step(h: Parts, q: Parts | undefined, first: number, last: number, steps: number): void {
  const { n, re, im } = h
  const [shiftRe, shiftIm] = shiftOf(h, last, steps)
  for (let k = first; k <= last; k++) {
    re[k * n + k]! -= shiftRe
    im[k * n + k]! -= shiftIm
  }
  const rotations: Rotation[] = []
  for (let k = first; k < last; k++) {
    const rotation = rotationOf(h, k, k + 1, k)
    rotateRows(h, k, k + 1, k, rotation)
    rotations.push(rotation)
  }
  rotations.forEach((rotation, index) => {
    const k = first + index
    rotateColumns(h, k, k + 1, Math.min(k + 2, last + 1), rotation)
    if (q !== undefined) rotateColumns(q, k, k + 1, n, rotation)
  })
  for (let k = first; k <= last; k++) {
    re[k * n + k]! += shiftRe
    im[k * n + k]! += shiftIm
  }
}

/** Returns the eigenvalue of the last two rows that is nearer to the last element, or another shift if that does not help. */
function shiftOf({ n, re, im }: Parts, last: number, steps: number): [number, number] {
  const [a, b, c, d] = [
    (last - 1) * n + last - 1,
    (last - 1) * n + last,
    last * n + last - 1,
    last * n + last,
  ] as const
  if (steps % 10 === 9) return [re[d]! + Math.hypot(re[c]!, im[c]!), im[d]!]
  // (a - d) / 2, and the square root of its square plus b c.
  const [xr, xi] = [(re[a]! - re[d]!) / 2, (im[a]! - im[d]!) / 2]
  const sr = xr * xr - xi * xi + re[b]! * re[c]! - im[b]! * im[c]!
  const si = 2 * xr * xi + re[b]! * im[c]! + im[b]! * re[c]!
  const size = Math.hypot(sr, si)
  let rootRe = Math.sqrt((size + Math.abs(sr)) / 2)
  let rootIm = rootRe === 0 ? 0 : si / (2 * rootRe)
  if (sr < 0) [rootRe, rootIm] = [Math.abs(rootIm), si < 0 ? -rootRe : rootRe]
  if (xr * rootRe + xi * rootIm > 0) [rootRe, rootIm] = [-rootRe, -rootIm]
  return [re[d]! + xr + rootRe, im[d]! + xi + rootIm]
}

/** Returns the eigenvectors: those of the triangular matrix, by substitution, in the basis `q`. */
function vectorsOf({ n, re, im }: Parts, q: Parts): Float64Array {
  const out = new Float64Array(2 * n * n)
  const [vr, vi] = [new Float64Array(n), new Float64Array(n)]
  const largest = re.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(im[i]!)), 0)
  const least = Math.max(Number.EPSILON * largest, 1e-150)
  for (let k = 0; k < n; k++) {
    vr[k] = 1
    vi[k] = 0
    for (let i = k - 1; i >= 0; i--) {
      let [sumRe, sumIm] = [0, 0]
      for (let j = i + 1; j <= k; j++) {
        const at = i * n + j
        sumRe -= re[at]! * vr[j]! - im[at]! * vi[j]!
        sumIm -= re[at]! * vi[j]! + im[at]! * vr[j]!
      }
      // Equal eigenvalues would divide by zero.
      let [dr, di] = [re[i * n + i]! - re[k * n + k]!, im[i * n + i]! - im[k * n + k]!]
      if (Math.abs(dr) + Math.abs(di) < least) [dr, di] = [least, 0]
      const size = dr * dr + di * di
      vr[i] = (sumRe * dr + sumIm * di) / size
      vi[i] = (sumIm * dr - sumRe * di) / size
      if (Math.abs(vr[i]!) + Math.abs(vi[i]!) > LARGE) {
        for (let j = i; j <= k; j++) {
          vr[j]! /= LARGE
          vi[j]! /= LARGE
        }
      }
    }
    writeVector(q, vr, vi, k, out)
  }
  return out
}

/** Writes column `k` of the result: a vector in the basis `q`, with length 1 and a real largest element, as LAPACK does. */
function writeVector(
  { n, re, im }: Parts,
  vr: Float64Array,
  vi: Float64Array,
  k: number,
  out: Float64Array,
): void {
  const column = out.subarray(2 * k * n, 2 * (k + 1) * n)
  let [length, largest, top] = [0, -1, 0]
  for (let i = 0; i < n; i++) {
    let [sumRe, sumIm] = [0, 0]
    for (let j = 0; j <= k; j++) {
      const at = i * n + j
      sumRe += re[at]! * vr[j]! - im[at]! * vi[j]!
      sumIm += re[at]! * vi[j]! + im[at]! * vr[j]!
    }
    column[2 * i] = sumRe
    column[2 * i + 1] = sumIm
    const size = Math.hypot(sumRe, sumIm)
    length = Math.hypot(length, size)
    if (size > largest) [largest, top] = [size, i]
  }
  const [tr, ti] = [column[2 * top]! / largest, -column[2 * top + 1]! / largest]
  for (let i = 0; i < n; i++) {
    const [a, b] = [column[2 * i]! / length, column[2 * i + 1]! / length]
    column[2 * i] = a * tr - b * ti
    column[2 * i + 1] = i === top ? 0 : a * ti + b * tr
  }
}
