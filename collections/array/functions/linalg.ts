/**
 * `da.linalg`: norms, decompositions, and solutions of equations, under NumPy's and Dask's names. Integers
 * and bools are converted to float64. Arrays with more than two axes are stacks of matrices.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import {
  choleskyLayer,
  compressedSvdLayers,
  eighLayers,
  eigLayers,
  luLayers,
  matrixShape,
  qrLayers,
  svdLayers,
  svdvalsLayer,
  tallQrLayers,
} from '../layers/decomposition-layers.js'
import { matrixOperands } from '../layers/matrix-layers.js'
import {
  matrixNormLayer,
  type NormOrder,
  normLayer,
  vectorNormLayer,
} from '../layers/norm-layers.js'
import { rechunkTo } from '../layers/rechunk-layers.js'
import type { ComplexArray, InexactArray, MagnitudeArray, Magnitudes } from './linalg-types.js'

export type { NormOrder } from '../layers/norm-layers.js'
export {
  type CondOptions,
  cond,
  type DiagonalOptions,
  det,
  inv,
  type LstsqOptions,
  lstsq,
  type MatrixRankOptions,
  matrixDiagonal as diagonal,
  matrixPower,
  matrixRank,
  matrixTrace as trace,
  type PinvOptions,
  pinv,
  type SolutionArray,
  type SolveOptions,
  type SolveTriangularOptions,
  slogdet,
  solve,
  solveTriangular,
} from './linalg-solutions.js'
export type * from './linalg-types.js'
export { cross, matmul, outer, tensordot, vecdot } from './linear-algebra-functions.js'
export { matrixTranspose } from './shape-functions.js'

function checkFlag(value: unknown, name: string, operation: string): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new TypeError(`${operation}: ${name} must be true or false; got ${formatArgument(value)}`)
}

/** The options of `norm`. */
export interface NormOptions {
  /**
   * The order: for vectors any number, for matrices 1, -1, 2, -2, infinities, 'fro' or 'nuc'. The default is 2 for
   * vectors, 'fro' for matrices.
   */
  readonly ord?: NormOrder | null | undefined
  /** One axis for vectors, two for matrices. The default is all axes; without an order, of any number. */
  readonly axis?: number | readonly number[] | null | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
}

/**
 * Returns the norm of vectors or matrices.
 * @throws RangeError for an order or axes that have no norm.
 * @example da.linalg.norm(x, { ord: 1, axis: 0 })
 */
export function norm<A extends AnyArray>(x: A, options: NormOptions = {}): Magnitudes<A> {
  checkArguments('norm', arguments, 2, 'da.linalg.norm(x, { ord, axis, keepdims })')
  checkOptions(options, ['ord', 'axis', 'keepdims'], 'norm')
  const { ord, axis, keepdims = false } = options
  checkFlag(keepdims, 'keepdims', 'norm')
  return new ChunkedArray(normLayer(x, { ord, axis, keepdims }))
}

/** The options of `vectorNorm`. */
export interface VectorNormOptions {
  /** The order. The default is 2. */
  readonly ord?: number | undefined
  /** The axis or axes of the vectors. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
}

/**
 * Returns the norm of vectors, whose elements may lie along several axes.
 * @throws RangeError for axes that do not exist.
 * @example da.linalg.vectorNorm(x, { axis: [0, 1] })
 */
export function vectorNorm<A extends AnyArray>(
  x: A,
  options: VectorNormOptions = {},
): Magnitudes<A> {
  checkArguments('vectorNorm', arguments, 2, 'da.linalg.vectorNorm(x, { ord, axis })')
  checkOptions(options, ['ord', 'axis', 'keepdims'], 'vectorNorm')
  const { ord = 2, axis, keepdims = false } = options
  checkFlag(keepdims, 'keepdims', 'vectorNorm')
  return new ChunkedArray(vectorNormLayer(x, ord, axis, keepdims))
}

/** The options of `matrixNorm`. */
export interface MatrixNormOptions {
  /** The order. The default is 'fro'. */
  readonly ord?: NormOrder | undefined
  /** Whether the last two axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
}

/**
 * Returns the norm of matrices.
 * @throws RangeError for an order that has no norm.
 * @example da.linalg.matrixNorm(x, { ord: 'nuc' })
 */
export function matrixNorm<A extends AnyArray>(
  x: A,
  options: MatrixNormOptions = {},
): Magnitudes<A> {
  checkArguments('matrixNorm', arguments, 2, 'da.linalg.matrixNorm(x, { ord })')
  checkOptions(options, ['ord', 'keepdims'], 'matrixNorm')
  const { ord = 'fro', keepdims = false } = options
  checkFlag(keepdims, 'keepdims', 'matrixNorm')
  const [matrix] = matrixOperands('matrixNorm', [x])
  const ndim = matrix!.chunks.length
  return new ChunkedArray(matrixNormLayer(x, ord, [ndim - 2, ndim - 1], keepdims))
}

/** The options of `qr`. */
export interface QrOptions {
  /** 'reduced' for as many columns of Q as the shorter axis has, 'complete' for a square Q. The default is 'reduced'. */
  readonly mode?: 'reduced' | 'complete' | undefined
}

/**
 * Returns Q, with orthonormal columns, and R, upper triangular: `x = q @ r`. A tall matrix that is chunked along its
 * rows is decomposed by chunks (`tsqr`), other matrices by panels of columns, a stack matrix by matrix.
 * @throws RangeError for arrays with fewer than two axes.
 * @example const [q, r] = da.linalg.qr(x)
 */
export function qr<A extends AnyArray>(
  x: A,
  options: QrOptions = {},
): readonly [q: InexactArray<A>, r: InexactArray<A>] {
  checkArguments('qr', arguments, 2, "da.linalg.qr(x, { mode: 'reduced' })")
  checkOptions(options, ['mode'], 'qr')
  const { mode = 'reduced' } = options
  if (mode !== 'reduced' && mode !== 'complete') {
    throw new TypeError(`qr: mode must be 'reduced' or 'complete'; got ${formatArgument(mode)}`)
  }
  const [q, r] = qrLayers(x, mode)
  return [new ChunkedArray(q), new ChunkedArray(r)]
}

/**
 * Returns Q and R of a tall matrix, by chunks of rows. The columns become one chunk.
 * @throws RangeError unless `x` is a matrix.
 * @example const [q, r] = da.linalg.tsqr(x)
 */
export function tsqr<A extends AnyArray>(x: A): readonly [q: InexactArray<A>, r: InexactArray<A>] {
  checkArguments('tsqr', arguments, 1, 'da.linalg.tsqr(x)')
  const matrix = oneMatrix(x, 'tsqr')
  const [, n] = matrixShape(matrix)
  const [q, r] = tallQrLayers(rechunkTo(matrix, [matrix.chunks[0]!, [n]]), 'tsqr')
  return [new ChunkedArray(q), new ChunkedArray(r)]
}

/**
 * Returns Q and R of a wide matrix, by chunks of columns. The rows become one chunk.
 * @throws RangeError unless `x` is a matrix.
 * @example const [q, r] = da.linalg.sfqr(x)
 */
export function sfqr<A extends AnyArray>(x: A): readonly [q: InexactArray<A>, r: InexactArray<A>] {
  checkArguments('sfqr', arguments, 1, 'da.linalg.sfqr(x)')
  const matrix = oneMatrix(x, 'sfqr')
  const [m] = matrixShape(matrix)
  const [q, r] = qrLayers(rechunkTo(matrix, [[m], matrix.chunks[1]!]), 'reduced')
  return [new ChunkedArray(q), new ChunkedArray(r)]
}

/** Checks that a value is one matrix. */
function oneMatrix(x: unknown, operation: string) {
  const [matrix] = matrixOperands(operation, [x])
  if (matrix!.chunks.length === 2) return matrix!
  throw new RangeError(`${operation}: expected one matrix; got ${matrix!.chunks.length} axes`)
}

/** The options of `svd`. */
export interface SvdOptions {
  /** Whether U and V are square. The default is false. A matrix of several chunks is joined to one for it. */
  readonly fullMatrices?: boolean | undefined
  /**
   * Whether the signs of singular vectors are chosen so that the rows of `vh` add up to 0 or more, whatever the chunks
   * and the library. The default is true.
   */
  readonly coerceSigns?: boolean | undefined
}

/** A singular value decomposition. */
export type SvdArrays<A extends AnyArray> = readonly [
  u: InexactArray<A>,
  s: MagnitudeArray<A>,
  vh: InexactArray<A>,
]

function svdArrays<A extends AnyArray>([u, s, vh]: ReturnType<typeof svdLayers>): SvdArrays<A> {
  return [new ChunkedArray(u), new ChunkedArray(s), new ChunkedArray(vh)]
}

/**
 * Returns U, the singular values in descending order, and the conjugate transpose of V: `x = u @ diag(s) @ vh`. A
 * matrix is decomposed by chunks along its longer axis; its shorter axis becomes one chunk.
 * @throws RangeError for arrays with fewer than two axes.
 * @example const [u, s, vh] = da.linalg.svd(x)
 */
export function svd<A extends AnyArray>(x: A, options: SvdOptions = {}): SvdArrays<A> {
  checkArguments('svd', arguments, 2, 'da.linalg.svd(x, { fullMatrices: false })')
  checkOptions(options, ['fullMatrices', 'coerceSigns'], 'svd')
  const { fullMatrices = false, coerceSigns = true } = options
  checkFlag(fullMatrices, 'fullMatrices', 'svd')
  checkFlag(coerceSigns, 'coerceSigns', 'svd')
  const [matrix] = matrixOperands('svd', [x])
  return svdArrays(svdLayers(matrix!, { operation: 'svd', fullMatrices, coerceSigns }))
}

/**
 * Returns the singular values in descending order.
 * @throws RangeError for arrays with fewer than two axes.
 * @example da.linalg.svdvals(x)
 */
export function svdvals<A extends AnyArray>(x: A): MagnitudeArray<A> {
  checkArguments('svdvals', arguments, 1, 'da.linalg.svdvals(x)')
  const [matrix] = matrixOperands('svdvals', [x])
  return new ChunkedArray(svdvalsLayer(matrix!, 'svdvals'))
}

/** The options of `svdCompressed`. */
export interface SvdCompressedOptions {
  /** How often the products with the matrix are repeated, for singular values that decay slowly. The default is 0. */
  readonly nPowerIter?: number | undefined
  /** How many more vectors than `k` are sampled. The default is 10. */
  readonly nOversamples?: number | undefined
  /** 'power', or 'QR' for iterations that keep more digits. The default is 'power'. */
  readonly iterator?: 'power' | 'QR' | undefined
  /** The seed of the random vectors. The default is a random seed. */
  readonly seed?: number | undefined
  /** As in `svd`. The default is true. */
  readonly coerceSigns?: boolean | undefined
}

/**
 * Returns the `k` largest singular values with their vectors, approximately: by products with random vectors, which
 * is faster than `svd` for large matrices. Halko, Martinsson and Tropp (2011).
 * @throws RangeError unless `k` is at most the shorter axis.
 * @example const [u, s, vh] = da.linalg.svdCompressed(x, 10, { nPowerIter: 2, seed: 1 })
 */
export function svdCompressed<A extends AnyArray>(
  x: A,
  k: number,
  options: SvdCompressedOptions = {},
): SvdArrays<A> {
  checkArguments('svdCompressed', arguments, 3, 'da.linalg.svdCompressed(x, k, { seed: 1 })')
  const names = ['nPowerIter', 'nOversamples', 'iterator', 'seed', 'coerceSigns']
  checkOptions(options, names, 'svdCompressed')
  const {
    nPowerIter = 0,
    nOversamples = 10,
    iterator = 'power',
    seed,
    coerceSigns = true,
  } = options
  const matrix = oneMatrix(x, 'svdCompressed')
  const least = Math.min(...matrixShape(matrix))
  if (!Number.isSafeInteger(k) || k < 1 || k > least) {
    throw new RangeError(
      `svdCompressed: k must be a whole number from 1 to ${least}; got ${formatArgument(k)}`,
    )
  }
  checkWholeNumber(nPowerIter, 0, 'svdCompressed', 'nPowerIter')
  checkWholeNumber(nOversamples, 0, 'svdCompressed', 'nOversamples')
  if (iterator !== 'power' && iterator !== 'QR') {
    throw new TypeError(
      `svdCompressed: iterator must be 'power' or 'QR'; got ${formatArgument(iterator)}`,
    )
  }
  const spec = { nPowerIter, nOversamples, iterator, seed, coerceSigns }
  return svdArrays(compressedSvdLayers(matrix, k, spec))
}

/**
 * Returns the permutation P, the lower triangular L and the upper triangular U of an LU decomposition with partial
 * pivoting: `x = p @ l @ u`, as SciPy's `lu`. A square matrix of several chunks is decomposed by panels of columns.
 * @throws RangeError for arrays with fewer than two axes.
 * @example const [p, l, u] = da.linalg.lu(x)
 */
export function lu<A extends AnyArray>(
  x: A,
): readonly [p: MagnitudeArray<A>, l: InexactArray<A>, u: InexactArray<A>] {
  checkArguments('lu', arguments, 1, 'da.linalg.lu(x)')
  const [p, l, u] = luLayers(x)
  return [new ChunkedArray(p), new ChunkedArray(l), new ChunkedArray(u)]
}

/** The options of `cholesky`. */
export interface CholeskyOptions {
  /** Whether the factor is lower triangular. The default is false, as in Dask and SciPy. */
  readonly lower?: boolean | undefined
  /** The contrary of `lower`, as in the Array API standard. */
  readonly upper?: boolean | undefined
}

/**
 * Returns the Cholesky factor of positive definite matrices: U with `x = u.conj().T @ u`, or L with
 * `x = l @ l.conj().T`. Only the lower triangle of the matrix is read. Computing it fails if the matrix is not positive
 * definite.
 * @throws RangeError unless the matrices are square.
 * @example da.linalg.cholesky(x, { lower: true })
 */
export function cholesky<A extends AnyArray>(x: A, options: CholeskyOptions = {}): InexactArray<A> {
  checkArguments('cholesky', arguments, 2, 'da.linalg.cholesky(x, { lower: true })')
  checkOptions(options, ['lower', 'upper'], 'cholesky')
  const { lower, upper } = options
  checkFlag(lower, 'lower', 'cholesky')
  checkFlag(upper, 'upper', 'cholesky')
  if (lower !== undefined && lower === upper) {
    throw new TypeError('cholesky: lower and upper contradict each other; give one of them')
  }
  return new ChunkedArray(choleskyLayer(x, lower ?? upper === false))
}

/** The options of `eigh` and `eigvalsh`. */
export interface EighOptions {
  /** The triangle that is read: 'L' or 'U'. The default is 'L'. */
  readonly uplo?: 'L' | 'U' | undefined
}

/**
 * Returns the eigenvalues of Hermitian or real symmetric matrices in ascending order, and the eigenvectors as columns. A
 * matrix of several chunks is joined to one.
 * @throws RangeError unless the matrices are square.
 * @example const [values, vectors] = da.linalg.eigh(x)
 */
export function eigh<A extends AnyArray>(
  x: A,
  options: EighOptions = {},
): readonly [values: MagnitudeArray<A>, vectors: InexactArray<A>] {
  checkArguments('eigh', arguments, 2, 'da.linalg.eigh(x)')
  checkOptions(options, ['uplo'], 'eigh')
  const [values, vectors] = eighLayers(x, 'eigh', options.uplo)
  return [new ChunkedArray(values!), new ChunkedArray(vectors!)]
}

/**
 * Returns the eigenvalues of Hermitian or real symmetric matrices in ascending order.
 * @throws RangeError unless the matrices are square.
 * @example da.linalg.eigvalsh(x)
 */
export function eigvalsh<A extends AnyArray>(x: A, options: EighOptions = {}): MagnitudeArray<A> {
  checkArguments('eigvalsh', arguments, 2, 'da.linalg.eigvalsh(x)')
  checkOptions(options, ['uplo'], 'eigvalsh')
  return new ChunkedArray(eighLayers(x, 'eigvalsh', options.uplo)[0]!)
}

/**
 * Returns the eigenvalues of square matrices, and the eigenvectors as columns of length 1. Both are complex, as in the Array API
 * standard; NumPy returns real ones if all eigenvalues are real. A matrix of several chunks is joined to one.
 * @throws RangeError unless the matrices are square.
 * @example const [values, vectors] = da.linalg.eig(x)
 */
export function eig<A extends AnyArray>(
  x: A,
): readonly [values: ComplexArray<A>, vectors: ComplexArray<A>] {
  checkArguments('eig', arguments, 1, 'da.linalg.eig(x)')
  const [values, vectors] = eigLayers(x, 'eig')
  return [new ChunkedArray(values!), new ChunkedArray(vectors!)]
}

/**
 * Returns the eigenvalues of square matrices, which are complex.
 * @throws RangeError unless the matrices are square.
 * @example da.linalg.eigvals(x)
 */
export function eigvals<A extends AnyArray>(x: A): ComplexArray<A> {
  checkArguments('eigvals', arguments, 1, 'da.linalg.eigvals(x)')
  return new ChunkedArray(eigLayers(x, 'eigvals')[0]!)
}
