/**
 * Layers of histograms: the counts of each block, and a tree that adds them up.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { isComplex } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import { evenEdges } from '../kernels/histogram-kernel.js'
import { numblocksOf } from '../planning/chunk-grid.js'
import { histogramStep } from '../steps/histogram-steps.js'
import { type ArraySpec, indexed } from './array-spec.js'
import { sumFirstAxis } from './reduction-layers.js'

/** The options of `histogram`. */
export interface HistogramOptions {
  /** The edges of the bins in ascending order, or the number of bins of equal width. */
  readonly bins: number | readonly number[]
  /** The least and the greatest edge; required with a number of bins. */
  readonly range?: readonly [number, number] | undefined
}

/** Counts the elements in each bin. Returns the counts and the edges. */
export function histogramLayers(
  array: ArraySpec,
  options: HistogramOptions,
): readonly [ArraySpec, readonly number[]] {
  if (isComplex(array.dtype)) {
    throw new TypeError(
      'histogram: complex numbers have no bins; use the histogram of x.real, x.imag or x.abs()',
    )
  }
  const { edges, even } = readBins(options)
  const bins = edges.length - 1
  const step = recipe(histogramStep, [arg.input(0), arg.value(edges), arg.value(even)], {
    label: 'histogram',
    site: captureCallSite(),
  })
  const blocks = sizeOf(numblocksOf(array.chunks))
  const nodes = Array.from(
    { length: blocks },
    (_, b): BlockNode => ({ recipe: step, inputs: [0, b], params: [] }),
  )
  const chunks = [new Array<number>(blocks).fill(1), [bins]]
  const dtype = 'int64'
  const counts = indexed({
    operation: 'histogram-partial',
    sources: [array],
    nodes,
    dtype,
    chunks,
    content: [edges, even],
  })
  return [sumFirstAxis(counts), edges]
}

/** Checks the options. Returns the edges, and whether the bins have equal width. */
function readBins(options: HistogramOptions): { edges: readonly number[]; even: boolean } {
  checkOptions(options, ['bins', 'range'], 'histogram')
  const { bins, range } = options ?? {}
  if (Array.isArray(bins)) {
    if (range !== undefined) {
      throw new TypeError(
        'histogram: range is for a number of bins; with a list of edges, leave it out',
      )
    }
    const edges = bins as readonly number[]
    const ascending = edges.every(
      (e, i) => typeof e === 'number' && !Number.isNaN(e) && (i === 0 || e >= edges[i - 1]!),
    )
    if (edges.length < 2 || !ascending) {
      throw new RangeError(
        `histogram: bins must be two or more edges in ascending order; got ${formatArgument(bins)}`,
      )
    }
    return { edges: [...edges], even: false }
  }
  if (!Number.isInteger(bins) || (bins as number) < 1) {
    throw new RangeError(
      `histogram: bins must be a list of edges or an integer of 1 or more; got ${formatArgument(bins)}`,
    )
  }
  const [low, high] = range ?? []
  if (!Number.isFinite(low) || !Number.isFinite(high) || low! >= high!) {
    throw new RangeError(
      `histogram: with a number of bins, range must be [low, high] with low < high; got ${formatArgument(range)}. x.min() and x.max() give it`,
    )
  }
  return { edges: evenEdges(low!, high!, bins as number), even: true }
}
