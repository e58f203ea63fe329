/**
 * The distributions of random arrays: the names, the defaults and the ranges of their parameters.
 */
import { formatArgument } from '../block/format-argument.js'
import type { DistributionName } from '../kernels/random-kernel.js'

/** The values that a parameter may have. */
const RANGES = {
  any: [(x: number) => Number.isFinite(x), 'a finite number'],
  positive: [(x: number) => x > 0, 'a number above 0'],
  notNegative: [(x: number) => x >= 0 && Number.isFinite(x), 'a finite number of 0 or more'],
  aboveOne: [(x: number) => x > 1, 'a number above 1'],
  probability: [(x: number) => x >= 0 && x <= 1, 'a number from 0 to 1'],
  chance: [(x: number) => x > 0 && x <= 1, 'a number above 0 and at most 1'],
  lessThanOne: [(x: number) => x >= 0 && x < 1, 'a number from 0 to below 1'],
  count: [(x: number) => Number.isSafeInteger(x) && x >= 0, 'an integer of 0 or more'],
  mean: [(x: number) => x >= 0 && x <= 2 ** 53, 'a number from 0 to 2 ** 53'],
} as const satisfies Record<string, readonly [(x: number) => boolean, string]>

/** A parameter: its name, its range, and its default unless it is required. */
interface ParameterSpec {
  readonly name: string
  readonly range: keyof typeof RANGES
  readonly byDefault?: number
}

/** A distribution: its sampler, its parameters in NumPy's order, and its dtype. */
export interface DistributionSpec {
  readonly sampler: DistributionName
  readonly parameters: readonly ParameterSpec[]
  readonly dtype: 'float64' | 'int64'
}

const parameter = (name: string, range: keyof typeof RANGES, byDefault?: number): ParameterSpec =>
  byDefault === undefined ? { name, range } : { name, range, byDefault }
const real = (sampler: DistributionName, ...parameters: readonly ParameterSpec[]) =>
  ({ sampler, parameters, dtype: 'float64' }) as const
const integer = (sampler: DistributionName, ...parameters: readonly ParameterSpec[]) =>
  ({ sampler, parameters, dtype: 'int64' }) as const
const loc = parameter('loc', 'any', 0)
const scale = parameter('scale', 'notNegative', 1)
const fixed = (name: string, value: number) => parameter(name, 'any', value)

/** The distributions, by name. Parameters that begin with an underscore cannot be given. */
export const DISTRIBUTIONS = {
  beta: real('beta', parameter('a', 'positive'), parameter('b', 'positive')),
  binomial: integer('binomial', parameter('n', 'count'), parameter('p', 'probability')),
  chisquare: real('chisquare', parameter('df', 'positive')),
  exponential: real('exponential', scale),
  f: real('f', parameter('dfnum', 'positive'), parameter('dfden', 'positive')),
  gamma: real('gamma', parameter('shape', 'notNegative'), scale),
  geometric: integer('geometric', parameter('p', 'chance')),
  gumbel: real('gumbel', loc, scale),
  hypergeometric: integer(
    'hypergeometric',
    parameter('ngood', 'count'),
    parameter('nbad', 'count'),
    parameter('nsample', 'count'),
  ),
  laplace: real('laplace', loc, scale),
  logistic: real('logistic', loc, scale),
  lognormal: real('lognormal', parameter('mean', 'any', 0), parameter('sigma', 'notNegative', 1)),
  logseries: integer('logseries', parameter('p', 'lessThanOne')),
  negativeBinomial: integer(
    'negativeBinomial',
    parameter('n', 'positive'),
    parameter('p', 'chance'),
  ),
  noncentralChisquare: real(
    'noncentralChisquare',
    parameter('df', 'positive'),
    parameter('nonc', 'notNegative'),
  ),
  noncentralF: real(
    'noncentralF',
    parameter('dfnum', 'positive'),
    parameter('dfden', 'positive'),
    parameter('nonc', 'notNegative'),
  ),
  normal: real('normal', loc, scale),
  pareto: real('pareto', parameter('a', 'positive')),
  poisson: integer('poisson', parameter('lam', 'mean', 1)),
  power: real('power', parameter('a', 'positive')),
  random: real('uniform', fixed('_low', 0), fixed('_high', 1)),
  rayleigh: real('rayleigh', scale),
  standardCauchy: real('standardCauchy'),
  standardExponential: real('exponential', fixed('_scale', 1)),
  standardGamma: real('standardGamma', parameter('shape', 'notNegative')),
  standardNormal: real('normal', fixed('_loc', 0), fixed('_scale', 1)),
  standardT: real('standardT', parameter('df', 'positive')),
  triangular: real(
    'triangular',
    parameter('left', 'any'),
    parameter('mode', 'any'),
    parameter('right', 'any'),
  ),
  uniform: real('uniform', parameter('low', 'any', 0), parameter('high', 'any', 1)),
  vonmises: real('vonmises', parameter('mu', 'any'), parameter('kappa', 'notNegative')),
  wald: real('wald', parameter('mean', 'positive'), parameter('scale', 'positive')),
  weibull: real('weibull', parameter('a', 'notNegative')),
  zipf: integer('zipf', parameter('a', 'aboveOne')),
} as const satisfies Record<string, DistributionSpec>

/** The names of the distributions that have parameters of single elements. */
export type Distribution = keyof typeof DISTRIBUTIONS

/** Throws a TypeError or RangeError unless a plain value is in the range of a parameter. */
export function checkParameter(
  operation: string,
  { name, range }: ParameterSpec,
  value: unknown,
): asserts value is number {
  const [isValid, what] = RANGES[range]
  if (typeof value !== 'number') {
    throw new TypeError(
      `${operation}: ${name} must be ${what}, an array or a list; got ${formatArgument(value)}`,
    )
  }
  if (Number.isNaN(value) || !isValid(value)) {
    const message = `${operation}: ${name} must be ${what}; got ${value}`
    throw Number.isFinite(value) ? new RangeError(message) : new TypeError(message)
  }
}

/** Throws a RangeError for parameters that do not go together. */
export function checkTogether(
  operation: string,
  distribution: Distribution,
  values: readonly unknown[],
): void {
  if (!values.every((value) => typeof value === 'number')) return
  const [a, b, c] = values as readonly number[]
  if (distribution === 'triangular' && !(a! <= b! && b! <= c! && a! < c!)) {
    throw new RangeError(
      `${operation}: expected left <= mode <= right and left < right; got ${values.join(', ')}`,
    )
  }
  if (distribution === 'hypergeometric' && c! > a! + b!) {
    throw new RangeError(`${operation}: nsample ${c} exceeds ngood + nbad, ${a! + b!}`)
  }
}
