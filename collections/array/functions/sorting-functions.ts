/**
 * The functions of `da` that sort and rank elements, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { assertArray } from '../layers/operands.js'
import { type SortArgument, sortLayer } from '../layers/sort-layers.js'
import { greatestLayer, type TopkArgument } from '../layers/topk-layers.js'

/**
 * Sorts along an axis, by default the last; NaN comes last. Complex numbers are sorted by their real parts, then by
 * their imaginary ones. An axis may have any number of chunks; the result has the same.
 * @throws RangeError for an axis that does not exist.
 * @example da.sort(x, { axis: 0, descending: true })
 */
export function sort<A extends AnyArray>(x: A, axis?: SortArgument): ChunkedArray<A['dtype']> {
  checkArguments('sort', arguments, 2, 'da.sort(x, { axis: -1 })')
  assertArray(x, 'sort')
  return new ChunkedArray(sortLayer(x, 'sort', axis))
}

/**
 * Returns the positions along an axis that would sort the elements, as `sort` does; equal elements keep their order.
 * @throws RangeError for an axis that does not exist.
 * @example da.argsort(x, { axis: 0 })
 */
export function argsort(x: AnyArray, axis?: SortArgument): ChunkedArray<'int64'> {
  checkArguments('argsort', arguments, 2, 'da.argsort(x, { axis: -1 })')
  assertArray(x, 'argsort')
  return new ChunkedArray(sortLayer(x, 'argsort', axis))
}

/**
 * Returns the `k` greatest elements along an axis, by default the last, in descending order; for a negative `k` the
 * least, in ascending order. NaN counts as greater than all numbers.
 * @throws RangeError for a `k` that is not a whole number, and for an axis that does not exist.
 * @example da.topk(x, 3, { axis: 0 })
 */
export function topk<A extends AnyArray>(
  x: A,
  k: number,
  axis?: TopkArgument,
): ChunkedArray<A['dtype']> {
  checkArguments('topk', arguments, 3, 'da.topk(x, k, { axis: -1 })')
  assertArray(x, 'topk')
  return new ChunkedArray(greatestLayer(x, 'topk', k, axis))
}

/**
 * Returns the positions of what `topk` returns; of equal elements the first counts.
 * @throws RangeError for a `k` that is not a whole number, and for an axis that does not exist.
 * @example da.argtopk(x, -3)
 */
export function argtopk(x: AnyArray, k: number, axis?: TopkArgument): ChunkedArray<'int64'> {
  checkArguments('argtopk', arguments, 3, 'da.argtopk(x, k, { axis: -1 })')
  assertArray(x, 'argtopk')
  return new ChunkedArray(greatestLayer(x, 'argtopk', k, axis))
}
