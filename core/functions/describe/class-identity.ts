/**
 * What is known of classes: which functions are classes, and whether one can change after it was
 * looked at.
 *
 * A class has an identity that functions in general need not have: `x instanceof Dog` asks which
 * one it is. So classes keep the token that they came by, while other functions are looked at anew.
 */

import { privateLevels } from '../classes/private-fields.js'
import { RelocatableValue } from '../modules/relocatable.js'
import type { FunctionDescription } from '../types.js'
import { describeFunction, isSettled } from './describe.js'

const functionToString = Function.prototype.toString

/** Whether a function is a class, or one of the old kind, which makes objects by `this`. */
export function isClassLike(fn: unknown): fn is Function {
  if (typeof fn !== 'function' || !Object.hasOwn(fn, 'prototype')) return false
  const prototype: unknown = fn.prototype
  if (typeof prototype !== 'object' || prototype === null) return false
  const text = functionToString.call(fn)
  if (/^class\b/.test(text)) return true
  // The prototypes of generators, which no object is made by, have no constructor.
  if (!Object.hasOwn(prototype, 'constructor') && Object.keys(prototype).length === 0) return false
  return /\bthis\b/.test(text) || Reflect.ownKeys(prototype).length > 1
}

/** Whether all that a function captured are primitives and such functions, under fixed names. */
export function isImmutable(
  fn: Function,
  description: FunctionDescription,
  path: readonly string[],
  seen: Set<Function> = new Set(),
): boolean {
  if (description.kind === 'bound' || !isSettled(fn, description)) return false
  if (description.kind !== 'source') return true
  // Instances that are revived belong to a copy of the class, which must be the one in use.
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
