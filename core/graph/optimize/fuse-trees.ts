/**
 * Fuses small blocks into the tasks that merge them.
 *
 * A task costs microseconds, whatever it does. If a tree reduces a million blocks of a few elements, most
 * of the time would go there. So one task computes a whole group of blocks, if their time is known to be
 * short: too short for it to matter that they do not run in parallel.
 */
import { countBlocks } from '../../base/keys.js'
import { FusedTreeLayer, GroupLayer } from '../group-layer.js'
import { BlockwiseLayer, type Layer, layersOf, withDependencies } from '../layer.js'
import type { Recipe } from '../recipe.js'
import { sameAnnotations } from './same-annotations.js'

/** The estimated nanoseconds up to which blocks are computed by one task. */
const maxCost = 500_000

/** The same where so many tasks are left that all threads of most clusters have some: a task itself costs less then. */
const [maxCostOfMany, many] = [4_000_000, 128]

/** Trees over fewer blocks are not fused: their blocks stay tasks of their own, which users can see. */
const fewestBlocks = 512

/** The estimated nanoseconds of merging one block. */
const mergeCost = 500

/**
 * Fuses levels of trees with the layer below them, from the leaves up, as long as the estimated time of a
 * task stays short. A layer that is requested, or that something else reads, is not fused.
 */
export function fuseTrees(requested: readonly Layer[]): Layer[] {
  const sorted = layersOf(requested)
  const readers = new Map<Layer, number>()
  for (const layer of sorted)
    for (const dependency of new Set(layer.dependencies))
      readers.set(dependency, (readers.get(dependency) ?? 0) + 1)
  for (const layer of requested) readers.set(layer, Number.POSITIVE_INFINITY)
  const fused = new Map<Layer, Layer>()
  /** The estimated nanoseconds of a block of the fused layers. */
  const costs = new Map<Layer, number>()
  for (const layer of sorted) {
    const dependencies = layer.dependencies.map((dependency) => fused.get(dependency)!)
    let own = withDependencies(layer, dependencies)
    if (own instanceof BlockwiseLayer && own.cost !== undefined) costs.set(own, own.cost)
    if (layer instanceof GroupLayer && readers.get(layer.source) === 1) {
      const below = dependencies[0]!
      const group = layer.fan.map((n, axis) => Math.min(n, layer.source.numblocks[axis]!))
      const cost = ((costs.get(below) ?? Number.POSITIVE_INFINITY) + mergeCost) * countBlocks(group)
      const most = countBlocks(layer.numblocks) >= many ? maxCostOfMany : maxCost
      const tree = cost <= most ? joinLevel(below, layer) : undefined
      if (tree !== undefined) costs.set((own = tree), cost)
    }
    fused.set(layer, own)
  }
  return requested.map((layer) => fused.get(layer)!)
}

/** Returns a level and the layer below it as one layer; undefined if their tasks must stay apart. */
function joinLevel(below: Layer, level: GroupLayer): FusedTreeLayer | undefined {
  const lower = below instanceof FusedTreeLayer ? below.levels : []
  const leaf = below instanceof FusedTreeLayer ? below.leaf : below
  if (!(leaf instanceof BlockwiseLayer) || leaf.recipe.isRemote === true) return undefined
  if (countBlocks(leaf.numblocks) < fewestBlocks) return undefined
  for (const recipe of level.recipes.values()) if (!mayJoin(leaf.recipe, recipe)) return undefined
  return new FusedTreeLayer(leaf, [...lower, level])
}

/** Whether blocks of a layer are so small and many that they may be fused into a tree that merges them. */
export function isSmall({ cost, numblocks }: BlockwiseLayer): boolean {
  return cost !== undefined && 2 * cost <= maxCost && countBlocks(numblocks) >= fewestBlocks
}

/** Whether tasks of two recipes may run as one. A timeout is for each of them. */
function mayJoin({ annotations }: Recipe, merge: Recipe): boolean {
  return annotations?.timeout === undefined && sameAnnotations(annotations, merge.annotations)
}
