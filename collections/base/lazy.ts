/**
 * Lazy values as arguments: which there are, and the layer of one block that gives the value of each.
 */
import { valueLayer } from '../../core/graph/descriptor.js'
import type { Layer } from '../../core/graph/layer.js'
import { RemoteValue, remoteLayer } from '../../core/graph/remote-value.js'
import { tokenize } from '../../core/graph/tokenize.js'
import { Collection } from './collection.js'
import { Item } from './item.js'

/** A result that a cluster computes or has, such as a `Future` of it. */
export type RemoteOf<T> = RemoteValue & { readonly type: T }

/** A value that is there when a task runs: what computing a collection gives, or a future's result. */
export type LazyOf<T> = Collection<T> | RemoteOf<T>

/** Whether a value is one that is there when a task runs. */
export function isLazy(value: unknown): value is LazyOf<unknown> {
  return value instanceof Collection || value instanceof RemoteValue
}

/** The layer of one block that gives a lazy value: of a bag its list, of an array its elements. */
export function layerOfLazy(value: LazyOf<unknown>): Layer {
  if (value instanceof RemoteValue) {
    const { run, place } = value
    return remoteLayer(`future-${tokenize('future', run, place)}`, [], [value])
  }
  return value instanceof Item ? value.layer : valueLayer(value)
}
