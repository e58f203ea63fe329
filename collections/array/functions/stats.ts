/**
 * `da.stats`: moments and tests of hypotheses, under the names of SciPy and Dask. Elements are computed in float64.
 * Tests return lazy arrays, `statistic` and `pvalue`; p-values are two-sided. Samples lie along the first axis unless
 * the option `axis` says otherwise; null is all elements.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { formatArgument } from '../block/format-argument.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import type { ArrayArgument } from '../layers/array-arguments.js'
import { isArraySpec } from '../layers/array-spec.js'
import {
  centralMomentLayer,
  comparedValue,
  differencesOf,
  divergenceTestLayers,
  kurtosisLayer,
  kurtosisTestLayers,
  meansTestLayers,
  meanTestLayers,
  normalTestLayers,
  type Sample,
  type StatisticsAxis,
  sampleOf,
  skewLayer,
  skewTestLayers,
  type TestLayers,
  variancesTestLayers,
} from '../layers/statistics-layers.js'

export type { StatisticsAxis } from '../layers/statistics-layers.js'

/** A lazy statistic: one number, or an array of one for each sample. */
export type Statistic = ChunkedArray<'float64', NDArray<'float64'> | number>

/** The lazy results of a test. */
export interface TestResult {
  /** The statistic of the test. */
  readonly statistic: Statistic
  /** The probability of a statistic at least as extreme if the hypothesis is true. */
  readonly pvalue: Statistic
}

/** The option of statistics of samples. */
export interface SampleOptions {
  /** The axis of the samples, null for all elements. The default is 0. */
  readonly axis?: StatisticsAxis | undefined
}

/** The options of `skew`. */
export interface SkewOptions extends SampleOptions {
  /** Whether the result is not corrected for the number of elements. The default is true. */
  readonly bias?: boolean | undefined
}

/** The options of `kurtosis`. */
export interface KurtosisOptions extends SkewOptions {
  /** Whether 3 is subtracted, so that a normal distribution has 0. The default is true. */
  readonly fisher?: boolean | undefined
}

/** The options of `stats.moment`. */
export interface CentralMomentOptions extends SampleOptions {
  /** The order. The default is 1. */
  readonly moment?: number | undefined
}

/** The options of `ttestInd`. */
export interface IndependentTestOptions extends SampleOptions {
  /** Whether the variances are taken to be equal; otherwise the test is Welch's. The default is true. */
  readonly equalVar?: boolean | undefined
}

/** The options of `chisquare`. */
export interface ChisquareOptions extends SampleOptions {
  /** The expected frequencies. The default is the mean of the observed ones. */
  readonly fExp?: ArrayArgument | undefined
  /** The number that is subtracted from the degrees of freedom, in addition to 1. The default is 0. */
  readonly ddof?: number | undefined
}

/** The options of `powerDivergence`. */
export interface PowerDivergenceOptions extends ChisquareOptions {
  /** The order, a number or a name. The default is 1, Pearson's. */
  readonly lambda?: number | DivergenceName | undefined
}

const orders = {
  pearson: 1,
  'log-likelihood': 0,
  'freeman-tukey': -0.5,
  'mod-log-likelihood': -1,
  neyman: -2,
  'cressie-read': 2 / 3,
} as const

/** A name of an order of power divergence. */
export type DivergenceName = keyof typeof orders

/** Checks the options of a function, and returns a sample. */
function readSample(
  name: string,
  value: unknown,
  options: SampleOptions,
  known: readonly string[] = [],
): Sample {
  checkOptions(options, ['axis', ...known], `stats.${name}`)
  return sampleOf(value, options.axis === undefined ? 0 : options.axis, `stats.${name}`)
}

function readFlag(value: unknown, option: string, name: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? true
  throw new TypeError(
    `stats.${name}: ${option} must be true or false; got ${formatArgument(value)}`,
  )
}

function result({ statistic, pvalue }: TestLayers): TestResult {
  return { statistic: new ChunkedArray(statistic), pvalue: new ChunkedArray(pvalue) }
}

/**
 * Tests whether the mean of samples is a number (or the numbers of an array).
 * @throws RangeError for an axis that does not exist.
 * @example const { statistic, pvalue } = da.stats.ttest1samp(x, 0)
 */
export function ttest1samp(
  x: ArrayArgument,
  mean: ArrayArgument,
  options: SampleOptions = {},
): TestResult {
  checkArguments('stats.ttest1samp', arguments, 3, 'da.stats.ttest1samp(x, mean, { axis })')
  const sample = readSample('ttest1samp', x, options)
  return result(meanTestLayers(sample, comparedValue(mean, sample)))
}

/**
 * Tests whether two independent samples have one mean.
 * @throws RangeError for an axis that does not exist.
 * @example const { pvalue } = da.stats.ttestInd(a, b, { equalVar: false })
 */
export function ttestInd(
  a: ArrayArgument,
  b: ArrayArgument,
  options: IndependentTestOptions = {},
): TestResult {
  checkArguments('stats.ttestInd', arguments, 3, 'da.stats.ttestInd(a, b, { axis, equalVar })')
  const first = readSample('ttestInd', a, options, ['equalVar'])
  const second = readSample('ttestInd', b, options, ['equalVar'])
  return result(meansTestLayers(first, second, readFlag(options.equalVar, 'equalVar', 'ttestInd')))
}

/**
 * Tests whether the mean difference of paired samples is 0.
 * @throws RangeError for samples of different shapes.
 * @example const { statistic, pvalue } = da.stats.ttestRel(before, after)
 */
export function ttestRel(
  a: ArrayArgument,
  b: ArrayArgument,
  options: SampleOptions = {},
): TestResult {
  checkArguments('stats.ttestRel', arguments, 3, 'da.stats.ttestRel(a, b, { axis })')
  const first = readSample('ttestRel', a, options)
  return result(meanTestLayers(differencesOf(first, readSample('ttestRel', b, options)), 0))
}

/**
 * Returns the skewness of samples: NaN where all elements are equal.
 * @throws RangeError for an axis that does not exist.
 * @example da.stats.skew(x, { bias: false })
 */
export function skew(x: ArrayArgument, options: SkewOptions = {}): Statistic {
  checkArguments('stats.skew', arguments, 2, 'da.stats.skew(x, { axis, bias })')
  const sample = readSample('skew', x, options, ['bias'])
  return new ChunkedArray(skewLayer(sample, readFlag(options.bias, 'bias', 'skew')))
}

/**
 * Returns the kurtosis of samples, less that of a normal distribution: NaN where all elements are equal.
 * @throws RangeError for an axis that does not exist.
 * @example da.stats.kurtosis(x, { fisher: false })
 */
export function kurtosis(x: ArrayArgument, options: KurtosisOptions = {}): Statistic {
  checkArguments('stats.kurtosis', arguments, 2, 'da.stats.kurtosis(x, { axis, fisher, bias })')
  const sample = readSample('kurtosis', x, options, ['fisher', 'bias'])
  const fisher = readFlag(options.fisher, 'fisher', 'kurtosis')
  const bias = readFlag(options.bias, 'bias', 'kurtosis')
  return new ChunkedArray(kurtosisLayer(sample, fisher, bias))
}

/**
 * Returns a central moment of samples; that of order 1, the default, is 0.
 * @throws RangeError for an order that is not a whole number of at least 0.
 * @example da.stats.moment(x, { moment: 3 })
 */
function momentOfSamples(x: ArrayArgument, options: CentralMomentOptions = {}): Statistic {
  checkArguments('stats.moment', arguments, 2, 'da.stats.moment(x, { moment, axis })')
  const sample = readSample('moment', x, options, ['moment'])
  const { moment: order = 1 } = options
  checkWholeNumber(order, 0, 'stats.moment', 'moment')
  return new ChunkedArray(centralMomentLayer(sample, order))
}

export { momentOfSamples as moment }

/**
 * Tests whether frequencies are the expected ones, by Pearson's test. That both have one sum is not checked.
 * @throws RangeError for an axis that does not exist.
 * @example da.stats.chisquare([16, 18, 16, 14], { fExp: [16, 16, 16, 16] })
 */
export function chisquare(observed: ArrayArgument, options: ChisquareOptions = {}): TestResult {
  checkArguments('stats.chisquare', arguments, 2, 'da.stats.chisquare(x, { fExp, ddof, axis })')
  const sample = readSample('chisquare', observed, options, ['fExp', 'ddof'])
  return result(divergenceTestLayers(sample, options.fExp, readDdof(options.ddof, 'chisquare'), 1))
}

/**
 * Tests whether frequencies are the expected ones, by a statistic of the family of Cressie and Read. That both have
 * one sum is not checked.
 * @throws RangeError for an axis that does not exist, TypeError for an order that does not exist.
 * @example da.stats.powerDivergence([16, 18, 16, 14], { lambda: 'log-likelihood' })
 */
export function powerDivergence(
  observed: ArrayArgument,
  options: PowerDivergenceOptions = {},
): TestResult {
  const name = 'powerDivergence'
  checkArguments(`stats.${name}`, arguments, 2, `da.stats.${name}(x, { fExp, ddof, axis, lambda })`)
  const sample = readSample(name, observed, options, ['fExp', 'ddof', 'lambda'])
  const { fExp, ddof, lambda = 1 } = options
  return result(divergenceTestLayers(sample, fExp, readDdof(ddof, name), readOrder(lambda)))
}

function readDdof(ddof: unknown, name: string): number {
  if (ddof === undefined) return 0
  if (typeof ddof === 'number' && Number.isFinite(ddof)) return ddof
  throw new TypeError(`stats.${name}: ddof must be a number; got ${formatArgument(ddof)}`)
}

function readOrder(lambda: unknown): number {
  if (typeof lambda === 'number' && Number.isFinite(lambda)) return lambda
  if (typeof lambda === 'string' && Object.hasOwn(orders, lambda)) {
    return orders[lambda as DivergenceName]
  }
  throw new TypeError(
    `stats.powerDivergence: lambda must be a number or one of ${Object.keys(orders).join(', ')}; got ${formatArgument(lambda)}`,
  )
}

/**
 * Tests whether two or more samples have one mean, by analysis of variance. Options may follow the samples.
 * @throws TypeError for fewer than two samples.
 * @example const { statistic, pvalue } = da.stats.fOneway(a, b, c)
 */
export function fOneway(
  ...args: readonly [...ArrayArgument[], SampleOptions] | readonly ArrayArgument[]
): TestResult {
  const last = args.at(-1)
  const hasOptions = Object.getPrototypeOf(last ?? 0) === Object.prototype && !isArraySpec(last)
  const options = (hasOptions ? last : {}) as SampleOptions
  const samples = hasOptions ? args.slice(0, -1) : args
  if (samples.length < 2) {
    throw new TypeError(
      `stats.fOneway: needs at least two samples; got ${samples.length}; write da.stats.fOneway(a, b)`,
    )
  }
  return result(variancesTestLayers(samples.map((x) => readSample('fOneway', x, options))))
}

/**
 * Tests whether samples come from a normal distribution, by skewness and kurtosis together.
 * @throws RangeError for fewer than 8 elements in a sample.
 * @example const { pvalue } = da.stats.normaltest(x)
 */
export function normaltest(x: ArrayArgument, options: SampleOptions = {}): TestResult {
  checkArguments('stats.normaltest', arguments, 2, 'da.stats.normaltest(x, { axis })')
  return result(normalTestLayers(readSample('normaltest', x, options)))
}

/**
 * Tests whether the skewness of samples is that of a normal distribution. A skewness of exactly 0 counts as a small
 * positive one, as in SciPy and Dask.
 * @throws RangeError for fewer than 8 elements in a sample.
 * @example const { statistic, pvalue } = da.stats.skewtest(x)
 */
export function skewtest(x: ArrayArgument, options: SampleOptions = {}): TestResult {
  checkArguments('stats.skewtest', arguments, 2, 'da.stats.skewtest(x, { axis })')
  return result(skewTestLayers(readSample('skewtest', x, options)))
}

/**
 * Tests whether the kurtosis of samples is that of a normal distribution.
 * @throws RangeError for fewer than 5 elements in a sample.
 * @example const { statistic, pvalue } = da.stats.kurtosistest(x)
 */
export function kurtosistest(x: ArrayArgument, options: SampleOptions = {}): TestResult {
  checkArguments('stats.kurtosistest', arguments, 2, 'da.stats.kurtosistest(x, { axis })')
  return result(kurtosisTestLayers(readSample('kurtosistest', x, options)))
}
