/**
 * Layers of generalized functions: functions of the last axes of their blocks, such as `'(i),(i)->()'`. All
 * other axes broadcast and stay chunked.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { capture } from '../../../core/capture.js'
import { arg } from '../../../core/graph/recipe.js'
import { stepContent } from '../../base/layer-builders.js'
import { assertDtype, type Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { blockAxes, gridOfLabels, unifyLabels } from '../planning/blockwise-plan.js'
import { type Grid, gridShape } from '../planning/chunk-grid.js'
import { type GufuncSignature, parseSignature } from '../planning/gufunc-signature.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type GufuncCall, gufuncStep, pickStep } from '../steps/gufunc-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, isArraySpec } from './array-spec.js'
import { fromArrayLayer } from './creation-layers.js'
import { dtypeOfResult, oneElement } from './infer-dtype.js'
import { takeOptions } from './map-blocks-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { expandDimsLayer } from './reshape-layers.js'
import { moveAxesLayer } from './shape-layers.js'

/** The options of `applyGufunc`. */
export interface GufuncOptions {
  /** The dtype of each result. By default they are inferred by a call with blocks of one element. */
  readonly outputDtypes?: Dtype | readonly Dtype[] | undefined
  /** The sizes of core axes that no argument has. */
  readonly outputSizes?: Readonly<Record<string, number>> | undefined
  /** Whether the function is called for one position of the other axes at a time. The default is false. */
  readonly vectorize?: boolean | undefined
  /** The core axis of all arguments and results that have one. The default is the last axis. */
  readonly axis?: number | undefined
  /** The core axes of each argument, and then of each result. The default is the last axes. */
  readonly axes?: readonly (number | readonly number[])[] | undefined
  /** Whether core axes that a result lacks stay as axes of size 1. The default is false. */
  readonly keepdims?: boolean | undefined
  /** Whether core axes of several chunks are rechunked to one, the default, or refused. */
  readonly allowRechunk?: boolean | undefined
}

/** The names of the options of `applyGufunc`. */
export const gufuncOptions = [
  'outputDtypes',
  'outputSizes',
  'vectorize',
  'axis',
  'axes',
  'keepdims',
  'allowRechunk',
] as const

const OPERATION = 'applyGufunc'

/** Applies a generalized function to arrays; there is one array for each result. With `lists`, it gets nested lists. */
export function gufuncLayers(
  fn: unknown,
  signature: unknown,
  args: readonly unknown[],
  lists = false,
): readonly ArraySpec[] {
  const { values, options } = takeOptions(args)
  checkOptions(options, gufuncOptions, OPERATION)
  const how = options as GufuncOptions
  if (typeof fn !== 'function') {
    throw new TypeError(`${OPERATION}: expected a function; got ${formatArgument(fn)}`)
  }
  const parsed = parseSignature(signature, OPERATION)
  const arrays = values.map((value) =>
    isArraySpec(value) ? value : fromArrayLayer(value as never, {}),
  )
  if (arrays.length !== parsed.inputs.length) {
    throw new TypeError(
      `${OPERATION}: the signature ${formatArgument(signature)} has ${parsed.inputs.length} arguments; got ${arrays.length}`,
    )
  }
  const axes = coreAxes(parsed, how)
  const moved = arrays.map((array, i) => coreLast(array, parsed.inputs[i]!, axes?.[i]))
  const results = callGufunc(fn, parsed, moved, { ...how, lists })
  return results.map((result, i) => resultAxes(result, i, parsed, axes, how.keepdims === true))
}

/** Returns the core axes of arguments and results as the options say; undefined for the last ones. */
function coreAxes(
  { inputs, outputs }: GufuncSignature,
  { axis, axes, keepdims }: GufuncOptions,
): readonly (readonly number[] | undefined)[] | undefined {
  const all = [...inputs, ...outputs]
  if (keepdims === true) {
    const counts = new Set(inputs.map((names) => names.length))
    if (counts.size > 1 || outputs.some((names) => names.length > 0)) {
      throw new RangeError(
        `${OPERATION}: keepdims needs arguments with equally many core axes and results without any`,
      )
    }
  }
  if (axis !== undefined && axes !== undefined) {
    throw new TypeError(`${OPERATION}: give either axis or axes`)
  }
  if (axis !== undefined) {
    if (new Set(all.flat()).size !== 1) {
      throw new RangeError(`${OPERATION}: axis needs a signature with one core axis; give axes`)
    }
    return all.map((names) => (names.length === 1 ? [axis] : names.length === 0 ? [] : undefined))
  }
  if (axes === undefined) return undefined
  const lists = axes.map((entry) => (typeof entry === 'number' ? [entry] : entry))
  const short = lists.length === inputs.length && outputs.every((names) => names.length === 0)
  const given = short ? [...lists, ...outputs.map(() => [])] : lists
  const ok =
    given.length === all.length &&
    given.every(
      (list, i) => list.length === all[i]!.length || (i >= inputs.length && keepdims === true),
    )
  if (ok) return given
  throw new RangeError(
    `${OPERATION}: axes must have one entry for each argument and result, with as many axes as the signature; got ${formatArgument(axes)}`,
  )
}

/** Moves the core axes of an argument to its end. */
function coreLast(
  array: ArraySpec,
  names: readonly string[],
  axes: readonly number[] | undefined,
): ArraySpec {
  const ndim = array.chunks.length
  if (ndim < names.length) {
    throw new RangeError(
      `${OPERATION}: an argument of ${ndim} axes has fewer than its core axes (${names.join(', ')})`,
    )
  }
  if (axes === undefined || axes.length === 0) return array
  const last = names.map((_, i) => ndim - names.length + i)
  return moveAxesLayer(array, axes, last)
}

function callGufunc(
  fn: Function,
  { inputs, outputs }: GufuncSignature,
  arrays: readonly ArraySpec[],
  how: GufuncOptions & { readonly lists: boolean },
): readonly ArraySpec[] {
  const { vectorize = false, lists } = how
  const ndim = Math.max(0, ...arrays.map(({ chunks }, i) => chunks.length - inputs[i]!.length))
  const labelled = arrays.map((array, i) => {
    const loops = array.chunks.length - inputs[i]!.length
    const index = [
      ...Array.from({ length: loops }, (_, k) => ndim - loops + k),
      ...inputs[i]!.map((name) => `core ${name}`),
    ]
    return { array, chunks: wholeCore(array.chunks, loops, how), index }
  })
  const labels = unifyLabels(OPERATION, labelled)
  const out = Array.from({ length: ndim }, (_, axis) => axis)
  const core = [...labels.keys()].filter((label) => typeof label === 'string')
  const loops = out.map((axis) => labels.get(axis)!)
  const sizeOfCore = (name: string): number => {
    const size = labels.get(`core ${name}`)?.[0] ?? how.outputSizes?.[name]
    if (size !== undefined) return size
    throw new RangeError(
      `${OPERATION}: no argument has the core axis '${name}'; give its size with { outputSizes }`,
    )
  }
  const dtypes = outputDtypes(fn, arrays, inputs, outputs.length, how)
  const call: GufuncCall = {
    operation: OPERATION,
    core: inputs.map((names) => names.length),
    loops,
    outputs: outputs.map((names, i) => ({ shape: names.map(sizeOfCore), dtype: dtypes[i]! })),
    vectorize,
    lists,
  }
  const captured = capture(fn)
  const args = [arg.value(captured), arg.inputs(0, arrays.length), arg.value(call), arg.param(0)]
  const list = blockwise({
    operation: OPERATION,
    fn: gufuncStep,
    args,
    inputs: labelled.map((own) => ({
      array: rechunkTo(own.array, gridOfLabels(own, labels)),
      axes: blockAxes(own, out, core, labels).map((axis) => (axis >= ndim ? -1 : axis)),
    })),
    params: BLOCK_POSITION,
    dtype: 'float64',
    chunks: loops,
    content: stepContent({ fn: gufuncStep, args }),
  })
  return call.outputs.map(({ shape, dtype }, i) =>
    blockwise({
      operation: OPERATION,
      fn: pickStep,
      args: [arg.input(0), arg.value(i)],
      inputs: [{ array: list, axes: out }],
      dtype,
      chunks: [...loops, ...shape.map((size) => [size])],
      content: [i],
    }),
  )
}

/** Returns a grid whose core axes, from axis `loops` on, have one chunk each. */
function wholeCore(chunks: Grid, loops: number, { allowRechunk }: GufuncOptions): Grid {
  return chunks.map((sizes, axis) => {
    if (axis < loops) return sizes
    if (allowRechunk === false && sizes.length > 1) {
      throw new RangeError(
        `${OPERATION}: a core axis has ${sizes.length} chunks; rechunk it to one, or leave allowRechunk out`,
      )
    }
    return gridShape([sizes])
  }) as Grid
}

/** Returns the dtypes that were given, or those of a call with blocks of one element. */
function outputDtypes(
  fn: Function,
  arrays: readonly ArraySpec[],
  inputs: GufuncSignature['inputs'],
  count: number,
  { outputDtypes: given, vectorize }: GufuncOptions,
): readonly Dtype[] {
  if (given !== undefined) {
    const list = (Array.isArray(given) ? given : new Array(count).fill(given)) as Dtype[]
    for (const dtype of list) assertDtype(dtype, OPERATION)
    if (list.length === count) return list
    throw new RangeError(`${OPERATION}: outputDtypes needs ${count} dtypes; got ${list.length}`)
  }
  const first = arrays[0]?.dtype ?? 'float64'
  const args = arrays.map(({ dtype, chunks }, i) => {
    if (vectorize !== true) return oneElement(dtype, chunks.length)
    const core = inputs[i]!.length
    return core === 0 ? oneElement(dtype, 0).item() : oneElement(dtype, core)
  })
  const none = () => new Array<Dtype>(count).fill(first)
  if (fn.constructor.name === 'AsyncFunction') return none()
  try {
    const value: unknown = fn(...args)
    const results = count === 1 ? [value] : (value as unknown[])
    return none().map((_, i) => dtypeOfResult(results[i], first))
  } catch {
    return none()
  }
}

/** Adds the axes that `keepdims` keeps, and moves the core axes of a result to their places. */
function resultAxes(
  result: ArraySpec,
  number: number,
  { inputs, outputs }: GufuncSignature,
  axes: readonly (readonly number[] | undefined)[] | undefined,
  keepdims: boolean,
): ArraySpec {
  let array = result
  const own = axes?.[inputs.length + number]
  const count = keepdims ? inputs[0]!.length : outputs[number]!.length
  if (keepdims) {
    for (let i = 0; i < count; i++) array = expandDimsLayer(array, array.chunks.length)
  }
  const target = keepdims && (own === undefined || own.length === 0) ? axes?.[0] : own
  if (target === undefined || target.length === 0) return array
  const ndim = array.chunks.length
  const last = target.map((_, i) => ndim - count + i)
  return moveAxesLayer(
    array,
    last,
    target.map((axis) => normalizeAxis(axis, ndim, OPERATION)),
  )
}
