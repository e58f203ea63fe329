/**
 * Layers that call a user's function with blocks that are matched by indices. NumPy has no counterpart;
 * Dask: `blockwise`.
 */

import { blockNumber } from '../../../core/base/keys.js'
import { type CapturedFunction, capture } from '../../../core/capture.js'
import type { BlockNode, Layer } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import { operationInfo, stepContent } from '../../base/layer-builders.js'
import { extraArguments } from '../../base/step-arguments.js'
import { assertDtype, type Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import {
  type AxisLabel,
  blockAxes,
  gridOfLabels,
  type LabelChunks,
  unifyLabels,
} from '../planning/blockwise-plan.js'
import { forEachBlock, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import {
  type BlockCall,
  type BlockSource,
  blockContext,
  mapBlocksStep,
} from '../steps/map-blocks-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, indexed, isArraySpec } from './array-spec.js'
import { inferDtype, oneElement } from './infer-dtype.js'
import { rechunkTo } from './rechunk-layers.js'

/** An argument of a function of blocks: an array with a label for each axis, or any other value. */
export interface BlockArgument {
  readonly value: unknown
  /** The labels of an array; undefined for values that are passed as they are. */
  readonly index?: readonly AxisLabel[] | undefined
}

/** A call of a function with matching blocks. */
export interface BlockFunctionCall {
  readonly operation: string
  readonly fn: unknown
  /** The labels of the result. */
  readonly out: readonly AxisLabel[]
  readonly args: readonly BlockArgument[]
  /** The chunks of labels that no array has. */
  readonly newAxes?: LabelChunks
  /** Returns the grid of the result, given the chunks of its labels. */
  readonly resultGrid?: (own: Grid) => Grid
  /** Whether blocks along labels that the result lacks are joined, or passed as lists. */
  readonly concatenate: boolean
  readonly alignArrays?: boolean
  readonly dtype?: Dtype | undefined
  /** Whether the arrays are read by nobody else, so that their blocks are not copied. */
  readonly owned?: boolean
}

/** An array argument, rechunked, with the number of its argument and the axes that its blocks follow. */
interface AlignedArray {
  readonly argument: number
  readonly array: ArraySpec
  readonly axes: readonly number[]
}

/** Calls a function with the blocks of arrays whose labels match. */
export function blockFunctionLayer(call: BlockFunctionCall): ArraySpec {
  const { operation, fn, out, args } = call
  if (typeof fn !== 'function') {
    throw new TypeError(`${operation}: expected a function of blocks; got ${formatArgument(fn)}`)
  }
  const { labels, contracted } = labelsOf(call)
  const arrays = alignedArrays(call, labels, contracted)
  const own = out.map((label) => labels.get(label)!)
  const grid = call.resultGrid?.(own) ?? own
  const captured = capture(fn)
  const layout = args.map(({ index }) => (index === undefined ? 'v' : 'b')).join('')
  const sources =
    fn.length > args.length
      ? arrays.map(({ argument, array, axes }) => ({ argument, grid: array.chunks, axes }))
      : undefined
  const first = arrays[0]?.array.dtype ?? 'float64'
  const dtype = call.dtype ?? probe(call, captured, { arrays, contracted, sources, grid, first })
  assertDtype(dtype, operation)
  const step: BlockCall = { operation, layout, grid, dtype, sources, owned: call.owned }
  return callLayer({ call, captured, arrays, labels, contracted, step })
}

/** Returns the chunks of all labels, and the labels that the result lacks. */
function labelsOf(call: BlockFunctionCall): { labels: LabelChunks; contracted: AxisLabel[] } {
  const { operation, args, out, newAxes = new Map() } = call
  const grids = args.flatMap(({ value, index }) =>
    index === undefined ? [] : [{ chunks: (value as ArraySpec).chunks, index }],
  )
  const known = unifyLabels(operation, grids)
  for (const label of newAxes.keys()) {
    if (!known.has(label)) continue
    throw new RangeError(`${operation}: the new axis ${JSON.stringify(label)} is an axis already`)
  }
  const contracted = [...known.keys()].filter((label) => !out.includes(label))
  const labels = new Map([...known, ...newAxes])
  if (call.concatenate) {
    for (const label of contracted) {
      labels.set(label, [labels.get(label)!.reduce((a: number, b: number) => a + b, 0)])
    }
  }
  for (const label of out) {
    if (labels.has(label)) continue
    throw new RangeError(
      `${operation}: no array has the index ${JSON.stringify(label)} of the result; give its chunks with { newAxes }`,
    )
  }
  return { labels, contracted }
}

function alignedArrays(
  call: BlockFunctionCall,
  labels: LabelChunks,
  contracted: readonly AxisLabel[],
): AlignedArray[] {
  return call.args.flatMap(({ value, index }, argument) => {
    if (index === undefined) return []
    const source = value as ArraySpec
    const own = { chunks: source.chunks, index }
    const grid = gridOfLabels(own, labels)
    if (call.alignArrays === false) assertAligned(call.operation, source.chunks, grid)
    const array = call.alignArrays === false ? source : rechunkTo(source, grid)
    return [{ argument, array, axes: blockAxes(own, call.out, contracted, labels) }]
  })
}

/** Throws a RangeError unless arrays that are not aligned have as many blocks as the operation. */
function assertAligned(operation: string, own: Grid, wanted: Grid): void {
  if (numblocksOf(own).join() === numblocksOf(wanted).join()) return
  throw new RangeError(
    `${operation}: without alignArrays all arrays must have the same number of blocks; got [${numblocksOf(own)}] where [${numblocksOf(wanted)}] are expected`,
  )
}

/** Infers the dtype of the result from a call with blocks of one element; see `inferDtype`. */
function probe(
  call: BlockFunctionCall,
  captured: CapturedFunction,
  how: {
    readonly arrays: readonly AlignedArray[]
    readonly contracted: readonly AxisLabel[]
    readonly sources: readonly BlockSource[] | undefined
    readonly grid: Grid
    readonly first: Dtype
  },
): Dtype {
  const { arrays, sources, first } = how
  const lists = call.concatenate ? 0 : call.out.length
  const blocks = new Map(
    arrays.map(({ argument, array, axes }) => {
      let value: unknown = oneElement(array.dtype, array.chunks.length)
      for (const axis of axes) if (!call.concatenate && axis >= lists) value = [value]
      return [argument, value]
    }),
  )
  const lazies = extraArguments(call.operation, valuesOf(call), undefined).inputs
  if (lazies.length > 0) return first
  const args = call.args.map(({ value }, i) => blocks.get(i) ?? value)
  if (sources !== undefined) args.push(blockContext(how.grid, first, sources, 0))
  return inferDtype(captured.local(), args, first)
}

/** Returns the arguments that are passed as they are. */
function valuesOf(call: BlockFunctionCall): unknown[] {
  return call.args.flatMap(({ value, index }) => (index === undefined ? [value] : []))
}

/** Makes the layer of a checked call. */
function callLayer(spec: {
  readonly call: BlockFunctionCall
  readonly captured: CapturedFunction
  readonly arrays: readonly AlignedArray[]
  readonly labels: LabelChunks
  readonly contracted: readonly AxisLabel[]
  readonly step: BlockCall
}): ArraySpec {
  const { call, captured, arrays, labels, contracted, step } = spec
  const { operation } = call
  const { grid: chunks, dtype } = step
  const extra = extraArguments(operation, valuesOf(call), undefined)
  const counts = call.concatenate ? [] : contracted.map((label) => labels.get(label)!.length)
  const { args, firstExtra } = stepArguments(call, arrays, extra.args, counts)
  const all = [arg.value(captured), arg.list(args), arg.value(step), arg.param(0)]
  const content = stepContent({ fn: mapBlocksStep, args: all })
  if (counts.length === 0) {
    const inputs = arrays.map(({ array, axes }) => ({
      array,
      // Joined axes have one block.
      axes: axes.map((axis) => (axis >= call.out.length ? -1 : axis)),
    }))
    const others = extra.inputs.map(({ layer }) => ({ array: { layer }, axes: [] as number[] }))
    return blockwise({
      operation,
      fn: mapBlocksStep,
      args: all,
      inputs: [...inputs, ...others],
      params: BLOCK_POSITION,
      dtype,
      chunks,
      content,
    })
  }
  const layers = extra.inputs.map(({ layer }) => layer)
  return indexedCall({ operation, arrays, layers, firstExtra, counts, all, chunks, dtype, content })
}

/** Returns the arguments of the step: for an array one block, or nested lists of blocks. */
function stepArguments(
  call: BlockFunctionCall,
  arrays: readonly AlignedArray[],
  extra: readonly Arg[],
  counts: readonly number[],
): { args: Arg[]; firstExtra: number } {
  let next = 0
  const blocks = new Map<number, Arg>()
  for (const { argument, axes } of arrays) {
    const sizes = counts.length === 0 ? [] : listSizes(axes, call.out.length, counts)
    const nested = (depth: number): Arg =>
      depth === sizes.length
        ? arg.input(next++)
        : arg.list(Array.from({ length: sizes[depth]! }, () => nested(depth + 1)))
    blocks.set(argument, nested(0))
  }
  let value = 0
  const args = call.args.map((_, i) => {
    const block = blocks.get(i)
    if (block !== undefined) return block
    const own = extra[value++]!
    // Inputs of `extraArguments` are numbered from 1.
    return own.kind === 'input' ? arg.input(next + own.index - 1) : own
  })
  return { args, firstExtra: next }
}

/** Returns the number of blocks along each axis that becomes a list. */
function listSizes(axes: readonly number[], out: number, counts: readonly number[]): number[] {
  return axes.flatMap((axis) => (axis >= out ? [counts[axis - out]!] : []))
}

/** Makes a layer whose blocks read all blocks along the contracted labels. */
function indexedCall(spec: {
  readonly operation: string
  readonly arrays: readonly AlignedArray[]
  readonly layers: readonly Layer[]
  readonly firstExtra: number
  readonly counts: readonly number[]
  readonly all: readonly Arg[]
  readonly chunks: Grid
  readonly dtype: Dtype
  readonly content: readonly unknown[]
}): ArraySpec {
  const { operation, arrays, layers, counts, all, chunks, dtype, content } = spec
  const { label, site } = operationInfo(operation)
  const own = recipe(mapBlocksStep, all, { label, site })
  const inner = counts.map((count) => new Array<number>(count).fill(1))
  const nodes: BlockNode[] = []
  let position = 0
  forEachBlock(chunks, (at) => {
    const inputs: number[] = []
    arrays.forEach(({ array, axes }, source) => {
      const numblocks = numblocksOf(array.chunks)
      const lists = axes.filter((axis) => axis >= chunks.length)
      forEachBlock(
        lists.map((axis) => inner[axis - chunks.length]!),
        (within) => {
          const coordinates = axes.map((axis) =>
            axis < 0 ? 0 : axis < chunks.length ? at[axis]! : within[lists.indexOf(axis)]!,
          )
          inputs.push(source, blockNumber(coordinates, numblocks))
        },
      )
    })
    for (const k of layers.keys()) inputs.push(arrays.length + k, 0)
    nodes.push({ recipe: own, inputs, params: [position++] })
  })
  const sources = [...arrays.map(({ array }) => array), ...layers.map((layer) => ({ layer }))]
  return indexed({ operation, sources, nodes, dtype, chunks, content })
}

/** Reads labels such as `'ij'` or `['i', 'j']`. Throws a TypeError for anything else. */
export function labelsFrom(value: unknown, operation: string): readonly AxisLabel[] {
  const list = typeof value === 'string' ? [...value] : value
  const ok =
    Array.isArray(list) && list.every((x) => typeof x === 'string' || Number.isSafeInteger(x))
  if (ok) return list as readonly AxisLabel[]
  throw new TypeError(
    `${operation}: an index is a string with one letter per axis, such as 'ij', or a list of names; got ${formatArgument(value)}`,
  )
}

/** Reads pairs of an array and its index, such as `x, 'ij', y, 'j'`; other values have the index null. */
export function labelledArguments(pairs: readonly unknown[], operation: string): BlockArgument[] {
  if (pairs.length % 2 !== 0) {
    throw new TypeError(
      `${operation}: each array is followed by its index, as in (x, 'ij', y, 'j'); other arguments by null`,
    )
  }
  return Array.from({ length: pairs.length / 2 }, (_, i): BlockArgument => {
    const [value, index] = [pairs[2 * i], pairs[2 * i + 1]]
    if (index === null || index === undefined) return { value }
    const labels = labelsFrom(index, operation)
    if (!isArraySpec(value)) {
      throw new TypeError(
        `${operation}: the index ${formatArgument(index)} needs an array before it; got ${formatArgument(value)}. Other arguments have the index null`,
      )
    }
    if (labels.length !== value.chunks.length) {
      throw new RangeError(
        `${operation}: the index ${formatArgument(index)} has ${labels.length} names for an array of ${value.chunks.length} axes`,
      )
    }
    return { value, index: labels }
  })
}
