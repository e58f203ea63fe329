/**
 * Which functions are classes, and whether a description can change.
 *
 * A class has an identity that other functions do not need: `x instanceof Dog` depends on it. So
 * classes keep the token with which they were received, while other functions are described again.
 */

import { privateLevels } from '../classes/private-fields.js'
import { RelocatableValue } from '../modules/relocatable.js'
import type { FunctionDescription } from '../types.js'
import { describeFunction, isFinalDescription } from './describe.js'
import { findFinalDescription } from './function-describer.js'

const functionToString = Function.prototype.toString

/** Whether a function is a class, or a constructor function that creates objects by `this`. */
export function isClassLike(fn: unknown): fn is Function {
  if (typeof fn !== 'function' || !Object.hasOwn(fn, 'prototype')) return false
  const prototype: unknown = fn.prototype
  if (typeof prototype !== 'object' || prototype === null) return false
  const source = functionToString.call(fn)
  if (/^class\b/.test(source)) return true
  // The prototypes of generators have no constructor.
  if (!Object.hasOwn(prototype, 'constructor') && Object.keys(prototype).length === 0) return false
  return /\bthis\b/.test(source) || Reflect.ownKeys(prototype).length > 1
}

/** Whether functions that were immutable, found by `isImmutable`, were not changed since. */
export function areUnchanged(functions: Iterable<Function>): boolean {
  for (const fn of functions)
    if (findFinalDescription(fn) === undefined && !isFinalDescription(fn, describeFunction(fn)))
      return false
  return true
}

/** Whether a function captured only primitives and functions of this kind, in constant variables. */
export function isImmutable(
  fn: Function,
  description: FunctionDescription,
  path: readonly string[],
  seen: Set<Function> = new Set(),
): boolean {
  if (description.kind === 'bound' || !isFinalDescription(fn, description)) return false
  if (description.kind !== 'source') return true
  // Revived instances belong to a copy of the class, which must be the one in use.
  if (description.form === 'class' && privateLevels(fn).length > 0) return false
  seen.add(fn)
  for (const [i, value] of description.captures.entries()) {
    if (typeof value === 'function') {
      if (seen.has(value)) continue
      const below = [...path, description.captureNames[i]!]
      if (!isImmutable(value, describeFunction(value, below), below, seen)) return false
    } else if (typeof value === 'object' && value !== null && !(value instanceof RelocatableValue))
      return false
  }
  return true
}
