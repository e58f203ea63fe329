/**
 * Layers of reductions: a partial result of each block, then a tree that merges at most `splitEvery`
 * of them at a time, then the final result.
 */

import { callbackAdvice, checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { assertDtype, type Dtype, isComplex, isFloat } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import {
  type Aggregation,
  plainReduction,
  type ReductionName,
  reductionDtype,
} from '../kernels/partial-reductions.js'
import { type Grid, isUnknown, numblocksOf } from '../planning/chunk-grid.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { aggregateStep, combineStep, reduceStep } from '../steps/reduction-steps.js'
import {
  type ArraySpec,
  BLOCK_POSITION,
  blockwise,
  grouped,
  recipesByCount,
  shapeOf,
} from './array-spec.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { wholeAxes } from './rechunk-layers.js'
import { countsLayer } from './unknown-sizes.js'

/** The options of reductions that are given after the axis. */
export interface AxisReductionOptions {
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
  /** The number of partial results that are merged at a time; false merges all at once. The default is 8. */
  readonly splitEvery?: number | false | undefined
  /** For `var`, `std` and their NaN versions: the number that is subtracted from the count. The default is 0. */
  readonly ddof?: number | undefined
  /** Another name of `ddof`, that of the Array API standard. */
  readonly correction?: number | undefined
  /**
   * For `sum`, `prod`, `mean`, `var`, `std` and their NaN versions: the dtype of the result. Sums, products and means
   * convert the elements to it first.
   */
  readonly dtype?: Dtype | undefined
}

/** The options of reductions. */
export interface ReductionOptions extends AxisReductionOptions {
  /** The axis or axes to reduce, negative ones counted from the end. The default is all axes. */
  readonly axis?: number | readonly number[] | null | undefined
}

/** The first argument of a reduction: the axis or axes to reduce, null for all, or all options. */
export type ReductionArgument = ReductionOptions | number | readonly number[] | null

/** The default of `splitEvery`. */
const SPLIT_EVERY = 8

/**
 * Checks the number of arguments of a reduction: `(options)`, `(axis)` or `(axis, options)`, after the
 * array in a function.
 */
export function checkReductionArguments(
  name: ReductionName,
  args: ArrayLike<unknown>,
  form: 'method' | 'function',
): void {
  const first = form === 'method' ? 0 : 1
  if (args.length < first + 2) return
  const [prefix, array] = form === 'method' ? ['x.', ''] : ['da.', 'x, ']
  if (typeof args[first] === 'number' && typeof args[first + 1] === 'number') {
    const axes = Array.from(args).filter((value) => typeof value === 'number')
    throw new TypeError(
      `${name}: several axes are given as a list; write ${prefix}${name}(${array}[${axes.join(', ')}])`,
    )
  }
  if (form === 'function' && Array.isArray(args[2])) {
    const advice = callbackAdvice(args, `da.${name}(x)`)
    throw new TypeError(`${name}: options must be an object; got a list${advice}`)
  }
  const usage = `${prefix}${name}(${array}axis, { keepdims: true })`
  checkArguments(name, args, first + 2, usage)
}

/** Reduces an array along axes. */
export function reductionLayer(
  array: ArraySpec,
  name: ReductionName,
  argument?: ReductionArgument,
  rest?: AxisReductionOptions,
): ArraySpec {
  const { dtype, ...options } = optionsOf(name, argument, rest)
  // Without NaN, the plain reduction takes less time.
  const hasNaN = isFloat(array.dtype) || isComplex(array.dtype)
  const own = hasNaN ? name : plainReduction(name)
  if (dtype === undefined) return reduceAxes(array, own, options, reductionDtype(own, array.dtype))
  const isDeviation = plainReduction(name) === 'var' || plainReduction(name) === 'std'
  return reduceAxes(isDeviation ? array : astypeLayer(array, dtype), own, options, dtype)
}

/** Reduces an array as valid options describe, to a dtype. */
function reduceAxes(
  source: ArraySpec,
  name: ReductionName,
  options: ReductionOptions,
  dtype: Dtype,
): ArraySpec {
  const { keepdims = false, splitEvery = SPLIT_EVERY, correction = 0, ddof = correction } = options
  const shape = shapeOf(source)
  const axes = normalizeAxes(options.axis, shape.length, name)
  const isKnown = !axes.some((axis) => isUnknown(source.chunks[axis]!))
  if (!isKnown && name === 'mean') return meanOfUnknown(source, options, dtype)
  const plain = plainReduction(name)
  const givesPositions = plain === 'argmin' || plain === 'argmax'
  const givesAxis = options.axis !== undefined && options.axis !== null
  if (givesPositions && givesAxis && axes.length !== 1) {
    throw new RangeError(
      `${name}: give one axis, or none for the whole array; got ${formatArgument(options.axis)}`,
    )
  }
  const array = givesPositions && !isKnown ? wholeAxes(source, axes) : source
  const count = sizeOf(axes.map((axis) => shape[axis]!))
  if (count === 0 && (givesPositions || plain === 'min' || plain === 'max')) {
    throw new RangeError(`${name}: an axis of size 0 has no ${name}; shape [${shape}]`)
  }
  const partial = blockwise({
    operation: `${name}-partial`,
    fn: reduceStep,
    args: [
      arg.input(0),
      arg.value(name),
      arg.value(axes),
      ...(givesPositions && isKnown ? [arg.value(array.chunks), arg.param(0)] : []),
    ],
    inputs: [{ array }],
    params: givesPositions && isKnown ? BLOCK_POSITION : [],
    dtype,
    chunks: array.chunks,
    content: [axes],
    costPerElement: 3,
  })
  return reductionTree(partial, { name, dtype, axes, keepdims, count, ddof }, splitEvery)
}

/** Divides the sum by the number of elements, which is not known before the blocks are computed. */
function meanOfUnknown(array: ArraySpec, options: ReductionOptions, dtype: Dtype): ArraySpec {
  const axes = normalizeAxes(options.axis, array.chunks.length, 'mean')
  const wide = astypeLayer(array, isComplex(dtype) ? 'complex128' : 'float64')
  const sum = reductionLayer(wide, 'sum', options)
  const counts = reductionLayer(countsLayer(array, axes), 'sum', options)
  return astypeLayer(elementwiseLayer('divide', [sum, counts]), dtype)
}

/** Sums the blocks of an array along its first axis, where each has size 1. */
export function sumFirstAxis(array: ArraySpec): ArraySpec {
  const { dtype } = array
  const aggregation = { name: 'sum', dtype, axes: [0], keepdims: false, count: 1, ddof: 0 } as const
  return reductionTree(array, aggregation, SPLIT_EVERY)
}

/** The options that only some reductions have. */
const FURTHER_OPTIONS: Partial<Record<ReductionName, readonly string[]>> = {
  sum: ['dtype'],
  prod: ['dtype'],
  mean: ['dtype'],
  var: ['ddof', 'correction', 'dtype'],
  std: ['ddof', 'correction', 'dtype'],
}

/** Joins the arguments of a reduction to its options, and checks them. */
function optionsOf(
  name: ReductionName,
  argument: ReductionArgument | undefined,
  rest: AxisReductionOptions | undefined,
): ReductionOptions {
  const names = ['keepdims', 'splitEvery', ...(FURTHER_OPTIONS[plainReduction(name)] ?? [])]
  if (argument === undefined || argument === null || isAxis(argument)) {
    if (rest !== undefined && Object.hasOwn(Object(rest), 'axis')) {
      throw new TypeError(`${name}: axis is given twice, before the options and in them`)
    }
    checkOptions(rest, names, name)
    const options = { ...rest, axis: argument }
    checkReductionOptions(options, name)
    return options
  }
  if (rest !== undefined) {
    throw new TypeError(
      `${name}: options come last; the first of two arguments must be an axis or a list of axes, got ${formatArgument(argument)}`,
    )
  }
  if (typeof argument !== 'object') {
    throw new TypeError(
      `${name}: expected an axis such as 0, a list of axes, or options such as { axis: 0 }; got ${formatArgument(argument)}`,
    )
  }
  checkOptions(argument, ['axis', ...names], name)
  checkReductionOptions(argument, name)
  return argument
}

/** Whether the first argument of a reduction is an axis or a list of axes. */
export function isAxis(argument: ReductionArgument): argument is number | readonly number[] {
  return typeof argument === 'number' || Array.isArray(argument)
}

function checkReductionOptions(options: ReductionOptions, name: string): void {
  const { splitEvery, ddof, correction, keepdims, dtype } = options
  if (dtype !== undefined) assertDtype(dtype, name)
  const validSplit =
    splitEvery === undefined ||
    splitEvery === false ||
    (Number.isInteger(splitEvery) && splitEvery >= 2)
  if (!validSplit) {
    throw new RangeError(
      `${name}: splitEvery must be an integer of 2 or more, or false to join all at once; got ${formatArgument(splitEvery)}`,
    )
  }
  if (ddof !== undefined && correction !== undefined) {
    throw new TypeError(
      `${name}: ddof and correction are two names of one option; give one of them`,
    )
  }
  for (const [option, value] of Object.entries({ ddof, correction })) {
    if (value === undefined || Number.isFinite(value)) continue
    throw new RangeError(`${name}: ${option} must be a finite number; got ${formatArgument(value)}`)
  }
  if (keepdims !== undefined && typeof keepdims !== 'boolean') {
    throw new TypeError(`${name}: keepdims must be true or false; got ${formatArgument(keepdims)}`)
  }
}

/** Merges partial results along the reduced axes until one is left, and makes the final result. */
function reductionTree(
  partial: ArraySpec,
  aggregation: Aggregation,
  splitEvery: number | false,
): ArraySpec {
  const { name, dtype, axes } = aggregation
  const site = captureCallSite()
  const combine = recipesByCount((count) =>
    recipe(combineStep, [arg.inputs(0, count), arg.value(name)], { label: name, site }),
  )
  const aggregate = recipesByCount((count) =>
    recipe(aggregateStep, [arg.inputs(0, count), arg.value(aggregation)], { label: name, site }),
  )
  const fan = fanIn(splitEvery, axes, numblocksOf(partial.chunks))
  let level = partial
  let chunks = mergedGrid(level.chunks, axes, fan)
  while (axes.some((axis) => chunks[axis]!.length > 1)) {
    level = grouped({
      operation: `${name}-combine`,
      source: level,
      fan,
      recipeFor: combine,
      dtype,
      chunks,
      content: [fan, name],
    })
    chunks = mergedGrid(level.chunks, axes, fan)
  }
  return grouped({
    operation: name,
    source: level,
    fan,
    recipeFor: aggregate,
    dtype,
    chunks: aggregation.keepdims ? chunks : chunks.filter((_, axis) => !axes.includes(axis)),
    content: [fan, aggregation],
  })
}

/** Returns the grid after merging `fan` partial results along each reduced axis, each of size 1. */
function mergedGrid(chunks: Grid, axes: readonly number[], fan: readonly number[]): Grid {
  return chunks.map((sizes, axis) =>
    axes.includes(axis) ? new Array<number>(Math.ceil(sizes.length / fan[axis]!)).fill(1) : sizes,
  )
}

/**
 * Returns the number of blocks that are merged along each axis: at least 2 along each reduced axis
 * with several blocks, and at most `splitEvery` in all unless those are more.
 */
function fanIn(
  splitEvery: number | false,
  axes: readonly number[],
  numblocks: readonly number[],
): number[] {
  const fan = numblocks.map(() => 1)
  const open = axes.filter((axis) => numblocks[axis]! > 1)
  open.sort((a, b) => numblocks[a]! - numblocks[b]!)
  let budget = splitEvery === false ? Infinity : splitEvery
  open.forEach((axis, i) => {
    const share = Math.floor(budget ** (1 / (open.length - i)) + 1e-9)
    fan[axis] = Math.min(numblocks[axis]!, Math.max(2, share))
    budget /= fan[axis]!
  })
  return fan
}
