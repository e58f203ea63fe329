/**
 * The optimizer of collections: fuses layers into fewer ones. Requested layers keep their names.
 *
 * It works on layers, never on their tasks, so it takes the same time for ten partitions and a million.
 */

import {
  type BlockParam,
  type BlockwiseInput,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
  layersOf,
  withDependencies,
} from '../layer.js'
import { joinRecipes } from '../recipe.js'
import { fuseTrees, isSmall } from './fuse-trees.js'
import { joinIndexed, mayJoinIndexed } from './join-indexed.js'
import { sameAnnotations } from './same-annotations.js'

/**
 * Fuses chains of blockwise layers, and then small blocks into the tasks that merge them. Returns the fused
 * layers of the requested ones, in the same order.
 */
export function fuseLayers(requested: readonly Layer[]): Layer[] {
  return fuseTrees(fuseChains(requested))
}

/**
 * Fuses chains of blockwise layers: `read -> map -> filter` over n partitions becomes n tasks. Returns the
 * fused layers of the requested ones, in the same order.
 *
 * A chain may begin with indexed layers: `rechunk -> sqrt`. A layer is fused into its readers if they are all fused into one layer, it is not requested, and each
 * reader has the same grid, equal annotations, and reads the same block. A layer whose readers stay apart
 * is not fused, so nothing is computed twice, unless its blocks are cheap: then each chain makes them again. Layers of one name that was derived from their content are
 * equal, and count as one.
 */
function fuseChains(requested: readonly Layer[]): Layer[] {
  const roots = mergeEqualLayers(requested)
  const sorted = layersOf(roots)
  const { head, alsoIn } = findHeads(sorted, new Set(roots))
  const members = new Map<Layer, Member[]>()
  for (const layer of sorted) {
    if (!isMember(layer)) continue
    for (const chain of [head.get(layer)!, ...(alsoIn.get(layer) ?? [])]) {
      const list = members.get(chain)
      if (list === undefined) members.set(chain, [layer])
      else list.push(layer)
    }
  }
  const fused = new Map<Layer, Layer>()
  for (const layer of sorted) {
    if (head.get(layer) !== layer) continue
    fused.set(layer, rebuild(layer, members.get(layer), fused))
  }
  return roots.map((layer) => fused.get(layer)!)
}

/** Replaces layers of equal content by one of them, in the requested layers and in all that these need. */
function mergeEqualLayers(requested: readonly Layer[]): readonly Layer[] {
  const sorted = layersOf(requested)
  const names = new Set(sorted.map((layer) => layer.name))
  if (names.size === sorted.length) return requested
  const byName = new Map<string, Layer>()
  const merged = new Map<Layer, Layer>()
  for (const layer of sorted) {
    const same = byName.get(layer.name)
    if (same !== undefined && haveEqualTasks(same, layer)) {
      merged.set(layer, same)
      continue
    }
    const copy = withMerged(layer, merged)
    byName.set(layer.name, copy)
    merged.set(layer, copy)
  }
  return requested.map((layer) => merged.get(layer)!)
}

/** Whether two layers of one name have the same tasks. Others are an error when the graph is made. */
function haveEqualTasks(a: Layer, b: Layer): boolean {
  return (
    a.contentNamed &&
    b.contentNamed &&
    a.constructor === b.constructor &&
    sameGrid(a.numblocks, b.numblocks)
  )
}

function withMerged(layer: Layer, merged: ReadonlyMap<Layer, Layer>): Layer {
  const dependencies = layer.dependencies.map((dependency) => merged.get(dependency)!)
  return withDependencies(layer, dependencies)
}

/** Returns for every layer the last layer of its chain: itself, unless it is fused into its readers. */
/** Which layers become one. */
interface Heads {
  /** For each layer, the last one of its chain. */
  readonly head: ReadonlyMap<Layer, Layer>
  /** For cheap layers, the last ones of the other chains that make their blocks again. */
  readonly alsoIn: ReadonlyMap<Layer, readonly Layer[]>
}

function findHeads(sorted: readonly Layer[], requested: ReadonlySet<Layer>): Heads {
  const readers = new Map<Layer, Layer[]>()
  for (const layer of sorted) {
    for (const dependency of layer.dependencies) {
      const list = readers.get(dependency)
      if (list === undefined) readers.set(dependency, [layer])
      else if (list.at(-1) !== layer) list.push(layer)
    }
  }
  const head = new Map<Layer, Layer>()
  const alsoIn = new Map<Layer, readonly Layer[]>()
  for (let i = sorted.length - 1; i >= 0; i--) {
    const layer = sorted[i]!
    const by = readers.get(layer)
    const common = by === undefined || requested.has(layer) ? undefined : head.get(by[0]!)
    const joins =
      common !== undefined &&
      by!.every((reader) => head.get(reader) === common && canJoin(layer, reader))
    head.set(layer, joins ? common : layer)
    if (!joins && common !== undefined && layer instanceof BlockwiseLayer && layer.isCheap) {
      alsoIn.set(layer, chainsThatJoin(layer, by!, head))
    }
  }
  return { head, alsoIn }
}

/** Returns the heads of the chains whose readers of a layer can all make its blocks themselves. */
function chainsThatJoin(
  layer: Layer,
  readers: readonly Layer[],
  head: ReadonlyMap<Layer, Layer>,
): readonly Layer[] {
  const chains = new Set(readers.map((reader) => head.get(reader)!))
  for (const reader of readers) if (!canJoin(layer, reader)) chains.delete(head.get(reader)!)
  return [...chains]
}

/** A layer that may be fused with others. */
type Member = BlockwiseLayer | IndexedLayer

function isMember(layer: Layer): layer is Member {
  return layer instanceof BlockwiseLayer || layer instanceof IndexedLayer
}

function canJoin(layer: Layer, reader: Layer): boolean {
  if (!isMember(layer) || !(reader instanceof BlockwiseLayer)) return false
  if (!sameGrid(layer.numblocks, reader.numblocks)) return false
  if (layer instanceof IndexedLayer) {
    // Blocks that are fused into a tree win more by that.
    if (isSmall(reader) || !mayJoinIndexed(layer, reader)) return false
  } else {
    if (layer.recipe.isRemote === true) return false
    if (!sameAnnotations(layer.recipe.annotations, reader.recipe.annotations)) return false
  }
  return reader.inputs.every((input) => input.layer !== layer || isIdentity(input))
}

function isIdentity({ axes }: BlockwiseInput): boolean {
  return axes === undefined || axes.every((axis, i) => axis === i)
}

function sameGrid(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

function rebuild(
  layer: Layer,
  members: readonly Member[] | undefined,
  fused: ReadonlyMap<Layer, Layer>,
): Layer {
  if (members !== undefined && members.length > 1 && !members.every(isBlockwise))
    return joinIndexed(members, fused)
  if (members?.every(isBlockwise)) return joinLayers(members, fused)
  return withDependencies(
    layer,
    layer.dependencies.map((dependency) => fused.get(dependency)!),
  )
}

function isBlockwise(layer: Layer): layer is BlockwiseLayer {
  return layer instanceof BlockwiseLayer
}

/** Joins the layers of a chain into one, under the name of the last one. */
function joinLayers(
  members: readonly BlockwiseLayer[],
  fused: ReadonlyMap<Layer, Layer>,
): BlockwiseLayer {
  const last = members.at(-1)!
  if (members.length === 1 && last.inputs.every(({ layer }) => fused.get(layer) === layer))
    return last
  const partOf = new Map<Layer, number>(members.map((member, i) => [member, i]))
  const inputs: BlockwiseInput[] = []
  const known = new Map<Layer, Map<string, number>>()
  const inputIndex = (input: BlockwiseInput): number => {
    const signature = input.axes?.join() ?? ''
    let bySignature = known.get(input.layer)
    if (bySignature === undefined) known.set(input.layer, (bySignature = new Map()))
    let index = bySignature.get(signature)
    if (index === undefined) {
      index = inputs.push({ ...input, layer: fused.get(input.layer)! }) - 1
      bySignature.set(signature, index)
    }
    return index
  }
  const wiring = members.map((member) =>
    member.inputs.map((input) => {
      const part = partOf.get(input.layer)
      return part === undefined ? { input: inputIndex(input) } : { part }
    }),
  )
  const params: BlockParam[] = members.flatMap((member) => member.params)
  return new BlockwiseLayer({
    name: last.name,
    numblocks: last.numblocks,
    recipe: joinRecipes(
      members.map((member) => member.recipe),
      wiring,
      inputs.length,
    ),
    inputs,
    params,
    cost: sumOfCosts(members),
  })
}

/** Returns the cost of several layers together; undefined if that of one is not known. */
function sumOfCosts(members: readonly BlockwiseLayer[]): number | undefined {
  let sum = 0
  for (const { cost } of members) {
    if (cost === undefined) return undefined
    sum += cost
  }
  return sum
}
