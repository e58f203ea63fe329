/**
 * Layers of quantiles. Blocks that hold a whole axis are reduced as they are. Of a vector in several blocks, three
 * passes find the exact order statistics: the extremes, counts in bins between them, and the elements in the few
 * bins that hold what is looked for. No task holds more than a block and those elements.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { type Dtype, isBig, isComplex, isFloat } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import type { Quantiles } from '../kernels/quantile-kernel.js'
import { isDiscrete, QUANTILE_METHODS, type QuantileMethod } from '../kernels/quantile-methods.js'
import { largestBlock } from '../planning/chunk-grid.js'
import { lanesGrid } from '../planning/lanes-grid.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import {
  countBinsStep,
  finishQuantilesStep,
  laneQuantilesStep,
  quantileCandidatesStep,
} from '../steps/quantile-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reductionLayer, sumFirstAxis } from './reduction-layers.js'
import { reshapeLayer, transposeLayer } from './reshape-layers.js'
import { moveAxesLayer } from './shape-layers.js'

/** The options of `quantile` and `percentile`. */
export interface QuantileOptions {
  /** The axis or axes. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** The method, by NumPy's names. The default is `'linear'`. */
  readonly method?: QuantileMethod | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
}

/** What is computed: the name for messages, and probabilities from 0 to 1. */
interface QuantileRequest {
  readonly name: string
  readonly probabilities: number | readonly number[]
  readonly options: QuantileOptions
}

/** Returns quantiles along axes. A list of probabilities makes a first axis. */
export function quantileLayer(array: ArraySpec, request: QuantileRequest): ArraySpec {
  const { name, options } = request
  checkOptions(options, ['axis', 'method', 'keepdims'], name)
  const { method = 'linear', keepdims = false } = options
  if (!QUANTILE_METHODS.includes(method)) {
    throw new TypeError(
      `${name}: method must be one of ${QUANTILE_METHODS.map((m) => `'${m}'`).join(', ')}; got ${formatArgument(method)}`,
    )
  }
  if (isComplex(array.dtype)) throw new TypeError(`${name}: complex numbers have no order`)
  const probabilities = checkedProbabilities(request)
  const shape = shapeOf(array)
  const axes = normalizeAxes(options.axis, shape.length, name)
  const kept = shape.map((_, a) => a).filter((a) => !axes.includes(a))
  const sizes = kept.map((a) => shape[a]!)
  const count = sizeOf(axes.map((a) => shape[a]!))
  const lanes =
    axes.length === 1
      ? array
      : reshapeLayer(transposeLayer(array, [...kept, ...axes]), [...sizes, count])
  const axis = axes.length === 1 ? axes[0]! : sizes.length
  const quantiles: Quantiles = {
    probabilities,
    method,
    ignoresNaN: name.startsWith('nan'),
    dtype: quantileDtype(array.dtype, method),
  }
  const all = quantilesAlong(lanes, axis, quantiles, name)
  const first = sizes.length === 0 ? all : moveAxesLayer(all, sizes.length, 0)
  const lead = typeof request.probabilities === 'number' ? [] : [probabilities.length]
  const result = keepdims ? shape.map((n, a) => (axes.includes(a) ? 1 : n)) : sizes
  const wanted = [...lead, ...result]
  return shapeOf(first).join() === wanted.join() ? first : reshapeLayer(first, wanted)
}

function checkedProbabilities({ name, probabilities }: QuantileRequest): readonly number[] {
  const list = [probabilities].flat() as readonly number[]
  for (const q of list) {
    if (typeof q === 'number' && q >= 0 && q <= 1) continue
    const range = name.includes('percentile') ? '0 to 100' : '0 to 1'
    throw new RangeError(
      `${name}: expected numbers from ${range}; got ${formatArgument(probabilities)}`,
    )
  }
  return list
}

/** Returns the dtype of quantiles: that of the elements if they are not interpolated. */
function quantileDtype(dtype: Dtype, method: QuantileMethod): Dtype {
  return isFloat(dtype) || (isDiscrete(method) && dtype !== 'bool') ? dtype : 'float64'
}

/** Returns quantiles along an axis, which are the last axis. */
function quantilesAlong(
  array: ArraySpec,
  axis: number,
  quantiles: Quantiles,
  name: string,
): ArraySpec {
  const keepsBigs = isBig(array.dtype) && isDiscrete(quantiles.method)
  if (array.chunks.length === 1 && array.chunks[0]!.length > 1 && !keepsBigs) {
    return quantilesOfVector(array, quantiles, name)
  }
  const isWhole = array.chunks[axis]!.length === 1
  const lanes = isWhole
    ? array
    : rechunkTo(array, lanesGrid(array.chunks, axis, largestBlock(array.chunks)))
  const { dtype, probabilities } = quantiles
  return blockwise({
    operation: name,
    fn: laneQuantilesStep,
    args: [arg.input(0), arg.value(axis), arg.value(quantiles)],
    inputs: [
      {
        array: lanes,
        axes: lanes.chunks.flatMap((_, a) => (a === axis ? [-1] : [a > axis ? a - 1 : a])),
      },
    ],
    dtype,
    chunks: [...lanes.chunks.filter((_, a) => a !== axis), [probabilities.length]],
    content: [axis, quantiles],
    costPerElement: 50,
  })
}

/** Returns quantiles of a vector in several blocks. */
function quantilesOfVector(array: ArraySpec, quantiles: Quantiles, name: string): ArraySpec {
  const vector = astypeLayer(array, 'float64')
  const [sizes] = vector.chunks as [readonly number[]]
  const numbers = elementwiseLayer('logicalNot', [elementwiseLayer('isnan', [vector])])
  const range = [
    reductionLayer(vector, 'nanmin'),
    reductionLayer(vector, 'nanmax'),
    reductionLayer(numbers, 'sum'),
  ]
  const site = captureCallSite()
  const label = { label: name, site }
  const blocks = sizes.map((_, i) => i)
  const common = { dtype: 'float64', content: [quantiles] } as const
  const ends = [1, 0, 2, 0, 3, 0]
  const bins = indexed({
    ...common,
    operation: `${name}-bins`,
    sources: [vector, ...range],
    nodes: blocks.map((i) => ({
      recipe: recipe(countBinsStep, [arg.input(0), arg.inputs(1, 3)], label),
      inputs: [0, i, ...ends],
      params: [],
    })),
    chunks: [sizes.map(() => 1), [65536]],
  })
  const counts = sumFirstAxis(bins)
  const args = [arg.input(0), arg.input(1), arg.inputs(2, 3), arg.value(quantiles)]
  const candidates = indexed({
    ...common,
    operation: `${name}-candidates`,
    sources: [vector, ...range, counts],
    nodes: blocks.map((i) => ({
      recipe: recipe(quantileCandidatesStep, args, label),
      inputs: [0, i, 4, 0, ...ends],
      params: [],
    })),
    chunks: [sizes],
  })
  const size = shapeOf(array)[0]!
  const n = sizes.length
  const last = [
    arg.inputs(0, n),
    arg.input(n),
    arg.inputs(n + 1, 3),
    arg.value(quantiles),
    arg.value(size),
  ]
  return indexed({
    operation: name,
    content: [quantiles],
    sources: [candidates, ...range, counts],
    nodes: [
      {
        recipe: recipe(finishQuantilesStep, last, label),
        inputs: [...blocks.flatMap((i) => [0, i]), 4, 0, ...ends],
        params: [],
      },
    ],
    dtype: quantiles.dtype,
    chunks: [[quantiles.probabilities.length]],
  })
}
