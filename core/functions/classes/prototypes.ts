/**
 * Prototypes that were put in the place of a function's own, `Foo.prototype = { ... }`, and so do not
 * say whose they are.
 */
import { types } from 'node:util'
import { isNative } from '../engine/intrinsics.js'

const owners = new WeakMap<object, WeakRef<Function>>()

/** Whether a function was given another prototype, which does not name it. */
export function isReplaced(prototype: object): boolean {
  return !Object.hasOwn(prototype, 'constructor')
}

/** Notes whose prototype an object is, if it does not say so itself. */
export function recordPrototypeOwner(fn: Function): void {
  const prototype: unknown = fn.prototype
  if (typeof prototype !== 'object' || prototype === null) return
  if (isReplaced(prototype)) owners.set(prototype, new WeakRef(fn))
}

/** The class or function whose instances inherit from an object; undefined if none is known. */
export function classOfPrototype(prototype: object): Function | undefined {
  const named = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  const Class = typeof named === 'function' ? named : owners.get(prototype)?.deref()
  return Class?.prototype === prototype ? Class : undefined
}

/** Whether a function inherits from what the language gave it; old compilers have it inherit from another. */
export function hasUsualPrototype(fn: Function): boolean {
  const prototype = Object.getPrototypeOf(fn) as object | null
  if (prototype === Function.prototype) return true
  if (prototype === null || types.isProxy(prototype)) return false
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof maker === 'function' && isNative(maker)
}
