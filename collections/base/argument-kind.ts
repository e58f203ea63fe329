/** Bags and lazy items as arguments of functions of bags. */
import type { Layer } from '../../core/graph/layer.js'
import { Collection } from './collection.js'

/** Marks collections that functions of bags can take as arguments: bags and lazy items. */
export const argumentKind: unique symbol = Symbol.for('skein.bag.argumentKind')

/** Returns the layer of a bag or of a lazy item. Returns undefined if the value is not one. */
export function layerOfKind(value: unknown, wanted: 'bag' | 'item'): Layer | undefined {
  if (!(value instanceof Collection)) return undefined
  return (value as { [argumentKind]?: string })[argumentKind] === wanted ? value.layer : undefined
}
