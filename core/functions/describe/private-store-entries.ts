/**
 * What the stores of private members hold of one instance: it goes with the instance, and into the
 * stores of the class on the other side. A store is found there by its class, which is so many steps
 * up from the instance's own, and by its name in the text of the class.
 */
import { types } from 'node:util'
import { isNative } from '../engine/intrinsics.js'
import { addToStore, type PrivateStore, privateStoresOf } from '../source/private-stores.js'
import { describeFunction } from './describe.js'

/** What one store holds of an instance; a mark that a class has private methods has no value. */
export interface PrivateStoreEntry {
  /** How many classes up. */
  readonly depth: number
  readonly name: string
  readonly value: unknown
}

type Owned = readonly { depth: number; name: string; store: PrivateStore }[]

const none: readonly PrivateStoreEntry[] = []
const owned = new WeakMap<Function, Owned>()

/** What is kept of an instance outside of it. */
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
      // A class that cannot travel is refused, with the path to it, when it is written.
      return []
    }
    return [...privateStoresOf(ancestor)].map(([name, store]) => ({ depth, name, store }))
  })
}

/** A class and those that it extends, up to the built-in ones. */
function classesFrom(Class: Function): Function[] {
  const found: Function[] = []
  for (let at: unknown = Class; typeof at === 'function' && !isNative(at); ) {
    found.push(at)
    at = Object.getPrototypeOf(at)
  }
  return found
}

/** Puts back what was kept of an instance; false if its class has no such store. */
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
