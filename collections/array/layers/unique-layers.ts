/**
 * Layers of different elements: those of each block, and a tree that merges them to one block of unknown size.
 */

import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import type { UniqueElements } from '../kernels/unique-kernel.js'
import { chunkBounds } from '../planning/chunk-grid.js'
import {
  inverseStep,
  mergeUniqueStep,
  uniqueResultStep,
  uniqueStep,
} from '../steps/unique-steps.js'
import { type ArraySpec, blockwise, grouped, recipesByCount, shapeOf } from './array-spec.js'
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
  const { dtype } = array
  const [sizes] = flat.chunks as [readonly number[]]
  const site = captureCallSite()
  const starts = chunkBounds(sizes)
  const each = { kind: 'values', values: starts.slice(0, -1) } as const
  let level = blockwise({
    operation: 'unique-partial',
    fn: uniqueStep,
    args: [arg.input(0), arg.value(equalNaN), arg.param(0)],
    inputs: [{ array: flat }],
    params: [each],
    dtype,
    chunks: [sizes],
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
  const chunks = [unknownSizes(level.layer.name, 1)]
  const result = (part: keyof UniqueElements) =>
    blockwise({
      operation: 'unique',
      fn: uniqueResultStep,
      args: [arg.input(0), arg.value(part)],
      inputs: [{ array: level }],
      dtype: part === 'values' ? dtype : 'int64',
      chunks,
      content: [part],
    })
  const inverse = blockwise({
    operation: 'unique-inverse',
    fn: inverseStep,
    args: [arg.input(0), arg.input(1), arg.value(equalNaN), arg.param(0)],
    inputs: [{ array: flat }, { array: level, axes: [-1] }],
    params: [each],
    dtype: 'int64',
    chunks: [sizes],
    content: [equalNaN],
  })
  return {
    values: result('values'),
    index: result('index'),
    counts: result('counts'),
    inverse: reshapeLayer(inverse, shapeOf(array)),
  }
}
