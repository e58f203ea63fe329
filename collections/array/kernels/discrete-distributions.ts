/**
 * Samplers of discrete distributions, one integer at a time.
 */
import {
  betaSample,
  logFactorial,
  poissonSample,
  type Sampler,
  standardGamma,
} from './continuous-distributions.js'
import { type ElementStream, wholeRemainder } from './random-stream.js'

/** Below this many trials, each is drawn. */
const FEW_TRIALS = 24

/**
 * Binomial distribution. Many trials are divided at a median of theirs, which has a beta distribution: Devroye,
 * "Non-uniform random variate generation" (1986), chapter X.4.
 */
export function binomialSample(stream: ElementStream, n: number, p: number): number {
  if (p > 0.5) return n - binomialSample(stream, n, 1 - p)
  let trials = n
  let chance = p
  let count = 0
  while (trials > FEW_TRIALS && chance > 0 && chance < 1) {
    const a = 1 + Math.floor(trials / 2)
    const b = trials + 1 - a
    const x = betaSample(stream, a, b)
    if (x >= chance) {
      trials = a - 1
      chance /= x
    } else {
      count += a
      trials = b - 1
      chance = (chance - x) / (1 - x)
    }
  }
  if (chance >= 1) return count + trials
  for (let i = 0; i < trials; i++) if (stream.uniform() < chance) count++
  return count
}

/** Hypergeometric distribution: by drawing each item, or by Stadlober's ratio of uniforms, HRUA (1990). */
export function hypergeometricSample(
  stream: ElementStream,
  good: number,
  bad: number,
  sample: number,
): number {
  const size = good + bad
  const drawn = Math.min(sample, size - sample)
  const count =
    drawn < 10 ? drawItems(stream, good, size, drawn) : ratioOfUniforms(stream, good, bad, drawn)
  return drawn < sample ? good - count : count
}

function drawItems(stream: ElementStream, good: number, size: number, drawn: number): number {
  let left = good
  for (let i = 0; i < drawn; i++) if (stream.uniform() * (size - i) < left) left--
  return good - left
}

function ratioOfUniforms(stream: ElementStream, good: number, bad: number, m: number): number {
  const size = good + bad
  const [least, most] = good < bad ? [good, bad] : [bad, good]
  const p = least / size
  const mean = m * p + 0.5
  const deviation = Math.sqrt(((size - m) * m * p * (1 - p)) / (size - 1) + 0.5)
  const width = 1.7155277699214135 * deviation + 0.8989161620588988
  const mode = Math.floor(((m + 1) * (least + 1)) / (size + 2))
  const logOf = (k: number) =>
    logFactorial(k) + logFactorial(least - k) + logFactorial(m - k) + logFactorial(most - m + k)
  const peak = logOf(mode)
  const end = Math.min(Math.min(m, least) + 1, Math.floor(mean + 16 * deviation))
  for (;;) {
    const x = stream.positive()
    const y = stream.uniform()
    const w = mean + (width * (y - 0.5)) / x
    if (w < 0 || w >= end) continue
    const k = Math.floor(w)
    const t = peak - logOf(k)
    const accepted = x * (4 - x) - 3 <= t || (x * (x - t) < 1 && 2 * Math.log(x) <= t)
    if (accepted) return good > bad ? m - k : k
  }
}

/** Logarithmic series distribution, by Kemp, "Efficient generation of logarithmically distributed variables" (1981). */
function logseries(stream: ElementStream, p: number): number {
  const r = Math.log1p(-p)
  for (;;) {
    const v = stream.positive()
    if (v >= p) return 1
    const q = -Math.expm1(r * stream.uniform())
    if (v > q * q) return v >= q ? 1 : 2
    const result = Math.floor(1 + Math.log(v) / Math.log(q))
    if (result >= 1) return result
  }
}

/** Zipf distribution, by rejection: Devroye (1986), chapter X.6. */
function zipf(stream: ElementStream, a: number): number {
  const b = 2 ** (a - 1)
  for (;;) {
    const u = 1 - stream.uniform()
    const v = stream.uniform()
    const x = Math.floor(u ** (-1 / (a - 1)))
    if (x > Number.MAX_SAFE_INTEGER || x < 1) continue
    const t = (1 + 1 / x) ** (a - 1)
    if ((v * x * (t - 1)) / (b - 1) <= t / b) return x
  }
}

/** Returns the last multiple of `n` up to 2 ** 53. Values from there on would make small results more likely. */
export function integerLimit(n: number): number {
  return 2 ** 53 - (2 ** 53 % n)
}

/** Integers from `low` to before `high`, all equally likely. */
export function integerSample(stream: ElementStream, low: number, high: number): number {
  const n = high - low
  const limit = integerLimit(n)
  for (;;) {
    const value = stream.uniform() * 2 ** 53
    if (value < limit) return low + wholeRemainder(value, n)
  }
}

function geometric(stream: ElementStream, p: number): number {
  if (p === 1) return 1
  return Math.max(1, Math.ceil(-stream.exponential() / Math.log1p(-p)))
}

/** The samplers by NumPy's names. */
export const discreteSamplers = {
  binomial: binomialSample,
  geometric,
  hypergeometric: hypergeometricSample,
  integers: integerSample,
  logseries,
  negativeBinomial: (stream, n, p) =>
    poissonSample(stream, (standardGamma(stream, n!) * (1 - p!)) / p!),
  poisson: poissonSample,
  zipf,
} satisfies Record<string, Sampler>
