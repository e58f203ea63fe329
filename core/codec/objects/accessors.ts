/**
 * Getters and setters of plain objects. With functions they are sent as accessors, so that
 * `shape.area` still reacts to `shape.width = 5`. In any other value, the current value of a getter
 * is sent.
 *
 * An accessor whose functions cannot be sent is always sent as its value.
 */
import { DecodeError, NotPortableError } from '../../base/errors.js'
import type { Accessor } from '../interfaces.js'

/**
 * Returns the accessor of an own property if its functions can be sent. `encode` throws
 * `NotPortableError` for functions that cannot.
 */
export function encodableAccessor(
  object: object,
  key: PropertyKey,
  encode: (fn: Function) => unknown,
): Accessor | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(object, key)
  if (descriptor === undefined || 'value' in descriptor) return undefined
  const { get, set } = descriptor
  return canBeSent(get, encode) && canBeSent(set, encode) ? { get, set } : undefined
}

/**
 * Matches getters that compilers generate in namespaces of modules: they return one export, but
 * would send the whole module.
 */
const moduleGetter = /^function\s*(?:get)?\s*\(\)\s*\{\s*return\s+[\w$]+\[[\w$]+\];?\s*\}$/

function canBeSent(fn: Function | undefined, encode: (fn: Function) => unknown): boolean {
  if (fn === undefined) return true
  if (moduleGetter.test(Function.prototype.toString.call(fn))) return false
  try {
    encode(fn)
    return true
  } catch (error) {
    if (error instanceof NotPortableError) return false
    throw error
  }
}

/** Whether an object has an accessor under one of these keys. */
export function hasAccessor(object: object, keys: readonly string[]): boolean {
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key)
    if (descriptor !== undefined && !('value' in descriptor)) return true
  }
  return false
}

/** Checks that a getter or setter that was read is a function or undefined. */
export function checkAccessor(value: unknown): (() => unknown) | undefined {
  if (value !== undefined && typeof value !== 'function')
    throw new DecodeError('A getter or setter is not a function')
  return value as (() => unknown) | undefined
}
