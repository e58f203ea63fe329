/**
 * The reductions of `da`, under NumPy's names. A function makes the same layer as the
 * method of `ChunkedArray` with its name, and takes, after the array, an axis or a list of axes, options,
 * or an axis and then options: `da.sum(x, 0, { keepdims: true })`. Axes that do not exist throw a
 * RangeError at the call; surplus arguments and options that do not exist throw a TypeError.
 */
import type { AnyArray, QuotientDtype, RealDtype, SumDtype } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray, type ReducedArray, type ReductionDtype } from '../chunked-array.js'
import type { ReductionName } from '../kernels/partial-reductions.js'
import { assertArray } from '../layers/operands.js'
import {
  type AxisReductionOptions,
  checkReductionArguments,
  type ReductionArgument,
  reductionLayer,
} from '../layers/reduction-layers.js'

/** The dtypes of the results of reductions of an array with dtype `D`, by kind of reduction. */
export interface ReducedDtypes<D extends Dtype> {
  /** Of means. */
  float: QuotientDtype<D>
  /** Of deviations, which are real. */
  deviation: QuotientDtype<RealDtype<D>>
  /** Of sums and products. */
  sum: SumDtype<D>
  /** Of minima and maxima. */
  element: D
  /** Of `any` and `all`. */
  bool: 'bool'
  /** Of `argmin`, `argmax` and counts. */
  position: 'int64'
}

/** The function of a reduction. */
export type ReductionFunction<Kind extends keyof ReducedDtypes<Dtype>> = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<ReductionDtype<ReducedDtypes<A['dtype']>[Kind], H, O>, H, O>

/** Makes the function of a reduction. */
function reductionFunction<Kind extends keyof ReducedDtypes<Dtype>>(
  name: ReductionName,
): ReductionFunction<Kind> {
  const apply = (x: unknown, ...args: readonly [ReductionArgument?, AxisReductionOptions?]) => {
    assertArray(x, name)
    checkReductionArguments(name, [x, ...args], 'function')
    return new ChunkedArray(reductionLayer(x, name, ...args))
  }
  return apply as ReductionFunction<Kind>
}

/**
 * Returns the sum over all elements or the given axes. Bools and signed integers add up in int64, unsigned
 * integers in uint64.
 * @example da.sum(x, 0, { keepdims: true })
 */
export const sum = reductionFunction<'sum'>('sum')
/**
 * Returns the product over all elements or the given axes. Bools and signed integers multiply in int64,
 * unsigned integers in uint64.
 */
export const prod = reductionFunction<'sum'>('prod')
/** Returns the mean over all elements or the given axes. */
export const mean = reductionFunction<'float'>('mean')
/**
 * Returns the standard deviation over all elements or the given axes. The option `ddof`, 0 by default,
 * is subtracted from the count.
 * @example da.std(x, 0, { ddof: 1 })
 */
export const std = reductionFunction<'deviation'>('std')
/**
 * Returns the variance over all elements or the given axes. The option `ddof`, 0 by default, is
 * subtracted from the count. NumPy: `var`.
 * @example da.var(x, { axis: 0, ddof: 1 })
 */
const variance = reductionFunction<'deviation'>('var')

export { variance as var }

/**
 * Returns the minimum over all elements or the given axes; NaN if any element is NaN.
 * @throws RangeError if there are no elements.
 */
export const min = reductionFunction<'element'>('min')
/**
 * Returns the maximum over all elements or the given axes; NaN if any element is NaN.
 * @throws RangeError if there are no elements.
 */
export const max = reductionFunction<'element'>('max')
/** Returns whether any element is not zero, over all elements or the given axes. */
export const any = reductionFunction<'bool'>('any')
/** Returns whether no element is zero, over all elements or the given axes. */
export const all = reductionFunction<'bool'>('all')
/**
 * Returns the position of the first minimum along one axis, or in the order of all elements.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const argmin = reductionFunction<'position'>('argmin')
/**
 * Returns the position of the first maximum along one axis, or in the order of all elements.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const argmax = reductionFunction<'position'>('argmax')

/** Counts the elements that are not zero, over all elements or the given axes. NumPy: `count_nonzero`. */
export const countNonzero = reductionFunction<'position'>('countNonzero')

/** Returns the sum of the elements that are not NaN, over all elements or the given axes; 0 without any. */
export const nansum = reductionFunction<'sum'>('nansum')
/** Returns the product of the elements that are not NaN, over all elements or the given axes; 1 without any. */
export const nanprod = reductionFunction<'sum'>('nanprod')
/** Returns the mean of the elements that are not NaN, over all elements or the given axes; NaN without any. */
export const nanmean = reductionFunction<'float'>('nanmean')
/**
 * Returns the standard deviation of the elements that are not NaN, over all elements or the given axes. The
 * option `ddof`, 0 by default, is subtracted from their count.
 */
export const nanstd = reductionFunction<'deviation'>('nanstd')
/**
 * Returns the variance of the elements that are not NaN, over all elements or the given axes. The option
 * `ddof`, 0 by default, is subtracted from their count.
 */
export const nanvar = reductionFunction<'deviation'>('nanvar')
/**
 * Returns the minimum of the elements that are not NaN, over all elements or the given axes; NaN without any.
 * @throws RangeError if there are no elements.
 */
export const nanmin = reductionFunction<'element'>('nanmin')
/**
 * Returns the maximum of the elements that are not NaN, over all elements or the given axes; NaN without any.
 * @throws RangeError if there are no elements.
 */
export const nanmax = reductionFunction<'element'>('nanmax')
/**
 * Returns the position of the first minimum that is not NaN. Computing it fails with a RangeError if all
 * elements of a slice are NaN.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const nanargmin = reductionFunction<'position'>('nanargmin')
/**
 * Returns the position of the first maximum that is not NaN. Computing it fails with a RangeError if all
 * elements of a slice are NaN.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const nanargmax = reductionFunction<'position'>('nanargmax')
