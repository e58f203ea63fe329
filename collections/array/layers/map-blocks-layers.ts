/**
 * Layers that call a user's function with blocks.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { countBlocks } from '../../../core/base/keys.js'
import { capture } from '../../../core/capture.js'
import { arg } from '../../../core/graph/recipe.js'
import { assertDtype, type Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { mapBlocksStep } from '../steps/map-blocks-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, isArraySpec } from './array-spec.js'
import { evaluateLayer } from './evaluate-layers.js'
import { alignArrays, assertArrays } from './operands.js'

/** The options of `mapBlocks`. */
export interface MapBlocksOptions<D extends Dtype = Dtype> {
  /** The dtype of the result. The default is the dtype of the first array. */
  readonly dtype?: D | undefined
  /**
   * For each axis, the chunk sizes of the result: one size for all its chunks, or a list of as many
   * sizes as there are blocks. The default is the chunks of the arrays.
   */
  readonly chunks?: readonly (number | readonly number[])[] | undefined
}

/** Calls a function, or evaluates a formula, with the matching blocks of arrays that broadcast. */
export function mapBlocksLayer(
  fn: unknown,
  arrays: readonly unknown[],
  options: MapBlocksOptions,
): ArraySpec {
  assertArrays(arrays, 'mapBlocks')
  if (isArraySpec(options)) {
    throw new TypeError(
      'mapBlocks: for blocks of several arrays write da.mapBlocks(fn, [x, y], options)',
    )
  }
  checkOptions(options, ['chunks', 'dtype'], 'mapBlocks')
  if (typeof fn === 'string') return mapFormula(fn, arrays, options)
  if (typeof fn !== 'function') {
    throw new TypeError(`mapBlocks: expected a function of blocks; got ${formatArgument(fn)}`)
  }
  const { inputs, chunks } = alignArrays('mapBlocks', arrays)
  const dtype = options.dtype ?? arrays[0]!.dtype
  assertDtype(dtype, 'mapBlocks')
  const grid = options.chunks === undefined ? chunks : resultGrid(options.chunks, chunks)
  const captured = capture(fn)
  return blockwise({
    operation: 'mapBlocks',
    fn: mapBlocksStep,
    args: [
      arg.value(captured),
      arg.inputs(0, inputs.length),
      arg.value(grid),
      arg.param(0),
      arg.value(dtype),
    ],
    inputs,
    params: BLOCK_POSITION,
    dtype,
    chunks: grid,
    content: [captured.token],
  })
}

/** Evaluates a formula in which the arrays are `x`, `y` and `z`. */
function mapFormula(
  formula: string,
  arrays: readonly ArraySpec[],
  options: MapBlocksOptions,
): ArraySpec {
  if (Object.keys(options).length > 0 || arrays.length > 3) {
    throw new TypeError(
      'mapBlocks: an expression takes up to three arrays, x, y and z, and no options; see evaluate and astype',
    )
  }
  const names = ['x', 'y', 'z']
  return evaluateLayer(formula, Object.fromEntries(arrays.map((array, i) => [names[i]!, array])))
}

/** Returns the grid of the result: one size for an axis is the size of every chunk along it. */
function resultGrid(sizes: readonly (number | readonly number[])[], own: Grid): Grid {
  const error = (axis: number) =>
    new RangeError(
      `mapBlocks: chunks ${formatArgument(sizes)} must have one entry per axis, each a size or ${own[axis]?.length ?? 0} sizes, for blocks [${numblocksOf(own)}] (${countBlocks(numblocksOf(own))} in all)`,
    )
  if (!Array.isArray(sizes) || sizes.length !== own.length) throw error(0)
  return sizes.map((entry, axis) => {
    const list = typeof entry === 'number' ? own[axis]!.map(() => entry) : entry
    const ok =
      Array.isArray(list) &&
      list.length === own[axis]!.length &&
      list.every((n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0)
    if (!ok) throw error(axis)
    return list as readonly number[]
  })
}
