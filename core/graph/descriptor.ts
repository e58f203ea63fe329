/**
 * Descriptors: a collection as plain data, so that it can be kept under a name by a scheduler that
 * knows nothing of collections, and be revived by a client that has none of the author's code.
 */

import { invariant } from '../base/errors.js'
import { countBlocks, type Key } from '../base/keys.js'
import {
  findOperation,
  loadOperations,
  type OperationReference,
  operations,
  resolveOperation,
} from '../base/operations.js'
import type { ComputeOptions } from './get.js'
import { LayerGraph } from './graph.js'
import type { BlockNode, Layer } from './layer.js'
import { type BlockParam, BlockwiseLayer, dataLayer, IndexedLayer, layersOf } from './layer.js'
import { arg, describableRecipe, type Recipe, recipe } from './recipe.js'
import type { RemoteValue } from './remote-value.js'
import { loadParams, SerializedParam, serializeParam } from './serialized-params.js'

/** A collection as data: who revives it, what it is made of, and what its class wants to know. */
export interface CollectionDescriptor {
  /** The operation that makes the collection again: `(layer, meta) => collection`. */
  readonly reviver: OperationReference
  readonly layers: readonly LayerDescriptor[]
  readonly meta: unknown
}

/** One layer; dependencies are places in the descriptor's list of layers. */
export interface LayerDescriptor {
  readonly name: string
  readonly numblocks: readonly number[]
  readonly dependencies: readonly number[]
  readonly blockwise?: {
    readonly recipe: Recipe
    readonly axes: readonly (readonly number[] | undefined)[]
    readonly params: readonly BlockParam[]
  }
  readonly nodes?: {
    readonly recipes: readonly Recipe[]
    /** Recipe, inputs, parameters, and whether these were frozen. */
    readonly blocks: readonly (readonly [
      number,
      readonly number[],
      readonly unknown[],
      wasSerialized?: boolean,
    ])[]
  }
}

/** Who revives a collection, and what its class wants to know. */
export type CollectionKind = Pick<CollectionDescriptor, 'reviver' | 'meta'>

/** The method by which a collection describes itself. */
export const describeCollection = Symbol.for('skein.describeCollection')

/** The method by which a collection says of what kind it is. */
export const kindOfCollection = Symbol.for('skein.kindOfCollection')

/** The method that makes a collection's value of those of its blocks. */
export const finalizeCollection = Symbol.for('skein.finalizeCollection')
/** The method that makes the same collection over results that a cluster keeps. */
export const withRemoteBlocks = Symbol.for('skein.withRemoteBlocks')

/** What can be stored under a name: every collection. */
export interface Describable {
  [describeCollection](): CollectionDescriptor
}

/** What a cluster can compute and keep: every collection; `Result` is what computing it gives. */
export interface Computable<Result = unknown> extends Describable {
  readonly name: string
  readonly layer: Layer
  readonly keys: readonly Key[]
  optimize(): LayerGraph
  [kindOfCollection](): CollectionKind
  [finalizeCollection](blocks: readonly unknown[]): Result
  [withRemoteBlocks](values: readonly RemoteValue[]): this
}

/** Whether a value is a collection. */
export function isComputable(value: unknown): value is Computable {
  return typeof value === 'object' && value !== null && finalizeCollection in value
}

/** What every collection can do, for whoever gets one by its name and does not say of which kind it is. */
export interface NamedCollection extends Describable {
  /** The name of its layer: `operation-token`. */
  readonly name: string
  /** The keys of its partitions or chunks. */
  readonly keys: readonly string[]
  /** Runs the graph and gives the value. */
  compute(options?: ComputeOptions): Promise<unknown>
  /** Runs the graph and gives a collection of the same kind whose partitions or chunks are there. */
  persist(options?: ComputeOptions): Promise<this>
}

/** Whether a value is a collection. */
export function isDescribable(value: unknown): value is Describable {
  return typeof value === 'object' && value !== null && describeCollection in value
}

/** The layers below one layer, as data. */
export function layersToDescriptors(root: Layer): LayerDescriptor[] {
  const layers = layersOf([root])
  const place = new Map<Layer, number>(layers.map((layer, i) => [layer, i]))
  return layers.map((layer) => {
    const dependencies = layer.dependencies.map((dependency) => place.get(dependency)!)
    const { name, numblocks } = layer
    if (layer instanceof BlockwiseLayer) {
      const axes = layer.inputs.map((input) => input.axes)
      return {
        name,
        numblocks,
        dependencies,
        blockwise: {
          recipe: describableRecipe(layer.recipe),
          axes,
          params: layer.params.map(thawParam),
        },
      }
    }
    invariant(
      layer instanceof IndexedLayer,
      `layer '${name}' is of a kind that collections do not make`,
    )
    return { name, numblocks, dependencies, nodes: packNodes(layer.nodes) }
  })
}

function packNodes(nodes: readonly BlockNode[]): LayerDescriptor['nodes'] {
  const recipes: Recipe[] = []
  const place = new Map<Recipe, number>()
  const blocks = nodes.map((node) => {
    let at = place.get(node.recipe)
    if (at === undefined)
      place.set(node.recipe, (at = recipes.push(describableRecipe(node.recipe)) - 1))
    const { inputs, params } = node
    const isFrozen = params.some((param) => param instanceof SerializedParam)
    return isFrozen
      ? ([at, inputs, loadParams(params), true] as const)
      : ([at, inputs, params] as const)
  })
  return { recipes, blocks }
}

/** A parameter with live values, for the codec; what was frozen is said to be. */
function thawParam(param: BlockParam): BlockParam & { readonly wasSerialized?: boolean } {
  if (param.kind !== 'values' || !param.values.some((value) => value instanceof SerializedParam))
    return param
  return { kind: 'values', values: loadParams(param.values), wasSerialized: true }
}

function freezeParam(param: BlockParam & { readonly wasSerialized?: boolean }): BlockParam {
  if (param.kind !== 'values' || param.wasSerialized !== true) return param
  return { kind: 'values', values: param.values.map((value) => serializeParam(value, ['value'])) }
}

/** The layer that a description's last entry stands for. */
export function layersFromDescriptors(descriptions: readonly LayerDescriptor[]): Layer {
  const layers: Layer[] = []
  for (const { name, numblocks, dependencies, blockwise, nodes } of descriptions) {
    const sources = dependencies.map((at) => layers[at]!)
    if (blockwise !== undefined) {
      const inputs = sources.map((layer, i) => {
        const axes = blockwise.axes[i]
        return axes === undefined ? { layer } : { layer, axes }
      })
      const { recipe } = blockwise
      const params = blockwise.params.map(freezeParam)
      layers.push(new BlockwiseLayer({ name, numblocks, recipe, inputs, params }))
    } else {
      invariant(nodes !== undefined, `layer '${name}' is described by nothing`)
      const unpacked = nodes.blocks.map(([recipe, inputs, params, wasSerialized]) => ({
        recipe: nodes.recipes[recipe]!,
        inputs,
        params: wasSerialized ? params.map((param) => serializeParam(param, ['value'])) : params,
      }))
      layers.push(new IndexedLayer({ name, numblocks, dependencies: sources, nodes: unpacked }))
    }
  }
  invariant(layers.length > 0, 'a collection has at least one layer')
  return layers.at(-1)!
}

/** A collection's value from those of its blocks, where nothing is known of it but its kind. */
export function finalizeBlocks(
  about: CollectionKind & Pick<LayerDescriptor, 'name' | 'numblocks'>,
  blocks: readonly unknown[],
): unknown {
  const finalize = (revive: Function): unknown => {
    const collection = revive(dataLayer(about.name, about.numblocks, []), about.meta) as Computable
    return collection[finalizeCollection](blocks)
  }
  // At once where it can be, so that `getSync` can do it.
  const revive = findOperation(about.reviver)
  if (revive !== undefined) return finalize(revive)
  return loadOperations(about.reviver.module).then(() => finalize(resolveOperation(about.reviver)))
}
operations('core/graph/descriptor', { finalizeBlocks })

/** A layer of one task, which gives a collection's value; `layer` is the collection's own, or what it was fused into. */
export function valueLayer(collection: Computable, layer: Layer = collection.layer): Layer {
  const { name, numblocks } = layer
  const count = countBlocks(numblocks)
  const about = arg.value({ ...collection[kindOfCollection](), name, numblocks })
  const inputs = Array.from({ length: count }, (_, block) => [0, block]).flat()
  const node = { recipe: recipe(finalizeBlocks, [about, arg.inputs(0, count)]), inputs, params: [] }
  return new IndexedLayer({
    name: `value-of-${name}`,
    numblocks: [],
    dependencies: [layer],
    nodes: [node],
  })
}

/** The graph of a collection with one task more, which gives the collection's value, and its key. */
export function graphOfValue(collection: Computable): { graph: LayerGraph; key: Key } {
  const { layers } = collection.optimize()
  const top = layers.find((layer) => layer.name === collection.name)!
  const layer = valueLayer(collection, top)
  return { graph: new LayerGraph([...layers, layer]), key: layer.key(0) }
}

/** The collection that a descriptor stands for; loads the module of its class when needed. */
export async function reviveCollection(descriptor: CollectionDescriptor): Promise<unknown> {
  await loadOperations(descriptor.reviver.module)
  const revive = resolveOperation(descriptor.reviver) as (layer: Layer, meta: unknown) => unknown
  return revive(layersFromDescriptors(descriptor.layers), descriptor.meta)
}
