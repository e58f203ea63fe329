/**
 * The functions of `da` that count elements in bins, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import { type ArraySpec, isArraySpec, shapeOf } from '../layers/array-spec.js'
import { type BincountOptions, bincountLayer } from '../layers/bincount-layers.js'
import {
  type HistogramAxesOptions,
  type HistogramOptions,
  histogramLayers,
  histogramPointsLayers,
} from '../layers/histogram-layers.js'
import { indexLayer } from '../layers/indexing-layers.js'
import { assertArray, assertArrays } from '../layers/operands.js'

/** The dtype of counts: int64, float64 of densities, that of the weights otherwise. */
export type CountDtype<O> = O extends { readonly density: true }
  ? 'float64'
  : O extends { readonly weights: infer W }
    ? W extends AnyArray
      ? W['dtype']
      : Dtype
    : 'int64'

/** The edges of bins along an axis: a lazy array if they are one, or if the range of a number of bins is not given as numbers. */
export type HistogramAxisEdges<Bins, Range> = Bins extends AnyArray
  ? ChunkedArray<'float64'>
  : Bins extends number
    ? Range extends readonly [number, number]
      ? readonly number[]
      : ChunkedArray<'float64'>
    : readonly number[]

/** The option `range`, undefined if it is not given. */
export type HistogramRangeOf<O> = O extends { readonly range: infer Range } ? Range : undefined

/** The entry of an axis of a list; undefined if there is no list. */
export type HistogramEntryOf<List, Axis> = List extends readonly unknown[]
  ? List[Axis & keyof List]
  : undefined

/** The bins along one of two axes: an entry of a list of two, or the same for both. */
export type HistogramBinsAlong<Bins, Axis> = Bins extends readonly unknown[]
  ? number extends Bins['length']
    ? Bins | Bins[number]
    : Bins['length'] extends 2
      ? HistogramEntryOf<Bins, Axis>
      : Bins
  : Bins

/** The edges of the bins of `histogram`: a lazy array if `bins` is one, or if their range is not given as numbers. */
export type HistogramEdges<O extends { readonly bins: unknown }> = HistogramAxisEdges<
  O['bins'],
  HistogramRangeOf<O>
>

/** The edges of the bins of `histogram2d` along one of the axes 0 and 1, as those of `histogram`. */
export type HistogramEdgesAlong<
  O extends { readonly bins: unknown },
  Axis extends 0 | 1,
> = HistogramAxisEdges<
  HistogramBinsAlong<O['bins'], Axis>,
  HistogramEntryOf<HistogramRangeOf<O>, Axis>
>

/** The edges of the bins of `histogramdd` along any axis, as those of `histogram`. */
export type HistogramEdgesOfAxes<O extends { readonly bins: unknown }> = HistogramAxisEdges<
  O['bins'] extends infer Bins extends readonly unknown[] ? Bins | Bins[number] : O['bins'],
  HistogramEntryOf<HistogramRangeOf<O>, number>
>

/**
 * Counts the elements in each bin. Returns the counts and the edges of the bins. `bins` is a list of
 * edges, or a number of bins of equal width over `range`, by default from the least to the greatest element. Edges that are not
 * known yet are a lazy array. Bins include their left edge; the last bin
 * includes its right edge too. With `weights`, elements add their weights; with `density`, the integral is 1.
 * @throws RangeError for edges and ranges that are not ascending; when they are computed, if they are lazy.
 * @example const [counts, edges] = da.histogram(x, { bins: 10, range: [0, 1] })
 */
export function histogram<const O extends HistogramOptions>(
  x: AnyArray,
  options: O,
): readonly [counts: ChunkedArray<CountDtype<O>>, edges: HistogramEdges<O>] {
  checkArguments('histogram', arguments, 2, 'da.histogram(x, { bins, range })')
  assertArray(x, 'histogram')
  const [counts, edges] = histogramLayers(x, options)
  return [new ChunkedArray(counts), edgesOf(edges) as HistogramEdges<O>]
}

function edgesOf(edges: readonly number[] | ArraySpec): readonly number[] | ChunkedArray {
  return isArraySpec(edges) ? new ChunkedArray(edges) : edges
}

/**
 * Counts points of a plane in bins along both axes. Returns the counts and the edges along each axis.
 * `bins` and `range`, one or a list of both, are as in `histogram`.
 * @throws RangeError for edges that are not ascending, when they are computed if they are lazy, and for arrays of several axes.
 * @example const [counts, xEdges, yEdges] = da.histogram2d(x, y, { bins: [10, 20], range: [[0, 1], [0, 2]] })
 */
export function histogram2d<const O extends HistogramAxesOptions>(
  x: AnyArray,
  y: AnyArray,
  options: O,
): readonly [
  counts: ChunkedArray<'float64'>,
  xEdges: HistogramEdgesAlong<O, 0>,
  yEdges: HistogramEdgesAlong<O, 1>,
] {
  checkArguments('histogram2d', arguments, 3, 'da.histogram2d(x, y, { bins, range })')
  const points = coordinatesOf([x, y], 'histogram2d')
  const [counts, edges] = histogramPointsLayers(points, options, 'histogram2d')
  const [xEdges, yEdges] = edges.map(edgesOf)
  return [
    new ChunkedArray(counts),
    xEdges as HistogramEdgesAlong<O, 0>,
    yEdges as HistogramEdgesAlong<O, 1>,
  ]
}

/**
 * Counts points in bins along several axes. The points are the rows of a matrix, or a list with the coordinates on
 * each axis. Returns the counts and a list of the edges along each axis. `bins` and `range`, one or a list with an entry for each axis,
 * are as in `histogram`.
 * @throws RangeError for edges that are not ascending, when they are computed if they are lazy, and for arrays of other shapes.
 * @example const [counts, edges] = da.histogramdd(x, { bins: 5 })
 */
export function histogramdd<const O extends HistogramAxesOptions>(
  x: AnyArray | readonly AnyArray[],
  options: O,
): readonly [counts: ChunkedArray<'float64'>, edges: readonly HistogramEdgesOfAxes<O>[]] {
  checkArguments('histogramdd', arguments, 2, 'da.histogramdd(x, { bins, range })')
  const points = coordinatesOf(x, 'histogramdd')
  const [counts, edges] = histogramPointsLayers(points, options, 'histogramdd')
  return [new ChunkedArray(counts), edges.map(edgesOf) as HistogramEdgesOfAxes<O>[]]
}

/** Returns the coordinates on each axis: the columns of a matrix, or the arrays of a list. */
function coordinatesOf(x: AnyArray | readonly AnyArray[], operation: string) {
  const isMatrix = isArraySpec(x)
  if (!isMatrix) assertArrays(x, operation)
  const arrays = isMatrix ? [x] : (x as readonly AnyArray[])
  const ndim = isMatrix ? 2 : 1
  const wrong = arrays.find(({ chunks }) => chunks.length !== ndim)
  if (wrong !== undefined) {
    throw new RangeError(
      `${operation}: expected ${isMatrix ? 'a matrix whose rows are points' : 'arrays with one axis'}; got shape [${shapeOf(wrong)}]`,
    )
  }
  if (!isMatrix) return arrays
  const count = shapeOf(x)[1]!
  return Array.from({ length: count }, (_, axis) => indexLayer(x, [':', axis]))
}

/**
 * Counts how often 0, 1, 2, ... occur in a vector of integers. With `weights`, adds up those of each number. The size of the
 * result is one more than the largest number, at least `minlength`, and not known before it is computed.
 * @throws RangeError for arrays with several axes, and when negative numbers are computed.
 * @throws TypeError for numbers that are no integers.
 * @example da.bincount(x, { minlength: 10 })
 */
export function bincount<const O extends BincountOptions = {}>(
  x: AnyArray,
  options?: O,
): ChunkedArray<O extends { readonly weights: unknown } ? 'float64' : 'int64'> {
  checkArguments('bincount', arguments, 2, 'da.bincount(x, { weights, minlength })')
  assertArray(x, 'bincount')
  return new ChunkedArray(bincountLayer(x, options ?? {}))
}
