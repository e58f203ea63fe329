/**
 * Samplers of continuous distributions, one number at a time.
 */
import type { ElementStream } from './random-stream.js'

/** Draws one number, given the parameters in the order of the distribution. */
export type Sampler = (stream: ElementStream, ...parameters: number[]) => number

/**
 * Standard gamma distribution, by Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
 */
export function standardGamma(stream: ElementStream, shape: number): number {
  if (shape === 0) return 0
  if (shape === 1) return stream.exponential()
  if (shape < 1) {
    return standardGamma(stream, shape + 1) * stream.positive() ** (1 / shape)
  }
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = stream.normal()
    const root = 1 + c * x
    if (root <= 0) continue
    const v = root * root * root
    const u = stream.positive()
    if (u < 1 - 0.0331 * x * x * x * x) return d * v
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
}

const chisquare = (stream: ElementStream, df: number) => 2 * standardGamma(stream, df / 2)

/** Beta distribution: by Jöhnk's method if both parameters are at most 1, else of two gamma variables. */
export function betaSample(stream: ElementStream, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = standardGamma(stream, a)
    return x / (x + standardGamma(stream, b))
  }
  for (;;) {
    const u = stream.positive()
    const v = stream.positive()
    const x = u ** (1 / a)
    const y = v ** (1 / b)
    if (x + y > 1) continue
    if (x + y > 0) return x / (x + y)
    const logX = Math.log(u) / a
    const logY = Math.log(v) / b
    const most = Math.max(logX, logY)
    return Math.exp(logX - most - Math.log(Math.exp(logX - most) + Math.exp(logY - most)))
  }
}

function noncentralChisquare(stream: ElementStream, df: number, nonc: number): number {
  if (nonc === 0) return chisquare(stream, df)
  if (df > 1) {
    const normal = stream.normal() + Math.sqrt(nonc)
    return chisquare(stream, df - 1) + normal * normal
  }
  return chisquare(stream, df + 2 * poissonSample(stream, nonc / 2))
}

/** Poisson distribution: by multiplication below 10, else by Hörmann's PTRS, "The transformed rejection method" (1993). */
export function poissonSample(stream: ElementStream, lam: number): number {
  if (lam < 10) {
    const least = Math.exp(-lam)
    let count = 0
    for (let p = stream.uniform(); p > least; p *= stream.uniform()) count++
    return count
  }
  const logLam = Math.log(lam)
  const b = 0.931 + 2.53 * Math.sqrt(lam)
  const a = -0.059 + 0.02483 * b
  const inverse = 1.1239 + 1.1328 / (b - 3.4)
  const quick = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = stream.uniform() - 0.5
    const v = stream.positive()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + lam + 0.43)
    if (us >= 0.07 && v <= quick) return k
    if (k < 0 || (us < 0.013 && v > us)) continue
    const left = Math.log(v) + Math.log(inverse) - Math.log(a / (us * us) + b)
    if (left <= -lam + k * logLam - logFactorial(k)) return k
  }
}

/** Logarithms of the first factorials. */
const LOG_FACTORIALS = Array.from({ length: 32 }, () => 0)
for (let n = 2; n < 32; n++) LOG_FACTORIALS[n] = LOG_FACTORIALS[n - 1]! + Math.log(n)

/** Returns the logarithm of `n!`, from 32 on by Stirling's series. */
export function logFactorial(n: number): number {
  if (n < LOG_FACTORIALS.length) return LOG_FACTORIALS[n]!
  const x = n + 1
  const inverse = 1 / x
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
  return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + series
}

/** Von Mises distribution, by Best and Fisher, "Efficient simulation of the von Mises distribution" (1979). */
function vonmises(stream: ElementStream, mu: number, kappa: number): number {
  if (kappa < 1e-8) return Math.PI * (2 * stream.uniform() - 1)
  if (kappa > 1e6) return wrapped(mu + Math.sqrt(1 / kappa) * stream.normal())
  const tau = 1 + Math.sqrt(1 + 4 * kappa * kappa)
  const rho = (tau - Math.sqrt(2 * tau)) / (2 * kappa)
  const s = (1 + rho * rho) / (2 * rho)
  for (;;) {
    const z = Math.cos(Math.PI * stream.uniform())
    const w = (1 + s * z) / (s + z)
    const y = kappa * (s - w)
    const v = stream.positive()
    if (y * (2 - y) - v >= 0 || Math.log(y / v) + 1 - y >= 0) {
      const angle = Math.acos(Math.max(-1, Math.min(1, w)))
      return wrapped(mu + (stream.uniform() < 0.5 ? -angle : angle))
    }
  }
}

/** Returns an angle from -π to π. */
function wrapped(angle: number): number {
  const turns = Math.floor((angle + Math.PI) / (2 * Math.PI))
  return angle - turns * 2 * Math.PI
}

/** Inverse Gaussian distribution, by Michael, Schucany and Haas (1976). */
function wald(stream: ElementStream, mean: number, scale: number): number {
  const y = stream.normal()
  const half = (mean / (2 * scale)) * mean * y * y
  // The smaller root, written so that large values do not cancel.
  const x = mean / (1 + half / mean + Math.sqrt((half / mean) * (half / mean + 2)))
  return stream.uniform() <= mean / (mean + x) ? x : (mean * mean) / x
}

function triangular(stream: ElementStream, left: number, mode: number, right: number): number {
  const base = right - left
  const u = stream.uniform()
  if (u <= (mode - left) / base) return left + Math.sqrt(u * base * (mode - left))
  return right - Math.sqrt((1 - u) * base * (right - mode))
}

/** The samplers by NumPy's names. */
export const continuousSamplers = {
  beta: betaSample,
  chisquare,
  exponential: (stream, scale) => scale! * stream.exponential(),
  f: (stream, dfnum, dfden) =>
    (chisquare(stream, dfnum!) * dfden!) / (chisquare(stream, dfden!) * dfnum!),
  gamma: (stream, shape, scale) => scale! * standardGamma(stream, shape!),
  gumbel: (stream, loc, scale) => loc! - scale! * Math.log(-Math.log(stream.positive())),
  laplace: (stream, loc, scale) => {
    const u = stream.positive()
    return u < 0.5 ? loc! + scale! * Math.log(2 * u) : loc! - scale! * Math.log(2 * (1 - u))
  },
  logistic: (stream, loc, scale) => {
    const u = stream.positive()
    return loc! + scale! * Math.log(u / (1 - u))
  },
  lognormal: (stream, mean, sigma) => Math.exp(mean! + sigma! * stream.normal()),
  noncentralChisquare,
  noncentralF: (stream, dfnum, dfden, nonc) =>
    (noncentralChisquare(stream, dfnum!, nonc!) * dfden!) / (chisquare(stream, dfden!) * dfnum!),
  normal: (stream, loc, scale) => loc! + scale! * stream.normal(),
  pareto: (stream, a) => Math.expm1(stream.exponential() / a!),
  power: (stream, a) => (1 - Math.exp(-stream.exponential())) ** (1 / a!),
  rayleigh: (stream, scale) => scale! * Math.sqrt(2 * stream.exponential()),
  standardCauchy: (stream) => stream.normal() / stream.normal(),
  standardGamma,
  standardT: (stream, df) =>
    (Math.sqrt(df! / 2) * stream.normal()) / Math.sqrt(standardGamma(stream, df! / 2)),
  triangular,
  uniform: (stream, low, high) => low! + (high! - low!) * stream.uniform(),
  vonmises,
  wald,
  weibull: (stream, a) => (a === 0 ? 0 : stream.exponential() ** (1 / a!)),
} satisfies Record<string, Sampler>
