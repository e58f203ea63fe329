/**
 * Operations on single matrices, and on stacks of them: factorizations, solutions, inverses, determinants. Each
 * takes blocks with two axes and returns its results as such blocks.
 */
import type { BlasDtype } from '../blas/blas-library.js'
import {
  type ColumnMatrix,
  copyColumns,
  toBlock,
  toColumns,
  triangleOf,
  zeroColumns,
} from '../blas/column-matrix.js'
import { complexDtype, type Dtype, isComplex, realDtype } from '../block/dtype.js'
import { copyInto, NDArray, sizeOf } from '../block/ndarray.js'
import { commonShape } from '../planning/broadcast.js'
import { identityColumns, routinesFor } from './routines.js'

/** The options of operations on matrices. */
export interface MatrixOptions {
  /** The name of the user's operation, for errors. */
  readonly operation: string
  /** For triangular systems: which triangle is read. */
  readonly lower?: boolean
  /** For QR and SVD: whether the bases are complete. */
  readonly full?: boolean
  /** For SVD: whether the signs of the vectors are chosen so that the rows of `vh` add up to 0 or more. */
  readonly coerceSigns?: boolean
}

type MatrixOperation = (matrices: readonly NDArray[], options: MatrixOptions) => readonly NDArray[]

/** The names of the operations. */
export type MatrixOperationName = keyof typeof operations

/** The operations by name. */
const operations = {
  lu: ([a]) => {
    const factors = toColumns(a!)
    const { rows, columns } = factors
    const least = Math.min(rows, columns)
    const { pivots } = routinesFor(factors.dtype).lu(factors)
    return [
      toBlock(permutationOf(realDtype(factors.dtype), rowOrder(pivots, rows))),
      toBlock(triangleOf(factors, 'lower', rows, least, true)),
      toBlock(triangleOf(factors, 'upper', least, columns)),
    ]
  },

  cholesky: ([a], options) => {
    const factor = toColumns(a!)
    assertDefinite(routinesFor(factor.dtype).cholesky(factor), options.operation)
    return [toBlock(triangleOf(factor, 'lower', factor.rows, factor.rows))]
  },

  qr: ([a], { full = false }) => {
    const factors = toColumns(a!)
    const { dtype, rows, columns } = factors
    const routines = routinesFor(dtype)
    const tau = routines.qr(factors)
    const least = Math.min(rows, columns)
    const width = full ? rows : least
    const q = identityColumns(dtype, rows, width)
    q.data.set(factors.data.subarray(0, rows * least * (isComplex(dtype) ? 2 : 1)))
    routines.formQ(q, tau, least)
    return [toBlock(q), toBlock(triangleOf(factors, 'upper', width, columns))]
  },

  svd: ([a], { full = false, coerceSigns = false }) => {
    const source = toColumns(a!)
    const { u, s, vh } = routinesFor(source.dtype).svd(source, full)
    if (coerceSigns) flipSigns(u, vh, s.length)
    return [toBlock(u), vectorBlock(realDtype(source.dtype), s), toBlock(vh)]
  },

  svdvals: ([a]) => {
    const source = toColumns(a!)
    return [vectorBlock(realDtype(source.dtype), routinesFor(source.dtype).svdvals(source))]
  },

  eigh: ([a]) => {
    const vectors = toColumns(a!)
    const values = routinesFor(vectors.dtype).eigh(vectors, true)
    return [vectorBlock(realDtype(vectors.dtype), values), toBlock(vectors)]
  },

  eigvalsh: ([a]) => {
    const source = toColumns(a!)
    return [vectorBlock(realDtype(source.dtype), routinesFor(source.dtype).eigh(source, false))]
  },

  eig: ([a]) => {
    const source = toColumns(a!)
    const { values, vectors } = routinesFor(source.dtype).eig(source, true)
    return [vectorBlock(vectors!.dtype, values), toBlock(vectors!)]
  },

  eigvals: ([a]) => {
    const source = toColumns(a!)
    const { values } = routinesFor(source.dtype).eig(source, false)
    return [vectorBlock(complexDtype(source.dtype), values)]
  },

  solve: ([a, b], options) => [toBlock(solveMatrix(toColumns(a!), toColumns(b!), options))],

  inv: ([a], options) => {
    const matrix = toColumns(a!)
    return [
      toBlock(
        solveMatrix(matrix, identityColumns(matrix.dtype, matrix.rows, matrix.rows), options),
      ),
    ]
  },

  det: ([a]) => [determinant(toColumns(a!)).det],

  slogdet: ([a]) => {
    const { sign, log } = determinant(toColumns(a!))
    return [sign, log]
  },

  solveTriangular: ([a, b], { lower = false, operation }) => {
    const [matrix, right] = [toColumns(a!), toColumns(b!)]
    assertNonzeroDiagonal(matrix, operation)
    routinesFor(matrix.dtype).solveTriangular(matrix, right, { lower })
    return [toBlock(right)]
  },
} as const satisfies Record<string, MatrixOperation>

/** Applies an operation to each matrix of stacks, whose leading axes broadcast. */
export function applyToMatrices(
  name: MatrixOperationName,
  blocks: readonly NDArray[],
  options: MatrixOptions,
): readonly NDArray[] {
  const apply: MatrixOperation = operations[name]
  if (blocks.every((block) => block.ndim === 2)) return apply(blocks, options)
  const stack = commonShape(
    options.operation,
    blocks.map((block) => block.shape.slice(0, -2)),
  )
  const wide = blocks.map((block) => block.broadcastTo([...stack, ...block.shape.slice(-2)]))
  const count = sizeOf(stack)
  if (count === 0) {
    const sample = blocks.map((block) => identityBlock(block.dtype, block.shape.slice(-2)))
    return apply(sample, options).map((part) =>
      NDArray.zeros(part.dtype, [...stack, ...part.shape]),
    )
  }
  let outputs: NDArray[] | undefined
  const at = stack.map(() => 0)
  for (let i = 0; i < count; i++) {
    const parts = apply(
      wide.map((block) => matrixAt(block, at)),
      options,
    )
    outputs ??= parts.map((part) => NDArray.zeros(part.dtype, [...stack, ...part.shape]))
    parts.forEach((part, p) => {
      copyInto(matrixAt(outputs![p]!, at), part)
    })
    let axis = at.length - 1
    while (axis >= 0 && ++at[axis]! === stack[axis]!) at[axis--] = 0
  }
  return outputs!
}

/** Returns the part of a stack at some coordinates of its leading axes. */
function matrixAt(
  { dtype, data, shape, strides, offset }: NDArray,
  at: readonly number[],
): NDArray {
  const start = at.reduce((sum, i, axis) => sum + i * strides[axis]!, offset)
  return new NDArray(dtype, data, shape.slice(at.length), strides.slice(at.length), start)
}

function identityBlock(dtype: Dtype, [rows, columns]: readonly number[]): NDArray {
  return toBlock(identityColumns(dtype as BlasDtype, rows!, columns!))
}

function vectorBlock(dtype: Dtype, data: NDArray['data']): NDArray {
  return new NDArray(dtype, data, [data.length / (isComplex(dtype) ? 2 : 1)])
}

/** Throws if a matrix was found not to be positive definite. */
export function assertDefinite(failedAt: number, operation: string): void {
  if (failedAt < 0) return
  throw new RangeError(
    `${operation}: the matrix is not positive definite; its leading part of ${failedAt + 1} rows and columns is not`,
  )
}

/** Throws the error for singular matrices. */
export function throwSingular(operation: string): never {
  throw new RangeError(
    `${operation}: the matrix is singular; da.linalg.lstsq and da.linalg.pinv take such matrices`,
  )
}

/** Throws if a triangular matrix has a zero on its diagonal. */
export function assertNonzeroDiagonal(
  { dtype, data, rows }: ColumnMatrix,
  operation: string,
): void {
  const width = isComplex(dtype) ? 2 : 1
  for (let k = 0; k < rows; k++) {
    const at = (k * rows + k) * width
    if (data[at] === 0 && data[at + width - 1] === 0) throwSingular(operation)
  }
}

/** Returns the order of the rows after the swaps of an LU decomposition. */
export function rowOrder(pivots: Int32Array, rows: number): number[] {
  const order = Array.from({ length: rows }, (_, i) => i)
  pivots.forEach((pivot, k) => {
    const row = order[k]!
    order[k] = order[pivot]!
    order[pivot] = row
  })
  return order
}

/** Returns the matrix of a real dtype that puts row `k` in the place of row `order[k]`. */
export function permutationOf(dtype: Dtype, order: readonly number[]): ColumnMatrix {
  const n = order.length
  const out = zeroColumns(dtype as BlasDtype, n, n)
  order.forEach((row, k) => {
    out.data[k * n + row] = 1
  })
  return out
}

/** Exchanges the rows of a matrix as an LU decomposition did, `start` rows further down. */
export function swapRowsLike(matrix: ColumnMatrix, pivots: Int32Array, start = 0): void {
  const { dtype, data, rows, columns } = matrix
  const width = isComplex(dtype) ? 2 : 1
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k < pivots.length; k++) {
      if (pivots[k] === k) continue
      const p = (j * rows + start + k) * width
      const q = (j * rows + start + pivots[k]!) * width
      for (let part = 0; part < width; part++) {
        const value = data[p + part]!
        data[p + part] = data[q + part]!
        data[q + part] = value
      }
    }
  }
}

/** Returns the solution of `a x = b`; overwrites both. */
function solveMatrix(a: ColumnMatrix, b: ColumnMatrix, { operation }: MatrixOptions): ColumnMatrix {
  const routines = routinesFor(a.dtype)
  const { pivots, zeroAt } = routines.lu(a)
  if (zeroAt >= 0) throwSingular(operation)
  swapRowsLike(b, pivots)
  routines.solveTriangular(a, b, { lower: true, unit: true })
  routines.solveTriangular(a, b, { lower: false })
  return b
}

/** The determinant as a number, and as its sign and the logarithm of its size. */
export interface Determinant {
  readonly det: NDArray
  readonly sign: NDArray
  readonly log: NDArray
}

/** Returns the determinant; overwrites the matrix. */
function determinant(a: ColumnMatrix): Determinant {
  const { pivots } = routinesFor(a.dtype).lu(a)
  return diagonalProduct(a, pivots)
}

/** Returns the determinant of a matrix whose LU decomposition is given. */
export function diagonalProduct(
  { dtype, data, rows, columns }: ColumnMatrix,
  pivots: Int32Array,
  start = 0,
): Determinant {
  const width = isComplex(dtype) ? 2 : 1
  let [re, im] = [1, 0]
  let [signRe, signIm, log] = [1, 0, 0]
  const round = realDtype(dtype) === 'float32' ? Math.fround : (x: number) => x
  for (let k = 0; k < columns; k++) {
    const at = (k * rows + start + k) * width
    const swapped = pivots[k] === k ? 1 : -1
    const a = swapped * data[at]!
    const b = width === 2 ? swapped * data[at + 1]! : 0
    ;[re, im] = [round(re * a - im * b), round(re * b + im * a)]
    const size = Math.hypot(a, b)
    log += Math.log(size)
    const [c, d] = size === 0 ? [0, 0] : [a / size, b / size]
    ;[signRe, signIm] = [signRe * c - signIm * d, signRe * d + signIm * c]
  }
  if (width === 1) [im, signIm] = [0, 0]
  const value = (x: number, y: number) => NDArray.scalar(dtype, width === 2 ? { re: x, im: y } : x)
  return {
    det: value(re, im),
    sign: value(signRe, signIm),
    log: NDArray.scalar(realDtype(dtype), log),
  }
}

/** Turns pairs of singular vectors so that the rows of `vh` add up to 0 or more. */
function flipSigns(u: ColumnMatrix, vh: ColumnMatrix, count: number): void {
  const width = isComplex(vh.dtype) ? 2 : 1
  for (let k = 0; k < count; k++) {
    let [re, im] = [0, 0]
    for (let j = 0; j < vh.columns; j++) {
      const at = (j * vh.rows + k) * width
      re += vh.data[at]!
      if (width === 2) im += vh.data[at + 1]!
    }
    if (re > 0 || (re === 0 && im >= 0)) continue
    for (let j = 0; j < vh.columns; j++) {
      for (let part = 0; part < width; part++) vh.data[(j * vh.rows + k) * width + part]! *= -1
    }
    const column = k * u.rows * width
    for (let i = column; i < column + u.rows * width; i++) u.data[i]! *= -1
  }
}

/** Returns Q, formed from the result of a QR decomposition and its factors. */
export function formedQ(factors: ColumnMatrix, tau: NDArray): ColumnMatrix {
  const least = Math.min(factors.rows, factors.columns)
  const q = copyColumns(factors, 0, least)
  routinesFor(factors.dtype).formQ(q, tau.data as Float64Array, least)
  return q
}
