/**
 * The functions of `da` that change the shape of arrays and the order of axes, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { assertArray } from '../layers/operands.js'
import { reshapeLayer, transposeLayer } from '../layers/reshape-layers.js'
import { integersOf } from '../planning/shape-arguments.js'

/**
 * Reorders the axes, or reverses them if no order is given.
 * @throws RangeError unless the order names each axis once.
 */
export function transpose<A extends AnyArray>(
  x: A,
  axes?: readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('transpose', arguments, 2, 'da.transpose(x, [1, 0])')
  assertArray(x, 'transpose')
  return new ChunkedArray(
    transposeLayer(x, axes === undefined ? undefined : integersOf([axes], 'transpose')),
  )
}

/**
 * Changes the shape; the elements keep their row-major order. One size may be -1.
 * @throws RangeError unless the sizes multiply to the number of elements.
 */
export function reshape<A extends AnyArray>(
  x: A,
  shape: readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('reshape', arguments, 2, 'da.reshape(x, [2, -1])')
  assertArray(x, 'reshape')
  return new ChunkedArray(reshapeLayer(x, integersOf([shape], 'reshape')))
}
