/**
 * Queries of the engine about objects: their private fields, and which objects have a function as a
 * member.
 */
import { types } from 'node:util'
import { functionInternals } from './function-internals.js'
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
import { mainGlobal } from './realms.js'

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
  const { global } = functionInternals(fn)
  connect()
  try {
    const all = global === mainGlobal ? objectsOfMainContext() : objectsOfContext(global)
    const found: object[] = []
    const key = fn.name.replace(/^[gs]et /, '')
    for (const object of all) {
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

function objectsOfMainContext(): object[] {
  const { Object: own } = mainGlobal as typeof globalThis
  const [all] = valuesOf([queryObjects(objectIdOf(own.prototype))])
  return Array.from(all as ArrayLike<object>)
}

/** Returns the objects of another context: the engine looks only in that of the prototype's id. */
function objectsOfContext(global: object): object[] {
  const name = `skein.context.${Math.random()}`
  const exchange: { objects: ArrayLike<object> } = { objects: [] }
  Reflect.defineProperty(global, name, { value: exchange, configurable: true })
  const access = `globalThis[${JSON.stringify(name)}]`
  try {
    for (const contextId of contextIds()) {
      const inContext = { contextId, silent: true, objectGroup }
      const { result: found } = evaluate({ ...inContext, expression: `${access}!==undefined` })
      if (found.value !== true) continue
      const { result } = evaluate({ ...inContext, expression: 'Object.prototype' })
      post('Runtime.callFunctionOn', {
        objectId: queryObjects(result.objectId!).objectId,
        functionDeclaration: `function () { ${access}.objects = this }`,
        objectGroup,
      })
    }
    return Array.from(exchange.objects)
  } finally {
    Reflect.deleteProperty(global, name)
  }
}

function evaluate(params: object): { result: InspectorValue } {
  return post('Runtime.evaluate', params)
}

function queryObjects(prototypeObjectId: string): InspectorValue {
  return post<{ objects: InspectorValue }>('Runtime.queryObjects', {
    prototypeObjectId,
    objectGroup,
  }).objects
}

/** Returns the inspector's IDs of all contexts. The inspector reports them when it is enabled. */
function contextIds(): number[] {
  const ids: number[] = []
  const onCreated = ({ params }: { params: { context: { id: number } } }) => {
    ids.push(params.context.id)
  }
  const session = connect()
  session.on('Runtime.executionContextCreated', onCreated)
  post('Runtime.enable')
  post('Runtime.disable')
  session.off('Runtime.executionContextCreated', onCreated)
  return ids
}
