/** The keys of tasks that were expanded from layers. They are made on demand, from the layer's name and the block. */
import { blockCoordinates, blockKey } from '../../core/base/keys.js'
import type { LayerKeys, PackedStrings } from './client-messages.js'
import { findString, packStrings } from './packed-strings.js'

/** Returns the key of a task. */
export function layerKey({ layers, layerOf, blockOf }: LayerKeys, task: number): string {
  const { name, numblocks } = layers[layerOf[task]!]!
  const block = blockOf[task]!
  return numblocks.length === 1
    ? `${name}:${block}`
    : blockKey(name, blockCoordinates(block, numblocks))
}

/** Returns the numbers of the tasks that have a key. */
export function findKey(keys: PackedStrings | LayerKeys, key: string): number[] {
  if ('joined' in keys) return findString(keys, key)
  const { layers, layerOf } = keys
  const found: number[] = []
  for (let task = 0; task < layerOf.length; task++)
    if (key.startsWith(layers[layerOf[task]!]!.name) && layerKey(keys, task) === key)
      found.push(task)
  return found
}

/** Packs the keys of all tasks, so that they can be sent. */
export function packKeys(keys: LayerKeys): PackedStrings {
  return packStrings(keys.blockOf.length, (task) => layerKey(keys, task))
}
