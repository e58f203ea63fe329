/**
 * Layers of histograms: the counts of each block, and a tree that adds them up.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { isComplex } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { type BinEdges, evenEdges } from '../kernels/histogram-kernel.js'
import { numblocksOf } from '../planning/chunk-grid.js'
import { histogramPointsStep, histogramStep } from '../steps/histogram-steps.js'
import { type ArraySpec, indexed, isArraySpec, shapeOf } from './array-spec.js'
import { fromArrayLayer } from './creation-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { type LazyBins, lazyBins, lazyWidths } from './lazy-bins.js'
import { alignArrays } from './operands.js'
import { reductionLayer, sumFirstAxis } from './reduction-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { asArray } from './search-layers.js'

/** The bins of an axis: their number, or their edges in ascending order. */
export type Bins = number | readonly number[] | Float64Array | Float32Array | Int32Array | NDArray

/** The options of all histograms. */
interface CountOptions {
  /** Whether counts are divided by their sum and by the widths of the bins. The default is false. */
  readonly density?: boolean | undefined
  /** What each element adds to the count of its bin: an array of the shape of the elements. The default is 1. */
  readonly weights?: unknown
}

/** The options of `histogram`. */
export interface HistogramOptions extends CountOptions {
  /** The edges of the bins in ascending order, which may be a lazy array, or the number of bins of equal width. */
  readonly bins: Bins | ArraySpec
  /**
   * The least and the greatest edge, which may be lazy, as `x.min()` is. The default with a number of bins is that of the elements,
   * for which they are computed twice.
   */
  readonly range?: readonly [number | ArraySpec, number | ArraySpec] | undefined
}

/** The options of `histogram2d` and `histogramdd`. */
export interface HistogramAxesOptions extends CountOptions {
  /** The bins of all axes, or a list of those of each. Edges may be a lazy array. */
  readonly bins: Bins | ArraySpec | readonly (Bins | ArraySpec)[]
  /**
   * For each axis, the least and the greatest edge, which may be lazy. The default with a number of bins is that of the coordinates,
   * for which they are computed twice.
   */
  readonly range?:
    | readonly (readonly [number | ArraySpec, number | ArraySpec] | null | undefined)[]
    | undefined
}

const OPTIONS = ['bins', 'range', 'density', 'weights']

/** Counts the elements in each bin. Returns the counts and the edges. */
export function histogramLayers(
  array: ArraySpec,
  options: HistogramOptions,
): readonly [ArraySpec, readonly number[] | ArraySpec] {
  const operation = 'histogram'
  assertReal(array, operation)
  checkOptions(options, OPTIONS, operation)
  const { bins: given, range, weights } = options ?? {}
  const density = isDensity(options?.density, operation)
  const bins = binsOf(array, given, range, operation)
  const counts = isGiven(weights)
    ? countPoints([array], [bins], weights, operation)
    : countBlocks(array, bins)
  if (density) return [densityLayer(counts, binVolumes([bins])), bins.edges]
  return [isGiven(weights) ? astypeLayer(counts, asArray(weights).dtype) : counts, bins.edges]
}

/** Counts points in bins of several axes. Returns the counts and the edges of each axis. */
export function histogramPointsLayers(
  points: readonly ArraySpec[],
  options: HistogramAxesOptions,
  operation: string,
): readonly [ArraySpec, readonly (readonly number[] | ArraySpec)[]] {
  for (const array of points) assertReal(array, operation)
  checkOptions(options, OPTIONS, operation)
  const { bins: given, range, weights } = options ?? {}
  const density = isDensity(options?.density, operation)
  const each = binsOfAxes(given, points.length)
  if (range !== undefined && (!Array.isArray(range) || range.length !== points.length)) {
    throw new RangeError(
      `${operation}: range must be a list of [low, high] for each of ${points.length} axes; got ${formatArgument(range)}`,
    )
  }
  const bins = points.map((array, axis) =>
    binsOf(array, each[axis], range?.[axis] ?? undefined, operation),
  )
  const counts = countPoints(points, bins, weights, operation)
  return [density ? densityLayer(counts, binVolumes(bins)) : counts, bins.map(({ edges }) => edges)]
}

function isGiven(weights: unknown): boolean {
  return weights !== undefined && weights !== null
}

function assertReal(array: ArraySpec, operation: string): void {
  if (!isComplex(array.dtype)) return
  throw new TypeError(
    `${operation}: complex numbers have no bins; use the ${operation} of x.real, x.imag or x.abs()`,
  )
}

function isDensity(density: unknown, operation: string): boolean {
  if (density === undefined || typeof density === 'boolean') return density === true
  throw new TypeError(`${operation}: density must be true or false; got ${formatArgument(density)}`)
}

/** Returns the bins of each axis: a list with an entry for each axis, or the same for all. */
function binsOfAxes(bins: unknown, count: number): readonly unknown[] {
  const isList = Array.isArray(bins) && bins.length === count
  return isList ? (bins as unknown[]) : new Array<unknown>(count).fill(bins)
}

/** Returns the bins along the axis whose coordinates are in an array. */
function binsOf(
  array: ArraySpec,
  given: unknown,
  range: unknown,
  operation: string,
): BinEdges | LazyBins {
  return lazyBins(array, given, range, operation) ?? readBins(given, range, operation)
}

/** Returns the edges of bins that are known. */
function readBins(given: unknown, range: unknown, operation: string): BinEdges {
  const bins: unknown =
    given instanceof NDArray
      ? given.toArray()
      : ArrayBuffer.isView(given)
        ? Array.from(given as Float64Array)
        : given
  if (Array.isArray(bins)) {
    if (range !== undefined) {
      throw new TypeError(
        `${operation}: range is for a number of bins; with a list of edges, leave it out`,
      )
    }
    const edges = bins as readonly number[]
    const ascending = edges.every(
      (e, i) => typeof e === 'number' && !Number.isNaN(e) && (i === 0 || e >= edges[i - 1]!),
    )
    if (edges.length < 2 || !ascending) {
      throw new RangeError(
        `${operation}: bins must be two or more edges in ascending order; got ${formatArgument(bins)}`,
      )
    }
    return { edges: [...edges], even: false }
  }
  if (!Number.isInteger(bins) || (bins as number) < 1) {
    throw new RangeError(
      `${operation}: bins must be a list of edges or an integer of 1 or more; got ${formatArgument(bins)}`,
    )
  }
  const [low, high] = (range ?? []) as readonly number[]
  if (!Number.isFinite(low) || !Number.isFinite(high) || low! >= high!) {
    throw new RangeError(
      `${operation}: with a number of bins, range must be [low, high] with low < high; got ${formatArgument(range)}`,
    )
  }
  return { edges: evenEdges(low!, high!, bins as number), even: true }
}

/** How steps get the edges: as a value, or as an input after others. */
function binsArgument(bins: BinEdges | LazyBins, input: number) {
  const { edges, even } = bins
  if (!isArraySpec(edges)) {
    return { argument: arg.value(bins), sources: [], inputs: [], count: edges.length - 1, even }
  }
  const count = shapeOf(edges)[0]! - 1
  return { argument: arg.input(input), sources: [edges], inputs: [0], count, even }
}

/** Counts the elements of an array. */
function countBlocks(array: ArraySpec, bins: BinEdges | LazyBins): ArraySpec {
  const { argument, sources, inputs, count, even } = binsArgument(bins, 1)
  const step = recipe(histogramStep, [arg.input(0), argument, arg.value(even)], {
    label: 'histogram',
    site: captureCallSite(),
  })
  const blocks = sizeOf(numblocksOf(array.chunks))
  const counts = indexed({
    operation: 'histogram-partial',
    sources: [array, ...sources],
    nodes: Array.from({ length: blocks }, (_, b) => ({
      recipe: step,
      inputs: [0, b, ...inputs.flatMap((block) => [1, block])],
      params: [],
    })),
    dtype: 'int64',
    chunks: [new Array<number>(blocks).fill(1), [count]],
    content: [sources.length > 0 ? even : bins],
  })
  return sumFirstAxis(counts)
}

/** Counts points, whose coordinates and weights have one shape, in float64. */
function countPoints(
  points: readonly ArraySpec[],
  bins: readonly (BinEdges | LazyBins)[],
  weights: unknown,
  operation: string,
): ArraySpec {
  const own = isGiven(weights) ? [...points, asArray(weights)] : points
  const [shape, ...others] = own.map(shapeOf)
  if (others.some((other) => other.join() !== shape!.join())) {
    throw new RangeError(
      `${operation}: the coordinates${isGiven(weights) ? ' and weights' : ''} must have one shape; got ${own.map((array) => `[${shapeOf(array)}]`).join(' and ')}`,
    )
  }
  if (own.some(({ dtype }) => isComplex(dtype))) {
    throw new TypeError(`${operation}: weights must not be complex`)
  }
  const sources = alignArrays(operation, own).inputs.map(({ array }) => array as ArraySpec)
  let input = own.length
  const axes = bins.map((each) => binsArgument(each, isArraySpec(each.edges) ? input++ : input))
  const edges = axes.flatMap((axis) => axis.sources)
  const even = arg.value(axes.every((axis) => axis.even))
  const lists = arg.list(axes.map(({ argument }) => argument))
  const step = recipe(histogramPointsStep, [arg.inputs(0, own.length), lists, even], {
    label: operation,
    site: captureCallSite(),
  })
  const blocks = sizeOf(numblocksOf(sources[0]!.chunks))
  const nodes = Array.from({ length: blocks }, (_, b) => ({
    recipe: step,
    inputs: [...own.flatMap((_, i) => [i, b]), ...edges.flatMap((_, i) => [own.length + i, 0])],
    params: [],
  }))
  const counts = indexed({
    operation: `${operation}-partial`,
    sources: [...sources, ...edges],
    nodes,
    dtype: 'float64',
    chunks: [new Array<number>(blocks).fill(1), ...axes.map(({ count }) => [count])],
    content: [bins.map((axis) => (isArraySpec(axis.edges) ? axis.even : axis))],
  })
  return sumFirstAxis(counts)
}

/** Returns the sizes of bins of several axes: the products of their widths. */
function binVolumes(bins: readonly (BinEdges | LazyBins)[]): ArraySpec {
  const widths = bins.map((axis, a) => {
    const own = widthsOf(axis)
    return reshapeLayer(
      own,
      bins.map((_, other) => (other === a ? -1 : 1)),
    )
  })
  return widths.reduce((volumes, own) => elementwiseLayer('multiply', [volumes, own]))
}

function widthsOf({ edges, even }: BinEdges | LazyBins): ArraySpec {
  if (isArraySpec(edges)) return lazyWidths({ edges, even })
  return fromArrayLayer(
    Float64Array.from(edges.slice(1), (edge, i) => edge - edges[i]!),
    {},
  )
}

/** Divides counts by their sum and by the sizes of the bins. */
function densityLayer(counts: ArraySpec, volumes: ArraySpec): ArraySpec {
  const floats = astypeLayer(counts, 'float64')
  const perVolume = elementwiseLayer('divide', [floats, volumes])
  return elementwiseLayer('divide', [perVolume, reductionLayer(floats, 'sum')])
}
