/**
 * The part of `da.linalg` about equations: solutions, inverses, determinants, ranks and condition numbers.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, CommonDtypeOf, QuotientDtype, RealDtype, SumDtype } from '../array-types.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import { isArraySpec } from '../layers/array-spec.js'
import { condLayer, type NormOrder } from '../layers/norm-layers.js'
import { matrixDiagonalLayer } from '../layers/product-layers.js'
import { reductionLayer } from '../layers/reduction-layers.js'
import {
  determinantLayers,
  invLayer,
  lstsqLayers,
  matrixPowerLayer,
  matrixRankLayer,
  pinvLayer,
  solveLayer,
  solveTriangularLayer,
} from '../layers/solution-layers.js'
import type { InexactArray, InexactValues, Magnitudes } from './linalg-types.js'
import type { ArrayOrValue } from './linear-algebra-functions.js'

/** The solution of a system of equations. */
export type SolutionArray<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  QuotientDtype<CommonDtypeOf<A, B>>
>

function checkTolerance(value: unknown, name: string, operation: string): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return
  throw new RangeError(
    `${operation}: ${name} must be a number of at least 0; got ${formatArgument(value)}`,
  )
}

/** The options of `solve`. */
export interface SolveOptions {
  /** 'gen', or 'pos' for Hermitian positive definite matrices, which takes half the time. The default is 'gen'. */
  readonly assumeA?: 'gen' | 'pos' | undefined
}

/**
 * Returns the solution of `a @ x = b`. Computing it fails if a matrix is singular.
 * @param b A vector, or matrices with as many rows as `a`.
 * @throws RangeError if the shapes do not match.
 * @example da.linalg.solve(a, b)
 */
export function solve<A extends AnyArray, B extends AnyArray>(
  a: A,
  b: B,
  options: SolveOptions = {},
): SolutionArray<A, B> {
  checkArguments('solve', arguments, 3, 'da.linalg.solve(a, b)')
  checkOptions(options, ['assumeA'], 'solve')
  return new ChunkedArray(solveLayer(a, b, options.assumeA ?? 'gen'))
}

/** The options of `solveTriangular`. */
export interface SolveTriangularOptions {
  /** Whether the lower triangle is read. The default is false: the upper one. */
  readonly lower?: boolean | undefined
}

/**
 * Returns the solution of `a @ x = b` for triangular matrices. Computing it fails if a matrix is singular.
 * @param b A vector, or matrices with as many rows as `a`.
 * @throws RangeError if the shapes do not match.
 * @example da.linalg.solveTriangular(a, b, { lower: true })
 */
export function solveTriangular<A extends AnyArray, B extends AnyArray>(
  a: A,
  b: B,
  options: SolveTriangularOptions = {},
): SolutionArray<A, B> {
  checkArguments('solveTriangular', arguments, 3, 'da.linalg.solveTriangular(a, b, { lower })')
  checkOptions(options, ['lower'], 'solveTriangular')
  const { lower = false } = options
  if (typeof lower !== 'boolean') {
    throw new TypeError(
      `solveTriangular: lower must be true or false; got ${formatArgument(lower)}`,
    )
  }
  return new ChunkedArray(solveTriangularLayer(a, b, lower))
}

/**
 * Returns the inverse of square matrices. Computing it fails if a matrix is singular.
 * @throws RangeError unless the matrices are square.
 * @example da.linalg.inv(x)
 */
export function inv<A extends AnyArray>(x: A): InexactArray<A> {
  checkArguments('inv', arguments, 1, 'da.linalg.inv(x)')
  return new ChunkedArray(invLayer(x))
}

/**
 * Returns the determinant of square matrices.
 * @throws RangeError unless the matrices are square.
 * @example await da.linalg.det(x).compute()
 */
export function det<A extends AnyArray>(x: A): InexactValues<A> {
  checkArguments('det', arguments, 1, 'da.linalg.det(x)')
  return new ChunkedArray(determinantLayers(x, 'det')[0]!)
}

/**
 * Returns the sign of the determinant of square matrices and the natural logarithm of its size, which neither overflows
 * nor underflows. The sign of complex determinants has size 1; of singular matrices it is 0, the logarithm -Infinity.
 * @throws RangeError unless the matrices are square.
 * @example const [sign, logabsdet] = da.linalg.slogdet(x)
 */
export function slogdet<A extends AnyArray>(
  x: A,
): readonly [sign: InexactValues<A>, logabsdet: Magnitudes<A>] {
  checkArguments('slogdet', arguments, 1, 'da.linalg.slogdet(x)')
  const [sign, log] = determinantLayers(x, 'slogdet')
  return [new ChunkedArray(sign!), new ChunkedArray(log!)]
}

/** The options of `lstsq`. */
export interface LstsqOptions {
  /**
   * The limit, as a fraction of the largest singular value, below which singular values count as 0. The default is
   * the precision of the dtype times the longer axis.
   */
  readonly rcond?: number | undefined
}

/**
 * Returns the least squares solution of `a @ x = b`, the one of least norm if there are several; the sums of squared
 * residuals, for each column of `b`; the rank of `a`; and its singular values.
 * @throws RangeError unless `a` is a matrix and `b` a vector or matrix with as many rows.
 * @example const [x, residuals, rank, s] = da.linalg.lstsq(a, b)
 */
export function lstsq<A extends AnyArray, B extends AnyArray>(
  a: A,
  b: B,
  options: LstsqOptions = {},
): readonly [
  x: SolutionArray<A, B>,
  residuals: ChunkedArray<RealDtype<QuotientDtype<CommonDtypeOf<A, B>>>>,
  rank: ChunkedArray<'int64', bigint>,
  s: ChunkedArray<RealDtype<QuotientDtype<CommonDtypeOf<A, B>>>>,
] {
  checkArguments('lstsq', arguments, 3, 'da.linalg.lstsq(a, b, { rcond })')
  checkOptions(options, ['rcond'], 'lstsq')
  checkTolerance(options.rcond, 'rcond', 'lstsq')
  const [x, residuals, rank, s] = lstsqLayers(a, b, options.rcond)
  return [
    new ChunkedArray(x),
    new ChunkedArray(residuals),
    new ChunkedArray(rank),
    new ChunkedArray(s),
  ]
}

/** The options of `pinv`. */
export interface PinvOptions {
  /**
   * The limit, as a fraction of the largest singular value, below which singular values count as 0: a number, or an
   * array with one for each matrix. The default is the precision of the dtype times the longer axis.
   */
  readonly rtol?: number | AnyArray | undefined
  /** Another name of `rtol`. */
  readonly rcond?: number | AnyArray | undefined
}

/**
 * Returns the Moore-Penrose pseudoinverse.
 * @throws RangeError for a negative limit.
 * @example da.linalg.pinv(x)
 */
export function pinv<A extends AnyArray>(x: A, options: PinvOptions = {}): InexactArray<A> {
  checkArguments('pinv', arguments, 2, 'da.linalg.pinv(x, { rtol })')
  checkOptions(options, ['rtol', 'rcond'], 'pinv')
  const limit = options.rtol ?? options.rcond
  if (!isArraySpec(limit)) checkTolerance(limit, 'rtol', 'pinv')
  return new ChunkedArray(pinvLayer(x, limit))
}

/** The options of `matrixRank`. */
export interface MatrixRankOptions {
  /** The limit above which singular values count. */
  readonly tol?: number | undefined
  /** The limit as a fraction of the largest singular value. The default is the precision of the dtype times the longer axis. */
  readonly rtol?: number | undefined
}

/**
 * Returns the rank of matrices: the number of singular values above a limit.
 * @throws RangeError for a negative limit.
 * @example await da.linalg.matrixRank(x).compute()
 */
export function matrixRank(x: AnyArray, options: MatrixRankOptions = {}): ArrayOrValue<'int64'> {
  checkArguments('matrixRank', arguments, 2, 'da.linalg.matrixRank(x, { rtol })')
  checkOptions(options, ['tol', 'rtol'], 'matrixRank')
  checkTolerance(options.tol, 'tol', 'matrixRank')
  checkTolerance(options.rtol, 'rtol', 'matrixRank')
  return new ChunkedArray(matrixRankLayer(x, options))
}

/** The options of `cond`. */
export interface CondOptions {
  /** The order of the norm, as in `norm`. The default, and 2: the largest singular value by the smallest; -2: the inverse of it. */
  readonly p?: NormOrder | null | undefined
}

/**
 * Returns the condition number of matrices.
 * @throws RangeError for an order that has no norm.
 * @example await da.linalg.cond(x).compute()
 */
export function cond<A extends AnyArray>(x: A, options: CondOptions = {}): Magnitudes<A> {
  checkArguments('cond', arguments, 2, 'da.linalg.cond(x, { p: 1 })')
  checkOptions(options, ['p'], 'cond')
  return new ChunkedArray(condLayer(x, options.p))
}

/**
 * Returns a power of square matrices; negative powers are those of the inverse.
 * @throws TypeError unless the exponent is an integer.
 * @example da.linalg.matrixPower(x, 3)
 */
export function matrixPower<A extends AnyArray>(
  x: A,
  n: number,
): ChunkedArray<A['dtype'] | QuotientDtype<A['dtype']>> {
  checkArguments('matrixPower', arguments, 2, 'da.linalg.matrixPower(x, n)')
  return new ChunkedArray(matrixPowerLayer(x, n))
}

/** The option of a diagonal. */
export interface DiagonalOptions {
  /** Which diagonal: positive above the main one, negative below it. The default is 0. */
  readonly offset?: number | undefined
}

/**
 * Returns a diagonal of matrices.
 * @throws RangeError for arrays with fewer than two axes.
 * @example da.linalg.diagonal(x, { offset: 1 })
 */
export function matrixDiagonal<A extends AnyArray>(
  x: A,
  options: DiagonalOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('diagonal', arguments, 2, 'da.linalg.diagonal(x, { offset: 1 })')
  checkOptions(options, ['offset'], 'diagonal')
  return new ChunkedArray(matrixDiagonalLayer(x, options.offset ?? 0, 'diagonal'))
}

/**
 * Returns the sum of a diagonal of matrices.
 * @throws RangeError for arrays with fewer than two axes.
 * @example await da.linalg.trace(x).compute()
 */
export function matrixTrace<A extends AnyArray>(
  x: A,
  options: DiagonalOptions = {},
): ArrayOrValue<SumDtype<A['dtype']>> {
  checkArguments('trace', arguments, 2, 'da.linalg.trace(x, { offset: 1 })')
  checkOptions(options, ['offset'], 'trace')
  const elements = matrixDiagonalLayer(x, options.offset ?? 0, 'trace')
  return new ChunkedArray(reductionLayer(elements, 'sum', { axis: -1 }))
}
