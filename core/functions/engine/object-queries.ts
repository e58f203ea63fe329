/**
 * Queries of the engine about objects: their private fields, and which objects have a function as a
 * member.
 */
import { types } from 'node:util'
import {
  asArgument,
  connect,
  type InspectorValue,
  objectGroup,
  objectIdOf,
  post,
  propertiesOf,
  releaseObjects,
  valuesOf,
} from './inspector-session.js'

/** Returns the private fields of an object, or the private static fields of a class, by name (with `#`). */
export function privateFieldsByName(object: object): ReadonlyMap<string, unknown> {
  return new Map(privateFields(object).map(({ name, value }) => [name, value]))
}

/** Returns the private fields of an object in the order in which they were added; names include the `#`. */
export function privateFields(object: object): { name: string; value: unknown }[] {
  connect()
  try {
    const { privateProperties = [] } = propertiesOf(objectIdOf(object))
    const readable = privateProperties.filter((p) => p.value !== undefined)
    const values = valuesOf(readable.map((p) => asArgument(p.value!)))
    return readable.map((p, i) => ({ name: p.name, value: values[i] }))
  } finally {
    releaseObjects()
  }
}

/** Returns the entries of a WeakMap, or of a WeakSet, whose values are undefined. */
export function weakEntries(object: object): readonly (readonly [key: object, value: unknown])[] {
  connect()
  try {
    const { internalProperties = [] } = propertiesOf(objectIdOf(object))
    const list = internalProperties.find(({ name }) => name === '[[Entries]]')?.value
    if (list === undefined) return []
    // The list is an array that the engine made for this query, without the prototype of arrays.
    const [entries] = valuesOf([list])
    return Array.from(entries as ArrayLike<WeakEntry>, (entry) =>
      Object.hasOwn(entry, 'key') ? [entry.key!, entry.value] : [entry.value as object, undefined],
    )
  } finally {
    releaseObjects()
  }
}

interface WeakEntry {
  readonly key?: object
  readonly value: unknown
}

/**
 * Returns all objects of this thread that have a function as a method, or as the getter or setter of an
 * accessor, under the function's own name.
 */
export function objectsHolding(fn: Function): object[] {
  connect()
  try {
    const { objects } = post<{ objects: InspectorValue }>('Runtime.queryObjects', {
      prototypeObjectId: objectIdOf(Object.prototype),
      objectGroup,
    })
    const [all] = valuesOf([objects])
    const found: object[] = []
    const key = fn.name.replace(/^[gs]et /, '')
    for (const object of Array.from(all as ArrayLike<object>)) {
      if (types.isProxy(object)) continue
      const member = Object.getOwnPropertyDescriptor(object, key)
      if (member === undefined) continue
      if (member.value === fn || member.get === fn || member.set === fn) found.push(object)
    }
    return found
  } finally {
    releaseObjects()
  }
}
