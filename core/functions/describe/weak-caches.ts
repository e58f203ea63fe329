/**
 * WeakMaps and WeakSets of bundled packages, such as the cache of a library. They are sent with the entries
 * of intrinsics, `new WeakSet([Object.prototype])`; one that has other entries is not sent. Prototypes that a
 * library has marked as prepared are left out: it prepares them where the function runs.
 *
 * Those of functions outside of bundles are refused: they usually hold data of objects that tasks get as copies.
 */
import { types } from 'node:util'
import { weakEntries } from '../engine/object-queries.js'
import { describeReference } from '../modules/references.js'
import { currentSession } from './description-session.js'

export type WeakCache = WeakMap<object, unknown> | WeakSet<object>

const caches = new WeakSet<object>()

/** Whether an object is a WeakMap or WeakSet that is sent. */
export function isWeakCache(object: object): object is WeakCache {
  if (!types.isWeakMap(object) && !types.isWeakSet(object)) return false
  const isBundled = caches.has(object) || currentSession()?.usesBundle === true
  return isBundled && weakCacheEntries(object) !== undefined
}

/** Creates a cache with the entries that were sent. */
export function createWeakCache(isMap: boolean): WeakCache {
  const cache = isMap ? new WeakMap<object, unknown>() : new WeakSet<object>()
  caches.add(cache)
  return cache
}

/** Returns the entries to send, in the order of their names; undefined if others would be lost. */
export function weakCacheEntries(
  cache: WeakCache,
): readonly (readonly [key: object, value: unknown])[] | undefined {
  const found: { key: object; value: unknown; name: string }[] = []
  for (const [key, value] of weakEntries(cache)) {
    const reference = describeReference(key)
    if (reference !== undefined) found.push({ key, value, name: JSON.stringify(reference) })
    else if (types.isWeakMap(cache) || !isPrototype(key)) return undefined
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1))
  return found.map(({ key, value }) => [key, value])
}

function isPrototype(object: object): boolean {
  const Class: unknown = Object.getOwnPropertyDescriptor(object, 'constructor')?.value
  return typeof Class === 'function' && Class.prototype === object
}
