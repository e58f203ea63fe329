/**
 * Functions that use `super` or private members and so depend on the class, or on the object literal, that
 * they were written in.
 */

import { thisOfArrow } from '../engine/arrow-this.js'
import {
  type FunctionInternals,
  readFunctionInternals,
  UNSET,
} from '../engine/function-internals.js'
import type { Analysis } from '../rewrite/function-analysis.js'
import type { SourceDescription } from '../types.js'
import { describeArrow, isWrittenIn } from './class-arrows.js'
import { classesAround, classesOf, describeMethod } from './class-methods.js'
import { findHomeObject } from './super-home.js'

const functionToString = Function.prototype.toString

/**
 * Describes a function that depends on its class; undefined if the class is not found. `usedName` is the name
 * for which it needs the class: a function that uses `super` alone may belong to an object literal.
 */
export function describeClassFunction(
  fn: Function,
  { form, freeVariables, inertArguments }: Analysis,
  internals: FunctionInternals,
  usedName: string,
): SourceDescription | undefined {
  if (form === 'class') return undefined
  if (form !== 'expression') return describeMethod(fn, internals, usedName !== 'super')
  const usesThis = freeVariables.has('this') || freeVariables.has('super')
  if (!usesThis) return describeArrow(fn, undefined, classesAround(internals), internals)
  const object = thisOfArrow(fn, internals.location, inertArguments)
  return object === UNSET ? undefined : describeArrow(fn, object, classesOf(object), internals)
}

/**
 * Returns the home object of a function that uses `super` in an object literal: the object from whose
 * prototype `super` reads. Undefined if it cannot be found.
 */
export function homeObjectOfLiteral(
  fn: Function,
  { form, freeVariables, inertArguments }: Analysis,
  internals: FunctionInternals,
  root: object | undefined,
): object | undefined {
  const uses = freeVariables.get('super')!
  if (form !== 'expression') return findHomeObject(fn, uses, internals, root)
  const source = functionToString.call(fn)
  let at = thisOfArrow(fn, internals.location, inertArguments)
  for (; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at))
    for (const method of ownFunctions(at))
      if (functionToString.call(method).includes(source) && isWrittenIn(method, internals))
        return findHomeObject(method, uses, readFunctionInternals(method), root)
  return undefined
}

/** Yields the methods and accessor functions among the own properties of an object. */
function* ownFunctions(object: object): Generator<Function> {
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
    for (const fn of [value as unknown, get, set]) if (typeof fn === 'function') yield fn
  }
}
