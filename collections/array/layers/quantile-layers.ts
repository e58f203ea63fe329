/**
 * Layers of quantiles. Blocks that hold a whole axis are reduced as they are. Of a long vector in several blocks, three
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
import { BINS } from '../kernels/quantile-wasm.js'
import { type Grid, isUnknown, joinChunks } from '../planning/chunk-grid.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import {
  blockRangeStep,
  countBinsStep,
  finishQuantilesStep,
  laneQuantilesStep,
  mergeRangesStep,
  quantileCandidatesStep,
} from '../steps/quantile-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { astypeLayer } from './elementwise-layers.js'
import { rechunkTo, wholeLanes } from './rechunk-layers.js'
import { sumFirstAxis } from './reduction-layers.js'
import { reshapeLayer, transposeLayer } from './reshape-layers.js'
import { addAxesLayer, moveAxesLayer, squeezeLayer } from './shape-layers.js'

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
  const isSingle = typeof request.probabilities === 'number'
  const own = isSingle ? squeezeLayer(first, 0) : first
  return keepdims
    ? addAxesLayer(
        own,
        axes.map((a) => (isSingle ? a : a + 1)),
      )
    : own
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

/** The least number of elements of a block of a vector: counting in bins has a cost of its own for each block. */
const LEAST_BLOCK = 65536

/** Returns quantiles along an axis, which are the last axis. */
function quantilesAlong(
  array: ArraySpec,
  axis: number,
  quantiles: Quantiles,
  name: string,
): ArraySpec {
  const keepsBigs = isBig(array.dtype) && isDiscrete(quantiles.method)
  if (array.chunks.length === 1 && !keepsBigs) {
    const [own] = array.chunks as [readonly number[]]
    const sizes = isUnknown(own) ? own : joinChunks(own, LEAST_BLOCK)
    if (sizes.length > 1) return quantilesOfVector(rechunkTo(array, [sizes]), quantiles, name)
  }
  const lanes = wholeLanes(array, axis)
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
  const blocks = sizes.map((_, i) => i)
  const everyBlock = blocks.flatMap((i) => [0, i])
  const label = { label: name, site: captureCallSite() }
  const step = (
    stage: string,
    sources: readonly ArraySpec[],
    inputs: readonly (readonly number[])[],
    fn: Parameters<typeof recipe>[0],
    args: Parameters<typeof recipe>[1],
    chunks: Grid,
  ): ArraySpec => {
    const own = recipe(fn, args, label)
    return indexed({
      operation: `${name}${stage}`,
      sources,
      nodes: inputs.map((list) => ({ recipe: own, inputs: list, params: [] })),
      dtype: stage === '' ? quantiles.dtype : 'float64',
      chunks,
      content: [quantiles],
    })
  }
  const ranges = step(
    '-ranges',
    [vector],
    blocks.map((i) => [0, i]),
    blockRangeStep,
    [arg.input(0)],
    [sizes],
  )
  const range = step(
    '-range',
    [ranges],
    [everyBlock],
    mergeRangesStep,
    [arg.inputs(0, sizes.length)],
    [[1]],
  )
  const bins = step(
    '-bins',
    [vector, range],
    blocks.map((i) => [0, i, 1, 0]),
    countBinsStep,
    [arg.input(0), arg.input(1)],
    [sizes.map(() => 1), [BINS]],
  )
  const counts = sumFirstAxis(bins)
  const candidates = step(
    '-candidates',
    [vector, counts, range],
    blocks.map((i) => [0, i, 1, 0, 2, 0]),
    quantileCandidatesStep,
    [arg.input(0), arg.input(1), arg.input(2), arg.value(quantiles)],
    [sizes],
  )
  const n = sizes.length
  return step(
    '',
    [candidates, counts, range],
    [[...everyBlock, 1, 0, 2, 0]],
    finishQuantilesStep,
    [arg.inputs(0, n), arg.input(n), arg.input(n + 1), arg.value(quantiles)],
    [[quantiles.probabilities.length]],
  )
}
