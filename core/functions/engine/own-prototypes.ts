/**
 * Prototypes of the language in other contexts, and their counterparts in this module's own: so values of any
 * context are treated by their kind.
 */
import { intrinsicPath, resolveIntrinsic } from './intrinsics.js'
import { foreignGlobalOf } from './realms.js'

const ownPrototypes = new WeakMap<object, object>()
let lastPrototype: object = Object.prototype

/**
 * Returns a prototype itself, or its counterpart in this module's context if it is a prototype of the language in
 * another context, such as the `Map.prototype` of that.
 */
export function ownPrototype(prototype: object | null): object | null {
  // Objects of one class often come one after another.
  if (prototype === null || prototype === lastPrototype || prototype === Array.prototype)
    return prototype
  let own = ownPrototypes.get(prototype)
  if (own === undefined) {
    own = ownCounterpart(prototype) ?? prototype
    ownPrototypes.set(prototype, own)
  }
  if (own === prototype) lastPrototype = prototype
  return own
}

function ownCounterpart(value: object): object | undefined {
  const path = foreignGlobalOf(value) === undefined ? undefined : intrinsicPath(value)
  return path === undefined ? undefined : (resolveIntrinsic(path) as object)
}

/** Whether the prototype of an object is the `Object.prototype` of any context. */
export function hasPlainPrototype(object: object): boolean {
  return ownPrototype(Object.getPrototypeOf(object) as object | null) === Object.prototype
}
