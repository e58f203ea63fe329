/**
 * `RandomGenerator`: random arrays with the signatures of NumPy's `Generator`.
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
  type RandomRequest,
  rowsLayer,
  type SizeOptions,
} from '../layers/random-layers.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
import type { ChoiceDtype, RandomParameter } from './random-types.js'

const SIZE_OPTIONS = ['size', 'chunks'] as const

/**
 * Makes random arrays of one seed. Each call gives other numbers; the same calls after the same seed give the same ones,
 * whatever the chunks. Parameters stand in NumPy's order or in the options; the shape is the option `size`.
 * @example da.random.defaultRng(1).normal(5, 2, { size: [1000, 1000] })
 */
export class RandomGenerator {
  private readonly seed: number
  private stream = 0

  /** Begins at a seed, an integer of 0 or more; by default a random one. */
  constructor(seed?: number | null) {
    this.seed = checkSeed('random.defaultRng', seed)
  }

  private request(operation: string, { size, chunks }: SizeOptions): RandomRequest {
    // The first array of a seed is that of `da.random`.
    const source = { seed: this.seed, stream: this.stream++ }
    return { operation, source, shape: size, chunks }
  }

  private draw<A>(name: Distribution, args: readonly unknown[]): A {
    const operation = `random.${name}`
    const own = DISTRIBUTIONS[name].parameters.flatMap((p) =>
      p.name.startsWith('_') ? [] : [p.name],
    )
    const { values, options } = takeOptions(args)
    checkArguments(operation, values, own.length, `rng.${name}(${[...own, '{ size }'].join(', ')})`)
    checkOptions(options, [...SIZE_OPTIONS, ...own], operation)
    const given: Record<string, unknown> = { ...options }
    values.forEach((value, i) => {
      if (value === undefined || value === null) return
      if (given[own[i]!] !== undefined) {
        throw new TypeError(`${operation}: ${own[i]} is given twice`)
      }
      given[own[i]!] = value
    })
    return new ChunkedArray(distributionLayer(name, given, this.request(operation, options))) as A
  }

  /** Makes uniform numbers in [0, 1); the shape is an argument or an option. */
  random(
    size?: number | readonly number[] | SizeOptions,
    options?: SizeOptions,
  ): ChunkedArray<'float64'> {
    return this.draw('random', sized(size, options))
  }

  /** Makes normally distributed numbers with mean 0 and standard deviation 1; the shape is an argument or an option. */
  standardNormal(
    size?: number | readonly number[] | SizeOptions,
    options?: SizeOptions,
  ): ChunkedArray<'float64'> {
    return this.draw('standardNormal', sized(size, options))
  }

  /** Makes exponentially distributed numbers with mean 1; the shape is an argument or an option. */
  standardExponential(
    size?: number | readonly number[] | SizeOptions,
    options?: SizeOptions,
  ): ChunkedArray<'float64'> {
    return this.draw('standardExponential', sized(size, options))
  }

  /** Draws numbers from the standard Cauchy distribution; the shape is an argument or an option. */
  standardCauchy(
    size?: number | readonly number[] | SizeOptions,
    options?: SizeOptions,
  ): ChunkedArray<'float64'> {
    return this.draw('standardCauchy', sized(size, options))
  }

  /** Draws numbers from the beta distribution with parameters `a` and `b`, in [0, 1]. */
  beta(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('beta', args)
  }

  /** Draws integers from the binomial distribution: successes in `n` trials of probability `p`. */
  binomial(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('binomial', args)
  }

  /** Draws numbers from the chi-square distribution with `df` degrees of freedom. */
  chisquare(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('chisquare', args)
  }

  /** Draws numbers from the exponential distribution with mean `scale` (1). */
  exponential(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('exponential', args)
  }

  /** Draws numbers from the F distribution with `dfnum` and `dfden` degrees of freedom. */
  f(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('f', args)
  }

  /** Draws numbers from the gamma distribution with parameters `shape` and `scale` (1). */
  gamma(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('gamma', args)
  }

  /** Draws integers from the geometric distribution: trials of probability `p` up to the first success. */
  geometric(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('geometric', args)
  }

  /** Draws numbers from the Gumbel distribution with mode `loc` (0) and `scale` (1). */
  gumbel(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('gumbel', args)
  }

  /** Draws integers from the hypergeometric distribution: good items among `nsample` of `ngood` and `nbad`. */
  hypergeometric(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('hypergeometric', args)
  }

  /** Draws numbers from the Laplace distribution with mean `loc` (0) and `scale` (1). */
  laplace(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('laplace', args)
  }

  /** Draws numbers from the logistic distribution with mean `loc` (0) and `scale` (1). */
  logistic(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('logistic', args)
  }

  /** Draws numbers from the log-normal distribution: the exponentials of normally distributed numbers with `mean` (0) and `sigma` (1). */
  lognormal(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('lognormal', args)
  }

  /** Draws integers from the logarithmic series distribution with parameter `p`. */
  logseries(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('logseries', args)
  }

  /** Draws integers from the negative binomial distribution: failures before `n` successes of probability `p`. */
  negativeBinomial(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('negativeBinomial', args)
  }

  /** Draws numbers from the noncentral chi-square distribution with `df` degrees of freedom and noncentrality `nonc`. */
  noncentralChisquare(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('noncentralChisquare', args)
  }

  /** Draws numbers from the noncentral F distribution with noncentrality `nonc`. */
  noncentralF(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('noncentralF', args)
  }

  /** Draws numbers from the normal distribution with mean `loc` (0) and standard deviation `scale` (1). */
  normal(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('normal', args)
  }

  /** Draws numbers from the Pareto II (Lomax) distribution with shape `a`. */
  pareto(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('pareto', args)
  }

  /** Draws integers from the Poisson distribution with mean `lam` (1). */
  poisson(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('poisson', args)
  }

  /** Draws numbers from the power distribution with exponent `a - 1`, in [0, 1]. */
  power(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('power', args)
  }

  /** Draws numbers from the Rayleigh distribution with mode `scale` (1). */
  rayleigh(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('rayleigh', args)
  }

  /** Draws numbers from the gamma distribution with parameter `shape` and scale 1. */
  standardGamma(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('standardGamma', args)
  }

  /** Draws numbers from Student's t distribution with `df` degrees of freedom. */
  standardT(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('standardT', args)
  }

  /** Draws numbers from the triangular distribution from `left` to `right` with its peak at `mode`. */
  triangular(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('triangular', args)
  }

  /** Draws numbers from the uniform distribution in [low, high), by default [0, 1). */
  uniform(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('uniform', args)
  }

  /** Draws numbers from the von Mises distribution of angles with mode `mu` and dispersion `kappa`. */
  vonmises(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('vonmises', args)
  }

  /** Draws numbers from the Wald (inverse Gaussian) distribution. */
  wald(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('wald', args)
  }

  /** Draws numbers from the Weibull distribution with shape `a` and scale 1. */
  weibull(...args: DistributionArguments): ChunkedArray<'float64'> {
    return this.draw('weibull', args)
  }

  /** Draws integers from the Zipf distribution with parameter `a` above 1. */
  zipf(...args: DistributionArguments): ChunkedArray<'int64'> {
    return this.draw('zipf', args)
  }

  /** Makes int64 integers from `low` to before `high`, or with `endpoint` up to it; or from 0 to before the only argument. */
  integers(...args: DistributionArguments): ChunkedArray<'int64'> {
    const operation = 'random.integers'
    const { values, options } = takeOptions(args)
    checkArguments(operation, values, 2, 'rng.integers(low, high, { size })')
    checkOptions(options, [...SIZE_OPTIONS, 'low', 'high', 'endpoint'], operation)
    const own: { low?: unknown; high?: unknown; endpoint?: boolean } = options
    const given = [...values, own.low, own.high].filter((v) => v !== undefined && v !== null)
    const [low, high] = given.length === 1 ? [0, given[0]] : given
    const end = own.endpoint === true && typeof high === 'number' ? high + 1 : high
    return new ChunkedArray(integersLayer(low, end, this.request(operation, options)))
  }

  /** Draws elements of a vector, a list, or the integers below a number; see `da.random.choice`. */
  choice<A extends RandomParameter>(
    values: A,
    options: ChoiceOptions = {},
  ): ChunkedArray<ChoiceDtype<A>> {
    const operation = 'random.choice'
    checkArguments(operation, arguments, 2, 'rng.choice(values, options)')
    checkOptions(options, [...SIZE_OPTIONS, 'replace', 'p'], operation)
    return new ChunkedArray(choiceLayer(values, options, this.request(operation, options)))
  }

  /** Makes the integers below a number in random order, or the elements of an array along its first axis. */
  permutation<A extends RandomParameter>(
    values: A,
    options: { readonly chunks?: ChunksSpec | undefined } = {},
  ): ChunkedArray<ChoiceDtype<A>> {
    const operation = 'random.permutation'
    checkArguments(operation, arguments, 2, 'rng.permutation(values, { chunks })')
    checkOptions(options, ['chunks'], operation)
    const { source } = this.request(operation, {})
    return new ChunkedArray(permutationLayer(values, source, options.chunks, operation))
  }

  /** Makes rows that count how many of `n` draws fall to each of some probabilities. */
  multinomial(
    n: number,
    pvals: readonly number[],
    options: SizeOptions = {},
  ): ChunkedArray<'int64'> {
    const operation = 'random.multinomial'
    checkArguments(operation, arguments, 3, 'rng.multinomial(n, pvals, { size })')
    checkOptions(options, SIZE_OPTIONS, operation)
    return new ChunkedArray(rowsLayer('multinomial', n, pvals, this.request(operation, options)))
  }

  /** Makes rows that count the colors of `nsample` items, of which there are `colors`. */
  multivariateHypergeometric(
    colors: readonly number[],
    nsample: number,
    options: SizeOptions = {},
  ): ChunkedArray<'int64'> {
    const operation = 'random.multivariateHypergeometric'
    checkArguments(operation, arguments, 3, 'rng.multivariateHypergeometric(colors, nsample)')
    checkOptions(options, SIZE_OPTIONS, operation)
    const request = this.request(operation, options)
    return new ChunkedArray(rowsLayer('multivariateHypergeometric', nsample, colors, request))
  }
}

/** The arguments of a distribution: parameters in NumPy's order, then options. */
export type DistributionArguments = readonly (RandomParameter | null | RandomArguments)[]

/** The options of a distribution: the shape, the chunks and parameters by name. */
export type RandomArguments = SizeOptions & {
  readonly [parameter: string]: RandomParameter | ChunksSpec | boolean | null | undefined
}

/** Moves a shape that is an argument into the options. */
function sized(size: unknown, options: SizeOptions | undefined): readonly unknown[] {
  const isShape = typeof size === 'number' || Array.isArray(size)
  return isShape
    ? [{ ...options, size }]
    : [size, options].filter((v) => v !== undefined && v !== null)
}
