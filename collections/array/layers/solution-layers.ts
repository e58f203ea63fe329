/**
 * Layers of solutions: of systems of equations, inverses, determinants, and of least squares.
 */

import { realDtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { Determinant } from '../factorizations/matrix-operations.js'
import { type ArraySpec, isArraySpec, shapeOf } from './array-spec.js'
import { eyeLayer } from './creation-layers.js'
import {
  adjointLayer,
  choleskyLayer,
  isBlockedMatrix,
  matrixShape,
  svdLayers,
  svdvalsLayer,
} from './decomposition-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { matmulLayer } from './linear-algebra-layers.js'
import { matrixLayers, matrixOperands } from './matrix-layers.js'
import { panelDeterminant, panelSolve, panelSolveTriangular } from './panel-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reductionLayer } from './reduction-layers.js'
import { expandDimsLayer } from './reshape-layers.js'

/** Checks a system `a x = b`; a vector `b` becomes a matrix of one column. */
function systemOf(
  operation: string,
  a: unknown,
  b: unknown,
): { readonly a: ArraySpec; readonly b: ArraySpec; readonly isVector: boolean } {
  const [left, right] = matrixOperands(operation, [a, b], { square: true }) as [
    ArraySpec,
    ArraySpec,
  ]
  const shape = shapeOf(right)
  const isVector = shape.length === 1
  const [n] = matrixShape(left)
  if (shape.length === 0 || (isVector ? shape[0] : shape.at(-2)) !== n) {
    throw new RangeError(
      `${operation}: shapes [${shapeOf(left)}] and [${shape}] do not fit: b must have ${n} rows`,
    )
  }
  return { a: left, b: isVector ? expandDimsLayer(right, 1) : right, isVector }
}

/** Returns a solution in the chunks of `b`, and as a vector if `b` was one. */
function solutionOf(solution: ArraySpec, b: ArraySpec, isVector: boolean): ArraySpec {
  const chunked = b.chunks.length === 2 && solution.chunks.length === 2
  const own = chunked ? rechunkTo(solution, b.chunks) : solution
  return isVector ? indexLayer(own, ['...', 0]) : own
}

/** Solves `a x = b`; `assumeA` is 'gen', or 'pos' for positive definite matrices. */
export function solveLayer(left: unknown, right: unknown, assumeA: unknown): ArraySpec {
  if (assumeA !== 'gen' && assumeA !== 'pos') {
    throw new TypeError(
      `solve: assumeA must be 'gen' or 'pos' (positive definite); got ${formatArgument(assumeA)}`,
    )
  }
  const { a, b, isVector } = systemOf('solve', left, right)
  if (assumeA === 'pos') {
    const factor = choleskyLayer(a, true)
    const half = solveTriangularLayer(factor, b, true, 'solve')
    const whole = solveTriangularLayer(adjointLayer(factor), half, false, 'solve')
    return solutionOf(whole, b, isVector)
  }
  if (isBlockedMatrix(a) && b.chunks.length === 2) {
    return solutionOf(panelSolve(a, b, 'solve'), b, isVector)
  }
  const outputs = [{ dtype: a.dtype, sizes: matrixShape(b) }]
  return solutionOf(matrixLayers('solve', [a, b], outputs, { operation: 'solve' })[0]!, b, isVector)
}

/** Solves `a x = b` for triangular matrices. */
export function solveTriangularLayer(
  left: unknown,
  right: unknown,
  lower: boolean,
  operation = 'solveTriangular',
): ArraySpec {
  const { a, b, isVector } = systemOf(operation, left, right)
  if (isBlockedMatrix(a) && b.chunks.length === 2) {
    return solutionOf(panelSolveTriangular(a, b, lower, operation), b, isVector)
  }
  const outputs = [{ dtype: a.dtype, sizes: matrixShape(b) }]
  const options = { operation, lower }
  return solutionOf(matrixLayers('solveTriangular', [a, b], outputs, options)[0]!, b, isVector)
}

/** Returns the inverse of square matrices. */
export function invLayer(value: unknown): ArraySpec {
  const [x] = matrixOperands('inv', [value], { square: true }) as [ArraySpec]
  const [n] = matrixShape(x)
  if (isBlockedMatrix(x)) {
    const eye = eyeLayer(n, { chunks: x.chunks as [readonly number[], readonly number[]] })
    return panelSolve(x, astypeLayer(eye, x.dtype), 'inv')
  }
  return matrixLayers('inv', [x], [{ dtype: x.dtype, sizes: [n, n] }], { operation: 'inv' })[0]!
}

/** Returns the determinant, or its sign and the logarithm of its size. */
export function determinantLayers(value: unknown, operation: 'det' | 'slogdet'): ArraySpec[] {
  const [x] = matrixOperands(operation, [value], { square: true }) as [ArraySpec]
  const real = realDtype(x.dtype)
  const wanted: (keyof Determinant)[] = operation === 'det' ? ['det'] : ['sign', 'log']
  if (isBlockedMatrix(x)) return panelDeterminant(x, wanted)
  const outputs = wanted.map((name) => ({ dtype: name === 'log' ? real : x.dtype, sizes: [] }))
  return matrixLayers(operation, [x], outputs, { operation })
}

/** Returns the limit below which singular values count as 0. */
function cutoffLayer(x: ArraySpec, s: ArraySpec, rtol: number | ArraySpec | undefined): ArraySpec {
  const epsilon = realDtype(x.dtype) === 'float32' ? 2 ** -23 : Number.EPSILON
  const given = isArraySpec(rtol) ? expandDimsLayer(rtol, rtol.chunks.length) : rtol
  const factor = given ?? Math.max(...matrixShape(x)) * epsilon
  const largest = reductionLayer(s, 'max', { axis: -1, keepdims: true })
  return elementwiseLayer('multiply', [largest, factor])
}

/** Returns the number of singular values above a limit. */
export function matrixRankLayer(
  value: unknown,
  options: { readonly tol?: number | undefined; readonly rtol?: number | undefined },
): ArraySpec {
  const [x] = matrixOperands('matrixRank', [value]) as [ArraySpec]
  if (matrixShape(x).includes(0))
    return reductionLayer(astypeLayer(x, 'int64'), 'sum', { axis: [-2, -1] })
  const s = svdvalsLayer(x, 'matrixRank')
  const limit = options.tol ?? cutoffLayer(x, s, options.rtol)
  return reductionLayer(elementwiseLayer('greater', [s, limit]), 'sum', { axis: -1 })
}

/** The parts of a pseudoinverse, and the rank. */
function invertedSvd(x: ArraySpec, operation: string, rtol: number | ArraySpec | undefined) {
  const [u, s, vh] = svdLayers(x, { operation, fullMatrices: false, coerceSigns: false })
  const isLarge = elementwiseLayer('greater', [s, cutoffLayer(x, s, rtol)])
  const inverse = elementwiseLayer('where', [isLarge, elementwiseLayer('reciprocal', [s]), 0])
  const v = elementwiseLayer('multiply', [
    adjointLayer(vh),
    expandDimsLayer(inverse, inverse.chunks.length - 1),
  ])
  return { uh: adjointLayer(u), s, v, isLarge }
}

/** Returns the Moore-Penrose inverse. */
export function pinvLayer(value: unknown, rtol: number | ArraySpec | undefined): ArraySpec {
  const [x] = matrixOperands('pinv', [value]) as [ArraySpec]
  const [m, n] = matrixShape(x)
  if (m === 0 || n === 0) return adjointLayer(x)
  const { uh, v } = invertedSvd(x, 'pinv', rtol)
  return matmulLayer(v, uh)
}

/** Returns the least squares solution, the sums of squared residuals, the rank, and the singular values. */
export function lstsqLayers(
  left: unknown,
  right: unknown,
  rtol: number | undefined,
): [ArraySpec, ArraySpec, ArraySpec, ArraySpec] {
  const [a, b] = matrixOperands('lstsq', [left, right]) as [ArraySpec, ArraySpec]
  const [shapeA, shapeB] = [shapeOf(a), shapeOf(b)]
  if (shapeA.length !== 2 || shapeB.length < 1 || shapeB.length > 2 || shapeA[0] !== shapeB[0]) {
    throw new RangeError(
      `lstsq: expected a matrix, and a vector or matrix with as many rows; got shapes [${shapeA}] and [${shapeB}]`,
    )
  }
  if (shapeA.includes(0)) {
    throw new RangeError(`lstsq: the matrix must not be empty; got shape [${shapeA}]`)
  }
  const { uh, s, v, isLarge } = invertedSvd(a, 'lstsq', rtol)
  const x = matmulLayer(v, matmulLayer(uh, b))
  const distance = elementwiseLayer('absolute', [
    elementwiseLayer('subtract', [b, matmulLayer(a, x)]),
  ])
  const squares = elementwiseLayer('square', [distance])
  const residuals = reductionLayer(squares, 'sum', { axis: 0, keepdims: shapeB.length === 1 })
  return [x, residuals, reductionLayer(isLarge, 'sum'), s]
}

/** Returns a power of square matrices; negative powers are those of the inverse. */
export function matrixPowerLayer(value: unknown, n: unknown): ArraySpec {
  const operands = Number.isInteger(n) && (n as number) < 0 ? [invLayer(value)] : undefined
  if (!Number.isSafeInteger(n)) {
    throw new TypeError(`matrixPower: the exponent must be an integer; got ${formatArgument(n)}`)
  }
  matrixOperands('matrixPower', [value], { square: true })
  let base = operands?.[0] ?? (value as ArraySpec)
  let rest = Math.abs(n as number)
  const [size] = matrixShape(base)
  if (rest === 0) {
    const eye = astypeLayer(eyeLayer(size, { chunks: base.chunks.slice(-2) as never }), base.dtype)
    return base.chunks.length === 2
      ? eye
      : elementwiseLayer('add', [elementwiseLayer('multiply', [base, 0]), eye])
  }
  let result: ArraySpec | undefined
  for (;;) {
    if (rest % 2 === 1) result = result === undefined ? base : matmulLayer(result, base)
    rest = Math.floor(rest / 2)
    if (rest === 0) return result!
    base = matmulLayer(base, base)
  }
}
