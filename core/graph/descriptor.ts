/**
 * Descriptors: collections as plain data. A scheduler, which does not know collections, stores them under
 * names; a client revives them without the code that built them.
 */
import { invariant } from '../base/errors.js'
import type { OperationReference } from '../base/operations.js'
import { GroupLayer } from './group-layer.js'
import {
  type BlockNode,
  type BlockParam,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
  layersOf,
} from './layer.js'
import { describableRecipe, type Recipe } from './recipe.js'
import { loadReviver } from './revivers.js'
import { loadParams, SerializedParam, serializeParam } from './serialized-params.js'

/** A collection as data. */
export interface CollectionDescriptor {
  /** The operation that creates the collection: `(layer, meta) => collection`. */
  readonly reviver: OperationReference
  /** The layers, each after those it reads; the last one is that of the collection. */
  readonly layers: readonly LayerDescriptor[]
  /** The facts that the collection's class needs besides its layer. */
  readonly meta: unknown
}

/** One layer as data; dependencies are indices into the descriptor's list of layers. */
export interface LayerDescriptor {
  /** The name: `operation-token`. */
  readonly name: string
  /** The number of blocks along each axis. */
  readonly numblocks: readonly number[]
  /** The indices of the layers that it reads. */
  readonly dependencies: readonly number[]
  /** The one recipe of all blocks, with the axes of each input and the parameters; for a blockwise layer. */
  readonly blockwise?: {
    readonly recipe: Recipe
    readonly axes: readonly (readonly number[] | undefined)[]
    readonly params: readonly BlockParam[]
    readonly cost: number | undefined
  }
  /** How many blocks a block merges along each axis, and the recipe for each number of blocks; for a level of a tree. */
  readonly groups?: {
    readonly fan: readonly number[]
    readonly recipes: readonly (readonly [count: number, recipe: Recipe])[]
  }
  /** The recipes and the blocks; for a layer that lists its blocks. */
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
          cost: layer.cost,
        },
      }
    }
    if (layer instanceof GroupLayer) {
      const recipes = Array.from(
        layer.recipes,
        ([count, own]) => [count, describableRecipe(own)] as const,
      )
      return { name, numblocks, dependencies, groups: { fan: layer.fan, recipes } }
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
  for (const { name, numblocks, dependencies, blockwise, groups, nodes } of descriptions) {
    const sources = dependencies.map((index) => layers[index]!)
    if (blockwise !== undefined) {
      const inputs = sources.map((layer, i) => {
        const axes = blockwise.axes[i]
        return axes === undefined ? { layer } : { layer, axes }
      })
      const { recipe, cost } = blockwise
      const params = blockwise.params.map(serializeBlockParam)
      layers.push(new BlockwiseLayer({ name, numblocks, recipe, inputs, params, cost }))
    } else if (groups !== undefined) {
      const { fan } = groups
      const recipes = new Map(groups.recipes)
      layers.push(new GroupLayer({ name, numblocks, source: sources[0]!, fan, recipes }))
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

/** Creates the collection of a descriptor; loads the module of its class if necessary. */
export async function reviveCollection(descriptor: CollectionDescriptor): Promise<unknown> {
  const revive = await loadReviver(descriptor.reviver)
  return revive(layersFromDescriptors(descriptor.layers), descriptor.meta)
}
