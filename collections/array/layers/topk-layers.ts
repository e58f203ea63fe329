/**
 * Layers of the greatest and least elements along an axis: those of each block, and a tree that merges them.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { checkSplitEvery } from '../../base/argument-checks.js'
import { formatArgument } from '../block/format-argument.js'
import { chunkBounds, isUnknown } from '../planning/chunk-grid.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { finishTopkStep, mergeTopkStep, topkStep } from '../steps/topk-steps.js'
import { type ArraySpec, blockwise, grouped, recipesByCount, shapeOf } from './array-spec.js'
import { wholeAxes } from './rechunk-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** The options of `topk` and `argtopk`. */
export interface TopkOptions {
  /** The axis. The default is the last. */
  readonly axis?: number | undefined
  /** The number of partial results that are merged at a time; false merges all at once. The default is 8. */
  readonly splitEvery?: number | false | undefined
}

/** An axis, or options. */
export type TopkArgument = number | TopkOptions

/** Returns the `k` greatest elements along an axis, or the `-k` least, or their positions. */
export function greatestLayer(
  array: ArraySpec,
  name: 'topk' | 'argtopk',
  k: number,
  argument: TopkArgument = {},
): ArraySpec {
  const options = typeof argument === 'number' ? { axis: argument } : argument
  checkOptions(options, ['axis', 'splitEvery'], name)
  if (!Number.isSafeInteger(k)) {
    throw new RangeError(`${name}: k must be a whole number; got ${formatArgument(k)}`)
  }
  const axis = normalizeAxis(options.axis ?? -1, array.chunks.length, name)
  const splitEvery = checkSplitEvery(options.splitEvery, name)
  const site = captureCallSite()
  // The positions of elements need the sizes of the blocks before.
  const source =
    name === 'argtopk' && isUnknown(array.chunks[axis]!) ? wholeAxes(array, [axis]) : array
  const sizes = source.chunks[axis]!
  const starts = chunkBounds(sizes)
  const given = { axis, k }
  let level = blockwise({
    operation: `${name}-partial`,
    fn: topkStep,
    args: [arg.input(0), arg.value(given), arg.value(starts), arg.param(0)],
    inputs: [{ array: source }],
    params: [{ kind: 'coordinates' }],
    dtype: array.dtype,
    chunks: source.chunks,
    content: [given],
    costPerElement: 20,
  })
  const merge = recipesByCount((count) => {
    return recipe(mergeTopkStep, [arg.inputs(0, count), arg.value(given)], { label: name, site })
  })
  while (level.chunks[axis]!.length > 1) {
    const fan = level.chunks.map((_, a) =>
      a === axis ? Math.min(splitEvery, level.chunks[axis]!.length) : 1,
    )
    const merged = new Array<number>(Math.ceil(level.chunks[axis]!.length / fan[axis]!)).fill(1)
    level = grouped({
      operation: `${name}-combine`,
      source: level,
      fan,
      recipeFor: merge,
      dtype: array.dtype,
      chunks: level.chunks.with(axis, merged),
      content: [fan, given],
    })
  }
  const givesPositions = name === 'argtopk'
  const size = Math.min(Math.abs(k), shapeOf(array)[axis]!)
  const own = Number.isNaN(size) ? unknownSizes(level.layer.name, 1) : [size]
  return blockwise({
    operation: name,
    fn: finishTopkStep,
    args: [arg.input(0), arg.value(givesPositions)],
    inputs: [{ array: level }],
    dtype: givesPositions ? 'int64' : array.dtype,
    chunks: level.chunks.with(axis, own),
    content: [],
    costPerElement: 1,
  })
}
