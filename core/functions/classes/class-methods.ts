/**
 * Methods that use `super` or private members. They are sent as functions that look up the method in its
 * class and call it.
 *
 * The class is that of the object which a method was bound to, or one that a variable around it holds.
 */

import { type FunctionInternals, variableIn } from '../engine/function-internals.js'
import { isNative } from '../engine/intrinsics.js'
import { objectsHolding } from '../engine/object-queries.js'
import { keyCode } from '../rewrite/computed-member-names.js'
import { CLASS_NAME } from '../rewrite/super-arrow-code.js'
import { parseFunction } from '../source/syntax.js'
import {
  keyByName,
  keysOfMembers,
  type MemberKind,
  writtenMembers,
} from '../source/written-members.js'
import type { SourceDescription } from '../types.js'
import { describeCode, isWrittenIn } from './class-arrows.js'
import { decoratedClasses, originalMember, recordOriginalMember } from './decorated-members.js'

const functionToString = Function.prototype.toString

/** The classes of methods, as far as they were found. */
const classOfMethod = new WeakMap<Function, Function>()

/** Records the class of a function that is bound to an object, if it is a method of the object's class. */
export function recordBoundMethod(fn: Function, object: unknown): void {
  if (classOfMethod.has(fn)) return
  for (const Class of classesOf(object))
    if (memberAccess(Class, fn) !== undefined) {
      classOfMethod.set(fn, Class)
      return
    }
}

/**
 * Describes a method by its class; undefined if the class is not found. With `searchAll`, all objects of
 * the thread are searched for it, which takes long.
 */
export function describeMethod(
  fn: Function,
  internals: FunctionInternals,
  searchAll: boolean,
): SourceDescription | undefined {
  let Class = classOfMethod.get(fn)
  for (const known of Class === undefined ? classesAround(internals) : [])
    if (memberAccess(known, fn) !== undefined) Class = known
  if (Class === undefined) {
    const replaced = describeReplacedMember(fn, internals)
    if (replaced !== undefined) return replaced
    Class = searchAll ? classHolding(fn) : undefined
  }
  const access = Class && memberAccess(Class, fn)
  if (Class === undefined || access === undefined) return undefined
  return describeCode(`function(){return Reflect.apply(${access},this,arguments)}`, fn.name, {
    [CLASS_NAME]: Class,
  })
}

/** Finds the class that has a function as its member among all objects, and records it. */
function classHolding(fn: Function): Function | undefined {
  for (const object of objectsHolding(fn)) {
    const Class: unknown =
      typeof object === 'function'
        ? object
        : Object.getOwnPropertyDescriptor(object, 'constructor')?.value
    if (typeof Class !== 'function' || memberAccess(Class, fn) === undefined) continue
    classOfMethod.set(fn, Class)
    return Class
  }
  return undefined
}

const ORIGINAL_NAME = '$skeinOriginal'

/** Describes a member that a decorator has replaced in its class. */
function describeReplacedMember(
  fn: Function,
  internals: FunctionInternals,
): SourceDescription | undefined {
  const methodSource = functionToString.call(fn)
  for (const Class of decoratedClasses()) {
    const source = functionToString.call(Class)
    if (!source.includes(methodSource) || !isWrittenIn(Class, internals)) continue
    const member = findWrittenMember(Class, source, fn)
    if (member === undefined) continue
    const { isStatic, key, kind } = member
    recordOriginalMember(Class, isStatic, key, kind, fn)
    const original = `${ORIGINAL_NAME}(${CLASS_NAME},${isStatic},${keyCode(key, [])},"${kind}")`
    return describeCode(`function(){return Reflect.apply(${original},this,arguments)}`, fn.name, {
      [CLASS_NAME]: Class,
      [ORIGINAL_NAME]: originalMember,
    })
  }
  return undefined
}

/**
 * Finds the member of a class that has a function's source code; undefined if there is none, or if its
 * key is unknown.
 */
function findWrittenMember(
  Class: Function,
  source: string,
  fn: Function,
): { isStatic: boolean; key: PropertyKey; kind: MemberKind } | undefined {
  const syntax = parseFunction(source)
  if (syntax?.form !== 'class') return undefined
  const written = writtenMembers(source, syntax.node, syntax.shift)
  // The source code that V8 returns for a method begins after `static`.
  const methodSource = functionToString.call(fn)
  const at = written.findIndex((member) => member.source.endsWith(methodSource))
  if (at < 0) return undefined
  const { isStatic, kind } = written[at]!
  const guess = (i: number) => (i === at ? keyByName(Class, fn, isStatic) : undefined)
  const key = written[at]!.key ?? keysOfMembers(Class, written, guess)[at]
  return key === undefined ? undefined : { isStatic, key, kind }
}

/** Returns code that reads a function from its class; undefined if the class has no such member. */
function memberAccess(Class: Function, fn: Function): string | undefined {
  const source = functionToString.call(Class)
  if (!/^class\b/.test(source) || isNative(Class)) return undefined
  for (const [holder, holderCode] of [
    [Class.prototype as unknown, `${CLASS_NAME}.prototype`],
    [Class, CLASS_NAME],
  ] as const) {
    if (typeof holder !== 'object' && typeof holder !== 'function') continue
    for (const key of Object.getOwnPropertyNames(holder)) {
      const descriptor = Object.getOwnPropertyDescriptor(holder, key)!
      const found = (['value', 'get', 'set'] as const).find((kind) => descriptor[kind] === fn)
      if (found !== undefined)
        return `Reflect.getOwnPropertyDescriptor(${holderCode},${JSON.stringify(key)}).${found}`
    }
  }
  return undefined
}

/** Yields the classes of an object, or a class and its bases: those whose members it may have. */
export function* classesOf(object: unknown): Generator<Function> {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return
  for (let at: unknown = object; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    if (typeof at === 'function') yield at
    const Class = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown
    if (typeof Class === 'function' && !isNative(Class)) yield Class
  }
}

/** Yields the functions in variables around a function, those of the innermost scopes first. */
export function* classesAround({ scopes }: FunctionInternals): Generator<Function> {
  for (const scope of scopes)
    for (const name of Object.keys(scope.variables)) {
      const value = variableIn(scope, name)
      if (typeof value === 'function') yield value
    }
}
