/**
 * Covariances, correlations, gradients and reductions of neighbours, under NumPy's and Dask's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, FloatDtype, QuotientDtype } from '../array-types.js'
import { isFloat, realDtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { arrayOfValues } from '../layers/array-arguments.js'
import { type ArraySpec, isArraySpec, shapeOf } from '../layers/array-spec.js'
import { concatenateLayer } from '../layers/concatenate-layers.js'
import { axesDiagonalLayer } from '../layers/diagonal-layers.js'
import { astypeLayer, elementwiseLayer } from '../layers/elementwise-layers.js'
import { gradientLayer } from '../layers/gradient-layers.js'
import { indexLayer } from '../layers/indexing-layers.js'
import { matmulLayer } from '../layers/linear-algebra-layers.js'
import { assertArray } from '../layers/operands.js'
import { reductionLayer } from '../layers/reduction-layers.js'
import { reshapeLayer, transposeLayer } from '../layers/reshape-layers.js'
import { addAxesLayer, withAxes } from '../layers/shape-layers.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxes, normalizeAxis } from '../planning/shape-arguments.js'

/** The options of `cov`. */
export interface CovarianceOptions {
  /** Further variables. */
  readonly y?: AnyArray | undefined
  /** Whether rows are variables and columns observations. The default is true. */
  readonly rowvar?: boolean | undefined
  /** Whether sums are divided by the number of observations and not by one less. The default is false. */
  readonly bias?: boolean | undefined
  /** The number that is subtracted from the number of observations, instead of what `bias` says. */
  readonly ddof?: number | undefined
}

function covarianceLayer(x: ArraySpec, options: CovarianceOptions, operation: string): ArraySpec {
  const { y, rowvar = true, bias = false, ddof = bias ? 0 : 1 } = options
  const variables = [x, ...(y === undefined ? [] : [y])].map((array) => {
    assertArray(array, operation)
    if (array.chunks.length > 2) {
      throw new RangeError(
        `${operation}: expected one axis or two; got shape ${formatArgument(shapeOf(array))}`,
      )
    }
    const rows = withAxes(array, 2)
    return rowvar || array.chunks.length < 2 ? rows : transposeLayer(rows)
  })
  const joined = variables.length === 1 ? variables[0]! : concatenateLayer(variables, 0)
  // The number of variables decides the axes of the result.
  assertKnown(joined.chunks, operation)
  const wide = isFloat(realDtype(joined.dtype)) ? joined : astypeLayer(joined, 'float64')
  const mean = reductionLayer(wide, 'mean', { axis: 1, keepdims: true })
  const deviations = elementwiseLayer('subtract', [wide, mean])
  const conjugate = elementwiseLayer('conjugate', [transposeLayer(deviations)])
  const product = matmulLayer(deviations, conjugate)
  return elementwiseLayer('divide', [product, Math.max(0, shapeOf(joined)[1]! - ddof)])
}

/** Drops the axes of a covariance of one variable. */
function withoutSingles(matrix: ArraySpec): ArraySpec {
  return shapeOf(matrix)[0] === 1 ? reshapeLayer(matrix, []) : matrix
}

/**
 * Returns the covariance matrix of variables, which are the rows; of one variable, its variance.
 * @throws RangeError for arrays with more than two axes.
 * @example da.cov(x, { rowvar: false })
 */
export function cov<A extends AnyArray>(
  x: A,
  options: CovarianceOptions = {},
): ChunkedArray<QuotientDtype<A['dtype']>> {
  checkArguments('cov', arguments, 2, 'da.cov(x, { y, rowvar, ddof })')
  checkOptions(options, ['y', 'rowvar', 'bias', 'ddof'], 'cov')
  return new ChunkedArray(withoutSingles(covarianceLayer(x, options, 'cov')))
}

/**
 * Returns the matrix of correlation coefficients of variables, which are the rows.
 * @throws RangeError for arrays with more than two axes.
 * @example da.corrcoef(x)
 */
export function corrcoef<A extends AnyArray>(
  x: A,
  options: Pick<CovarianceOptions, 'y' | 'rowvar'> = {},
): ChunkedArray<QuotientDtype<A['dtype']>> {
  checkArguments('corrcoef', arguments, 2, 'da.corrcoef(x, { y, rowvar })')
  checkOptions(options, ['y', 'rowvar'], 'corrcoef')
  const matrix = covarianceLayer(x, options, 'corrcoef')
  const variances = elementwiseLayer('real', [axesDiagonalLayer(matrix, {}, 'corrcoef')])
  const deviations = elementwiseLayer('sqrt', [variances])
  const rows = elementwiseLayer('divide', [matrix, addAxesLayer(deviations, 1)])
  const result = elementwiseLayer('divide', [rows, addAxesLayer(deviations, 0)])
  return new ChunkedArray(withoutSingles(result))
}

/** The options of `gradient`. */
export interface GradientOptions {
  /** The axis or axes. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** The distance between neighbours, for all axes or for each, or their coordinates. The default is 1. */
  readonly spacing?: GradientSpacing | undefined
}

/** The coordinates of the elements along an axis. */
export type AxisCoordinates = AnyArray | readonly number[] | Float64Array | NDArray

/** The spacing of `gradient`: one distance, coordinates of the only axis, or a list with either for each axis. */
export type GradientSpacing = number | AxisCoordinates | readonly (number | AxisCoordinates)[]

/**
 * Returns the derivative along each axis, by central differences within and one-sided ones at the ends: one array for
 * one axis, else a list. The spacing of an axis is a distance, or the coordinates of its elements.
 * @throws RangeError for axes with fewer than two elements, and unless there is one spacing or one for each axis.
 * @example const [rows, columns] = da.gradient(x)
 */
export function gradient<A extends AnyArray>(
  x: A,
  spacing: GradientSpacing | GradientOptions = 1,
  options: GradientOptions = {},
): ChunkedArray<FloatDtype<A['dtype']>> | ChunkedArray<FloatDtype<A['dtype']>>[] {
  checkArguments('gradient', arguments, 3, 'da.gradient(x, 0.5, { axis: 0 })')
  assertArray(x, 'gradient')
  const isOptions = typeof spacing === 'object' && isPlainOptions(spacing)
  const given = (isOptions ? spacing : { spacing, ...options }) as GradientOptions
  checkOptions(given, ['axis', 'spacing'], 'gradient')
  const axes = normalizeAxes(given.axis, x.chunks.length, 'gradient')
  const steps = spacingsOf(given.spacing ?? 1, axes.length)
  const wide = isFloat(realDtype(x.dtype)) ? x : astypeLayer(x, 'float64')
  const results = axes.map((axis, i) => {
    return new ChunkedArray(gradientLayer(wide, axis, steps[i]!)) as never
  })
  return results.length === 1 ? results[0]! : results
}

function isPlainOptions(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !isArraySpec(value)
}

/** Returns the spacing of each axis: a distance, or an array of coordinates. */
function spacingsOf(spacing: GradientSpacing, count: number): readonly (number | ArraySpec)[] {
  const isCoordinates =
    isArraySpec(spacing) || ArrayBuffer.isView(spacing) || spacing instanceof NDArray
  const isEach = Array.isArray(spacing) && spacing.length === count
  const isVector = isCoordinates || (count === 1 && Array.isArray(spacing) && !isEach)
  const list = (isVector || !Array.isArray(spacing) ? [spacing] : spacing) as readonly unknown[]
  const shared = list.length === 1 && typeof list[0] === 'number'
  if (list.length !== count && !shared) {
    throw new RangeError(`gradient: expected one spacing, or one for each of ${count} axes`)
  }
  return Array.from({ length: count }, (_, i) => {
    const own = list[shared ? 0 : i]
    return typeof own === 'number' ? own : arrayOfValues(own, 'gradient')
  })
}

/** The options of `coarsen`. */
export interface CoarsenOptions {
  /** Whether elements at the end that do not fill a group are dropped. The default is false. */
  readonly trimExcess?: boolean | undefined
}

/** A reduction, such as `da.sum`. */
export type AxesReduction = (x: ChunkedArray, options: { axis: readonly number[] }) => AnyArray

/**
 * Reduces groups of neighbours: `axes` gives the size of the groups along axes, by number.
 * @throws RangeError for sizes that do not divide an axis, unless `trimExcess` is true.
 * @example da.coarsen(da.mean, x, { 0: 2, 1: 2 })
 */
export function coarsen(
  reduction: AxesReduction,
  x: AnyArray,
  axes: Readonly<Record<number, number>>,
  options: CoarsenOptions = {},
): ChunkedArray {
  checkArguments('coarsen', arguments, 4, 'da.coarsen(da.sum, x, { 0: 2 }, { trimExcess: true })')
  assertArray(x, 'coarsen')
  checkOptions(options, ['trimExcess'], 'coarsen')
  assertKnown(x.chunks, 'coarsen')
  const shape = shapeOf(x)
  const groups = shape.map(() => 1)
  for (const [axis, size] of Object.entries(axes)) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(
        `coarsen: sizes of groups are whole numbers of at least 1; got ${formatArgument(size)}`,
      )
    }
    groups[normalizeAxis(Number(axis), shape.length, 'coarsen')] = size
  }
  const counts = shape.map((n, a) => Math.floor(n / groups[a]!))
  const fits = shape.every((n, a) => counts[a]! * groups[a]! === n)
  if (!fits && options.trimExcess !== true) {
    throw new RangeError(
      `coarsen: groups of ${formatArgument(groups)} do not divide the shape ${formatArgument(shape)}; write { trimExcess: true } to drop what is left`,
    )
  }
  const whole = fits
    ? x
    : indexLayer(
        x,
        counts.map((n, a) => `0:${n * groups[a]!}`),
      )
  const divided = reshapeLayer(
    whole,
    counts.flatMap((n, a) => [n, groups[a]!]),
  )
  const result = reduction(new ChunkedArray(divided), { axis: shape.map((_, a) => 2 * a + 1) })
  if (!isArraySpec(result)) throw new TypeError('coarsen: expected a reduction, such as da.sum')
  return new ChunkedArray(result)
}
