/**
 * Prototypes that replaced a function's own, `Foo.prototype = { ... }`, and therefore have no
 * `constructor` that names the function.
 */
import { types } from 'node:util'
import { isNative } from '../engine/intrinsics.js'

const owners = new WeakMap<object, WeakRef<Function>>()

/** Whether a prototype replaced that of its function. */
export function isReplaced(prototype: object): boolean {
  return !Object.hasOwn(prototype, 'constructor')
}

/** Records the function of a prototype that has no `constructor`. */
export function recordPrototypeOwner(fn: Function): void {
  const prototype: unknown = fn.prototype
  if (typeof prototype !== 'object' || prototype === null) return
  if (isReplaced(prototype)) owners.set(prototype, new WeakRef(fn))
}

/** Returns the class or function whose instances inherit from an object; undefined if none is known. */
export function classOfPrototype(prototype: object): Function | undefined {
  const named = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  const Class = typeof named === 'function' ? named : owners.get(prototype)?.deref()
  return Class?.prototype === prototype ? Class : undefined
}

/**
 * Whether a function has the prototype that the language gives it; old compilers make classes inherit
 * by setting another.
 */
export function hasUsualPrototype(fn: Function): boolean {
  const prototype = Object.getPrototypeOf(fn) as object | null
  if (prototype === Function.prototype) return true
  if (prototype === null || types.isProxy(prototype)) return false
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof maker === 'function' && isNative(maker)
}
