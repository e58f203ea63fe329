/** The layers of operations on two bags as sets of keys. */
import type { Layer } from '../../../core/graph/layer.js'
import type { Arg } from '../../../core/graph/recipe.js'
import { distinctLayer, matchesLayer } from './grouping-layers.js'
import { concatLayer } from './partition-layers.js'

const fanIn = 8

/** Lists the first item for each key of two layers. */
export function unionLayer(layer: Layer, other: Layer, key: Arg): Layer {
  return distinctLayer(concatLayer([layer, other]), key, fanIn, 'union')
}

/** Lists the first item for each key that occurs in both layers. */
export function intersectionLayer(layer: Layer, other: Layer, key: Arg, otherKey: Arg): Layer {
  const keys = distinctLayer(other, otherKey, fanIn, 'intersection')
  const matches = matchesLayer(layer, keys, otherKey, key, true, 'intersection')
  return distinctLayer(matches, key, fanIn, 'intersection')
}

/** Keeps the items whose key does not occur in another layer. */
export function subtractLayer(layer: Layer, other: Layer, key: Arg, otherKey: Arg): Layer {
  const keys = distinctLayer(other, otherKey, fanIn, 'subtract')
  return matchesLayer(layer, keys, otherKey, key, false, 'subtract')
}
