/**
 * The entries of one instance in the private stores of its classes (`private-stores.ts`). They are sent
 * with the instance and added to the stores of the receiver's classes. A store is identified by its
 * class, as the number of steps up the chain, and by its name in the source code of the class.
 */
import { types } from 'node:util'
import { isNative } from '../engine/intrinsics.js'
import { addToStore, type PrivateStore, privateStoresOf } from '../source/private-stores.js'
import { describeFunction } from './describe.js'

/** The entry of an instance in one store; the mark for private methods has no value. */
export interface PrivateStoreEntry {
  /** The number of steps from the instance's class up to the store's. */
  readonly depth: number
  readonly name: string
  readonly value: unknown
}

type Owned = readonly { depth: number; name: string; store: PrivateStore }[]

const none: readonly PrivateStoreEntry[] = []
const owned = new WeakMap<Function, Owned>()

/** Returns the entries of an instance in the private stores of its classes. */
export function privateStoreEntries(object: object): readonly PrivateStoreEntry[] {
  const Class = (object as { constructor?: unknown }).constructor
  if (typeof Class !== 'function') return none
  let stores = owned.get(Class)
  if (stores === undefined) owned.set(Class, (stores = findStores(Class)))
  if (stores.length === 0) return none
  return stores
    .filter(({ store }) => store.has(object))
    .map(({ depth, name, store }) => {
      const value: unknown = types.isWeakMap(store) ? store.get(object) : undefined
      return { depth, name, value }
    })
}

function findStores(Class: Function): Owned {
  return classesFrom(Class).flatMap((ancestor, depth) => {
    try {
      describeFunction(ancestor)
    } catch {
      // A class that cannot be sent is refused when it is serialized, with the path to it.
      return []
    }
    return [...privateStoresOf(ancestor)].map(([name, store]) => ({ depth, name, store }))
  })
}

/** Returns a class and its base classes, without the built-in ones. */
function classesFrom(Class: Function): Function[] {
  const found: Function[] = []
  for (let at: unknown = Class; typeof at === 'function' && !isNative(at); ) {
    found.push(at)
    at = Object.getPrototypeOf(at)
  }
  return found
}

/** Restores an entry of an instance; returns false if its class has no such store. */
export function restorePrivateStoreEntry(
  object: object,
  { depth, name, value }: PrivateStoreEntry,
): boolean {
  const Class = (object as { constructor?: unknown }).constructor
  if (typeof Class !== 'function') return false
  const owner = classesFrom(Class)[depth]
  const store = owner && privateStoresOf(owner).get(name)
  if (store === undefined) return false
  addToStore(store, object, value)
  return true
}
