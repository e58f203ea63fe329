/**
 * Functions of single complex numbers that generated kernels call. Each writes its result to `out`, the
 * real part first, and returns `out`. Generated code refers to them by their exported names.
 *
 * Special values are those of C99, Annex G. The formulas of the inverse functions are from W. Kahan,
 * "Branch cuts for complex elementary functions" (1987).
 */
import { copySign, floatHypot } from './number-functions.js'

/** The result of a function: its real and its imaginary part. */
export type ComplexOut = Float64Array

/** The result of the last function that generated code has called. */
export const complexOut: ComplexOut = new Float64Array(2)

function set(out: ComplexOut, re: number, im: number): ComplexOut {
  out[0] = re
  out[1] = im
  return out
}

const isFiniteNumber = (x: number) => x - x === 0

/** Writes the quotient, by Smith's formula. */
export function complexDivide(
  a: number,
  b: number,
  c: number,
  d: number,
  out: ComplexOut,
): ComplexOut {
  if (Math.abs(c) >= Math.abs(d)) {
    if (c === 0 && d === 0) return set(out, a / Math.abs(c), b / Math.abs(c))
    const ratio = d / c
    const scale = 1 / (c + d * ratio)
    return set(out, (a + b * ratio) * scale, (b - a * ratio) * scale)
  }
  const ratio = c / d
  const scale = 1 / (c * ratio + d)
  return set(out, (a * ratio + b) * scale, (b * ratio - a) * scale)
}

/** Writes `z / |z|`, or 0 for 0. */
export function complexSign(x: number, y: number, out: ComplexOut): ComplexOut {
  if (x === 0 && y === 0) return set(out, 0, 0)
  const magnitude = floatHypot(x, y)
  if (magnitude !== Infinity) return set(out, x / magnitude, y / magnitude)
  if (Math.abs(x) !== Infinity) return set(out, 0, copySign(1, y))
  return Math.abs(y) === Infinity ? set(out, NaN, NaN) : set(out, copySign(1, x), 0)
}

/** Writes `1 / z`. */
export function complexReciprocal(x: number, y: number, out: ComplexOut): ComplexOut {
  if (Math.abs(x) <= Math.abs(y)) {
    const ratio = x / y
    const divisor = x * ratio + y
    return set(out, ratio / divisor, -1 / divisor)
  }
  const ratio = y / x
  const divisor = x + y * ratio
  return set(out, 1 / divisor, -ratio / divisor)
}

/** The largest whole exponent for which powers are made by multiplication. */
const MULTIPLIED_UP_TO = 100

/** Writes a power; whole exponents below 100 are exact products. */
export function complexPower(
  a: number,
  b: number,
  c: number,
  d: number,
  out: ComplexOut,
): ComplexOut {
  if (c === 0 && d === 0) return set(out, 1, 0)
  if (a === 0 && b === 0) return c > 0 ? set(out, 0, 0) : set(out, NaN, NaN)
  if (d === 0 && Number.isInteger(c) && Math.abs(c) < MULTIPLIED_UP_TO) {
    return complexWholePower(a, b, c, out)
  }
  complexLog(a, b, out)
  const [x, y] = [out[0]!, out[1]!]
  return complexExp(x * c - y * d, x * d + y * c, out)
}

/** Writes a power with a whole exponent. */
function complexWholePower(a: number, b: number, exponent: number, out: ComplexOut): ComplexOut {
  let [re, im, x, y] = [1, 0, a, b]
  for (let n = Math.abs(exponent); n > 0; n >>= 1) {
    if (n & 1) [re, im] = re === 1 && im === 0 ? [x, y] : [re * x - im * y, re * y + im * x]
    ;[x, y] = [x * x - y * y, 2 * x * y]
  }
  if (exponent > 0) return set(out, re, im)
  return complexDivide(1, 0, re, im, out)
}

/** Writes the square root whose real part is not negative. */
export function complexSqrt(x: number, y: number, out: ComplexOut): ComplexOut {
  if (y === Infinity || y === -Infinity) return set(out, Infinity, y)
  if (x === Infinity) return set(out, x, isFiniteNumber(y) ? copySign(0, y) : y)
  if (x === -Infinity) {
    return isFiniteNumber(y) ? set(out, 0, copySign(Infinity, y)) : set(out, NaN, Infinity)
  }
  if (x === 0 && y === 0) return set(out, 0, y)
  const largest = Math.max(Math.abs(x), Math.abs(y))
  const scale = largest > 1e300 ? 0.25 : largest < 1e-290 ? 2 ** 108 : 1
  const [u, v] = [x * scale, y * scale]
  const t = Math.sqrt((Math.abs(u) + floatHypot(u, v)) / 2)
  const other = Math.abs(v) / (2 * t)
  const back = Math.sqrt(scale)
  if (x >= 0) return set(out, t / back, copySign(other / back, y))
  return set(out, other / back, copySign(t / back, y))
}

/** Writes `exp(z)`. */
export function complexExp(x: number, y: number, out: ComplexOut): ComplexOut {
  if (y === 0) return set(out, Math.exp(x), y)
  if (!isFiniteNumber(y)) {
    if (x === -Infinity) return set(out, 0, 0)
    return x === Infinity ? set(out, Infinity, NaN) : set(out, NaN, NaN)
  }
  const half = Math.abs(x) > 600 ? Math.exp(x / 2) : 1
  const rest = half === 1 ? Math.exp(x) : half
  return set(out, half * Math.cos(y) * rest, half * Math.sin(y) * rest)
}

/** Writes `exp(z) - 1`, exact for small numbers. */
export function complexExpm1(x: number, y: number, out: ComplexOut): ComplexOut {
  if (y === 0) return set(out, Math.expm1(x), y)
  if (!isFiniteNumber(x) || !isFiniteNumber(y)) {
    complexExp(x, y, out)
    if (x === -Infinity) out[0] = -1
    return out
  }
  const sine = Math.sin(y / 2)
  return set(out, Math.expm1(x) * Math.cos(y) - 2 * sine * sine, Math.exp(x) * Math.sin(y))
}

/** Returns the logarithm of the magnitude. */
function logMagnitude(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)]
  const [large, small] = a > b ? [a, b] : [b, a]
  if (large > 1e300 && isFiniteNumber(large)) return Math.log(floatHypot(a / 2, b / 2)) + Math.LN2
  if (large < 1e-290 && large > 0) {
    return Math.log(floatHypot(a * 2 ** 100, b * 2 ** 100)) - 100 * Math.LN2
  }
  if (large > 0.5 && large < 2 && small < 2) {
    return Math.log1p((large - 1) * (large + 1) + small * small) / 2
  }
  return Math.log(floatHypot(a, b))
}

/** Writes the natural logarithm; the imaginary part is from -pi to pi. */
export function complexLog(x: number, y: number, out: ComplexOut): ComplexOut {
  return set(out, logMagnitude(x, y), Math.atan2(y, x))
}

/** Writes the logarithm to the base 2. */
export function complexLog2(x: number, y: number, out: ComplexOut): ComplexOut {
  return set(out, logMagnitude(x, y) * Math.LOG2E, Math.atan2(y, x) * Math.LOG2E)
}

/** Writes the logarithm to the base 10. */
export function complexLog10(x: number, y: number, out: ComplexOut): ComplexOut {
  return set(out, logMagnitude(x, y) * Math.LOG10E, Math.atan2(y, x) * Math.LOG10E)
}

/** Writes `log(1 + z)`, exact for small numbers. */
export function complexLog1p(x: number, y: number, out: ComplexOut): ComplexOut {
  const isSmall = Math.abs(x) < 0.5 && Math.abs(y) < 0.5
  const re = isSmall ? Math.log1p(x * (2 + x) + y * y) / 2 : logMagnitude(x + 1, y)
  return set(out, re, Math.atan2(y, x + 1))
}

/** Writes `2 ** z`. */
export function complexExp2(x: number, y: number, out: ComplexOut): ComplexOut {
  return complexExp(x * Math.LN2, y * Math.LN2, out)
}

/** Writes the hyperbolic cosine. */
export function complexCosh(x: number, y: number, out: ComplexOut): ComplexOut {
  if (isFiniteNumber(x) && isFiniteNumber(y)) {
    if (y === 0) return set(out, Math.cosh(x), x * y)
    if (Math.abs(x) <= 700) {
      return set(out, Math.cosh(x) * Math.cos(y), Math.sinh(x) * Math.sin(y))
    }
    const half = Math.exp(Math.abs(x) / 2)
    return set(out, (half * Math.cos(y) * half) / 2, (copySign(half, x) * Math.sin(y) * half) / 2)
  }
  if (x === 0) return set(out, NaN, 0)
  if (y === 0) return set(out, x * x, copySign(0, x) * y)
  if (x === Infinity || x === -Infinity) {
    return isFiniteNumber(y)
      ? set(out, x * x * Math.cos(y), x * Math.sin(y))
      : set(out, Infinity, NaN)
  }
  return set(out, NaN, NaN)
}

/** Writes the hyperbolic sine. */
export function complexSinh(x: number, y: number, out: ComplexOut): ComplexOut {
  if (isFiniteNumber(x) && isFiniteNumber(y)) {
    if (y === 0) return set(out, Math.sinh(x), y)
    if (Math.abs(x) <= 700) {
      return set(out, Math.sinh(x) * Math.cos(y), Math.cosh(x) * Math.sin(y))
    }
    const half = Math.exp(Math.abs(x) / 2)
    return set(out, (copySign(half, x) * Math.cos(y) * half) / 2, (half * Math.sin(y) * half) / 2)
  }
  if (x === 0) return set(out, x, NaN)
  if (y === 0) return set(out, x, y)
  if (x === Infinity || x === -Infinity) {
    return isFiniteNumber(y)
      ? set(out, x * Math.cos(y), Infinity * Math.sin(y))
      : set(out, Infinity, NaN)
  }
  return set(out, NaN, NaN)
}

/** Writes the hyperbolic tangent. */
export function complexTanh(x: number, y: number, out: ComplexOut): ComplexOut {
  if (x === Infinity || x === -Infinity) {
    const sign = isFiniteNumber(y) ? Math.sin(y) * Math.cos(y) : 0
    return set(out, copySign(1, x), y === 0 ? y : copySign(0, sign))
  }
  if (!isFiniteNumber(x)) return set(out, x, y === 0 ? y : NaN)
  if (!isFiniteNumber(y)) return set(out, x === 0 ? x : NaN, NaN)
  if (Math.abs(x) >= 22) {
    const decay = Math.exp(-Math.abs(x))
    return set(out, copySign(1, x), 4 * Math.sin(y) * Math.cos(y) * decay * decay)
  }
  const t = Math.tan(y)
  const beta = 1 + t * t
  const s = Math.sinh(x)
  const rho = Math.sqrt(1 + s * s)
  const divisor = 1 + beta * s * s
  return set(out, (beta * rho * s) / divisor, t / divisor)
}

/** Swaps the parts of a result: `f(i * conj(z))` is `i * conj(g(z))` for a circular `f` and a hyperbolic `g`. */
function swap(out: ComplexOut): ComplexOut {
  return set(out, out[1]!, out[0]!)
}

/** Writes the sine. */
export function complexSin(x: number, y: number, out: ComplexOut): ComplexOut {
  complexSinh(y, x, out)
  return swap(out)
}

/** Writes `sin(pi * z) / (pi * z)`, 1 for 0. */
export function complexSinc(x: number, y: number, out: ComplexOut): ComplexOut {
  const [re, im] = x === 0 && y === 0 ? [Math.PI * 1e-20, 0] : [Math.PI * x, Math.PI * y]
  complexSin(re, im, out)
  return complexDivide(out[0]!, out[1]!, re, im, out)
}

/** Writes the cosine. */
export function complexCos(x: number, y: number, out: ComplexOut): ComplexOut {
  return complexCosh(-y, x, out)
}

/** Writes the tangent. */
export function complexTan(x: number, y: number, out: ComplexOut): ComplexOut {
  complexTanh(y, x, out)
  return swap(out)
}

/** Writes the arc cosine. */
export function complexArccos(x: number, y: number, out: ComplexOut): ComplexOut {
  if (!isFiniteNumber(x) || !isFiniteNumber(y)) {
    if (!Number.isNaN(x) && !Number.isNaN(y))
      return set(out, Math.atan2(Math.abs(y), x), -copySign(Infinity, y))
    if (x === Infinity || x === -Infinity) return set(out, NaN, -Infinity)
    if (y === Infinity || y === -Infinity) return set(out, NaN, -y)
    return x === 0 ? set(out, Math.PI / 2, NaN) : set(out, NaN, NaN)
  }
  complexSqrt(1 - x, -y, out)
  const [a, b] = [out[0]!, out[1]!]
  complexSqrt(1 + x, y, out)
  const [c, d] = [out[0]!, out[1]!]
  return set(out, 2 * Math.atan2(a, c), Math.asinh(c * b - d * a))
}

/** Writes the inverse hyperbolic cosine. */
export function complexArccosh(x: number, y: number, out: ComplexOut): ComplexOut {
  complexArccos(x, y, out)
  const [re, im] = [out[0]!, out[1]!]
  if (Number.isNaN(re) && Number.isNaN(im)) return out
  if (Number.isNaN(re)) return set(out, Math.abs(im), re)
  if (Number.isNaN(im)) return set(out, im, x === 0 ? copySign(re, y) : im)
  return set(out, Math.abs(im), copySign(re, y))
}

/** Writes the inverse hyperbolic sine. */
export function complexArcsinh(x: number, y: number, out: ComplexOut): ComplexOut {
  if (!isFiniteNumber(x) || !isFiniteNumber(y)) {
    if (!Number.isNaN(x) && !Number.isNaN(y))
      return set(out, copySign(Infinity, x), Math.atan2(y, Math.abs(x)))
    if (x === Infinity || x === -Infinity) return set(out, x, NaN)
    if (y === Infinity || y === -Infinity) return set(out, Infinity, NaN)
    return y === 0 ? set(out, NaN, y) : set(out, NaN, NaN)
  }
  // asinh(x + iy) has the parts of asin(y + ix), swapped.
  complexSqrt(1 - y, -x, out)
  const [a, b] = [out[0]!, out[1]!]
  complexSqrt(1 + y, x, out)
  const [c, d] = [out[0]!, out[1]!]
  return set(out, Math.asinh(a * d - b * c), Math.atan2(y, a * c - b * d))
}

/** Writes the arc sine. */
export function complexArcsin(x: number, y: number, out: ComplexOut): ComplexOut {
  complexArcsinh(y, x, out)
  return swap(out)
}

/** Numbers above this one are so large that `atanh(z)` is `1 / z` and a quarter of a turn. */
const LARGE = 1e150

/** Writes the inverse hyperbolic tangent. */
export function complexArctanh(x: number, y: number, out: ComplexOut): ComplexOut {
  if (y === 0 && Math.abs(x) <= 1) return set(out, Math.atanh(x), y)
  if (x === 0) return set(out, x, Math.atan(y))
  if (Number.isNaN(x) || Number.isNaN(y)) {
    if (x === Infinity || x === -Infinity) return set(out, copySign(0, x), NaN)
    if (y === Infinity || y === -Infinity) {
      return set(out, copySign(0, x), copySign(Math.PI / 2, y))
    }
    return set(out, NaN, NaN)
  }
  const [a, b] = [Math.abs(x), Math.abs(y)]
  if (a > LARGE || b > LARGE) {
    const magnitude = floatHypot(a, b)
    const re = magnitude === Infinity ? 0 : a / magnitude / magnitude
    return set(out, copySign(re, x), copySign(Math.PI / 2, y))
  }
  if (a === 1) {
    const re = Math.log(Math.sqrt(Math.sqrt(4 + b * b)) / Math.sqrt(b))
    return set(out, copySign(re, x), copySign((Math.PI / 2 + Math.atan(b / 2)) / 2, y))
  }
  const re = Math.log1p((4 * a) / ((1 - a) * (1 - a) + b * b)) / 4
  return set(out, copySign(re, x), Math.atan2(2 * y, (1 - a) * (1 + a) - b * b) / 2)
}

/** Writes the arc tangent. */
export function complexArctan(x: number, y: number, out: ComplexOut): ComplexOut {
  complexArctanh(y, x, out)
  return swap(out)
}
