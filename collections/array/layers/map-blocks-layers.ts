/**
 * Layers that call a user's function with blocks that are at the same place, and the options of such calls.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { countBlocks } from '../../../core/base/keys.js'
import { assertDtype, type Dtype, isComplexValue, type TypedArray } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { NDArray, Nested } from '../block/ndarray.js'
import type { AxisLabel } from '../planning/blockwise-plan.js'
import { type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import type { DtypeOfData } from '../steps/chunk-from-values.js'
import { type ArraySpec, isArraySpec } from './array-spec.js'
import {
  type BlockArgument,
  blockFunctionLayer,
  labelledArguments,
  labelsFrom,
} from './blockwise-layers.js'
import { evaluateLayer } from './evaluate-layers.js'
import { assertArrays } from './operands.js'

/** The options of `mapBlocks`. */
export interface MapBlocksOptions<D extends Dtype = Dtype> {
  /** The dtype of the result. By default it is inferred by a call with blocks of one element. */
  readonly dtype?: D | undefined
  /**
   * For each axis, the chunk sizes of the result: one size for all its chunks, or a list of as many
   * sizes as there are blocks. The default is the chunks of the arrays.
   */
  readonly chunks?: readonly (number | readonly number[])[] | undefined
  /** The axis or axes that the function removes. Their chunks are joined before it is called. */
  readonly dropAxis?: number | readonly number[] | undefined
  /** The axis or axes, counted in the result, that the function adds; of size 1 unless `chunks` is given. */
  readonly newAxis?: number | readonly number[] | undefined
}

/** The options of `blockwise`. */
export interface BlockwiseOptions<D extends Dtype = Dtype> {
  /** The dtype of the result. By default it is inferred by a call with blocks of one element. */
  readonly dtype?: D | undefined
  /** The sizes of indices that no array has, each one size or a list of chunk sizes. */
  readonly newAxes?: Readonly<Record<string, number | readonly number[]>> | undefined
  /**
   * The chunk sizes of indices along which the function changes the size of its blocks: one size, a list, or a
   * function of the size.
   */
  readonly adjustChunks?:
    | Readonly<Record<string, number | readonly number[] | ((size: number) => number)>>
    | undefined
  /**
   * Whether blocks along indices that the result lacks are joined to one. By default the function receives
   * lists of blocks.
   */
  readonly concatenate?: boolean | undefined
  /** Whether arrays are rechunked to common chunks, the default. */
  readonly alignArrays?: boolean | undefined
}

/** The dtype that is inferred for the result of a function whose first block has the dtype `D`. */
export type InferredDtype<R, D extends Dtype> = unknown extends R
  ? D
  : R extends NDArray<infer E>
    ? E
    : R extends NDArray<D>['data']
      ? D
      : R extends TypedArray
        ? DtypeOfData<R>
        : R extends Nested<boolean> | boolean
          ? 'bool'
          : R extends Nested<bigint> | bigint
            ? D extends 'uint64'
              ? D
              : 'int64'
            : R extends Nested<number> | number
              ? D extends 'bool' | 'int64' | 'uint64'
                ? 'float64'
                : D
              : D

const MAP_BLOCKS_OPTIONS = ['chunks', 'dtype', 'dropAxis', 'newAxis'] as const

/** Separates options, which are a plain object, from the arguments before them. */
export function takeOptions(args: readonly unknown[]): {
  values: readonly unknown[]
  options: object
} {
  const last = args.at(-1)
  if (isPlainOptions(last)) return { values: args.slice(0, -1), options: last }
  let end = args.length
  while (end > 0 && args[end - 1] === undefined) end--
  return { values: args.slice(0, end), options: {} }
}

function isPlainOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isComplexValue(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Calls a function with matching blocks, given the arguments of `da.mapBlocks`: arrays and other values, or one
 * list of arrays, and then options. A formula is evaluated instead.
 */
export function mapBlocksLayer(fn: unknown, args: readonly unknown[]): ArraySpec {
  const { values, options } = takeOptions(args)
  checkOptions(options, MAP_BLOCKS_OPTIONS, 'mapBlocks')
  const list = Array.isArray(values[0]) && !values.slice(1).some(isArraySpec)
  if (list) assertArrays(values[0], 'mapBlocks')
  const own = list ? [...(values[0] as unknown[]), ...values.slice(1)] : values
  if (typeof fn === 'string') return mapFormula(fn, own, options)
  if (typeof fn !== 'function') {
    throw new TypeError(`mapBlocks: expected a function of blocks; got ${formatArgument(fn)}`)
  }
  if (!own.some(isArraySpec)) return newBlocks(fn, own, options)
  return mapArrays('mapBlocks', fn, own, options)
}

/** Calls a function with the matching blocks of the arrays among some arguments, of which there is one or more. */
export function mapArrays(
  operation: string,
  fn: Function,
  values: readonly unknown[],
  options: MapBlocksOptions,
  owned = false,
): ArraySpec {
  const ndim = Math.max(...values.map((value) => (isArraySpec(value) ? value.chunks.length : 0)))
  const args = values.map((value): BlockArgument => {
    if (!isArraySpec(value)) return { value }
    const lead = ndim - value.chunks.length
    return { value, index: value.chunks.map((_, axis) => axis + lead) }
  })
  const dropped = axesOf(options.dropAxis, ndim, operation)
  const out: AxisLabel[] = []
  for (let axis = 0; axis < ndim; axis++) if (!dropped.includes(axis)) out.push(axis)
  const added = axesOf(options.newAxis, out.length + axisCount(options.newAxis), operation)
  const newAxes = new Map<AxisLabel, readonly number[]>()
  for (const position of [...added].sort((a, b) => a - b)) {
    newAxes.set(ndim + newAxes.size, [1])
    out.splice(position, 0, ndim + newAxes.size - 1)
  }
  const { chunks } = options
  return blockFunctionLayer({
    operation,
    fn,
    out,
    args,
    newAxes,
    resultGrid: (own) => (chunks === undefined ? own : resultGrid(operation, chunks, own)),
    concatenate: true,
    dtype: options.dtype,
    owned,
  })
}

const axisCount = (axes: number | readonly number[] | undefined) =>
  axes === undefined ? 0 : typeof axes === 'number' ? 1 : axes.length

function axesOf(
  axes: number | readonly number[] | undefined,
  ndim: number,
  operation: string,
): number[] {
  if (axes === undefined) return []
  const list = typeof axes === 'number' ? [axes] : axes
  return list.map((axis) => normalizeAxis(axis, ndim, operation))
}

/** Calls a function that makes blocks of nothing but their position. */
function newBlocks(fn: Function, values: readonly unknown[], options: MapBlocksOptions): ArraySpec {
  const { chunks } = options
  if (chunks === undefined) {
    throw new TypeError(
      'mapBlocks: without arrays give the chunk sizes of every axis with { chunks }',
    )
  }
  const grid = chunks.map((sizes) => (typeof sizes === 'number' ? [sizes] : sizes))
  const out = grid.map((_, axis) => axis)
  return blockFunctionLayer({
    operation: 'mapBlocks',
    fn,
    out,
    args: values.map((value) => ({ value })),
    newAxes: new Map(grid.map((sizes, axis) => [axis, sizes])),
    resultGrid: (own) => resultGrid('mapBlocks', chunks, own),
    concatenate: true,
    dtype: options.dtype,
  })
}

/** Evaluates a formula in which the arrays are `x`, `y` and `z`. */
function mapFormula(
  formula: string,
  arrays: readonly unknown[],
  options: MapBlocksOptions,
): ArraySpec {
  assertArrays(arrays, 'mapBlocks')
  if (Object.keys(options).length > 0 || arrays.length > 3) {
    throw new TypeError(
      'mapBlocks: an expression takes up to three arrays, x, y and z, and no options; see evaluate and astype',
    )
  }
  const names = ['x', 'y', 'z']
  return evaluateLayer(formula, Object.fromEntries(arrays.map((array, i) => [names[i]!, array])))
}

/** Returns the grid of the result: one size for an axis is the size of every chunk along it. */
function resultGrid(
  operation: string,
  sizes: readonly (number | readonly number[])[],
  own: Grid,
): Grid {
  const error = (axis: number) =>
    new RangeError(
      `${operation}: chunks ${formatArgument(sizes)} must have one entry per axis, each a size or ${own[axis]?.length ?? 0} sizes, for blocks [${numblocksOf(own)}] (${countBlocks(numblocksOf(own))} in all)`,
    )
  if (!Array.isArray(sizes) || sizes.length !== own.length) throw error(0)
  return sizes.map((entry, axis) => {
    const list = typeof entry === 'number' ? own[axis]!.map(() => entry) : entry
    if (!isSizes(list) || list.length !== own[axis]!.length) throw error(axis)
    return list
  })
}

function isSizes(list: unknown): list is readonly number[] {
  return (
    Array.isArray(list) && list.every((n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0)
  )
}

const BLOCKWISE_OPTIONS = [
  'dtype',
  'newAxes',
  'adjustChunks',
  'concatenate',
  'alignArrays',
] as const

/** Calls a function with blocks that are matched by indices. Dask: `blockwise`. */
export function blockwiseFunctionLayer(
  fn: unknown,
  index: unknown,
  args: readonly unknown[],
): ArraySpec {
  const { values, options } = takeOptions(args)
  checkOptions(options, BLOCKWISE_OPTIONS, 'blockwise')
  const {
    dtype,
    newAxes = {},
    adjustChunks = {},
    concatenate,
    alignArrays,
  } = options as BlockwiseOptions
  if (dtype !== undefined) assertDtype(dtype, 'blockwise')
  const out = labelsFrom(index, 'blockwise')
  return blockFunctionLayer({
    operation: 'blockwise',
    fn,
    out,
    args: labelledArguments(values, 'blockwise'),
    newAxes: new Map(
      Object.entries(newAxes).map(([label, sizes]) => [
        labelLike(label, out),
        newSizes(label, sizes),
      ]),
    ),
    resultGrid: (own) => adjustedGrid(out, own, adjustChunks),
    concatenate: concatenate === true,
    ...(alignArrays === undefined ? {} : { alignArrays }),
    dtype,
  })
}

/** Returns the label that a property name stands for, which may be a number. */
function labelLike(name: string, out: readonly AxisLabel[]): AxisLabel {
  return out.find((label) => String(label) === name) ?? name
}

function newSizes(label: string, sizes: unknown): readonly number[] {
  const list = typeof sizes === 'number' ? [sizes] : sizes
  if (isSizes(list) && list.length > 0) return list
  throw new TypeError(
    `blockwise: the new axis '${label}' needs a size or a list of chunk sizes; got ${formatArgument(sizes)}`,
  )
}

function adjustedGrid(
  out: readonly AxisLabel[],
  own: Grid,
  adjust: NonNullable<BlockwiseOptions['adjustChunks']>,
): Grid {
  for (const label of Object.keys(adjust)) {
    if (out.some((own) => String(own) === label)) continue
    throw new RangeError(`blockwise: adjustChunks has '${label}', which is no index of the result`)
  }
  return out.map((label, axis) => {
    const how = adjust[label]
    if (how === undefined) return own[axis]!
    const list = typeof how === 'function' ? own[axis]!.map(how) : how
    const sizes = typeof list === 'number' ? own[axis]!.map(() => list) : list
    if (isSizes(sizes) && sizes.length === own[axis]!.length) return sizes
    throw new RangeError(
      `blockwise: adjustChunks of '${label}' must give ${own[axis]!.length} sizes; got ${formatArgument(sizes)}`,
    )
  })
}
