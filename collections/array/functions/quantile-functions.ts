/**
 * The quantiles of `da`, under NumPy's names. They are exact, whatever the chunks.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray, QuotientDtype } from '../array-types.js'
import type { Dtype, ScalarOf } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { assertArray } from '../layers/operands.js'
import { type QuantileOptions, quantileLayer } from '../layers/quantile-layers.js'

/** The array that quantiles are: of one value for one probability and all axes. */
export type QuantileArray<D extends Dtype> = ChunkedArray<D, NDArray<D> | ScalarOf<D>>

/** A function of probabilities: from 0 to 1 for quantiles, from 0 to 100 for percentiles. */
export type QuantileFunction = <A extends AnyArray>(
  x: A,
  q: number | readonly number[],
  options?: QuantileOptions,
) => QuantileArray<A['dtype'] | QuotientDtype<A['dtype']>>

function quantileFunction(name: string): QuantileFunction {
  return function apply(x, q, options = {}) {
    checkArguments(name, arguments, 3, `da.${name}(x, q, { axis: 0 })`)
    assertArray(x, name)
    const isPercentile = name.includes('percentile')
    const scaled = (p: unknown) => {
      if (typeof p === 'number') return isPercentile ? p / 100 : p
      throw new TypeError(
        `${name}: expected a number or a list of numbers; got ${formatArgument(p)}`,
      )
    }
    const probabilities = Array.isArray(q) ? q.map(scaled) : scaled(q)
    return new ChunkedArray(quantileLayer(x, { name, probabilities, options })) as never
  }
}

/**
 * Returns quantiles, of probabilities from 0 to 1, over all elements or the given axes; a list of probabilities makes a
 * first axis. NaN if any element is NaN. `method` is one of NumPy's 13, `'linear'` by default.
 * @throws RangeError for other probabilities and axes that do not exist; TypeError for other methods and complex numbers.
 * @example da.quantile(x, [0.25, 0.75], { axis: 0 })
 */
export const quantile = quantileFunction('quantile')
/**
 * Returns percentiles, from 0 to 100, as `quantile` does.
 * @throws RangeError for other percentages and axes that do not exist; TypeError for other methods and complex numbers.
 * @example da.percentile(x, 99)
 */
export const percentile = quantileFunction('percentile')
/**
 * Returns quantiles of the elements that are not NaN; NaN without any.
 * @throws RangeError for other probabilities and axes that do not exist; TypeError for other methods and complex numbers.
 */
export const nanquantile = quantileFunction('nanquantile')
/**
 * Returns percentiles of the elements that are not NaN; NaN without any.
 * @throws RangeError for other percentages and axes that do not exist; TypeError for other methods and complex numbers.
 */
export const nanpercentile = quantileFunction('nanpercentile')

/** The axis or axes of a median, or options. */
export type MedianArgument = number | readonly number[] | null | Omit<QuantileOptions, 'method'>

/** A function that returns medians. */
export type MedianFunction = <A extends AnyArray>(
  x: A,
  axis?: MedianArgument,
) => QuantileArray<QuotientDtype<A['dtype']>>

function medianFunction(name: string): MedianFunction {
  return function apply(x, axis = {}) {
    checkArguments(name, arguments, 2, `da.${name}(x, { axis: 0 })`)
    assertArray(x, name)
    const isAxis = typeof axis !== 'object' || axis === null || Array.isArray(axis)
    const options = (isAxis ? { axis } : axis) as QuantileOptions
    return new ChunkedArray(quantileLayer(x, { name, probabilities: 0.5, options })) as never
  }
}

/**
 * Returns the median over all elements or the given axes: the middle element, or the mean of the middle two.
 * @throws RangeError for axes that do not exist; TypeError for complex numbers.
 * @example da.median(x, { axis: 0 })
 */
export const median = medianFunction('median')
/**
 * Returns the median of the elements that are not NaN; NaN without any.
 * @throws RangeError for axes that do not exist; TypeError for complex numbers.
 */
export const nanmedian = medianFunction('nanmedian')
