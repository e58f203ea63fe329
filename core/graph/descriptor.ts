/**
 * Descriptors: collections as plain data. A scheduler, which does not know collections, stores them under
 * names; a client revives them without the code that built them. Also the methods that a collection
 * implements for descriptors and for clusters.
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

/** A collection as data. */
export interface CollectionDescriptor {
  /** The operation that creates the collection: `(layer, meta) => collection`. */
  readonly reviver: OperationReference
  readonly layers: readonly LayerDescriptor[]
  /** The facts that the collection's class needs besides its layer. */
  readonly meta: unknown
}

/** One layer as data; dependencies are indices into the descriptor's list of layers. */
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
    /** For each block: its recipe's index, inputs, parameters, and whether the parameters were serialized. */
    readonly blocks: readonly (readonly [
      number,
      readonly number[],
      readonly unknown[],
      wasSerialized?: boolean,
    ])[]
  }
}

/** The reviver and `meta` of a collection. */
export type CollectionKind = Pick<CollectionDescriptor, 'reviver' | 'meta'>

/** The method of a collection that returns its descriptor. */
export const describeCollection = Symbol.for('skein.describeCollection')

/** The method of a collection that returns its kind. */
export const kindOfCollection = Symbol.for('skein.kindOfCollection')

/** The method of a collection that combines the values of its blocks into its value. */
export const finalizeCollection = Symbol.for('skein.finalizeCollection')
/** The method of a collection that returns the same collection with remote values for its blocks. */
export const withRemoteBlocks = Symbol.for('skein.withRemoteBlocks')

/** A value that can be stored under a name: every collection. */
export interface Describable {
  [describeCollection](): CollectionDescriptor
}

/** A value that a cluster can compute and keep: every collection. `Result` is the type of its value. */
export interface Computable<Result = unknown> extends Describable {
  readonly name: string
  readonly layer: Layer
  readonly keys: readonly Key[]
  optimize(): LayerGraph
  [kindOfCollection](): CollectionKind
  [finalizeCollection](blocks: readonly unknown[]): Result
  [withRemoteBlocks](values: readonly RemoteValue[]): this
}

/** Whether a value is a collection, which a cluster can compute. */
export function isComputable(value: unknown): value is Computable {
  return typeof value === 'object' && value !== null && finalizeCollection in value
}

/** The interface that all collections share: the type of a collection that is retrieved by name. */
export interface NamedCollection extends Describable {
  /** The name of its layer: `operation-token`. */
  readonly name: string
  /** The keys of its partitions or chunks. */
  readonly keys: readonly string[]
  /** Runs the graph and returns the value. */
  compute(options?: ComputeOptions): Promise<unknown>
  /** Runs the graph and returns the same collection with its partitions or chunks already computed. */
  persist(options?: ComputeOptions): Promise<this>
}

/** Whether a value is a collection, which has a descriptor. */
export function isDescribable(value: unknown): value is Describable {
  return typeof value === 'object' && value !== null && describeCollection in value
}

/** Describes a layer and all layers it needs as data; the layer itself comes last. */
export function layersToDescriptors(root: Layer): LayerDescriptor[] {
  const layers = layersOf([root])
  const indexOf = new Map<Layer, number>(layers.map((layer, i) => [layer, i]))
  return layers.map((layer) => {
    const dependencies = layer.dependencies.map((dependency) => indexOf.get(dependency)!)
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
          params: layer.params.map(loadBlockParam),
        },
      }
    }
    invariant(
      layer instanceof IndexedLayer,
      `layer '${name}' is of a kind that collections do not use`,
    )
    return { name, numblocks, dependencies, nodes: packNodes(layer.nodes) }
  })
}

/** Describes the blocks of an indexed layer, listing each recipe once. */
function packNodes(nodes: readonly BlockNode[]): LayerDescriptor['nodes'] {
  const recipes: Recipe[] = []
  const indexOf = new Map<Recipe, number>()
  const blocks = nodes.map((node) => {
    let index = indexOf.get(node.recipe)
    if (index === undefined)
      indexOf.set(node.recipe, (index = recipes.push(describableRecipe(node.recipe)) - 1))
    const { inputs, params } = node
    const isSerialized = params.some((param) => param instanceof SerializedParam)
    return isSerialized
      ? ([index, inputs, loadParams(params), true] as const)
      : ([index, inputs, params] as const)
  })
  return { recipes, blocks }
}

/** Decodes the serialized values of a parameter, for the codec, and marks the parameter. */
function loadBlockParam(param: BlockParam): BlockParam & { readonly wasSerialized?: boolean } {
  if (param.kind !== 'values' || !param.values.some((value) => value instanceof SerializedParam))
    return param
  return { kind: 'values', values: loadParams(param.values), wasSerialized: true }
}

/** Serializes the values of a marked parameter again: the inverse of `loadBlockParam`. */
function serializeBlockParam(param: BlockParam & { readonly wasSerialized?: boolean }): BlockParam {
  if (param.kind !== 'values' || param.wasSerialized !== true) return param
  return { kind: 'values', values: param.values.map((value) => serializeParam(value, ['value'])) }
}

/** Builds the layers of descriptors and returns the last one. */
function layersFromDescriptors(descriptions: readonly LayerDescriptor[]): Layer {
  const layers: Layer[] = []
  for (const { name, numblocks, dependencies, blockwise, nodes } of descriptions) {
    const sources = dependencies.map((index) => layers[index]!)
    if (blockwise !== undefined) {
      const inputs = sources.map((layer, i) => {
        const axes = blockwise.axes[i]
        return axes === undefined ? { layer } : { layer, axes }
      })
      const { recipe } = blockwise
      const params = blockwise.params.map(serializeBlockParam)
      layers.push(new BlockwiseLayer({ name, numblocks, recipe, inputs, params }))
    } else {
      invariant(
        nodes !== undefined,
        `the descriptor of layer '${name}' has neither a recipe nor nodes`,
      )
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

/**
 * Combines the values of blocks into a collection's value, given only the collection's kind. Returns a
 * promise if the module of its class must be loaded first.
 */
export function finalizeBlocks(
  about: CollectionKind & Pick<LayerDescriptor, 'name' | 'numblocks'>,
  blocks: readonly unknown[],
): unknown {
  const finalize = (revive: Function): unknown => {
    const collection = revive(dataLayer(about.name, about.numblocks, []), about.meta) as Computable
    return collection[finalizeCollection](blocks)
  }
  // Synchronous if possible, so that `getSync` can run it.
  const revive = findOperation(about.reviver)
  if (revive !== undefined) return finalize(revive)
  return loadOperations(about.reviver.module).then(() => finalize(resolveOperation(about.reviver)))
}
operations('core/graph/descriptor', { finalizeBlocks })

/**
 * Returns a layer of one task whose result is a collection's value. `layer` is the collection's own layer or
 * the layer it was fused into.
 */
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

/** Returns the graph of a collection with one more task, whose result is the collection's value, and that task's key. */
export function graphOfValue(collection: Computable): { graph: LayerGraph; key: Key } {
  const { layers } = collection.optimize()
  const top = layers.find((layer) => layer.name === collection.name)!
  const layer = valueLayer(collection, top)
  return { graph: new LayerGraph([...layers, layer]), key: layer.key(0) }
}

/** Creates the collection of a descriptor; loads the module of its class if necessary. */
export async function reviveCollection(descriptor: CollectionDescriptor): Promise<unknown> {
  await loadOperations(descriptor.reviver.module)
  const revive = resolveOperation(descriptor.reviver) as (layer: Layer, meta: unknown) => unknown
  return revive(layersFromDescriptors(descriptor.layers), descriptor.meta)
}
