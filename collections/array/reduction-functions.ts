/**
 * The reductions of `da`, under NumPy's names, and histograms. A function makes the same layer as the
 * method of `ChunkedArray` with its name, and takes, after the array, an axis or a list of axes, options,
 * or an axis and then options: `da.sum(x, 0, { keepdims: true })`. Axes that do not exist throw a
 * RangeError at the call; surplus arguments and options that do not exist throw a TypeError.
 */
import { checkArguments } from '../base/argument-checks.js'
import type { AnyArray, FloatDtype, SumDtype } from './array-types.js'
import { ChunkedArray, type ReducedArray } from './chunked-array.js'
import type { ReductionName } from './kernels/partial-reductions.js'
import { type HistogramOptions, histogramLayers } from './layers/histogram-layers.js'
import { assertArray } from './layers/operands.js'
import {
  type AxisReductionOptions,
  checkReductionArguments,
  type ReductionArgument,
  reductionLayer,
} from './layers/reduction-layers.js'

/** A reduction whose result is a float. */
type FloatReduction = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<FloatDtype<A['dtype']>, H, O>
/** A sum or product. */
type SumReduction = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<SumDtype<A['dtype']>, H, O>
/** A reduction whose result is an element of the array. */
type SameReduction = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<A['dtype'], H, O>
/** A reduction whose result is a bool. */
type BoolReduction = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<'bool', H, O>
/** A reduction whose result is a position. */
type PositionReduction = <
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(
  x: A,
  axis?: H,
  options?: O,
) => ReducedArray<'int64', H, O>

/** Makes the function of a reduction. */
function reductionFunction<F>(name: ReductionName): F {
  const apply = (x: unknown, ...args: readonly [ReductionArgument?, AxisReductionOptions?]) => {
    assertArray(x, name)
    checkReductionArguments(name, [x, ...args], 'function')
    return new ChunkedArray(reductionLayer(x, name, ...args))
  }
  return apply as F
}

/**
 * Returns the sum over all elements or the given axes. Integers and bools add up in int64.
 * @example da.sum(x, 0, { keepdims: true })
 */
export const sum = reductionFunction<SumReduction>('sum')
/** Returns the product over all elements or the given axes. Integers and bools multiply in int64. */
export const prod = reductionFunction<SumReduction>('prod')
/** Returns the mean over all elements or the given axes. */
export const mean = reductionFunction<FloatReduction>('mean')
/**
 * Returns the standard deviation over all elements or the given axes. The option `ddof`, 0 by default,
 * is subtracted from the count.
 * @example da.std(x, 0, { ddof: 1 })
 */
export const std = reductionFunction<FloatReduction>('std')
/**
 * Returns the variance over all elements or the given axes. The option `ddof`, 0 by default, is
 * subtracted from the count. NumPy: `var`.
 * @example da.var(x, { axis: 0, ddof: 1 })
 */
const variance = reductionFunction<FloatReduction>('var')

export { variance as var }

/**
 * Returns the minimum over all elements or the given axes; NaN if any element is NaN.
 * @throws RangeError if there are no elements.
 */
export const min = reductionFunction<SameReduction>('min')
/**
 * Returns the maximum over all elements or the given axes; NaN if any element is NaN.
 * @throws RangeError if there are no elements.
 */
export const max = reductionFunction<SameReduction>('max')
/** Returns whether any element is not zero, over all elements or the given axes. */
export const any = reductionFunction<BoolReduction>('any')
/** Returns whether no element is zero, over all elements or the given axes. */
export const all = reductionFunction<BoolReduction>('all')
/**
 * Returns the position of the first minimum along one axis, or in the order of all elements.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const argmin = reductionFunction<PositionReduction>('argmin')
/**
 * Returns the position of the first maximum along one axis, or in the order of all elements.
 * @throws RangeError for several axes, or if there are no elements.
 */
export const argmax = reductionFunction<PositionReduction>('argmax')

/**
 * Counts the elements in each bin. Returns the counts and the edges of the bins. `bins` is a list of
 * edges, or a number of bins of equal width over `range`. Bins include their left edge; the last bin
 * includes its right edge too.
 * @throws RangeError for edges that are not ascending, or a number of bins without a range.
 * @example const [counts, edges] = da.histogram(x, { bins: 10, range: [0, 1] })
 */
export function histogram(
  x: AnyArray,
  options: HistogramOptions,
): readonly [counts: ChunkedArray<'int64'>, edges: readonly number[]] {
  checkArguments('histogram', arguments, 2, 'da.histogram(x, { bins, range })')
  assertArray(x, 'histogram')
  const [counts, edges] = histogramLayers(x, options)
  return [new ChunkedArray(counts), edges]
}
