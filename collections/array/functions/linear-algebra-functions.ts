/**
 * The linear algebra of `da`, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray, type DotProductArray, type ProductArray } from '../chunked-array.js'
import { dotLayer, matmulLayer } from '../layers/linear-algebra-layers.js'
import { assertArray } from '../layers/operands.js'

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
 * Returns the product of vectors and matrices: one value for two vectors.
 * @throws RangeError for arrays with more than two axes.
 */
export function dot<A extends AnyArray, B extends AnyArray>(x: A, y: B): DotProductArray<A, B> {
  checkArguments('dot', arguments, 2, 'da.dot(x, y)')
  assertArray(x, 'dot')
  return new ChunkedArray(dotLayer(x, y))
}
