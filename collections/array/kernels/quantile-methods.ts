/**
 * The methods of quantiles, by NumPy's names: the nine of R. J. Hyndman, Y. Fan, "Sample quantiles in statistical
 * packages", The American Statistician 50 (1996), and four more. A method gives the two order statistics
 * between which a quantile lies, counted from 0, and the weight of the second.
 */

/** Two order statistics, and the weight of the second. */
export interface Interpolation {
  readonly low: number
  readonly high: number
  readonly weight: number
}

/** Methods that give one element. */
const DISCRETE = {
  inverted_cdf: (n: number, q: number) => {
    const at = n * q - 1
    return Number.isInteger(at) ? at : Math.floor(at) + 1
  },
  closest_observation: (n: number, q: number) => {
    const at = n * q - 1.5
    const below = Math.floor(at)
    return at === below && Math.abs(below % 2) === 1 ? below : below + 1
  },
  lower: (n: number, q: number) => Math.floor((n - 1) * q),
  higher: (n: number, q: number) => Math.ceil((n - 1) * q),
  nearest: (n: number, q: number) => {
    const at = (n - 1) * q
    const below = Math.floor(at)
    const rest = at - below
    return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
  },
} as const

/** Methods that interpolate between neighbours. */
const CONTINUOUS = {
  interpolated_inverted_cdf: (n: number, q: number) => n * q - 1,
  hazen: (n: number, q: number) => n * q - 0.5,
  weibull: (n: number, q: number) => (n + 1) * q - 1,
  linear: (n: number, q: number) => (n - 1) * q,
  median_unbiased: (n: number, q: number) => n * q + (1 / 3 + q * (1 - 2 / 3)) - 1,
  normal_unbiased: (n: number, q: number) => n * q + (3 / 8 + q * (1 - 6 / 8)) - 1,
} as const

/** The name of a method of quantiles. */
export type QuantileMethod =
  | keyof typeof DISCRETE
  | keyof typeof CONTINUOUS
  | 'averaged_inverted_cdf'
  | 'midpoint'

/** The methods of quantiles. */
export const QUANTILE_METHODS = [
  ...Object.keys(DISCRETE),
  ...Object.keys(CONTINUOUS),
  'averaged_inverted_cdf',
  'midpoint',
] as readonly QuantileMethod[]

/** Whether a method gives one of the elements. */
export function isDiscrete(method: QuantileMethod): method is keyof typeof DISCRETE {
  return method in DISCRETE
}

/** Returns between which of `n` elements in order a quantile lies. */
export function interpolationOf(method: QuantileMethod, n: number, q: number): Interpolation {
  const last = n - 1
  if (isDiscrete(method)) {
    const at = Math.min(last, Math.max(0, DISCRETE[method](n, q)))
    return { low: at, high: at, weight: 0 }
  }
  return clamp(positionOf(method, n, q), last, method)
}

function positionOf(
  method: Exclude<QuantileMethod, keyof typeof DISCRETE>,
  n: number,
  q: number,
): number {
  if (method === 'averaged_inverted_cdf') return n * q - 1
  if (method === 'midpoint') return 0.5 * (Math.floor((n - 1) * q) + Math.ceil((n - 1) * q))
  return (CONTINUOUS[method] as (n: number, q: number) => number)(n, q)
}

function clamp(at: number, last: number, method: QuantileMethod): Interpolation {
  if (at < 0) return { low: 0, high: 0, weight: 0 }
  if (at >= last) return { low: last, high: last, weight: 0 }
  const low = Math.floor(at)
  const rest = at - low
  const weight = method === 'averaged_inverted_cdf' ? (rest === 0 ? 0.5 : 1) : rest
  return { low, high: low + 1, weight }
}

/** Interpolates between two values, as NumPy does: exact at both ends. */
export function interpolate(a: number, b: number, weight: number): number {
  if (a === b) return a
  const difference = b - a
  return weight >= 0.5 ? b - difference * (1 - weight) : a + difference * weight
}
