/**
 * Getters and setters of plain objects. With a function they go along as what they are, so that
 * `shape.area` still counts after `shape.width = 5`; in any other value a getter gives its value.
 *
 * One whose function cannot travel gives its value everywhere.
 */
import { DecodeError, NotPortableError } from '../../base/errors.js'
import type { Accessor } from '../interfaces.js'

/** The accessor of an object's own property, if `travels` says of its functions that they can go. */
export function encodableAccessor(
  object: object,
  key: PropertyKey,
  travels: (fn: Function) => unknown,
): Accessor | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(object, key)
  if (descriptor === undefined || 'value' in descriptor) return undefined
  const { get, set } = descriptor
  return mayGo(get, travels) && mayGo(set, travels) ? { get, set } : undefined
}

/** What compilers put in namespaces of modules: it reads one export, and would take all of the module along. */
const binding = /^function\s*(?:get)?\s*\(\)\s*\{\s*return\s+[\w$]+\[[\w$]+\];?\s*\}$/

function mayGo(fn: Function | undefined, travels: (fn: Function) => unknown): boolean {
  if (fn === undefined) return true
  if (binding.test(Function.prototype.toString.call(fn))) return false
  try {
    travels(fn)
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

/** A property's half of an accessor as it was read. */
export function checkAccessor(value: unknown): (() => unknown) | undefined {
  if (value !== undefined && typeof value !== 'function')
    throw new DecodeError('A getter or setter is no function')
  return value as (() => unknown) | undefined
}
