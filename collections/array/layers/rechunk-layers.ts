/**
 * Layers that rechunk an array.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS, arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import type { Dtype } from '../block/dtype.js'
import type { BlockPart } from '../kernels/assemble-block.js'
import {
  blockShape,
  forEachBlock,
  type Grid,
  numblocksOf,
  sameGrid,
} from '../planning/chunk-grid.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { type AxisMove, planMoves } from '../planning/rechunk-plan.js'
import { assembleStep, viewStep } from '../steps/reshape-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'

/** Rechunks an array as a `chunks` argument describes. */
export function rechunkLayer(array: ArraySpec, chunks: ChunksSpec): ArraySpec {
  if (chunks === undefined) {
    throw new TypeError(
      "rechunk: give the chunks, such as rechunk(1000), rechunk([10, -1]) or rechunk('auto'); got undefined",
    )
  }
  return rechunkTo(array, normalizeChunks(chunks, shapeOf(array), 'rechunk', array.dtype))
}

/** Rechunks an array to another grid of the same shape. */
export function rechunkTo(array: ArraySpec, chunks: Grid): ArraySpec {
  if (sameGrid(array.chunks, chunks)) return array
  const moves = chunks.map((sizes, axis) => planMoves(array.chunks[axis]!, sizes))
  const numblocks = numblocksOf(array.chunks)
  const recipeFor = recipesByCount((count) => assembleRecipe(count, array.dtype, 'rechunk'))
  const axes = chunks.map((_, axis) => axis)
  const view = recipe(viewStep, [arg.input(0), arg.param(0), arg.value(axes)], {
    label: 'rechunk',
    site: captureCallSite(),
  })
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const sources = product(at.map((c, axis) => moves[axis]![c]!))
    const inputs = sources.flatMap((source) => [
      0,
      blockNumber(
        source.map((move) => move.block),
        numblocks,
      ),
    ])
    if (sources.length === 1) {
      const [source] = sources as [AxisMove[]]
      const slices = source.map(({ take }) => take)
      const isWhole = source.every(
        ({ block, take }, axis) => take.size === array.chunks[axis]![block],
      )
      nodes.push(
        isWhole
          ? { recipe: ALIAS, inputs, params: [] }
          : { recipe: view, inputs, params: [slices] },
      )
      return
    }
    const parts = sources.map(
      (source, index): BlockPart => ({
        source: index,
        take: source.map(({ take }) => take),
        to: source.map(({ to }) => to),
      }),
    )
    nodes.push({
      recipe: recipeFor(sources.length),
      inputs,
      params: [blockShape(chunks, at), parts],
    })
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

/** Makes a recipe that assembles a block from `count` inputs; its parameters are shape and parts. */
export function assembleRecipe(count: number, dtype: Dtype, label: string): Recipe {
  const args = [arg.inputs(0, count), arg.value(dtype), arg.param(0), arg.param(1)]
  return recipe(assembleStep, args, { label, site: captureCallSite() })
}

/** Returns every way to choose one item of each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  )
}
