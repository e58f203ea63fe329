/**
 * Bins of histograms whose edges are not known before they are computed: edges in a lazy array, or a number of bins over a range
 * that is lazy.
 */
import { arg } from '../../../core/graph/recipe.js'
import { isComplex } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import { hasUnknown } from '../planning/chunk-grid.js'
import { ascendingEdgesStep, rangeEdgesStep } from '../steps/histogram-steps.js'
import { type ArraySpec, blockwise, isArraySpec, shapeOf } from './array-spec.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { wholeAxes } from './rechunk-layers.js'
import { reductionLayer } from './reduction-layers.js'
import { asArray } from './search-layers.js'

/** Edges that are computed: an array of one chunk. `even` promises that the bins have equal width. */
export interface LazyBins {
  readonly edges: ArraySpec
  readonly even: boolean
}

/** Returns the bins of a histogram if they are lazy; undefined if the edges are known, or wrong. */
export function lazyBins(
  array: ArraySpec,
  bins: unknown,
  range: unknown,
  operation: string,
): LazyBins | undefined {
  if (isArraySpec(bins)) return { edges: lazyEdges(bins, range, operation), even: false }
  if (!(Number.isInteger(bins) && (bins as number) >= 1)) return undefined
  const isEmpty = !hasUnknown(array.chunks) && sizeOf(shapeOf(array)) === 0
  if (range === undefined) {
    const ends = isEmpty
      ? [asArray(0), asArray(1)]
      : [reductionLayer(array, 'min'), reductionLayer(array, 'max')]
    return { edges: rangeEdges(bins as number, ends, operation), even: true }
  }
  if (!(Array.isArray(range) && range.length === 2 && range.some(isArraySpec))) return undefined
  const ends = range.map((end: unknown) => {
    const own = typeof end === 'number' || isArraySpec(end) ? asArray(end) : undefined
    if (own?.chunks.length === 0 && !isComplex(own.dtype)) return own
    throw new TypeError(
      `${operation}: the ends of range must be numbers or lazy arrays of one, such as x.min(); got ${formatArgument(end)}`,
    )
  })
  return { edges: rangeEdges(bins as number, ends, operation), even: true }
}

function rangeEdges(count: number, ends: readonly ArraySpec[], operation: string): ArraySpec {
  return blockwise({
    operation: 'histogram-edges',
    fn: rangeEdgesStep,
    args: [arg.input(0), arg.input(1), arg.value(count), arg.value(operation)],
    inputs: ends.map((array) => ({ array, axes: [] })),
    dtype: 'float64',
    chunks: [[count + 1]],
    content: [count, operation],
  })
}

function lazyEdges(bins: ArraySpec, range: unknown, operation: string): ArraySpec {
  if (range !== undefined) {
    throw new TypeError(`${operation}: range is for a number of bins; with edges, leave it out`)
  }
  const shape = shapeOf(bins)
  if (shape.length !== 1 || !(shape[0]! >= 2) || isComplex(bins.dtype)) {
    throw new RangeError(
      `${operation}: the edges must be a vector of two or more numbers; got shape [${shape}] of ${bins.dtype}`,
    )
  }
  return blockwise({
    operation: 'histogram-edges',
    fn: ascendingEdgesStep,
    args: [arg.input(0), arg.value(operation)],
    inputs: [{ array: wholeAxes(bins, [0]) }],
    dtype: 'float64',
    chunks: [[shape[0]!]],
    content: [operation],
  })
}

/** Returns the widths of bins. */
export function lazyWidths({ edges }: LazyBins): ArraySpec {
  return elementwiseLayer('subtract', [indexLayer(edges, ['1:']), indexLayer(edges, [':-1'])])
}
