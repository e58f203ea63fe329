/**
 * Layers of statistics and of tests of hypotheses: reductions, then arithmetic on their results. All is computed
 * in float64. The formulas are those of SciPy.
 */
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import type { OperatorName } from '../expressions/operator-table.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { type ArrayArgument, arrayOfValues } from './array-arguments.js'
import { type ArraySpec, isArraySpec, shapeOf } from './array-spec.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { momentLayer } from './moment-layers.js'
import type { OperandSpec } from './operands.js'
import { reductionLayer } from './reduction-layers.js'
import { reshapeLayer } from './reshape-layers.js'

/** The axis of a statistic; null is all elements. */
export type StatisticsAxis = number | null

/** A sample: its elements in float64, the axis, and the number of elements along it. */
export interface Sample {
  readonly array: ArraySpec
  readonly axis: StatisticsAxis
  readonly count: number
  readonly operation: string
}

/** A test as layers. */
export interface TestLayers {
  readonly statistic: ArraySpec
  readonly pvalue: ArraySpec
}

/** Makes a sample of an array or of values. */
export function sampleOf(value: unknown, axis: StatisticsAxis, operation: string): Sample {
  const given = arrayOfValues(value, operation)
  const array = astypeLayer(realArray(given, operation), 'float64')
  if (axis !== null && !Number.isInteger(axis)) {
    throw new TypeError(
      `${operation}: axis must be an integer, or null for all elements; got ${formatArgument(axis)}`,
    )
  }
  const axes = normalizeAxes(axis, array.chunks.length, operation)
  assertKnown(array.chunks, operation, axes)
  const count = sizeOf(axes.map((a) => shapeOf(array)[a]!))
  return { array, axis, count, operation }
}

function realArray(array: ArraySpec, operation: string): ArraySpec {
  if (!array.dtype.startsWith('complex')) return array
  throw new TypeError(
    `${operation}: works on real numbers, not ${array.dtype}; use x.real, x.imag or x.abs() first`,
  )
}

function apply(op: OperatorName, ...operands: readonly OperandSpec[]): ArraySpec {
  return elementwiseLayer(op, operands)
}
const add = (a: OperandSpec, b: OperandSpec) => apply('add', a, b)
const subtract = (a: OperandSpec, b: OperandSpec) => apply('subtract', a, b)
const multiply = (a: OperandSpec, b: OperandSpec) => apply('multiply', a, b)
const divide = (a: OperandSpec, b: OperandSpec) => apply('divide', a, b)

function meanOf({ array, axis }: Sample): ArraySpec {
  return reductionLayer(array, 'mean', { axis })
}

function varianceOf({ array, axis }: Sample, ddof: number): ArraySpec {
  return reductionLayer(array, 'var', { axis, ddof })
}

/** Returns the central moment of an order; that of order 1 is 0. */
export function centralMomentLayer({ array, axis }: Sample, order: number): ArraySpec {
  const moment = momentLayer(array, order, { axis })
  return order === 1 ? multiply(moment, 0) : moment
}

/** Replaces by NaN where the variance is no more than rounding errors of the mean. */
function unlessConstant(sample: Sample, variance: ArraySpec, result: ArraySpec): ArraySpec {
  const error = apply('square', multiply(meanOf(sample), Number.EPSILON))
  return apply('where', apply('lessEqual', variance, error), NaN, result)
}

/** Returns the skewness. */
export function skewLayer(sample: Sample, bias: boolean): ArraySpec {
  const n = sample.count
  const variance = varianceOf(sample, 0)
  const third = momentLayer(sample.array, 3, { axis: sample.axis })
  const ratio = divide(third, multiply(variance, apply('sqrt', variance)))
  const factor = bias || n <= 2 ? 1 : Math.sqrt((n - 1) * n) / (n - 2)
  return unlessConstant(sample, variance, multiply(ratio, factor))
}

/** Returns the kurtosis, less 3 if `fisher` is true. */
export function kurtosisLayer(sample: Sample, fisher: boolean, bias: boolean): ArraySpec {
  const n = sample.count
  const variance = varianceOf(sample, 0)
  const fourth = momentLayer(sample.array, 4, { axis: sample.axis })
  const ratio = divide(fourth, apply('square', variance))
  const shift = fisher ? 3 : 0
  const result =
    bias || n <= 3
      ? subtract(ratio, shift)
      : add(
          divide(subtract(multiply(ratio, n * n - 1), 3 * (n - 1) ** 2), (n - 2) * (n - 3)),
          3 - shift,
        )
  return unlessConstant(sample, variance, result)
}

/** A two-sided test of a statistic that is distributed normally. */
function normalTest(statistic: ArraySpec): TestLayers {
  return { statistic, pvalue: apply('chiSquareTail', apply('square', statistic), 1) }
}

/** A two-sided test of a statistic with Student's t distribution. */
function studentTest(statistic: ArraySpec, degrees: OperandSpec): TestLayers {
  return { statistic, pvalue: apply('fisherTail', apply('square', statistic), 1, degrees) }
}

/** Tests whether the mean of a sample is a value. */
export function meanTestLayers(sample: Sample, mean: OperandSpec): TestLayers {
  const error = apply('sqrt', divide(varianceOf(sample, 1), sample.count))
  return studentTest(divide(subtract(meanOf(sample), mean), error), sample.count - 1)
}

/** Tests whether two independent samples have one mean; by Welch's test unless their variances are equal. */
export function meansTestLayers(a: Sample, b: Sample, equalVariances: boolean): TestLayers {
  const [n, m] = [a.count, b.count]
  const difference = subtract(meanOf(a), meanOf(b))
  const [va, vb] = [varianceOf(a, 1), varianceOf(b, 1)]
  if (equalVariances) {
    const pooled = divide(add(multiply(va, n - 1), multiply(vb, m - 1)), n + m - 2)
    const error = apply('sqrt', multiply(pooled, 1 / n + 1 / m))
    return studentTest(divide(difference, error), n + m - 2)
  }
  const [ea, eb] = [divide(va, n), divide(vb, m)]
  const both = add(ea, eb)
  const spread = add(divide(apply('square', ea), n - 1), divide(apply('square', eb), m - 1))
  const degrees = divide(apply('square', both), spread)
  return studentTest(divide(difference, apply('sqrt', both)), degrees)
}

/** Throws a RangeError for samples of too few elements. */
function checkCount({ count, operation }: Sample, least: number): void {
  if (count >= least) return
  throw new RangeError(
    `${operation}: needs at least ${least} elements along the axis; got ${count}`,
  )
}

/** Tests whether the skewness is that of a normal distribution (D'Agostino 1970). */
export function skewTestLayers(sample: Sample): TestLayers {
  checkCount(sample, 8)
  const n = sample.count
  const scaled = multiply(skewLayer(sample, true), Math.sqrt(((n + 1) * (n + 3)) / (6 * (n - 2))))
  const beta =
    (3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3)) / ((n - 2) * (n + 5) * (n + 7) * (n + 9))
  const w = Math.sqrt(2 * (beta - 1)) - 1
  // SciPy and Dask replace a skewness of exactly 0.
  const y = apply('where', apply('equal', scaled, 0), 1, scaled)
  const z = apply('arcsinh', divide(y, Math.sqrt(2 / (w - 1))))
  return normalTest(multiply(z, 1 / Math.sqrt(0.5 * Math.log(w))))
}

/** Tests whether the kurtosis is that of a normal distribution (Anscombe and Glynn 1983). */
export function kurtosisTestLayers(sample: Sample): TestLayers {
  checkCount(sample, 5)
  const n = sample.count
  const mean = (3 * (n - 1)) / (n + 1)
  const variance = (24 * n * (n - 2) * (n - 3)) / ((n + 1) ** 2 * (n + 3) * (n + 5))
  const x = divide(subtract(kurtosisLayer(sample, false, true), mean), Math.sqrt(variance))
  const root =
    ((6 * (n * n - 5 * n + 2)) / ((n + 7) * (n + 9))) *
    Math.sqrt((6 * (n + 3) * (n + 5)) / (n * (n - 2) * (n - 3)))
  const a = 6 + (8 / root) * (2 / root + Math.sqrt(1 + 4 / (root * root)))
  const denominator = add(multiply(x, Math.sqrt(2 / (a - 4))), 1)
  const term = apply('cbrt', divide(1 - 2 / a, denominator))
  const known = apply('where', apply('equal', denominator, 0), NaN, term)
  return normalTest(divide(subtract(1 - 2 / (9 * a), known), Math.sqrt(2 / (9 * a))))
}

/** Tests whether skewness and kurtosis together are those of a normal distribution (D'Agostino and Pearson 1973). */
export function normalTestLayers(sample: Sample): TestLayers {
  checkCount(sample, 8)
  const skew = apply('square', skewTestLayers(sample).statistic)
  const statistic = add(skew, apply('square', kurtosisTestLayers(sample).statistic))
  return { statistic, pvalue: apply('chiSquareTail', statistic, 2) }
}

/** Tests whether frequencies are those expected, by the power divergence of an order (Cressie and Read 1984). */
export function divergenceTestLayers(
  observed: Sample,
  expected: ArrayArgument | undefined,
  ddof: number,
  lambda: number,
): TestLayers {
  const { array, axis, count, operation } = observed
  const e =
    expected === undefined
      ? reductionLayer(array, 'mean', { axis, keepdims: true })
      : sampleOf(expected, null, operation).array
  const terms = divergenceTerms(array, e, lambda)
  const statistic = reductionLayer(terms, 'sum', { axis })
  return { statistic, pvalue: apply('chiSquareTail', statistic, count - 1 - ddof) }
}

function divergenceTerms(o: ArraySpec, e: ArraySpec, lambda: number): ArraySpec {
  if (lambda === 1) return divide(apply('square', subtract(o, e)), e)
  if (lambda === 0) return multiply(timesLog(o, divide(o, e)), 2)
  if (lambda === -1) return multiply(timesLog(e, divide(e, o)), 2)
  const power = subtract(apply('power', divide(o, e), lambda), 1)
  return multiply(multiply(o, power), 2 / (lambda * (lambda + 1)))
}

/** Returns `x * log(y)`, 0 where `x` is 0. */
function timesLog(x: ArraySpec, y: ArraySpec): ArraySpec {
  return apply('where', apply('equal', x, 0), 0, multiply(x, apply('log', y)))
}

/** Tests whether several samples have one mean, by the analysis of variance of one factor. */
export function variancesTestLayers(samples: readonly Sample[]): TestLayers {
  const total = samples.reduce((sum, { count }) => sum + count, 0)
  const sumOf = (terms: readonly ArraySpec[]) => terms.reduce(add)
  const means = samples.map(meanOf)
  const weighted = (terms: readonly ArraySpec[]) => {
    return sumOf(terms.map((term, i) => multiply(term, samples[i]!.count)))
  }
  const grand = divide(weighted(means), total)
  const between = weighted(means.map((mean) => apply('square', subtract(mean, grand))))
  const within = weighted(samples.map((sample) => varianceOf(sample, 0)))
  const [k, rest] = [samples.length - 1, total - samples.length]
  const statistic = divide(divide(between, k), divide(within, rest))
  return { statistic, pvalue: apply('fisherTail', statistic, k, rest) }
}

/** Returns the differences of paired samples. */
export function differencesOf(a: Sample, b: Sample): Sample {
  const [left, right] = [shapeOf(a.array), shapeOf(b.array)]
  if (left.join() === right.join()) return { ...a, array: subtract(a.array, b.array) }
  throw new RangeError(
    `${a.operation}: paired samples must have one shape; got ${formatArgument(left)} and ${formatArgument(right)}`,
  )
}

/** Makes an operand of a value that the samples' results are compared with. */
export function comparedValue(value: unknown, sample: Sample): OperandSpec {
  if (typeof value === 'number') return value
  const { array } = sampleOf(value, null, sample.operation)
  const [own, axis] = [shapeOf(array), sample.axis]
  if (axis === null || !isArraySpec(value) || own.length < sample.array.chunks.length) return array
  const removed = axis < 0 ? axis + own.length : axis
  return reshapeLayer(
    array,
    own.filter((_, a) => a !== removed),
  )
}
