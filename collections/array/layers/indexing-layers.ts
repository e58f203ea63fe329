/**
 * Layers of indexing, such as `x.at('1:10:2', -1)`.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import type { AxisSlice } from '../block/ndarray.js'
import type { BlockPart } from '../kernels/assemble-block.js'
import { forEachBlock, numblocksOf } from '../planning/chunk-grid.js'
import type { IndexItem } from '../planning/index-parser.js'
import { type IndexPlan, planIndex, type ResultChunk } from '../planning/index-plan.js'
import { viewStep } from '../steps/reshape-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'
import { assembleRecipe } from './rechunk-layers.js'

/** Selects the elements of an index. NumPy: `x[...]`. */
export function indexLayer(array: ArraySpec, items: readonly IndexItem[]): ArraySpec {
  const plan = planIndex(items, shapeOf(array), array.chunks)
  const nodes = plan.views ? viewNodes(array, plan) : listNodes(array, plan)
  return indexed({
    operation: 'getitem',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks: plan.grid,
    content: [plan.index],
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
