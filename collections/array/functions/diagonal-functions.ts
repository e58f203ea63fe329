/**
 * The functions of `da` about diagonals and triangles of matrices, under NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import type { AnyArray, SumDtype } from '../array-types.js'
import { assertDtype, type Dtype, type ScalarOf } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { arrayOfPositions } from '../layers/array-arguments.js'
import { shapeOf } from '../layers/array-spec.js'
import type { CreationOptions } from '../layers/creation-layers.js'
import {
  type AxesDiagonalOptions,
  axesDiagonalLayer,
  diagonalMatrixLayer,
  maskTriangleLayer,
  type TraceOptions,
  traceLayer,
  triangleLayer,
} from '../layers/diagonal-layers.js'
import { assertArray } from '../layers/operands.js'
import { normalizeChunks } from '../planning/chunks-argument.js'

/** An option for a diagonal. */
export interface DiagonalOption {
  /** The diagonal: 0, the default, is the main one, positive numbers are above it. */
  readonly k?: number | undefined
}

/** The option `k` of functions that take a diagonal as a number too. */
function diagonalOf(argument: number | DiagonalOption, operation: string): number {
  if (typeof argument === 'number') return argument
  checkOptions(argument, ['k'], operation)
  return argument.k ?? 0
}

/**
 * Returns a diagonal of a matrix, or a matrix of zeros with a vector on a diagonal.
 * @throws RangeError for arrays with other numbers of axes.
 * @example da.diag(x, { k: 1 })
 */
export function diag<A extends AnyArray>(
  x: A,
  k: number | DiagonalOption = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('diag', arguments, 2, 'da.diag(x, { k: 0 })')
  assertArray(x, 'diag')
  const offset = diagonalOf(k, 'diag')
  if (x.chunks.length === 1) return new ChunkedArray(diagonalMatrixLayer(x, offset))
  if (x.chunks.length === 2) return new ChunkedArray(axesDiagonalLayer(x, { offset }, 'diag'))
  throw new RangeError(`diag: expected one axis or two; got shape [${shapeOf(x).join(', ')}]`)
}

/**
 * Returns a diagonal of two axes, which becomes the last axis.
 * @throws RangeError for axes that do not exist or are equal.
 * @example da.diagonal(x, { offset: 1 })
 */
export function diagonal<A extends AnyArray>(
  x: A,
  options: AxesDiagonalOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('diagonal', arguments, 2, 'da.diagonal(x, { offset: 0 })')
  assertArray(x, 'diagonal')
  checkOptions(options, ['offset', 'axis1', 'axis2'], 'diagonal')
  return new ChunkedArray(axesDiagonalLayer(x, options, 'diagonal'))
}

/**
 * Returns the sum of a diagonal of two axes. Bools and signed integers add up in int64, unsigned integers in uint64.
 * @throws RangeError for axes that do not exist or are equal.
 * @example da.trace(x, { offset: 1 })
 */
export function trace<A extends AnyArray>(
  x: A,
  options: TraceOptions = {},
): ChunkedArray<
  SumDtype<A['dtype']>,
  NDArray<SumDtype<A['dtype']>> | ScalarOf<SumDtype<A['dtype']>>
> {
  checkArguments('trace', arguments, 2, 'da.trace(x, { offset: 0 })')
  assertArray(x, 'trace')
  return new ChunkedArray(traceLayer(x, options))
}

/** The options of `tri`. */
export interface TriOptions<D extends Dtype = Dtype> extends CreationOptions<D>, DiagonalOption {
  /** The number of columns. The default is the number of rows. */
  readonly M?: number | undefined
}

/**
 * Makes a matrix of ones on and below a diagonal, and zeros above it; of float64 unless `dtype` is given.
 * @throws RangeError for sizes and diagonals that are not whole numbers.
 * @example da.tri(3, { k: -1 })
 */
export function tri<D extends Dtype = 'float64'>(
  N: number,
  options: TriOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('tri', arguments, 2, 'da.tri(N, { M, k })')
  checkOptions(options, ['M', 'k', 'chunks', 'dtype'], 'tri')
  const { M = N, k = 0, dtype = 'float64' } = options
  for (const size of [N, M]) checkWholeNumber(size, 0, 'tri', 'a size')
  assertDtype(dtype, 'tri')
  const chunks = normalizeChunks(options.chunks, [N, M], 'tri', { dtype })
  return new ChunkedArray(triangleLayer(chunks, k, dtype, 'tri'))
}

/**
 * Replaces the elements above a diagonal of the last two axes by zeros.
 * @throws RangeError for arrays with fewer than two axes.
 * @example da.tril(x, { k: -1 })
 */
export function tril<A extends AnyArray>(
  x: A,
  k: number | DiagonalOption = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('tril', arguments, 2, 'da.tril(x, { k: 0 })')
  assertArray(x, 'tril')
  return new ChunkedArray(maskTriangleLayer(x, diagonalOf(k, 'tril'), 'tril'))
}

/**
 * Replaces the elements below a diagonal of the last two axes by zeros.
 * @throws RangeError for arrays with fewer than two axes.
 * @example da.triu(x, { k: 1 })
 */
export function triu<A extends AnyArray>(
  x: A,
  k: number | DiagonalOption = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('triu', arguments, 2, 'da.triu(x, { k: 0 })')
  assertArray(x, 'triu')
  return new ChunkedArray(maskTriangleLayer(x, diagonalOf(k, 'triu'), 'triu'))
}

/** The options of `trilIndices` and `triuIndices`. */
export interface TriangleIndicesOptions extends DiagonalOption {
  /** The number of columns. The default is the number of rows. */
  readonly m?: number | undefined
  /** The chunk sizes. The default is `'auto'`. */
  readonly chunks?: CreationOptions['chunks']
}

/** The options of `trilIndicesFrom` and `triuIndicesFrom`. */
export type TriangleIndicesFromOptions = Omit<TriangleIndicesOptions, 'm'>

/**
 * Returns the positions, rows and columns, of the elements on and below a diagonal. NumPy: `tril_indices`.
 * @throws RangeError for sizes and diagonals that are not whole numbers.
 * @example const [rows, columns] = da.trilIndices(3, { k: -1 })
 */
export function trilIndices(
  n: number,
  options: TriangleIndicesOptions = {},
): readonly [rows: ChunkedArray<'int64'>, columns: ChunkedArray<'int64'>] {
  checkArguments('trilIndices', arguments, 2, 'da.trilIndices(n, { k: 0 })')
  return triangleIndices('trilIndices', n, options, (row, k, m) => [0, Math.min(m, row + k + 1)])
}

/**
 * Returns the positions, rows and columns, of the elements on and above a diagonal. NumPy: `triu_indices`.
 * @throws RangeError for sizes and diagonals that are not whole numbers.
 * @example const [rows, columns] = da.triuIndices(3, { k: 1 })
 */
export function triuIndices(
  n: number,
  options: TriangleIndicesOptions = {},
): readonly [rows: ChunkedArray<'int64'>, columns: ChunkedArray<'int64'>] {
  checkArguments('triuIndices', arguments, 2, 'da.triuIndices(n, { k: 0 })')
  return triangleIndices('triuIndices', n, options, (row, k, m) => [Math.max(0, row + k), m])
}

/** Lists the positions of the columns from `range()[0]` to before `range()[1]` of each row. */
function triangleIndices(
  operation: string,
  n: number,
  options: TriangleIndicesOptions,
  range: (row: number, k: number, m: number) => readonly [number, number],
): readonly [ChunkedArray<'int64'>, ChunkedArray<'int64'>] {
  checkOptions(options, ['k', 'm', 'chunks'], operation)
  const { k = 0, m = n, chunks } = options
  for (const size of [n, m]) checkWholeNumber(size, 0, operation, 'a size')
  if (!Number.isSafeInteger(k)) throw new RangeError(`${operation}: k must be a whole number`)
  const rows: number[] = []
  const columns: number[] = []
  for (let row = 0; row < n; row++) {
    const [start, stop] = range(row, k, m)
    for (let column = start; column < stop; column++) {
      rows.push(row)
      columns.push(column)
    }
  }
  const positions = (list: readonly number[]) =>
    new ChunkedArray<'int64'>(arrayOfPositions(list, chunks))
  return [positions(rows), positions(columns)]
}

/**
 * Returns the positions of the elements of a matrix on and below a diagonal. NumPy: `tril_indices_from`.
 * @throws RangeError for arrays without two axes of known sizes, and diagonals that are not whole numbers.
 * @example const [rows, columns] = da.trilIndicesFrom(x)
 */
export function trilIndicesFrom(
  x: AnyArray,
  options: TriangleIndicesFromOptions = {},
): readonly [rows: ChunkedArray<'int64'>, columns: ChunkedArray<'int64'>] {
  checkArguments('trilIndicesFrom', arguments, 2, 'da.trilIndicesFrom(x, { k: 0 })')
  const [n, m] = sizesOfMatrix(x, options, 'trilIndicesFrom')
  return trilIndices(n, { ...options, m })
}

/**
 * Returns the positions of the elements of a matrix on and above a diagonal. NumPy: `triu_indices_from`.
 * @throws RangeError for arrays without two axes of known sizes, and diagonals that are not whole numbers.
 * @example const [rows, columns] = da.triuIndicesFrom(x)
 */
export function triuIndicesFrom(
  x: AnyArray,
  options: TriangleIndicesFromOptions = {},
): readonly [rows: ChunkedArray<'int64'>, columns: ChunkedArray<'int64'>] {
  checkArguments('triuIndicesFrom', arguments, 2, 'da.triuIndicesFrom(x, { k: 0 })')
  const [n, m] = sizesOfMatrix(x, options, 'triuIndicesFrom')
  return triuIndices(n, { ...options, m })
}

/** Returns the numbers of rows and columns of a matrix. */
function sizesOfMatrix(
  x: AnyArray,
  options: TriangleIndicesFromOptions,
  operation: string,
): readonly [number, number] {
  assertArray(x, operation)
  checkOptions(options, ['k', 'chunks'], operation)
  const [n, m, ...others] = shapeOf(x)
  if (n === undefined || m === undefined || others.length > 0 || Number.isNaN(n + m)) {
    throw new RangeError(
      `${operation}: expected a matrix of known size; got an array of shape [${shapeOf(x)}]`,
    )
  }
  return [n, m]
}
