/**
 * The parts of a class, or of a constructor function, that its source code does not show: its base
 * class, members added to its prototype, members that decorators replaced, and private static members.
 */

import { privateFieldsByName } from '../engine/object-queries.js'
import { ownPrototype } from '../engine/own-prototypes.js'
import type { Analysis } from '../rewrite/function-analysis.js'
import { privateStaticEntries } from '../source/private-stores.js'
import { recordDecoratedClass, replacedMembers } from './decorated-members.js'
import {
  classOfPrototype,
  hasUsualPrototype,
  isReplaced,
  recordPrototypeOwner,
} from './prototypes.js'

type Capture = readonly [name: string, value: unknown]

/** Returns the captures of a class or function besides `captures`, the values of its variables. */
export function classCaptures(
  fn: Function,
  analysis: Analysis,
  captures: readonly unknown[],
): readonly Capture[] {
  const found: Capture[] = []
  if (analysis.extends) found.push(['extends', Object.getPrototypeOf(fn)])
  else if (!hasUsualPrototype(fn)) found.push(inherited(fn))
  found.push(...prototypeOf(fn, analysis))
  const all = [...captures, ...found.map(([, value]) => value)]
  found.push(...privateStaticsOf(fn, analysis, all))
  if (analysis.form === 'class') found.push(...replacedStaticsOf(fn))
  return found
}

/** Returns the prototype of a function, or the class whose prototype that is. */
function inherited(fn: Function): Capture {
  const prototype = Object.getPrototypeOf(fn) as object | null
  // A function that is the `prototype` of another is sent itself, as the other may be built later.
  const isObject = typeof prototype === 'object' && prototype !== null
  const Class = isObject ? classOfPrototype(prototype) : undefined
  return Class === undefined ? ['inherits', prototype] : ['inherits.prototype', Class]
}

/** Returns the base of a constructor function, and the members added to a prototype by assignment. */
function prototypeOf(fn: Function, { form, isConstructor }: Analysis): Capture[] {
  if (!Object.hasOwn(fn, 'prototype') || !isConstructor) return []
  const prototype = fn.prototype as object
  if (typeof prototype === 'function') return [['.prototype=', prototype]]
  if (typeof prototype !== 'object' || prototype === null) return []
  const isClass = form === 'class'
  const parent = ownPrototype(Object.getPrototypeOf(prototype) as object | null)
  const isDerived = parent !== Object.prototype && parent !== null
  if (!isClass && (isReplaced(prototype) || (isDerived && !isOfClass(parent)))) {
    recordPrototypeOwner(fn)
    return [['.prototype=', prototype]]
  }
  const found: Capture[] = []
  if (!isClass && isDerived) found.push(['extends', parent.constructor])
  const members = Object.defineProperties({}, isClass ? replacedMembers(fn, prototype) : {})
  if (isClass && Reflect.ownKeys(members).length > 0) recordDecoratedClass(fn)
  for (const [key, member] of ownEntries(prototype))
    if (member.enumerable === true || (!isClass && key !== 'constructor'))
      Object.defineProperty(members, key, member)
  if (Reflect.ownKeys(members).length > 0) found.push(['.prototype', members])
  return found
}

/** Whether an object is the prototype of the instances of a class that it names itself. */
function isOfClass(prototype: object): boolean {
  const Class = prototype.constructor as unknown
  return typeof Class === 'function' && Class.prototype === prototype
}

function ownEntries(object: object): [PropertyKey, PropertyDescriptor][] {
  const keys = Reflect.ownKeys(object)
  return keys.map((key) => [key, Object.getOwnPropertyDescriptor(object, key)!])
}

/** Returns static members that decorators replaced. */
function replacedStaticsOf(fn: Function): Capture[] {
  const members = replacedMembers(fn, fn)
  if (Reflect.ownKeys(members).length === 0) return []
  recordDecoratedClass(fn)
  return [['static .', Object.defineProperties({}, members)]]
}

function privateStaticsOf(
  fn: Function,
  { privateStatics }: Analysis,
  captures: readonly unknown[],
): Capture[] {
  const found: Capture[] = []
  const entries = privateStaticEntries(fn, captures)
  if (entries.length > 0) found.push(['private #', entries])
  if (privateStatics.length === 0) return found
  const values = privateFieldsByName(fn)
  found.push(['static #', privateStatics.map((name) => values.get(name))])
  return found
}
