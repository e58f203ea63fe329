/**
 * The functions of `da` that change the shape of arrays and the order of axes, under NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { assertArray } from '../layers/operands.js'
import { reshapeBlockwiseLayer, reshapeLayer, transposeLayer } from '../layers/reshape-layers.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
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

/** The options of `reshapeBlockwise`. */
export interface ReshapeBlockwiseOptions {
  /** The chunks of the result. They are needed, and allowed, if it has more axes than the array. */
  readonly chunks?: ChunksSpec | undefined
}

/**
 * Reshapes every block on its own, without moving elements between blocks. Elements keep their row-major order within a
 * block, but not in the whole array. Dask: `reshape_blockwise`.
 *
 * With fewer axes, each new one joins neighbouring axes, and so do its chunks. With more axes, `chunks` must make blocks with
 * the same numbers of elements in the same order; the chunks of the array from which axes were joined restore it.
 * @param shape The sizes, or one for a vector. One size may be -1.
 * @throws TypeError if the shape has more axes and `chunks` is missing.
 * @throws RangeError for shapes and chunks that do not fit, and for arrays with unknown sizes.
 * @example
 * const flat = da.reshapeBlockwise(x, -1)
 * const again = da.reshapeBlockwise(flat, x.shape, { chunks: x.chunks })
 */
export function reshapeBlockwise<A extends AnyArray>(
  x: A,
  shape: number | readonly number[],
  options: ReshapeBlockwiseOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('reshapeBlockwise', arguments, 3, 'da.reshapeBlockwise(x, [6, -1], { chunks })')
  assertArray(x, 'reshapeBlockwise')
  checkOptions(options, ['chunks'], 'reshapeBlockwise')
  const sizes = typeof shape === 'number' ? [shape] : integersOf([shape], 'reshapeBlockwise')
  return new ChunkedArray(reshapeBlockwiseLayer(x, sizes, options.chunks))
}
