/**
 * Layers of norms of vectors and matrices, and of condition numbers.
 */

import { realDtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { svdvalsLayer } from './decomposition-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { inexactDtype, matrixOperands } from './matrix-layers.js'
import { assertArray } from './operands.js'
import { reductionLayer } from './reduction-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { addAxesLayer, moveAxesLayer } from './shape-layers.js'
import { invLayer } from './solution-layers.js'

/** The order of a norm: a number, infinities included; `'fro'` and `'nuc'` for matrices only. */
export type NormOrder = number | 'fro' | 'nuc'

/** The options of norms, checked. */
interface NormSpec {
  readonly ord: unknown
  readonly axis: number | readonly number[] | null | undefined
  readonly keepdims: boolean
}

/** Returns the norm of vectors or matrices along one or two axes. NumPy: `linalg.norm`. */
export function normLayer(value: unknown, { ord, axis, keepdims }: NormSpec): ArraySpec {
  assertArray(value, 'norm')
  const x = astypeLayer(value, inexactDtype(value.dtype))
  const ndim = x.chunks.length
  const isOpen = axis === undefined || axis === null
  if (isOpen && (ord === undefined || ord === null))
    return vectorNormLayer(x, 2, undefined, keepdims)
  const axes = normalizeAxes(axis, ndim, 'norm')
  if (axes.length === 1) return vectorNormLayer(x, ord ?? 2, axes, keepdims)
  if (axes.length === 2) {
    // The order matters: sums are taken along the first axis for order 1.
    const given = isOpen ? axes : (axis as readonly number[]).map((a) => (a < 0 ? a + ndim : a))
    return matrixNormLayer(x, ord ?? 'fro', given as [number, number], keepdims)
  }
  throw new RangeError(
    `norm: give one axis for vectors or two for matrices; got ${formatArgument(axis)} for ${ndim} axes`,
  )
}

/** Returns the norm of vectors along axes, by default all. */
export function vectorNormLayer(
  value: unknown,
  ord: unknown,
  axis: number | readonly number[] | null | undefined,
  keepdims: boolean,
): ArraySpec {
  assertArray(value, 'norm')
  const x = astypeLayer(value, inexactDtype(value.dtype))
  if (typeof ord !== 'number' || Number.isNaN(ord)) {
    throw new TypeError(
      `norm: the order of a norm of vectors must be a number; got ${formatArgument(ord)}`,
    )
  }
  const size = elementwiseLayer('absolute', [x])
  const options = { axis, keepdims }
  if (ord === Infinity) return reductionLayer(size, 'max', options)
  if (ord === -Infinity) return reductionLayer(size, 'min', options)
  if (ord === 0) {
    const isOther = elementwiseLayer('notEqual', [x, 0])
    return reductionLayer(astypeLayer(isOther, realDtype(x.dtype)), 'sum', options)
  }
  if (ord === 1) return reductionLayer(size, 'sum', options)
  if (ord === 2) {
    return elementwiseLayer('sqrt', [
      reductionLayer(elementwiseLayer('square', [size]), 'sum', options),
    ])
  }
  const sum = reductionLayer(elementwiseLayer('power', [size, ord]), 'sum', options)
  return elementwiseLayer('power', [sum, 1 / ord])
}

/** Returns the norm of matrices along two axes. */
export function matrixNormLayer(
  value: unknown,
  ord: unknown,
  [row, column]: readonly [number, number],
  keepdims: boolean,
): ArraySpec {
  assertArray(value, 'norm')
  const x = astypeLayer(value, inexactDtype(value.dtype))
  if (ord === 'fro') return vectorNormLayer(x, 2, [row, column], keepdims)
  const sums: Record<string, readonly [sumAxis: number, rest: number, op: 'max' | 'min']> = {
    1: [row, column, 'max'],
    '-1': [row, column, 'min'],
    Infinity: [column, row, 'max'],
    '-Infinity': [column, row, 'min'],
  }
  const sum = typeof ord === 'number' ? sums[String(ord)] : undefined
  if (sum !== undefined) {
    const [along, rest, op] = sum
    const size = elementwiseLayer('absolute', [x])
    const added = reductionLayer(size, 'sum', { axis: along, keepdims: true })
    return squeezed(
      reductionLayer(added, op, { axis: rest, keepdims: true }),
      [row, column],
      keepdims,
    )
  }
  const ops = { 2: 'max', '-2': 'min', nuc: 'sum' } as const
  const op = ops[String(ord) as keyof typeof ops]
  if (op === undefined) {
    throw new RangeError(
      `norm: the order of a norm of matrices must be 1, -1, 2, -2, Infinity, -Infinity, 'fro' or 'nuc'; got ${formatArgument(ord)}`,
    )
  }
  const values = svdvalsLayer(moveAxesLayer(x, [row, column], [-2, -1]), 'norm')
  const norm = reductionLayer(values, op, { axis: -1 })
  return keepdims ? addAxesLayer(norm, [row, column]) : norm
}

function squeezed(array: ArraySpec, axes: readonly number[], keepdims: boolean): ArraySpec {
  if (keepdims) return array
  return reshapeLayer(
    array,
    shapeOf(array).filter((_, axis) => !axes.includes(axis)),
  )
}

/** Returns the condition number of matrices in a norm; undefined for the largest singular value by the smallest. */
export function condLayer(value: unknown, p: unknown): ArraySpec {
  const [x] = matrixOperands('cond', [value]) as [ArraySpec]
  const ndim = x.chunks.length
  if (p === undefined || p === null || p === 2 || p === -2) {
    const s = svdvalsLayer(x, 'cond')
    const [largest, smallest] = [
      reductionLayer(s, 'max', { axis: -1 }),
      reductionLayer(s, 'min', { axis: -1 }),
    ]
    return elementwiseLayer('divide', p === -2 ? [smallest, largest] : [largest, smallest])
  }
  const axes = [ndim - 2, ndim - 1] as const
  return elementwiseLayer('multiply', [
    matrixNormLayer(x, p, axes, false),
    matrixNormLayer(invLayer(x), p, axes, false),
  ])
}
