/**
 * Lazy values as arguments: collections, and results that a cluster computes or holds.
 */
import { valueLayer } from '../../core/graph/collection-value.js'
import type { Layer } from '../../core/graph/layer.js'
import { RemoteValue, remoteLayer } from '../../core/graph/remote-value.js'
import { tokenize } from '../../core/graph/tokenize.js'
import { layerOfKind } from './argument-kind.js'
import { Collection } from './collection.js'

/** A result of type `T` that a cluster computes or holds, such as a `Future`. */
export type RemoteOf<T> = RemoteValue & { readonly type: T }

/** A value that is computed before a task runs: the value of a collection, or a future's result. */
export type LazyOf<T> = Collection<T> | RemoteOf<T>

/** Whether a value is a collection or a remote result. */
export function isLazy(value: unknown): value is LazyOf<unknown> {
  return value instanceof Collection || value instanceof RemoteValue
}

/** Returns a layer of one block that holds the value: the list of a bag, the elements of an array. */
export function layerOfLazy(value: LazyOf<unknown>): Layer {
  if (value instanceof RemoteValue) {
    const { run, place } = value
    return remoteLayer(`future-${tokenize('future', run, place)}`, [], [value])
  }
  return layerOfKind(value, 'item') ?? valueLayer(value)
}
