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
  if (object instanceof AbortSignal || object instanceof AbortController)
    return `it is an ${className(object)}, which tells of things in this process alone; give the signal to the call that computes`
  if (object instanceof Response || object instanceof Request)
    return `it is a ${className(object)}, whose body is a stream; send what its text() or arrayBuffer() gives`
  if (object instanceof EventEmitter || object instanceof EventTarget)
    return `it sends events (${className(object)}), and its listeners are of this process; send what it holds, and make one where it is used`
  const prototype = Object.getPrototypeOf(object) as object
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof Class === 'function') {
    const source = Function.prototype.toString.call(Class)
    if (/\[native code\]\s*\}$/.test(source)) return platformReason(className(object))
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

/** What to say of an object of a type that is not a user's and not one that the codec knows. */
export function platformReason(name: string): string {
  return `it is a ${name}, a type of the platform that does not travel; use registerType to say how it does`
}

/** What to say of an object whose class has private members and is not sent as text. */
export function secretReason(name: string): string {
  return `its class is a package's and has private members (${name}), which only the class itself can give to an object; use registerType to say how it travels`
}
