/**
 * Layers of cumulative sums and products: the total of each block, the totals of all blocks before each, and then
 * each block once more, from that total on. So a block is read twice and written once.
 *
 * The totals before each block are made one after another, or in parallel as a tree: G. E. Blelloch, "Prefix sums and
 * their applications", CMU-CS-90-190 (1990).
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS, arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { assertDtype, type Dtype, isBig, isComplex, isFloat, isInteger } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { Accumulation } from '../kernels/cumulative-kernel.js'
import { reductionDtype } from '../kernels/partial-reductions.js'
import { forEachBlock, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { cumulativeStep, mergeTotalsStep } from '../steps/cumulative-steps.js'
import { reduceStep } from '../steps/reduction-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { fullLayer } from './creation-layers.js'
import { astypeLayer } from './elementwise-layers.js'
import { reshapeLayer } from './reshape-layers.js'

/** The options of cumulative sums and products. */
export interface CumulativeOptions<D extends Dtype = Dtype> {
  /** The axis. By default the array is flattened first. */
  readonly axis?: number | null | undefined
  /** The dtype to accumulate in. The default is that of sums. */
  readonly dtype?: D | undefined
  /** How the totals before each block are made: one after another, the default, or in parallel as a tree. */
  readonly method?: 'sequential' | 'blelloch' | undefined
}

/** An axis, or options. */
export type CumulativeArgument<D extends Dtype = Dtype> = number | null | CumulativeOptions<D>

/** The cumulative functions, each with its operation and whether it ignores NaN. */
const FUNCTIONS = {
  cumsum: { op: 'sum', ignoresNaN: false },
  cumprod: { op: 'prod', ignoresNaN: false },
  nancumsum: { op: 'sum', ignoresNaN: true },
  nancumprod: { op: 'prod', ignoresNaN: true },
} as const

/** The name of a cumulative function. */
export type CumulativeName = keyof typeof FUNCTIONS

/** Accumulates along an axis. */
export function cumulativeLayer(
  array: ArraySpec,
  name: CumulativeName,
  argument: CumulativeArgument = {},
): ArraySpec {
  const options = typeof argument === 'number' || argument === null ? { axis: argument } : argument
  checkOptions(options, ['axis', 'dtype', 'method'], name)
  const { axis = null, method = 'sequential' } = options
  const { op, ignoresNaN } = FUNCTIONS[name]
  const dtype = options.dtype ?? reductionDtype(op, array.dtype)
  assertDtype(dtype, name)
  if (method !== 'sequential' && method !== 'blelloch') {
    throw new TypeError(
      `${name}: method must be 'sequential' or 'blelloch'; got ${formatArgument(method)}`,
    )
  }
  if (axis === null) {
    const flat = reshapeLayer(array, [-1])
    return cumulativeLayer(flat, name, { dtype, method, axis: 0 })
  }
  const along = normalizeAxis(axis, array.chunks.length, name)
  if (dtype === 'bool' || (isInteger(dtype) && !isBig(dtype))) {
    const wide = cumulativeLayer(array, name, { axis, dtype: 'int64', method })
    return astypeLayer(wide, dtype)
  }
  const source = isComplex(dtype) || !isComplex(array.dtype) ? array : astypeLayer(array, dtype)
  const skips = ignoresNaN && (isFloat(source.dtype) || isComplex(source.dtype))
  return accumulateAlong(source, { op, axis: along, dtype }, { name, skips, method })
}

/** How the result is made. */
interface Scan {
  readonly name: CumulativeName
  /** Whether NaN is left out. */
  readonly skips: boolean
  readonly method: 'sequential' | 'blelloch'
}

function accumulateAlong(array: ArraySpec, accumulation: Accumulation, scan: Scan): ArraySpec {
  const { axis, dtype, op } = accumulation
  const { name, skips, method } = scan
  const site = captureCallSite()
  const args = [arg.input(0), arg.value(accumulation), arg.value(skips)]
  const first = recipe(cumulativeStep, args, { label: name, site })
  const later = recipe(cumulativeStep, [...args, arg.input(1)], { label: name, site })
  const content = [accumulation, skips]
  if (array.chunks[axis]!.length === 1) {
    return blockwise({
      operation: name,
      fn: cumulativeStep,
      args,
      inputs: [{ array }],
      dtype,
      chunks: array.chunks,
      content,
      costPerElement: 5,
    })
  }
  const totals = totalsOf(array, accumulation, skips, name)
  const merge = recipe(mergeTotalsStep, [arg.input(0), arg.input(1), arg.value(op)], {
    label: name,
    site,
  })
  const carries =
    method === 'blelloch' ? treeScan(totals, axis, merge) : chainScan(totals, axis, merge)
  const nodes = nodesAlong(array.chunks, axis, (at, block) =>
    at === 0
      ? { recipe: first, inputs: [0, block(0)], params: [] }
      : { recipe: later, inputs: [0, block(at), 1, block(at)], params: [] },
  )
  const sources = [array, carries]
  return indexed({ operation: name, sources, nodes, dtype, chunks: array.chunks, content })
}

/** Reduces each block along the axis. */
function totalsOf(
  array: ArraySpec,
  { op, axis, dtype }: Accumulation,
  skips: boolean,
  operation: string,
): ArraySpec {
  const source = isBig(dtype) || isComplex(dtype) ? astypeLayer(array, dtype) : array
  const name = skips ? (`nan${op}` as const) : op
  return blockwise({
    operation: `${operation}-totals`,
    fn: reduceStep,
    args: [arg.input(0), arg.value(name), arg.value([axis])],
    inputs: [{ array: source }],
    dtype,
    chunks: array.chunks.map((sizes, a) => (a === axis ? sizes.map(() => 1) : sizes)),
    content: [name, axis],
    costPerElement: 3,
  })
}

/** Makes the nodes of a grid; `block` returns the block at another position on the axis. */
function nodesAlong(
  grid: Grid,
  axis: number,
  make: (at: number, block: (at: number, count?: number) => number) => BlockNode,
): BlockNode[] {
  const numblocks = numblocksOf(grid)
  const nodes: BlockNode[] = []
  forEachBlock(grid, (coordinates) => {
    const block = (at: number, count = numblocks[axis]!) =>
      blockNumber(coordinates.with(axis, at), numblocks.with(axis, count))
    nodes.push(make(coordinates[axis]!, block))
  })
  return nodes
}

/** Merges the totals before each block one after another. The first block, which has none before it, is not used. */
function chainScan(totals: ArraySpec, axis: number, merge: Recipe): ArraySpec {
  const nodes = nodesAlong(totals.chunks, axis, (at, block) =>
    at < 2
      ? { recipe: ALIAS, inputs: [0, block(0)], params: [] }
      : { recipe: merge, inputs: [-1, block(at - 1), 0, block(at - 1)], params: [] },
  )
  return scanLayer([totals], nodes, totals.chunks)
}

/** Merges the totals before each block as a tree: those before pairs of blocks, and from them those before each. */
function treeScan(totals: ArraySpec, axis: number, merge: Recipe): ArraySpec {
  const count = totals.chunks[axis]!.length
  if (count <= 2) return chainScan(totals, axis, merge)
  const half = Math.ceil(count / 2)
  const pairGrid = totals.chunks.with(axis, new Array<number>(half).fill(1))
  const pairNodes = nodesAlong(pairGrid, axis, (at, block) => {
    const inputs = [0, block(2 * at, count)]
    if (2 * at + 1 === count) return { recipe: ALIAS, inputs, params: [] }
    return { recipe: merge, inputs: [...inputs, 0, block(2 * at + 1, count)], params: [] }
  })
  const pairs = scanLayer([totals], pairNodes, pairGrid)
  const before = treeScan(pairs, axis, merge)
  const nodes = nodesAlong(totals.chunks, axis, (at, block) => {
    const pair = block(at >> 1, half)
    if (at < 2) return { recipe: ALIAS, inputs: [0, block(0)], params: [] }
    if (at % 2 === 0) return { recipe: ALIAS, inputs: [1, pair], params: [] }
    return { recipe: merge, inputs: [1, pair, 0, block(at - 1)], params: [] }
  })
  return scanLayer([totals, before], nodes, totals.chunks)
}

function scanLayer(
  sources: readonly ArraySpec[],
  nodes: readonly BlockNode[],
  chunks: Grid,
): ArraySpec {
  const { dtype } = sources[0]!
  return indexed({ operation: 'scan', sources, nodes, dtype, chunks, content: [] })
}

/** The options of `cumulativeSum` and `cumulativeProd`. */
export interface CumulativeSumOptions<D extends Dtype = Dtype> {
  /** The axis. It may be left out for arrays with one axis. */
  readonly axis?: number | undefined
  /** The dtype to accumulate in. The default is that of sums. */
  readonly dtype?: D | undefined
  /** Whether the neutral element comes first. The default is false. */
  readonly includeInitial?: boolean | undefined
}

/** Accumulates along an axis, as the Array API has it. */
export function cumulativeSumLayer(
  array: ArraySpec,
  name: 'cumulativeSum' | 'cumulativeProd',
  options: CumulativeSumOptions = {},
): ArraySpec {
  checkOptions(options, ['axis', 'dtype', 'includeInitial'], name)
  const ndim = array.chunks.length
  const { axis, dtype, includeInitial = false } = options
  if (axis === undefined && ndim !== 1) {
    throw new RangeError(`${name}: give the axis of an array with ${ndim} axes`)
  }
  const along = normalizeAxis(axis ?? 0, ndim, name)
  const isSum = name === 'cumulativeSum'
  const sums = cumulativeLayer(array, isSum ? 'cumsum' : 'cumprod', { axis: along, dtype })
  if (!includeInitial) return sums
  const shape = shapeOf(array).with(along, 1)
  const neutral = fullLayer(name, shape, isSum ? 0 : 1, { dtype: sums.dtype })
  return concatenateLayer([neutral, sums], along)
}
