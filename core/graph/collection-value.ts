/** The task that combines the values of a collection's blocks into the collection's value. */
import { countBlocks, type Key } from '../base/keys.js'
import { operations } from '../base/operations.js'
import { type Computable, finalizeCollection, kindOfCollection } from './collection-interface.js'
import type { CollectionKind, LayerDescriptor } from './descriptor.js'
import { LayerGraph } from './graph.js'
import { dataLayer, IndexedLayer, type Layer } from './layer.js'
import { arg, recipe } from './recipe.js'
import { findReviver, loadReviver, type Reviver } from './revivers.js'

/**
 * Combines the values of blocks into a collection's value, given only the collection's kind. Returns a
 * promise if the module of its class must be loaded first.
 */
export function finalizeBlocks(
  about: CollectionKind & Pick<LayerDescriptor, 'name' | 'numblocks'>,
  blocks: readonly unknown[],
): unknown {
  const finalize = (revive: Reviver): unknown => {
    const collection = revive(dataLayer(about.name, about.numblocks, []), about.meta) as Computable
    return collection[finalizeCollection](blocks)
  }
  // Synchronous if possible, so that `getSync` can run it.
  const revive = findReviver(about.reviver)
  if (revive !== undefined) return finalize(revive)
  return loadReviver(about.reviver).then(finalize)
}
operations('core/graph/collection-value', { finalizeBlocks })

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
