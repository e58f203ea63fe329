/**
 * Operations on columns of float64 numbers, real or complex, from which the factorizations are made. One table has
 * the loops for real numbers, one those for complex numbers, whose parts follow each other.
 */

/** Loops over `n` elements of columns; positions count numbers, not elements. */
export interface Vectors {
  /** The numbers that an element takes. */
  readonly width: 1 | 2
  /** Sets `re` and `im` of `out` to the sum of `conj(x) * y`. */
  dot(n: number, x: Float64Array, i: number, y: Float64Array, j: number, out: Float64Array): void
  /** Adds `(re + im i) * x` to `y`. */
  add(
    n: number,
    re: number,
    im: number,
    x: Float64Array,
    i: number,
    y: Float64Array,
    j: number,
  ): void
  /** Multiplies `x` by `re + im i`. */
  scale(n: number, re: number, im: number, x: Float64Array, i: number): void
  /** Sets `x` to `c x - s y` and `y` to `s x + c y`, both real factors. */
  rotate(
    n: number,
    c: number,
    s: number,
    x: Float64Array,
    i: number,
    y: Float64Array,
    j: number,
  ): void
}

/** Loops for real numbers. */
export const realVectors: Vectors = {
  width: 1,
  dot(n, x, i, y, j, out) {
    let sum = 0
    for (let k = 0; k < n; k++) sum += x[i + k]! * y[j + k]!
    out[0] = sum
    out[1] = 0
  },
  add(n, re, _im, x, i, y, j) {
    for (let k = 0; k < n; k++) y[j + k]! += re * x[i + k]!
  },
  scale(n, re, _im, x, i) {
    for (let k = 0; k < n; k++) x[i + k]! *= re
  },
  rotate,
}

/** Loops for complex numbers. */
export const complexVectors: Vectors = {
  width: 2,
  dot(n, x, i, y, j, out) {
    let re = 0
    let im = 0
    for (let k = 0; k < 2 * n; k += 2) {
      const a = x[i + k]!
      const b = x[i + k + 1]!
      const c = y[j + k]!
      const d = y[j + k + 1]!
      re += a * c + b * d
      im += a * d - b * c
    }
    out[0] = re
    out[1] = im
  },
  add(n, re, im, x, i, y, j) {
    for (let k = 0; k < 2 * n; k += 2) {
      const a = x[i + k]!
      const b = x[i + k + 1]!
      y[j + k]! += re * a - im * b
      y[j + k + 1]! += re * b + im * a
    }
  },
  scale(n, re, im, x, i) {
    for (let k = 0; k < 2 * n; k += 2) {
      const a = x[i + k]!
      const b = x[i + k + 1]!
      x[i + k] = re * a - im * b
      x[i + k + 1] = re * b + im * a
    }
  },
  rotate: (n, c, s, x, i, y, j) => rotate(2 * n, c, s, x, i, y, j),
}

function rotate(
  n: number,
  c: number,
  s: number,
  x: Float64Array,
  i: number,
  y: Float64Array,
  j: number,
): void {
  for (let k = 0; k < n; k++) {
    const a = x[i + k]!
    const b = y[j + k]!
    x[i + k] = c * a - s * b
    y[j + k] = s * a + c * b
  }
}

/** Returns the Euclidean norm of `n` numbers, without overflow. */
export function euclideanNorm(n: number, x: Float64Array, i: number): number {
  let largest = 0
  for (let k = 0; k < n; k++) {
    const size = Math.abs(x[i + k]!)
    if (!(size <= largest)) largest = size
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest
  let sum = 0
  for (let k = 0; k < n; k++) sum += (x[i + k]! / largest) ** 2
  return largest * Math.sqrt(sum)
}
