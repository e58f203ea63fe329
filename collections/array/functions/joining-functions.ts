/**
 * The functions of `da` that join arrays, under NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { shapeOf } from '../layers/array-spec.js'
import {
  type AxisArgument,
  type ConcatenateAxis,
  concatenateLayer,
  stackLayer,
} from '../layers/concatenate-layers.js'
import { indexLayer } from '../layers/indexing-layers.js'
import { assertArray, assertArrays } from '../layers/operands.js'
import { withAxes } from '../layers/shape-layers.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'

/**
 * Joins arrays along an axis that they have, by default the first; null flattens them first. Dtypes promote.
 * @throws RangeError unless the shapes agree on all other axes.
 * @example da.concatenate([x, y], { axis: 1 })
 */
export function concatenate<A extends AnyArray>(
  arrays: readonly A[],
  axis: ConcatenateAxis = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('concatenate', arguments, 2, 'da.concatenate([x, y], { axis: 0 })')
  return new ChunkedArray(concatenateLayer(arrays, axis))
}

/**
 * Joins arrays of one shape along a new axis, by default the first. Dtypes promote.
 * @throws RangeError unless the shapes are equal.
 */
export function stack<A extends AnyArray>(
  arrays: readonly A[],
  axis: AxisArgument = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('stack', arguments, 2, 'da.stack([x, y], { axis: 0 })')
  return new ChunkedArray(stackLayer(arrays, axis))
}

/**
 * Joins arrays along the first axis; vectors become rows.
 * @throws RangeError unless the shapes agree on all other axes.
 */
export function vstack<A extends AnyArray>(arrays: readonly A[]): ChunkedArray<A['dtype']> {
  checkArguments('vstack', arguments, 1, 'da.vstack([x, y])')
  assertArrays(arrays, 'vstack')
  return new ChunkedArray(
    concatenateLayer(
      arrays.map((x) => withAxes(x, 2)),
      0,
    ),
  )
}

/**
 * Joins arrays along the second axis, vectors along the first.
 * @throws RangeError unless the shapes agree on all other axes.
 */
export function hstack<A extends AnyArray>(arrays: readonly A[]): ChunkedArray<A['dtype']> {
  checkArguments('hstack', arguments, 1, 'da.hstack([x, y])')
  assertArrays(arrays, 'hstack')
  const joined = arrays.map((x) => withAxes(x, 1))
  return new ChunkedArray(concatenateLayer(joined, joined[0]!.chunks.length === 1 ? 0 : 1))
}

/**
 * Joins arrays along the third axis, which is added if there is none.
 * @throws RangeError unless the shapes agree on all other axes.
 */
export function dstack<A extends AnyArray>(arrays: readonly A[]): ChunkedArray<A['dtype']> {
  checkArguments('dstack', arguments, 1, 'da.dstack([x, y])')
  assertArrays(arrays, 'dstack')
  return new ChunkedArray(
    concatenateLayer(
      arrays.map((x) => withAxes(x, 3)),
      2,
    ),
  )
}

/**
 * Splits an array along an axis, by default the first, into arrays without that axis: the inverse of `stack`.
 * @throws RangeError for an axis that does not exist.
 * @example const [first, second] = da.unstack(da.ones([2, 5]))
 */
export function unstack<A extends AnyArray>(
  x: A,
  options: { readonly axis?: number | undefined } = {},
): ChunkedArray<A['dtype']>[] {
  checkArguments('unstack', arguments, 2, 'da.unstack(x, { axis: 0 })')
  assertArray(x, 'unstack')
  checkOptions(options, ['axis'], 'unstack')
  const shape = shapeOf(x)
  const axis = normalizeAxis(options.axis ?? 0, shape.length, 'unstack')
  assertKnown(x.chunks, 'unstack', [axis])
  const before = new Array<string>(axis).fill(':')
  return Array.from(
    { length: shape[axis]! },
    (_, i) => new ChunkedArray(indexLayer(x, [...before, i])),
  )
}
