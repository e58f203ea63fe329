/**
 * Graphs of indexing: `x.at('1:10:2', -1)`.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { ravel } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import type { AxisSlice } from '../block/chunk.js'
import type { Move } from '../kernels/assemble-block.js'
import { forEachBlock, numblocksOf } from '../planning/chunk-grid.js'
import { type AxisPart, type IndexItem, type IndexPlan, planIndex } from '../planning/index-plan.js'
import { viewStep } from '../steps/block-steps.js'
import { type ArraySpec, indexed, shapeOf } from './array-spec.js'
import { assembleRecipe, recipesByCount } from './rechunk-layers.js'

/** The elements that an index picks. */
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

/** Calls `visit` with the part that each entry of the index plays in each block of the result. */
function forEachPart(plan: IndexPlan, visit: (parts: readonly AxisPart[]) => void): void {
  const kept = plan.index.flatMap(({ kind }, i) => (kind === 'pick' ? [] : [i]))
  forEachBlock(plan.grid, (at) => {
    const place = new Map(kept.map((entry, k) => [entry, at[k]!]))
    visit(plan.parts.map((list, i) => list[place.get(i) ?? 0]!))
  })
}

/** The entries that stand for an axis of the source, in order. */
function sourceEntries(plan: IndexPlan): number[] {
  return plan.index.flatMap(({ kind }, i) => (kind === 'newaxis' ? [] : [i]))
}

function viewNodes(array: ArraySpec, plan: IndexPlan): BlockNode[] {
  const entries = sourceEntries(plan)
  const axes: number[] = []
  plan.index.forEach(({ kind }, i) => {
    if (kind === 'newaxis') axes.push(-1)
    else if (kind !== 'pick') axes.push(entries.indexOf(i))
  })
  const args = [arg.input(0), arg.param(0), arg.value(axes)]
  const view = recipe(viewStep, args, { label: 'at', site: captureCallSite() })
  const numblocks = numblocksOf(array.chunks)
  const nodes: BlockNode[] = []
  forEachPart(plan, (parts) => {
    const pieces = entries.map((i) => parts[i]!.pieces[0]!)
    const block = ravel(
      pieces.map((piece) => piece.block),
      numblocks,
    )
    const slices = pieces.map((piece) => piece.take as AxisSlice)
    nodes.push({ recipe: view, inputs: [0, block], params: [slices] })
  })
  return nodes
}

/** With a list among the indices, a block may be made of parts of several. */
function listNodes(array: ArraySpec, plan: IndexPlan): BlockNode[] {
  const entries = sourceEntries(plan)
  const listed = entries.findIndex((i) => plan.index[i]!.kind === 'list')
  const numblocks = numblocksOf(array.chunks)
  const makeRecipe = (count: number) => {
    const built = assembleRecipe(count, array.dtype, 'at')
    const axes = plan.index.flatMap(({ kind }, i) =>
      kind === 'newaxis' ? [-1] : kind === 'pick' ? [] : [entries.indexOf(i)],
    )
    const args = [arg.step(0), arg.param(2), arg.value(axes)]
    const step = { fn: viewStep, args, label: 'at', site: built.steps[0]!.site }
    return { ...built, steps: [...built.steps, step], params: 3 }
  }
  const recipeFor = recipesByCount(makeRecipe)
  const nodes: BlockNode[] = []
  forEachPart(plan, (parts) => {
    const own = entries.map((i) => parts[i]!)
    const shape = own.map(({ size }) => size)
    const inputs: number[] = []
    const moves = own[listed]!.pieces.map((piece, source): Move => {
      const pieces = own.map((part, axis) => (axis === listed ? piece : part.pieces[0]!))
      inputs.push(
        0,
        ravel(
          pieces.map(({ block }) => block),
          numblocks,
        ),
      )
      return { source, take: pieces.map(({ take }) => take), to: pieces.map(({ to }) => to ?? 0) }
    })
    const whole = shape.map((size): AxisSlice => ({ start: 0, step: 1, size }))
    nodes.push({ recipe: recipeFor(moves.length), inputs, params: [shape, moves, whole] })
  })
  return nodes
}
