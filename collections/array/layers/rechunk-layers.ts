/**
 * Graphs that change how an array is cut, joined or shaped, and not its elements.
 */

import { captureCallSite } from '../../../core/base/call-site.js'
import { ravel } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS, arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { sizeOf } from '../block/chunk.js'
import type { Move } from '../kernels/assemble-block.js'
import {
  blockShape,
  commonGrid,
  forEachBlock,
  type Grid,
  gridShape,
  numblocksOf,
  sameGrid,
} from '../planning/chunk-grid.js'
import {
  type AxisMove,
  assertConcatenable,
  concatenatedGrid,
  planMoves,
} from '../planning/rechunk-plan.js'
import { completeShape, planReshape } from '../planning/reshape-plan.js'
import { assembleStep, axesStep, reshapeStep, viewStep } from '../steps/block-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'

/** A recipe that builds a block of `count` sources; shape and moves are the block's own. */
export function assembleRecipe(count: number, dtype: ArraySpec['dtype'], label: string): Recipe {
  const args = [arg.inputs(0, count), arg.value(dtype), arg.param(0), arg.param(1)]
  return recipe(assembleStep, args, { label, site: captureCallSite() })
}

/** The recipes of a layer's blocks, one for each number of sources. */
export function recipesByCount(make: (count: number) => Recipe): (count: number) => Recipe {
  const made = new Map<number, Recipe>()
  return (count) => {
    let found = made.get(count)
    if (found === undefined) made.set(count, (found = make(count)))
    return found
  }
}

/** The same array cut by another grid of the same shape. */
export function rechunkTo(array: ArraySpec, chunks: Grid): ArraySpec {
  if (sameGrid(array.chunks, chunks)) return array
  const moves = chunks.map((sizes, axis) => planMoves(array.chunks[axis]!, sizes))
  const numblocks = numblocksOf(array.chunks)
  const recipeFor = recipesByCount((count) => assembleRecipe(count, array.dtype, 'rechunk'))
  const view = recipe(
    viewStep,
    [arg.input(0), arg.param(0), arg.value(chunks.map((_, axis) => axis))],
    { label: 'rechunk', site: captureCallSite() },
  )
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const parts = product(at.map((c, axis) => moves[axis]![c]!))
    const inputs = parts.flatMap((part) => [
      0,
      ravel(
        part.map((move) => move.block),
        numblocks,
      ),
    ])
    if (parts.length === 1) {
      const [part] = parts as [AxisMove[]]
      const slices = part.map(({ take }) => take)
      const whole = part.every(({ block, take }, axis) => take.size === array.chunks[axis]![block])
      nodes.push(
        whole ? { recipe: ALIAS, inputs, params: [] } : { recipe: view, inputs, params: [slices] },
      )
      return
    }
    const list = parts.map(
      (part, source): Move => ({
        source,
        take: part.map(({ take }) => take),
        to: part.map(({ to }) => to),
      }),
    )
    nodes.push({ recipe: recipeFor(parts.length), inputs, params: [blockShape(chunks, at), list] })
  })
  return indexed({
    operation: 'rechunk',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [],
  })
}

/** Every way to choose one item of each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  )
}

/** The array with its axes in another order; the default reverses them. */
export function transposeLayer(array: ArraySpec, axes: readonly number[]): ArraySpec {
  if (axes.every((axis, i) => axis === i)) return array
  const chunks = axes.map((axis) => array.chunks[axis]!)
  const inverse = axes.map((_, axis) => axes.indexOf(axis))
  return blockwise({
    operation: 'transpose',
    fn: axesStep,
    args: [arg.input(0), arg.value(axes)],
    inputs: [{ array, axes: inverse }],
    dtype: array.dtype,
    chunks,
    content: [axes],
  })
}

/** The elements in row-major order under another shape; one size may be -1. */
export function reshapeLayer(array: ArraySpec, given: readonly number[]): ArraySpec {
  const shape = completeShape(given, sizeOf(shapeOf(array)))
  const plan = planReshape(array.chunks, shape)
  const cut = rechunkTo(array, plan.before)
  if (sameGrid(plan.flat, plan.between)) return reshapeBlocks(cut, plan.after)
  const flat = reshapeBlocks(cut, plan.flat)
  return reshapeBlocks(rechunkTo(flat, plan.between), plan.after)
}

/** The same blocks in the same order, each under the shape it has in another grid. */
function reshapeBlocks(array: ArraySpec, chunks: Grid): ArraySpec {
  if (sameGrid(array.chunks, chunks)) return array
  const step = recipe(reshapeStep, [arg.input(0), arg.value(chunks), arg.param(0)], {
    label: 'reshape',
    site: captureCallSite(),
  })
  const count = sizeOf(numblocksOf(chunks))
  const nodes = Array.from(
    { length: count },
    (_, b): BlockNode => ({ recipe: step, inputs: [0, b], params: [b] }),
  )
  return indexed({
    operation: 'reshape',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [],
  })
}

/** Arrays of one dtype end to end along an axis. */
export function concatenateLayer(given: readonly ArraySpec[], axis: number): ArraySpec {
  const { dtype } = given[0]!
  assertConcatenable(given.map(shapeOf), axis, 'concatenate')
  const arrays = alignOthers(given, axis)
  const chunks = concatenatedGrid(
    arrays.map((array) => array.chunks),
    axis,
  )
  const starts: number[] = []
  let blocks = 0
  for (const array of arrays) {
    starts.push(blocks)
    blocks += array.chunks[axis]!.length
  }
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const source = starts.findLastIndex((start) => start <= at[axis]!)
    const own = at.map((c, a) => (a === axis ? c - starts[source]! : c))
    const block = ravel(own, numblocksOf(arrays[source]!.chunks))
    nodes.push({ recipe: ALIAS, inputs: [source, block], params: [] })
  })
  return indexed({
    operation: 'concatenate',
    sources: arrays,
    nodes,
    dtype,
    chunks,
    content: [axis],
  })
}

/** Cuts the axes that are not joined alike: by every cut that any of the arrays has. */
function alignOthers(arrays: readonly ArraySpec[], axis: number): readonly ArraySpec[] {
  const others = (array: ArraySpec) => array.chunks.map((sizes, a) => (a === axis ? [1] : sizes))
  const common = commonGrid(arrays.map(others), gridShape(others(arrays[0]!)))
  return arrays.map((array) =>
    rechunkTo(
      array,
      common.map((sizes, a) => (a === axis ? array.chunks[a]! : sizes)),
    ),
  )
}

/** The array with a new axis of size 1. */
export function expandLayer(array: ArraySpec, axis: number): ArraySpec {
  const own = array.chunks.map((_, a) => a)
  const axes = [...own.slice(0, axis), -1, ...own.slice(axis)]
  return blockwise({
    operation: 'expandDims',
    fn: axesStep,
    args: [arg.input(0), arg.value(axes)],
    inputs: [{ array, axes: own.map((a) => (a < axis ? a : a + 1)) }],
    dtype: array.dtype,
    chunks: axes.map((a) => (a < 0 ? [1] : array.chunks[a]!)),
    content: [axis],
  })
}
