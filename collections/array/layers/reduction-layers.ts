/**
 * Graphs of reductions: a partial result of every block, then a tree that joins at most
 * `splitEvery` of them along each reduced axis at a time, then the answer.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { ravel } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { checkOptions } from '../../base/argument-checks.js'
import { sizeOf } from '../block/chunk.js'
import {
  type Aggregation,
  type ReductionName,
  reductionDtype,
} from '../kernels/partial-reductions.js'
import {
  forEachBlock,
  type Grid,
  normalizeAxes,
  numblocksOf,
  show,
} from '../planning/chunk-grid.js'
import { aggregateStep, combineStep, reduceStep } from '../steps/block-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { recipesByCount } from './rechunk-layers.js'

/** What every reduction can be told. */
export interface ReductionOptions {
  /** The axis or axes to reduce along, negative ones from the end; all when left out. */
  readonly axis?: number | readonly number[] | null | undefined
  /** Whether reduced axes stay, with size 1. */
  readonly keepdims?: boolean | undefined
  /** How many partial results are joined at a time, for all reduced axes together; false: all. */
  readonly splitEvery?: number | false | undefined
  /** For var and std: what is subtracted from the count. */
  readonly ddof?: number | undefined
}

/** Partial results joined at a time when nothing else is asked for. */
export const SPLIT_EVERY = 8

/** One of the reductions along axes. */
export function reductionLayer(
  array: ArraySpec,
  name: ReductionName,
  options: ReductionOptions = {},
): ArraySpec {
  assertOptions(options, name)
  const { keepdims = false, splitEvery = SPLIT_EVERY, ddof = 0 } = options
  const shape = shapeOf(array)
  const axes = normalizeAxes(options.axis, shape.length, name)
  const placed = name === 'argmin' || name === 'argmax'
  if (placed && options.axis !== undefined && options.axis !== null && axes.length !== 1) {
    throw new RangeError(
      `${name}: give one axis, or none for the whole array; got ${show(options.axis)}`,
    )
  }
  const count = sizeOf(axes.map((axis) => shape[axis]!))
  if (count === 0 && (placed || name === 'min' || name === 'max')) {
    throw new RangeError(`${name}: an axis of size 0 has no ${name}; shape [${shape}]`)
  }
  const dtype = reductionDtype(name, array.dtype)
  const partial = blockwise({
    operation: `${name}-partial`,
    fn: reduceStep,
    args: [
      arg.input(0),
      arg.value(name),
      arg.value(axes),
      arg.param(0),
      arg.value(placed ? array.chunks : undefined),
    ],
    inputs: [{ array }],
    params: [{ kind: 'coordinates' }],
    dtype,
    chunks: array.chunks,
    content: [axes],
  })
  const how: Aggregation = { name, dtype, axes, keepdims, count, ddof }
  return reduceTree(partial, how, splitEvery)
}

function assertOptions(options: ReductionOptions, name: string): void {
  const names = ['axis', 'keepdims', 'splitEvery']
  checkOptions(options, name === 'var' || name === 'std' ? [...names, 'ddof'] : names, name)
  const { splitEvery, ddof, keepdims } = options
  const validSplit =
    splitEvery === undefined ||
    splitEvery === false ||
    (Number.isInteger(splitEvery) && splitEvery >= 2)
  if (!validSplit) {
    throw new RangeError(
      `${name}: splitEvery must be an integer of 2 or more, or false to join all at once; got ${show(splitEvery)}`,
    )
  }
  if (ddof !== undefined && (!Number.isSafeInteger(ddof) || ddof < 0)) {
    throw new RangeError(`${name}: ddof must be a whole number of at least 0; got ${show(ddof)}`)
  }
  if (keepdims !== undefined && typeof keepdims !== 'boolean') {
    throw new TypeError(`${name}: keepdims must be true or false; got ${show(keepdims)}`)
  }
}

/** Joins the blocks of partial results along the reduced axes until one is left, and finishes it. */
export function reduceTree(
  partial: ArraySpec,
  how: Aggregation,
  splitEvery: number | false,
): ArraySpec {
  const site = captureCallSite()
  const joining = recipesByCount((count) =>
    recipe(combineStep, [arg.inputs(0, count), arg.value(how.name)], { label: how.name, site }),
  )
  const finishing = recipesByCount((count) =>
    recipe(aggregateStep, [arg.inputs(0, count), arg.value(how)], { label: how.name, site }),
  )
  const fan = fanOf(splitEvery, how.axes, numblocksOf(partial.chunks))
  let level = partial
  for (;;) {
    const groups = level.chunks.map((sizes, axis) =>
      how.axes.includes(axis) ? Math.ceil(sizes.length / fan[axis]!) : sizes.length,
    )
    const last = how.axes.every((axis) => groups[axis] === 1)
    // The grid of partial results says how many there are; their sizes along reduced axes are 1.
    const chunks = level.chunks.map((sizes, axis) =>
      how.axes.includes(axis) ? new Array<number>(groups[axis]!).fill(1) : sizes,
    )
    const nodes = groupNodes(level, chunks, fan, last ? finishing : joining)
    if (!last) {
      level = indexed({
        operation: `${how.name}-combine`,
        sources: [level],
        nodes,
        dtype: how.dtype,
        chunks,
        content: [fan, how.name],
      })
      continue
    }
    return indexed({
      operation: how.name,
      sources: [level],
      nodes,
      dtype: how.dtype,
      chunks: how.keepdims ? chunks : chunks.filter((_, axis) => !how.axes.includes(axis)),
      content: [fan, how],
    })
  }
}

/** How many blocks are joined along each axis: together at most `splitEvery`, each at least 2. */
function fanOf(
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

function groupNodes(
  level: ArraySpec,
  groups: Grid,
  fan: readonly number[],
  recipeFor: (count: number) => Recipe,
): BlockNode[] {
  const numblocks = numblocksOf(level.chunks)
  const nodes: BlockNode[] = []
  forEachBlock(groups, (group) => {
    const start = group.map((g, axis) => g * fan[axis]!)
    const sizes = start.map((s, axis) => Math.min(fan[axis]!, numblocks[axis]! - s))
    const inputs: number[] = []
    forEachBlock(
      sizes.map((n) => new Array<number>(n).fill(1)),
      (at) => {
        inputs.push(
          0,
          ravel(
            at.map((c, axis) => c + start[axis]!),
            numblocks,
          ),
        )
      },
    )
    nodes.push({ recipe: recipeFor(inputs.length / 2), inputs, params: [] })
  })
  return nodes
}
