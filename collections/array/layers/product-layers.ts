/**
 * Layers of products other than those of matrices: `dot` of arrays with any number of axes, `tensordot`, `inner`, `outer`,
 * `kron`, `vdot`, `vecdot` and `cross`.
 */

import { isComplex, promote } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { mayEqual } from '../planning/concatenate-plan.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type ArraySpec, isArraySpec, shapeOf } from './array-spec.js'
import { stackLayer } from './concatenate-layers.js'
import { diagonalLayer, multiplyBlocks } from './contraction-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { matmulLayer } from './linear-algebra-layers.js'
import { alignUnknown, assertArray, assertOperand } from './operands.js'
import { reductionLayer } from './reduction-layers.js'
import { expandDimsLayer, reshapeLayer, transposeLayer } from './reshape-layers.js'
import { moveAxesLayer } from './shape-layers.js'

/** Multiplies arrays as NumPy's `dot`: the last axis of the first with the second last of the second. */
export function dotLayer(left: ArraySpec, right: unknown): ArraySpec {
  assertOperand(right, 'dot')
  const [x, y] = [shapeOf(left).length, isArraySpec(right) ? shapeOf(right).length : 0]
  if (x === 0 || y === 0) return elementwiseLayer('multiply', [left, right])
  if (x <= 2 && y <= 2) return matmulLayer(left, right, 'dot')
  return tensordotLayer(left, right, [[-1], [y === 1 ? -1 : -2]], 'dot')
}

/** The axes of `tensordot`: their number, or a list of axes for each array. */
export type TensordotAxes = number | readonly [axisOrAxes: AxisList, axisOrAxes: AxisList]

/** An axis, or a list of axes. */
export type AxisList = number | readonly number[]

/** Sums products over axes of both arrays. */
export function tensordotLayer(
  left: unknown,
  right: unknown,
  axes: TensordotAxes,
  operation = 'tensordot',
): ArraySpec {
  assertArray(left, operation)
  assertArray(right, operation)
  const [x, y] = [shapeOf(left), shapeOf(right)]
  const [a, b] = sharedAxes(axes, x.length, y.length, operation)
  if (a.length !== b.length || a.some((axis, i) => !mayEqual(x[axis]!, y[b[i]!]!))) {
    throw new RangeError(
      `${operation}: axes [${a}] of shape [${x}] and axes [${b}] of shape [${y}] must be as many and of equal sizes`,
    )
  }
  const dtype = promote(left.dtype, right.dtype)
  const free = (shape: readonly number[], used: readonly number[]) =>
    shape.map((_, axis) => axis).filter((axis) => !used.includes(axis))
  const pairs = a.map((axis, i) => [axis, b[i]!])
  const [own, other] = alignUnknown([left, right], pairs, operation) as [ArraySpec, ArraySpec]
  const first = transposeLayer(astypeLayer(own, dtype), [...free(x, a), ...a])
  const second = transposeLayer(astypeLayer(other, dtype), [...b, ...free(y, b)])
  if (a.length === 0) return outerProduct(first, second)
  return multiplyBlocks(first, second, { batch: 0, inner: a.length })
}

function sharedAxes(
  axes: TensordotAxes,
  x: number,
  y: number,
  operation: string,
): readonly [readonly number[], readonly number[]] {
  if (typeof axes === 'number') {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(x, y)) {
      throw new RangeError(
        `${operation}: the number of axes must be from 0 to ${Math.min(x, y)}; got ${axes}`,
      )
    }
    const range = Array.from({ length: axes }, (_, i) => i)
    return [range.map((i) => x - axes + i), range]
  }
  if (!Array.isArray(axes) || axes.length !== 2) {
    throw new TypeError(
      `${operation}: axes must be a number, or two lists such as [[0], [1]]; got ${formatArgument(axes)}`,
    )
  }
  const listOf = (list: AxisList, ndim: number) =>
    [list].flat().map((axis) => normalizeAxis(axis, ndim, operation))
  return [listOf(axes[0] as AxisList, x), listOf(axes[1] as AxisList, y)]
}

/** Returns all products of elements of two arrays. */
function outerProduct(left: ArraySpec, right: ArraySpec): ArraySpec {
  const spread = right.chunks.reduce((array) => expandDimsLayer(array, array.chunks.length), left)
  return elementwiseLayer('multiply', [spread, right])
}

/** Returns all products of elements of two arrays, which are flattened. */
export function outerLayer(left: unknown, right: unknown): ArraySpec {
  assertArray(left, 'outer')
  assertArray(right, 'outer')
  return outerProduct(reshapeLayer(left, [-1]), reshapeLayer(right, [-1]))
}

/** Sums products over the last axes of both arrays. */
export function innerLayer(left: unknown, right: unknown): ArraySpec {
  assertArray(left, 'inner')
  assertArray(right, 'inner')
  if (left.chunks.length === 0 || right.chunks.length === 0) {
    return elementwiseLayer('multiply', [left, right])
  }
  return tensordotLayer(left, right, [-1, -1], 'inner')
}

/** Returns the Kronecker product. */
export function kronLayer(left: unknown, right: unknown): ArraySpec {
  assertArray(left, 'kron')
  assertArray(right, 'kron')
  const ndim = Math.max(left.chunks.length, right.chunks.length)
  const padded = (array: ArraySpec) => {
    let out = array
    while (out.chunks.length < ndim) out = expandDimsLayer(out, 0)
    return out
  }
  const [a, b] = [padded(left), padded(right)]
  const product = outerProduct(a, b)
  const order = Array.from({ length: ndim }, (_, axis) => [axis, ndim + axis]).flat()
  const [x, y] = [shapeOf(a), shapeOf(b)]
  return reshapeLayer(
    transposeLayer(product, order),
    x.map((n, axis) => n * y[axis]!),
  )
}

/** Returns the complex conjugate, of complex arrays only. */
function conjugated(array: ArraySpec): ArraySpec {
  return isComplex(array.dtype) ? elementwiseLayer('conjugate', [array]) : array
}

/** Returns the sum of `conj(x) * y` over all elements. */
export function vdotLayer(left: unknown, right: unknown): ArraySpec {
  assertArray(left, 'vdot')
  assertArray(right, 'vdot')
  const [x, y] = [reshapeLayer(left, [-1]), reshapeLayer(right, [-1])]
  return matmulLayer(conjugated(x), y, 'vdot')
}

/** Returns the sums of `conj(x) * y` along an axis. */
export function vecdotLayer(left: unknown, right: unknown, axis: unknown): ArraySpec {
  assertArray(left, 'vecdot')
  assertArray(right, 'vecdot')
  const last = (array: ArraySpec) =>
    moveAxesLayer(array, normalizeAxis(axis, array.chunks.length, 'vecdot'), -1)
  const [x, y] = [last(left), last(right)]
  const [n, m] = [shapeOf(x).at(-1), shapeOf(y).at(-1)]
  if (!mayEqual(n!, m!)) {
    throw new RangeError(
      `vecdot: shapes [${shapeOf(left)}] and [${shapeOf(right)}] do not fit: axis ${String(axis)} has sizes ${n} and ${m}`,
    )
  }
  const product = elementwiseLayer('multiply', [conjugated(x), y])
  if (product.dtype === 'bool') return reductionLayer(product, 'any', { axis: -1 })
  return astypeLayer(reductionLayer(product, 'sum', { axis: -1 }), product.dtype)
}

/** Returns cross products of vectors with three components along an axis. */
export function crossLayer(left: unknown, right: unknown, axis: unknown): ArraySpec {
  assertArray(left, 'cross')
  assertArray(right, 'cross')
  const last = (array: ArraySpec) =>
    moveAxesLayer(array, normalizeAxis(axis, array.chunks.length, 'cross'), -1)
  const [x, y] = [last(left), last(right)]
  for (const array of [x, y]) assertKnown(array.chunks, 'cross', [array.chunks.length - 1])
  if (shapeOf(x).at(-1) !== 3 || shapeOf(y).at(-1) !== 3) {
    throw new RangeError(
      `cross: axis ${String(axis)} must have size 3 in both arrays; got shapes [${shapeOf(left)}] and [${shapeOf(right)}]`,
    )
  }
  const part = (array: ArraySpec, i: number) => indexLayer(array, ['...', i])
  const component = (i: number, j: number) =>
    elementwiseLayer('subtract', [
      elementwiseLayer('multiply', [part(x, i), part(y, j)]),
      elementwiseLayer('multiply', [part(x, j), part(y, i)]),
    ])
  const parts = [component(1, 2), component(2, 0), component(0, 1)]
  return moveAxesLayer(
    stackLayer(parts, -1),
    -1,
    normalizeAxis(axis, parts[0]!.chunks.length + 1, 'cross'),
  )
}

/** Returns a diagonal of matrices, as the last axis. */
export function matrixDiagonalLayer(value: unknown, offset: unknown, operation: string): ArraySpec {
  assertArray(value, operation)
  const ndim = value.chunks.length
  if (ndim < 2) {
    throw new RangeError(`${operation}: expected a matrix; got shape [${shapeOf(value)}]`)
  }
  if (!Number.isSafeInteger(offset)) {
    throw new TypeError(`${operation}: offset must be an integer; got ${formatArgument(offset)}`)
  }
  const k = offset as number
  const [m, n] = shapeOf(value).slice(-2) as [number, number]
  const skip = (size: number, count: number) => `${Math.min(size, Math.max(0, count))}:`
  const from = indexLayer(value, ['...', skip(m, -k), skip(n, k)])
  return diagonalLayer(from, ndim - 2, ndim - 1)
}
