/**
 * Layers of different elements: those of each block, and a tree that merges them to one block of unknown size.
 */

import { captureCallSite } from '../../../core/base/call-site.js'
import type { BlockParam } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import type { UniqueElements } from '../kernels/unique-kernel.js'
import { chunkBounds, hasUnknown } from '../planning/chunk-grid.js'
import {
  inverseStep,
  mergeUniqueStep,
  uniqueResultStep,
  uniqueStep,
} from '../steps/unique-steps.js'
import { type ArraySpec, blockwise, grouped, recipesByCount, shapeOf } from './array-spec.js'
import { wholeAxes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** The number of blocks whose elements are merged at a time. */
const FAN = 8

/** The different elements of an array, and what is known of them. */
export interface UniqueLayers {
  readonly values: ArraySpec
  readonly index: ArraySpec
  readonly counts: ArraySpec
  readonly inverse: ArraySpec
}

/** Finds the different elements of an array, in order. */
export function uniqueLayers(array: ArraySpec, equalNaN: boolean): UniqueLayers {
  const flat = reshapeLayer(array, [-1])
  const level = mergedElements(flat, equalNaN)
  const chunks = [unknownSizes(level.layer.name, 1)]
  // Positions need the sizes of the blocks before.
  const line = hasUnknown(flat.chunks) ? wholeAxes(flat, [0]) : flat
  const located = line === flat ? level : mergedElements(line, equalNaN)
  const result = (part: keyof UniqueElements) =>
    blockwise({
      operation: 'unique',
      fn: uniqueResultStep,
      args: [arg.input(0), arg.value(part)],
      inputs: [{ array: part === 'index' ? located : level }],
      dtype: part === 'values' ? array.dtype : 'int64',
      chunks,
      content: [part],
    })
  const inverse = blockwise({
    operation: 'unique-inverse',
    fn: inverseStep,
    args: [arg.input(0), arg.input(1), arg.value(equalNaN), arg.param(0)],
    inputs: [{ array: line }, { array: located, axes: [-1] }],
    params: startsOf(line),
    dtype: 'int64',
    chunks: line.chunks,
    content: [equalNaN],
  })
  return {
    values: result('values'),
    index: result('index'),
    counts: result('counts'),
    inverse: reshapeLayer(inverse, shapeOf(array)),
  }
}

/** Makes one block of the different elements of a vector. */
function mergedElements(flat: ArraySpec, equalNaN: boolean): ArraySpec {
  const { dtype, chunks } = flat
  const site = captureCallSite()
  let level = blockwise({
    operation: 'unique-partial',
    fn: uniqueStep,
    args: [arg.input(0), arg.value(equalNaN), arg.param(0)],
    inputs: [{ array: flat }],
    params: startsOf(flat),
    dtype,
    chunks,
    content: [equalNaN],
  })
  const merge = recipesByCount((count) => {
    const args = [arg.inputs(0, count), arg.value(equalNaN)]
    return recipe(mergeUniqueStep, args, { label: 'unique', site })
  })
  while (level.chunks[0]!.length > 1) {
    const fan = Math.min(FAN, level.chunks[0]!.length)
    level = grouped({
      operation: 'unique-combine',
      source: level,
      fan: [fan],
      recipeFor: merge,
      dtype,
      chunks: [new Array<number>(Math.ceil(level.chunks[0]!.length / fan)).fill(1)],
      content: [fan, equalNaN],
    })
  }
  return level
}

/** The position of the first element of each block of a vector, as parameters. */
function startsOf({ chunks }: ArraySpec): readonly BlockParam[] {
  return [{ kind: 'values', values: chunkBounds(chunks[0]!).slice(0, -1) }]
}
