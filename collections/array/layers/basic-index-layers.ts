/**
 * Layers of indices whose positions are known: slices, integers, new axes and lists.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import {
  type AxisIndex,
  type AxisSlice,
  listAxis,
  type ParsedIndex,
} from '../block/index-parser.js'
import type { BlockPart } from '../kernels/assemble-block.js'
import { forEachBlock, mergeSmall, numblocksOf } from '../planning/chunk-grid.js'
import { type IndexPlan, planIndex, type ResultChunk } from '../planning/index-plan.js'
import { planPoints } from '../planning/points-plan.js'
import { pointsStep } from '../steps/index-steps.js'
import { viewStep } from '../steps/reshape-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'
import { assembleRecipe, rechunkTo } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'

/**
 * Selects the elements of a parsed index. Of several lists, the elements stand along the axis that `listAxis` says, or
 * along the first if `pointsFirst` is true.
 */
export function selectLayer(
  array: ArraySpec,
  { entries, listShape }: ParsedIndex,
  pointsFirst = false,
): ArraySpec {
  const lists = entries.flatMap((entry) => (entry.kind === 'list' ? [entry.positions] : []))
  const at = pointsFirst ? 0 : listAxis(entries)
  if (lists.length === 0) return planned(array, entries)
  if (lists.length === 1 && !pointsFirst) {
    return reshapeAxis(planned(array, entries), at, listShape)
  }
  const shape = shapeOf(array)
  let axis = 0
  const plain = entries.map((entry): AxisIndex => {
    const n = entry.kind === 'newaxis' ? 1 : shape[axis++]!
    return entry.kind === 'list' ? { kind: 'slice', start: 0, step: 1, size: n } : entry
  })
  const view = planned(array, plain)
  const axes = entries
    .filter(({ kind }) => kind !== 'pick')
    .flatMap(({ kind }, i) => (kind === 'list' ? [i] : []))
  return reshapeAxis(pointsLayer(view, axes, lists, at), at, listShape)
}

/** Replaces an axis by axes of the same elements. */
export function reshapeAxis(array: ArraySpec, axis: number, sizes: readonly number[]): ArraySpec {
  if (sizes.length === 1) return array
  const shape = shapeOf(array)
  return reshapeLayer(array, [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)])
}

/** Selects the elements of an index with at most one list. */
function planned(array: ArraySpec, entries: readonly AxisIndex[]): ArraySpec {
  const plan = planIndex(entries, array.chunks)
  const nodes = plan.views ? viewNodes(array, plan) : listNodes(array, plan)
  const result = indexed({
    operation: 'getitem',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks: plan.grid,
    content: [plan.index],
  })
  return withoutSmallChunks(result, array, plan)
}

/** Joins the small chunks that a slice with a large step leaves of the chunks of an array. */
function withoutSmallChunks(result: ArraySpec, array: ArraySpec, plan: IndexPlan): ArraySpec {
  let axis = 0
  const grid = plan.index.flatMap(({ kind }, i) => {
    if (kind === 'newaxis') return [plan.chunks[i]!.map(({ size }) => size)]
    const source = array.chunks[axis++]!
    if (kind === 'pick') return []
    const sizes = plan.chunks[i]!.map(({ size }) => size)
    return [
      mergeSmall(
        sizes,
        source.reduce((a, b) => Math.max(a, b), 0),
      ),
    ]
  })
  return rechunkTo(
    result,
    grid.map((sizes, a) => (sizes.length < result.chunks[a]!.length ? sizes : result.chunks[a]!)),
  )
}

/** Selects the elements at tuples of positions on some axes; these become one axis, number `at` of the result. */
function pointsLayer(
  array: ArraySpec,
  axes: readonly number[],
  lists: readonly (readonly number[])[],
  at: number,
): ArraySpec {
  const { chunks, dtype } = array
  const points = planPoints(
    lists,
    axes.map((axis) => chunks[axis]!),
  )
  const rest = chunks.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const grid = rest.map((axis) => chunks[axis]!)
  grid.splice(
    at,
    0,
    points.map(({ size }) => size),
  )
  const parts = points.map(({ pieces }) =>
    pieces.map(({ take, to }, source) => ({ source, lists: take, to })),
  )
  const site = captureCallSite()
  const recipeFor = recipesByCount((count) => {
    const values = [arg.value(dtype), arg.param(0), arg.value(axes), arg.value(at), arg.param(1)]
    return recipe(pointsStep, [arg.inputs(0, count), ...values], { label: 'at', site })
  })
  const numblocks = numblocksOf(chunks)
  const nodes: BlockNode[] = []
  forEachBlock(grid, (coordinates) => {
    const { size, pieces } = points[coordinates[at]!]!
    const others = coordinates.filter((_, axis) => axis !== at)
    const inputs = pieces.flatMap(({ blocks }) => {
      const own = chunks.map((_, axis) => {
        const k = axes.indexOf(axis)
        return k < 0 ? others[rest.indexOf(axis)]! : blocks[k]!
      })
      return [0, blockNumber(own, numblocks)]
    })
    const params = [size, parts[coordinates[at]!]!]
    nodes.push({ recipe: recipeFor(pieces.length), inputs, params })
  })
  return indexed({
    operation: 'points',
    sources: [array],
    nodes,
    dtype,
    chunks: grid,
    content: [axes, lists, at],
  })
}

/** Calls `visit` for each block of the result, with its chunk along each entry of the index. */
function forEachResultBlock(
  plan: IndexPlan,
  visit: (chunks: readonly ResultChunk[]) => void,
): void {
  const resultEntries = plan.index.flatMap(({ kind }, i) => (kind === 'pick' ? [] : [i]))
  forEachBlock(plan.grid, (at) => {
    const coordinates = new Map(resultEntries.map((entry, k) => [entry, at[k]!]))
    visit(plan.chunks.map((list, i) => list[coordinates.get(i) ?? 0]!))
  })
}

/** Returns the entries of the index that select from an axis of the source, in order. */
function sourceEntries(plan: IndexPlan): number[] {
  return plan.index.flatMap(({ kind }, i) => (kind === 'newaxis' ? [] : [i]))
}

/** Returns, for each axis of the result, the axis of the source; -1 for a new one. */
function resultAxes(plan: IndexPlan, entries: readonly number[]): number[] {
  return plan.index.flatMap(({ kind }, i) =>
    kind === 'newaxis' ? [-1] : kind === 'pick' ? [] : [entries.indexOf(i)],
  )
}

/** Makes the nodes of an index without a list: every block is a view of one block of the source. */
function viewNodes(array: ArraySpec, plan: IndexPlan): BlockNode[] {
  const entries = sourceEntries(plan)
  const args = [arg.input(0), arg.param(0), arg.value(resultAxes(plan, entries))]
  const view = recipe(viewStep, args, { label: 'at', site: captureCallSite() })
  const numblocks = numblocksOf(array.chunks)
  const nodes: BlockNode[] = []
  forEachResultBlock(plan, (chunks) => {
    const pieces = entries.map((i) => chunks[i]!.pieces[0]!)
    const block = blockNumber(
      pieces.map((piece) => piece.block),
      numblocks,
    )
    const slices = pieces.map((piece) => piece.take as AxisSlice)
    nodes.push({ recipe: view, inputs: [0, block], params: [slices] })
  })
  return nodes
}

/** Makes the nodes of an index with a list: a block is assembled from parts of several blocks. */
function listNodes(array: ArraySpec, plan: IndexPlan): BlockNode[] {
  const entries = sourceEntries(plan)
  const listed = entries.findIndex((i) => plan.index[i]!.kind === 'list')
  const numblocks = numblocksOf(array.chunks)
  const recipeFor = recipesByCount((count) => {
    const assemble = assembleRecipe(count, array.dtype, 'at')
    const args = [arg.step(0), arg.param(2), arg.value(resultAxes(plan, entries))]
    const step = { fn: viewStep, args, label: 'at', site: assemble.steps[0]!.site }
    return { ...assemble, steps: [...assemble.steps, step], params: 3 }
  })
  const nodes: BlockNode[] = []
  forEachResultBlock(plan, (chunks) => {
    const own = entries.map((i) => chunks[i]!)
    const shape = own.map(({ size }) => size)
    const inputs: number[] = []
    const parts = own[listed]!.pieces.map((piece, source): BlockPart => {
      const pieces = own.map((chunk, axis) => (axis === listed ? piece : chunk.pieces[0]!))
      const block = blockNumber(
        pieces.map((own) => own.block),
        numblocks,
      )
      inputs.push(0, block)
      return { source, take: pieces.map(({ take }) => take), to: pieces.map(({ to }) => to ?? 0) }
    })
    const whole = shape.map((size): AxisSlice => ({ start: 0, step: 1, size }))
    nodes.push({ recipe: recipeFor(parts.length), inputs, params: [shape, parts, whole] })
  })
  return nodes
}
