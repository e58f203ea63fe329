/**
 * Probabilities that a random number exceeds a value, as generated kernels call them.
 *
 * Both distributions come from a power, written with the corrections of Stirling's formula so that large
 * parameters cost no digits (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000), times a
 * series or a continued fraction (NIST Digital Library of Mathematical Functions 8.11.4, 8.9.2 and 8.17.22),
 * which Lentz's method evaluates.
 */

/** Returns the probability that a chi-squared variable exceeds `x`. */
export function chiSquareTail(x: number, degrees: number): number {
  if (!(degrees > 0) || Number.isNaN(x)) return NaN
  if (x <= 0) return 1
  return x === Infinity ? 0 : upperGamma(degrees / 2, x / 2)
}

/** Returns the probability that a variable with Fisher's F distribution exceeds `x`. */
export function fisherTail(x: number, between: number, within: number): number {
  if (!(between > 0) || !(within > 0) || Number.isNaN(x)) return NaN
  if (x <= 0) return 1
  const ratio = (between * x) / within
  if (ratio === Infinity) return 0
  return lowerBeta(within / 2, between / 2, 1 / (1 + ratio), ratio / (1 + ratio))
}

/** The bound of loops: far beyond the square roots of parameters, which they take about. */
const MOST_TERMS = 1e6
const TINY = 1e-300
const EPSILON = 2e-16

/** Returns the regularized upper incomplete gamma function, for positive numbers. */
function upperGamma(a: number, x: number): number {
  const power =
    Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * logMinus((x - a) / a, x / a) - stirlingRest(a))
  return x < a + 1 ? 1 - power * gammaSeries(a, x) : power * gammaFraction(a, x)
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let k = 1; k < MOST_TERMS && term > EPSILON * sum; k++) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let product = d
  for (let k = 1; k < MOST_TERMS; k++) {
    const factor = -k * (k - a)
    b += 2
    d = 1 / notZero(factor * d + b)
    c = notZero(b + factor / c)
    product *= d * c
    if (Math.abs(d * c - 1) <= EPSILON) break
  }
  return product
}

/** Returns the regularized incomplete beta function of `x = 1 - y`, from 0. */
function lowerBeta(a: number, b: number, x: number, y: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - lowerBeta(b, a, y, x)
  if (x === 0) return 0
  const difference = b * x - a * y
  const n = a + b
  const exponent =
    a * logMinus(difference / a, (n * x) / a) + b * logMinus(-difference / b, (n * y) / b)
  const rest = stirlingRest(n) - stirlingRest(a) - stirlingRest(b)
  const power = Math.sqrt((a / (2 * Math.PI)) * (b / n)) * Math.exp(exponent + rest)
  return power * betaFraction(a, b, x, difference)
}

/** The even part of the continued fraction: unlike the whole one, it has no `1 - x` that loses digits. */
function betaFraction(a: number, b: number, x: number, difference: number): number {
  const denominator = (m: number) =>
    m +
    (m * (b - m) * x) / (a + 2 * m - 1) +
    ((a + m) * (1 - difference + m * (2 - x))) / (a + 2 * m + 1)
  let c = notZero((a * (1 - difference)) / (a + 1))
  let d = 0
  let product = c
  for (let m = 1; m < MOST_TERMS; m++) {
    const middle = a + 2 * m - 1
    const factor = ((a + m - 1) / middle) * ((a + b + m - 1) / middle) * m * (b - m) * x * x
    const next = denominator(m)
    d = 1 / notZero(next + factor * d)
    c = notZero(next + factor / c)
    product *= d * c
    if (Math.abs(d * c - 1) <= EPSILON) break
  }
  return 1 / product
}

function notZero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x
}

/** Returns `log(1 + x) - x`, accurate for small `x` and, as `sum` is `1 + x`, for `x` near -1. */
function logMinus(x: number, sum: number): number {
  if (Math.abs(x) > 0.3) return Math.log(sum) - x
  // With r = x / (2 + x): log(1 + x) = 2 (r + r^3 / 3 + r^5 / 5 + ...).
  const r = x / (2 + x)
  let power = r
  let rest = 0
  for (let k = 3; k < 40; k += 2) {
    power *= r * r
    rest += power / k
  }
  return 2 * rest - r * x
}

/** Returns the logarithm of the gamma function of `x` without Stirling's formula (NIST 5.11.1). */
function stirlingRest(x: number): number {
  let rest = 0
  let z = x
  for (; z < 15; z++) rest += (z + 0.5) * Math.log1p(1 / z) - 1
  const s = 1 / (z * z)
  const series = 1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188))))
  return rest + series / z
}
