/**
 * The cumulative functions of `da`, under the names of NumPy and of the Array API.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray, SumDtype } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import {
  type CumulativeArgument,
  type CumulativeName,
  type CumulativeSumOptions,
  cumulativeLayer,
  cumulativeSumLayer,
} from '../layers/cumulative-layers.js'
import { assertArray } from '../layers/operands.js'

/** A cumulative function. */
export type CumulativeFunction = <A extends AnyArray, D extends Dtype = SumDtype<A['dtype']>>(
  x: A,
  axis?: CumulativeArgument<D>,
) => ChunkedArray<D>

function cumulativeFunction(name: CumulativeName): CumulativeFunction {
  return function apply(x: unknown, axis: CumulativeArgument = null) {
    checkArguments(name, arguments, 2, `da.${name}(x, { axis: 0 })`)
    assertArray(x, name)
    return new ChunkedArray(cumulativeLayer(x, name, axis)) as never
  }
}

/**
 * Returns the sums of all elements up to each, along an axis or of the flattened array. With `method: 'blelloch'` the
 * totals of blocks are added in parallel.
 * @throws RangeError for an axis that does not exist.
 * @example da.cumsum(x, { axis: 0 })
 */
export const cumsum = cumulativeFunction('cumsum')
/**
 * Returns the products of all elements up to each, along an axis or of the flattened array.
 * @throws RangeError for an axis that does not exist.
 */
export const cumprod = cumulativeFunction('cumprod')
/**
 * Returns cumulative sums in which NaN counts as 0.
 * @throws RangeError for an axis that does not exist.
 */
export const nancumsum = cumulativeFunction('nancumsum')
/**
 * Returns cumulative products in which NaN counts as 1.
 * @throws RangeError for an axis that does not exist.
 */
export const nancumprod = cumulativeFunction('nancumprod')

/**
 * Returns the sums of all elements up to each along an axis, after 0 with `includeInitial`. Array API: `cumulative_sum`.
 * @throws RangeError without an axis, unless the array has one axis only.
 * @example da.cumulativeSum(x, { axis: 0, includeInitial: true })
 */
export function cumulativeSum<A extends AnyArray, D extends Dtype = SumDtype<A['dtype']>>(
  x: A,
  options: CumulativeSumOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('cumulativeSum', arguments, 2, 'da.cumulativeSum(x, { axis: 0 })')
  assertArray(x, 'cumulativeSum')
  return new ChunkedArray(cumulativeSumLayer(x, 'cumulativeSum', options))
}

/**
 * Returns the products of all elements up to each along an axis, after 1 with `includeInitial`. Array API:
 * `cumulative_prod`.
 * @throws RangeError without an axis, unless the array has one axis only.
 * @example da.cumulativeProd(x, { axis: 0 })
 */
export function cumulativeProd<A extends AnyArray, D extends Dtype = SumDtype<A['dtype']>>(
  x: A,
  options: CumulativeSumOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('cumulativeProd', arguments, 2, 'da.cumulativeProd(x, { axis: 0 })')
  assertArray(x, 'cumulativeProd')
  return new ChunkedArray(cumulativeSumLayer(x, 'cumulativeProd', options))
}
