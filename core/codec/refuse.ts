/**
 * Objects that are bound to their thread or process, and what to say when one is met in a value.
 */
import { EventEmitter } from 'node:events'
import { Stream } from 'node:stream'
import { types } from 'node:util'

/** Why an object of a class cannot travel; undefined if nothing speaks against it. */
export function refusal(object: object): string | undefined {
  if (types.isPromise(object)) return 'it is a promise; await it first'
  if (types.isWeakMap(object) || types.isWeakSet(object) || object instanceof WeakRef)
    return `it is a ${className(object)}, which means nothing without the objects of this thread`
  if (types.isGeneratorObject(object))
    return 'it is a generator in progress; collect what it gives first, or send the function'
  if (isIterator(object)) return 'it is an iterator in progress; collect what it gives first'
  if (types.isArgumentsObject(object)) return 'it is an arguments object; use Array.from(arguments)'
  if (object instanceof Stream)
    return `it is a ${className(object)}, which lives in this process alone; open it where it is used`
  if (types.isExternal(object)) return 'it is a handle of native code'
  if ('_handle' in object)
    return `it is a ${className(object)}, which holds a native handle; open it where it is used`
  if (object instanceof EventEmitter && Object.getPrototypeOf(object) === EventEmitter.prototype)
    return 'it is an EventEmitter, whose listeners are of this process'
  if (object instanceof Blob) return 'it is a Blob; await its arrayBuffer() or text() first'
  const Class = object.constructor as unknown
  if (typeof Class === 'function') {
    const source = Function.prototype.toString.call(Class)
    if (/\[native code\]\s*\}$/.test(source))
      return `it is a ${className(object)}, a type of the platform that does not travel; use registerType to say how it does`
  }
  return undefined
}

function className(object: object): string {
  const Class = object.constructor as unknown
  return (typeof Class === 'function' && Class.name) || 'native object'
}

function isIterator(object: object): boolean {
  const tag = (object as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  return typeof tag === 'string' && / Iterator$/.test(tag)
}
