/**
 * Products of vectors, matrices and other arrays, under NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype, Scalar, ScalarOf } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray, type DotProductArray, type ProductArray } from '../chunked-array.js'
import { einsumLayer } from '../layers/contraction-layers.js'
import { matmulLayer } from '../layers/linear-algebra-layers.js'
import { assertArray } from '../layers/operands.js'
import {
  crossLayer,
  dotLayer,
  innerLayer,
  kronLayer,
  outerLayer,
  type TensordotAxes,
  tensordotLayer,
  vdotLayer,
  vecdotLayer,
} from '../layers/product-layers.js'

/**
 * Returns the matrix product, as NumPy's `@`. A vector is a row on the left and a column on the
 * right; of arrays with more than two axes, the last two are matrices and the others broadcast.
 * @throws RangeError if the shapes do not match.
 */
export function matmul<A extends AnyArray, B extends AnyArray>(x: A, y: B): ProductArray<A, B> {
  checkArguments('matmul', arguments, 2, 'da.matmul(x, y)')
  assertArray(x, 'matmul')
  return new ChunkedArray(matmulLayer(x, y))
}

/**
 * Returns NumPy's `dot`: of vectors one value, of matrices their product, of other arrays sums of products over
 * the last axis of the first and the second last of the second, and with a number the product.
 * @throws RangeError if the shapes do not match.
 * @example await da.dot(x, y).compute()
 */
export function dot<A extends AnyArray, B extends AnyArray | Scalar>(
  x: A,
  y: B,
): DotProductArray<A, B> {
  checkArguments('dot', arguments, 2, 'da.dot(x, y)')
  assertArray(x, 'dot')
  return new ChunkedArray(dotLayer(x, y))
}

/** An array, or one value if it has no axes. */
export type ArrayOrValue<D extends Dtype> = ChunkedArray<D, NDArray<D> | ScalarOf<D>>

/** The options of `tensordot`. */
export interface TensordotOptions {
  /**
   * The axes that are summed: their number, last ones of the first array and first ones of the second, or one
   * list for each array. The default is 2.
   */
  readonly axes?: TensordotAxes | undefined
}

/**
 * Returns sums of products over axes of both arrays. The result has the other axes of the first array, then those of
 * the second.
 * @throws RangeError unless the axes have equal sizes.
 * @example da.tensordot(x, y, { axes: [[0], [1]] })
 */
export function tensordot<A extends AnyArray, B extends AnyArray>(
  x: A,
  y: B,
  options: TensordotOptions | TensordotAxes = {},
): DotProductArray<A, B> {
  checkArguments('tensordot', arguments, 3, 'da.tensordot(x, y, { axes: 1 })')
  if (typeof options === 'number' || Array.isArray(options)) {
    return new ChunkedArray(tensordotLayer(x, y, options as TensordotAxes))
  }
  checkOptions(options, ['axes'], 'tensordot')
  return new ChunkedArray(tensordotLayer(x, y, (options as TensordotOptions).axes ?? 2))
}

/**
 * Returns sums of products by the labels of axes: labels that the result does not have are summed. Without `->` the
 * result has the labels that occur once, in alphabetical order; `...` stands for axes that broadcast.
 * @param subscripts Such as `'ij,jk->ik'`: the axes of each array, and of the result.
 * @throws RangeError if the labels do not match the arrays.
 * @example da.einsum('bij,bjk->bik', x, y)
 */
export function einsum<T extends readonly [AnyArray, ...AnyArray[]]>(
  subscripts: string,
  ...arrays: T
): ArrayOrValue<T[number]['dtype']> {
  return new ChunkedArray(einsumLayer(subscripts, arrays))
}

/**
 * Returns the sum of `conj(x) * y` over all elements of both arrays.
 * @throws RangeError unless the arrays have as many elements.
 * @example await da.vdot(x, y).compute()
 */
export function vdot<A extends AnyArray, B extends AnyArray>(x: A, y: B): DotProductArray<A, B> {
  checkArguments('vdot', arguments, 2, 'da.vdot(x, y)')
  return new ChunkedArray(vdotLayer(x, y))
}

/**
 * Returns sums of products over the last axes of both arrays.
 * @throws RangeError unless the last axes have equal sizes.
 * @example da.inner(x, y)
 */
export function inner<A extends AnyArray, B extends AnyArray>(x: A, y: B): DotProductArray<A, B> {
  checkArguments('inner', arguments, 2, 'da.inner(x, y)')
  return new ChunkedArray(innerLayer(x, y))
}

/**
 * Returns the products of all pairs of elements as a matrix; both arrays are flattened.
 * @throws TypeError unless both are arrays.
 * @example da.outer(x, y)
 */
export function outer<A extends AnyArray, B extends AnyArray>(x: A, y: B): ProductArray<A, B> {
  checkArguments('outer', arguments, 2, 'da.outer(x, y)')
  return new ChunkedArray(outerLayer(x, y))
}

/**
 * Returns the Kronecker product: a block of `y` for each element of `x`, multiplied by it.
 * @throws TypeError unless both are arrays.
 * @example da.kron(x, y)
 */
export function kron<A extends AnyArray, B extends AnyArray>(x: A, y: B): ProductArray<A, B> {
  checkArguments('kron', arguments, 2, 'da.kron(x, y)')
  return new ChunkedArray(kronLayer(x, y))
}

/** The options of products of vectors along an axis. */
export interface VectorAxisOptions {
  /** The axis of the vectors, in each array. The default is the last. */
  readonly axis?: number | undefined
}

/**
 * Returns the sums of `conj(x) * y` along an axis; the other axes broadcast.
 * @throws RangeError if the sizes do not match.
 * @example da.vecdot(x, y, { axis: 0 })
 */
export function vecdot<A extends AnyArray, B extends AnyArray>(
  x: A,
  y: B,
  options: VectorAxisOptions = {},
): DotProductArray<A, B> {
  checkArguments('vecdot', arguments, 3, 'da.vecdot(x, y, { axis: -1 })')
  checkOptions(options, ['axis'], 'vecdot')
  return new ChunkedArray(vecdotLayer(x, y, options.axis ?? -1))
}

/**
 * Returns cross products of vectors with three components; the other axes broadcast.
 * @throws RangeError unless the axis has size 3 in both arrays.
 * @example da.cross(x, y)
 */
export function cross<A extends AnyArray, B extends AnyArray>(
  x: A,
  y: B,
  options: VectorAxisOptions = {},
): ProductArray<A, B> {
  checkArguments('cross', arguments, 3, 'da.cross(x, y, { axis: -1 })')
  checkOptions(options, ['axis'], 'cross')
  return new ChunkedArray(crossLayer(x, y, options.axis ?? -1))
}
