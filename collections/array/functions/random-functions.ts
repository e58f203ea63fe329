/**
 * The functions of `da.random`: random arrays in the manner of NumPy's `Generator`. The same seed and shape give the same
 * numbers anywhere, whatever the chunks are.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { ChunkedArray } from '../chunked-array.js'
import { DISTRIBUTIONS, type Distribution } from '../layers/distributions.js'
import { takeOptions } from '../layers/map-blocks-layers.js'
import {
  type ChoiceOptions,
  checkSeed,
  choiceLayer,
  distributionLayer,
  integersLayer,
  permutationLayer,
  type RandomOptions,
  rowsLayer,
  type SizeOptions,
} from '../layers/random-layers.js'
import type { Shape } from './creation-functions.js'
import { RandomGenerator } from './random-generator.js'
import type { ChoiceDtype, DistributionOptions, RandomParameter } from './random-types.js'

/** Makes an array of a distribution, whose parameters are options. */
function draw<A>(name: Distribution, shape: Shape, options: object, args: ArrayLike<unknown>): A {
  const operation = `random.${name}`
  const names = DISTRIBUTIONS[name].parameters.map((parameter) => parameter.name)
  checkArguments(operation, args, 2, `da.${operation}(shape, options)`)
  checkOptions(options, ['chunks', 'seed', ...names.filter((n) => !n.startsWith('_'))], operation)
  const { chunks, seed } = options as RandomOptions
  const source = { seed: checkSeed(operation, seed), stream: 0 }
  const request = { operation, source, shape: shape ?? [], chunks }
  return new ChunkedArray(distributionLayer(name, { ...options }, request)) as A
}

/**
 * Functions that make random arrays. Parameters of distributions are options with NumPy's names: numbers, lists or
 * arrays that broadcast. The numbers come from Philox4x32-10, a counter-based generator.
 * @example da.random.normal([1000, 1000], { seed: 1 })
 */
export const random = {
  /** Makes a generator of random arrays, whose methods take parameters as NumPy's do. */
  defaultRng(seed?: number | null): RandomGenerator {
    checkArguments('random.defaultRng', arguments, 1, 'da.random.defaultRng(seed)')
    return new RandomGenerator(seed)
  },

  /** Makes uniform numbers in [0, 1). */
  random(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    return draw('random', shape, options, arguments)
  },

  /** Makes normally distributed numbers with mean 0 and standard deviation 1. */
  standardNormal(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    return draw('standardNormal', shape, options, arguments)
  },

  /** Makes exponentially distributed numbers with mean 1. */
  standardExponential(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    return draw('standardExponential', shape, options, arguments)
  },

  /** Draws numbers from the standard Cauchy distribution. */
  standardCauchy(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    return draw('standardCauchy', shape, options, arguments)
  },

  /** Makes uniform numbers in [0, 1): the same as `random`. */
  randomSample(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    return draw('random', shape, options, arguments)
  },

  /** Draws numbers from the beta distribution with parameters `a` and `b`, in [0, 1]. */
  beta(shape: Shape, options: DistributionOptions<'a' | 'b'>): ChunkedArray<'float64'> {
    return draw('beta', shape, options, arguments)
  },

  /** Draws integers from the binomial distribution: successes in `n` trials of probability `p`. */
  binomial(shape: Shape, options: DistributionOptions<'n' | 'p'>): ChunkedArray<'int64'> {
    return draw('binomial', shape, options, arguments)
  },

  /** Draws numbers from the chi-square distribution with `df` degrees of freedom. */
  chisquare(shape: Shape, options: DistributionOptions<'df'>): ChunkedArray<'float64'> {
    return draw('chisquare', shape, options, arguments)
  },

  /** Draws numbers from the exponential distribution with mean `scale` (1). */
  exponential(
    shape: Shape,
    options: DistributionOptions<never, 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('exponential', shape, options, arguments)
  },

  /** Draws numbers from the F distribution with `dfnum` and `dfden` degrees of freedom. */
  f(shape: Shape, options: DistributionOptions<'dfnum' | 'dfden'>): ChunkedArray<'float64'> {
    return draw('f', shape, options, arguments)
  },

  /** Draws numbers from the gamma distribution with parameters `shape` and `scale` (1). */
  gamma(shape: Shape, options: DistributionOptions<'shape', 'scale'>): ChunkedArray<'float64'> {
    return draw('gamma', shape, options, arguments)
  },

  /** Draws integers from the geometric distribution: trials of probability `p` up to the first success. */
  geometric(shape: Shape, options: DistributionOptions<'p'>): ChunkedArray<'int64'> {
    return draw('geometric', shape, options, arguments)
  },

  /** Draws numbers from the Gumbel distribution with mode `loc` (0) and `scale` (1). */
  gumbel(
    shape: Shape,
    options: DistributionOptions<never, 'loc' | 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('gumbel', shape, options, arguments)
  },

  /** Draws integers from the hypergeometric distribution: good items among `nsample` of `ngood` and `nbad`. */
  hypergeometric(
    shape: Shape,
    options: DistributionOptions<'ngood' | 'nbad' | 'nsample'>,
  ): ChunkedArray<'int64'> {
    return draw('hypergeometric', shape, options, arguments)
  },

  /** Draws numbers from the Laplace distribution with mean `loc` (0) and `scale` (1). */
  laplace(
    shape: Shape,
    options: DistributionOptions<never, 'loc' | 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('laplace', shape, options, arguments)
  },

  /** Draws numbers from the logistic distribution with mean `loc` (0) and `scale` (1). */
  logistic(
    shape: Shape,
    options: DistributionOptions<never, 'loc' | 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('logistic', shape, options, arguments)
  },

  /** Draws numbers from the log-normal distribution: the exponentials of normally distributed numbers with `mean` (0) and `sigma` (1). */
  lognormal(
    shape: Shape,
    options: DistributionOptions<never, 'mean' | 'sigma'> = {},
  ): ChunkedArray<'float64'> {
    return draw('lognormal', shape, options, arguments)
  },

  /** Draws integers from the logarithmic series distribution with parameter `p`. */
  logseries(shape: Shape, options: DistributionOptions<'p'>): ChunkedArray<'int64'> {
    return draw('logseries', shape, options, arguments)
  },

  /** Draws integers from the negative binomial distribution: failures before `n` successes of probability `p`. */
  negativeBinomial(shape: Shape, options: DistributionOptions<'n' | 'p'>): ChunkedArray<'int64'> {
    return draw('negativeBinomial', shape, options, arguments)
  },

  /** Draws numbers from the noncentral chi-square distribution with `df` degrees of freedom and noncentrality `nonc`. */
  noncentralChisquare(
    shape: Shape,
    options: DistributionOptions<'df' | 'nonc'>,
  ): ChunkedArray<'float64'> {
    return draw('noncentralChisquare', shape, options, arguments)
  },

  /** Draws numbers from the noncentral F distribution with noncentrality `nonc`. */
  noncentralF(
    shape: Shape,
    options: DistributionOptions<'dfnum' | 'dfden' | 'nonc'>,
  ): ChunkedArray<'float64'> {
    return draw('noncentralF', shape, options, arguments)
  },

  /** Draws numbers from the normal distribution with mean `loc` (0) and standard deviation `scale` (1). */
  normal(
    shape: Shape,
    options: DistributionOptions<never, 'loc' | 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('normal', shape, options, arguments)
  },

  /** Draws numbers from the Pareto II (Lomax) distribution with shape `a`. */
  pareto(shape: Shape, options: DistributionOptions<'a'>): ChunkedArray<'float64'> {
    return draw('pareto', shape, options, arguments)
  },

  /** Draws integers from the Poisson distribution with mean `lam` (1). */
  poisson(shape: Shape, options: DistributionOptions<never, 'lam'> = {}): ChunkedArray<'int64'> {
    return draw('poisson', shape, options, arguments)
  },

  /** Draws numbers from the power distribution with exponent `a - 1`, in [0, 1]. */
  power(shape: Shape, options: DistributionOptions<'a'>): ChunkedArray<'float64'> {
    return draw('power', shape, options, arguments)
  },

  /** Draws numbers from the Rayleigh distribution with mode `scale` (1). */
  rayleigh(
    shape: Shape,
    options: DistributionOptions<never, 'scale'> = {},
  ): ChunkedArray<'float64'> {
    return draw('rayleigh', shape, options, arguments)
  },

  /** Draws numbers from the gamma distribution with parameter `shape` and scale 1. */
  standardGamma(shape: Shape, options: DistributionOptions<'shape'>): ChunkedArray<'float64'> {
    return draw('standardGamma', shape, options, arguments)
  },

  /** Draws numbers from Student's t distribution with `df` degrees of freedom. */
  standardT(shape: Shape, options: DistributionOptions<'df'>): ChunkedArray<'float64'> {
    return draw('standardT', shape, options, arguments)
  },

  /** Draws numbers from the triangular distribution from `left` to `right` with its peak at `mode`. */
  triangular(
    shape: Shape,
    options: DistributionOptions<'left' | 'mode' | 'right'>,
  ): ChunkedArray<'float64'> {
    return draw('triangular', shape, options, arguments)
  },

  /** Draws numbers from the uniform distribution in [low, high), by default [0, 1). */
  uniform(
    shape: Shape,
    options: DistributionOptions<never, 'low' | 'high'> = {},
  ): ChunkedArray<'float64'> {
    return draw('uniform', shape, options, arguments)
  },

  /** Draws numbers from the von Mises distribution of angles with mode `mu` and dispersion `kappa`. */
  vonmises(shape: Shape, options: DistributionOptions<'mu' | 'kappa'>): ChunkedArray<'float64'> {
    return draw('vonmises', shape, options, arguments)
  },

  /** Draws numbers from the Wald (inverse Gaussian) distribution. */
  wald(shape: Shape, options: DistributionOptions<'mean' | 'scale'>): ChunkedArray<'float64'> {
    return draw('wald', shape, options, arguments)
  },

  /** Draws numbers from the Weibull distribution with shape `a` and scale 1. */
  weibull(shape: Shape, options: DistributionOptions<'a'>): ChunkedArray<'float64'> {
    return draw('weibull', shape, options, arguments)
  },

  /** Draws integers from the Zipf distribution with parameter `a` above 1. */
  zipf(shape: Shape, options: DistributionOptions<'a'>): ChunkedArray<'int64'> {
    return draw('zipf', shape, options, arguments)
  },

  /** Makes int64 integers from `low`, by default 0, to before `high`. */
  integers(
    shape: Shape,
    options: RandomOptions & { readonly low?: RandomParameter; readonly high: RandomParameter },
  ): ChunkedArray<'int64'> {
    checkArguments('random.integers', arguments, 2, 'da.random.integers(shape, { low, high })')
    checkOptions(options, ['chunks', 'seed', 'low', 'high'], 'random.integers')
    const { low = 0, high, chunks, seed } = options
    return integersOf('random.integers', low, high, { size: shape, chunks, seed })
  },

  /** Makes int64 integers from `low` to before `high`, or from 0 to before the only argument. */
  randint(
    low: RandomParameter,
    high?: RandomParameter | null | (SizeOptions & Pick<RandomOptions, 'seed'>),
    options?: SizeOptions & Pick<RandomOptions, 'seed'>,
  ): ChunkedArray<'int64'> {
    checkArguments('random.randint', arguments, 3, 'da.random.randint(low, high, { size })')
    const [first, end, own] = integerArguments(low, high, options)
    return integersOf('random.randint', first, end, own)
  },

  /**
   * Draws elements of a vector, a list, or the integers below a number.
   * @param options The shape as `size`, `replace: false` for different elements, and probabilities as `p`.
   * @throws RangeError for probabilities that do not add up to 1, and more draws without replacement than elements.
   * @example da.random.choice(6, { size: 1000, seed: 1 })
   */
  choice<A extends RandomParameter>(
    values: A,
    options: ChoiceOptions & Pick<RandomOptions, 'seed'> = {},
  ): ChunkedArray<ChoiceDtype<A>> {
    const operation = 'random.choice'
    checkArguments(operation, arguments, 2, 'da.random.choice(values, options)')
    checkOptions(options, ['size', 'replace', 'p', 'chunks', 'seed'], operation)
    const { size, chunks, seed } = options
    const source = { seed: checkSeed(operation, seed), stream: 0 }
    return new ChunkedArray(
      choiceLayer(values, options, { operation, source, shape: size, chunks }),
    )
  },

  /** Makes the integers below a number in random order, or the elements of an array along its first axis. */
  permutation<A extends RandomParameter>(
    values: A,
    options: RandomOptions = {},
  ): ChunkedArray<ChoiceDtype<A>> {
    const operation = 'random.permutation'
    checkArguments(operation, arguments, 2, 'da.random.permutation(values, options)')
    checkOptions(options, ['chunks', 'seed'], operation)
    const source = { seed: checkSeed(operation, options.seed), stream: 0 }
    return new ChunkedArray(permutationLayer(values, source, options.chunks, operation))
  },

  /** Makes rows that count how many of `n` draws fall to each of some probabilities, `pvals`. */
  multinomial(
    shape: Shape,
    options: RandomOptions & { readonly n: number; readonly pvals: readonly number[] },
  ): ChunkedArray<'int64'> {
    const operation = 'random.multinomial'
    checkArguments(operation, arguments, 2, 'da.random.multinomial(shape, { n, pvals })')
    checkOptions(options, ['chunks', 'seed', 'n', 'pvals'], operation)
    const { n, pvals, chunks, seed } = options
    const source = { seed: checkSeed(operation, seed), stream: 0 }
    return new ChunkedArray(
      rowsLayer('multinomial', n, pvals, { operation, source, shape, chunks }),
    )
  },

  /** Makes rows that count the colors of `nsample` items, of which there are `colors`. */
  multivariateHypergeometric(
    shape: Shape,
    options: RandomOptions & { readonly colors: readonly number[]; readonly nsample: number },
  ): ChunkedArray<'int64'> {
    const operation = 'random.multivariateHypergeometric'
    checkArguments(operation, arguments, 2, `da.${operation}(shape, { colors, nsample })`)
    checkOptions(options, ['chunks', 'seed', 'colors', 'nsample'], operation)
    const { colors, nsample, chunks, seed } = options
    const source = { seed: checkSeed(operation, seed), stream: 0 }
    const request = { operation, source, shape, chunks }
    return new ChunkedArray(rowsLayer('multivariateHypergeometric', nsample, colors, request))
  },
} as const

function integersOf(
  operation: string,
  low: unknown,
  high: unknown,
  { size, chunks, seed }: SizeOptions & Pick<RandomOptions, 'seed'>,
): ChunkedArray<'int64'> {
  const source = { seed: checkSeed(operation, seed), stream: 0 }
  const request = { operation, source, shape: size, chunks }
  return new ChunkedArray(integersLayer(low, high, request))
}

/** Sorts the arguments of `randint(low, high, options)`, in which `high` may be left out. */
function integerArguments(
  low: unknown,
  high: unknown,
  options: object | undefined,
): readonly [low: unknown, high: unknown, options: SizeOptions & Pick<RandomOptions, 'seed'>] {
  const { values, options: own } = takeOptions(
    [low, high, options].filter((v) => v !== undefined && v !== null),
  )
  checkOptions(own, ['size', 'chunks', 'seed'], 'random.randint')
  return values.length === 1 ? [0, values[0], own] : [values[0], values[1], own]
}
