/**
 * Encodes the layers of a collection for a `submit` message, instead of listing every task. The scheduler
 * expands them (`distributed/protocol/expand-layers.ts`). Only graphs whose layers are all blockwise are
 * encoded in this way.
 */
import type { LayerGraph } from '../../../core/graph/graph.js'
import { areAllBlocks, BlockwiseLayer, type Layer, layersOf } from '../../../core/graph/layer.js'
import { SerializedParam } from '../../../core/graph/serialized-params.js'
import { isEncoded, type StoredValue, store } from '../../../core/graph/stored-value.js'
import type { WireLayer } from '../../protocol/index.js'
import { assertSendable } from '../../protocol/sendable.js'
import type { RecipeColumns } from './recipe-columns.js'

/** The number of blocks from which layers are encoded; tasks of fewer are listed. */
const fewestBlocks = 256

/** Encodes the layers that produce the given keys. Returns undefined if the tasks must be listed instead. */
export function encodeLayers(
  graph: LayerGraph,
  keys: readonly unknown[],
  recipes: RecipeColumns,
): WireLayer[] | undefined {
  const last = graph.layers.at(-1)
  if (last === undefined || keys.length < fewestBlocks || !areAllBlocks(keys, last)) {
    return undefined
  }
  const layers = layersOf([last])
  if (!layers.every(isEncodable)) return undefined
  const indexOf = new Map<Layer, number>(layers.map((layer, i) => [layer, i]))
  return layers.map(({ name, numblocks, recipe, inputs, params }) => ({
    name,
    numblocks,
    recipe: recipes.add(recipe),
    inputs: inputs.map(({ layer, axes }) => ({ layer: indexOf.get(layer)!, axes: axes ?? null })),
    params: params.map((param) => {
      if (param.kind !== 'values') return { kind: param.kind }
      return { kind: 'values', values: param.values.map((value) => encodeParam(value, recipes)) }
    }),
  }))
}

function isEncodable(layer: Layer): layer is BlockwiseLayer {
  return layer instanceof BlockwiseLayer && layer.recipe.isRemote !== true
}

function encodeParam(value: unknown, recipes: RecipeColumns): StoredValue {
  const stored = value instanceof SerializedParam ? value.stored : store(value, { shared: true })
  if (!isEncoded(stored)) return stored
  recipes.addBundles(stored.bundles)
  assertSendable(stored, () => 'A partition or block', 'make several of it')
  return stored
}
