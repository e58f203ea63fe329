/**
 * Functions that say `super` or `#x`, and so go with the class that they belong to: methods, as members of
 * it that are looked up there, and arrows, which it makes anew (`home-text.ts`).
 *
 * The class of a method is that of what it is bound to, or one that a variable internals it holds; that of an
 * arrow is found by its `this`.
 */

import { thisOfArrow } from '../engine/arrow-this.js'
import {
  type FunctionInternals,
  readFunctionInternals,
  UNSET,
  variableIn,
} from '../engine/function-internals.js'
import { isNative } from '../engine/intrinsics.js'
import { objectsHolding } from '../engine/object-queries.js'
import { keyCode } from '../rewrite/computed-member-names.js'
import { type Analysis, analyze } from '../rewrite/function-analysis.js'
import { recordedDescription } from '../rewrite/injected-values.js'
import {
  ARROW_LOCALS_NAME,
  ARROW_THIS_NAME,
  arrowWrapperCode,
  CLASS_NAME,
  type ClassArrow,
} from '../rewrite/super-arrow-code.js'
import { fileBindings, offsetOf, startOf } from '../source/file-bindings.js'
import { parseFunction } from '../source/syntax.js'
import type { MemberKind } from '../source/written-members.js'
import { keyByName, keysOfMembers, writtenMembers } from '../source/written-members.js'
import type { SourceDescription } from '../types.js'
import { decoratedClasses, originalMember, recordOriginalMember } from './decorated-members.js'
import { wrappedArrow } from './private-fields.js'
import { findHomeObject } from './super-home.js'

const functionToString = Function.prototype.toString

/** Classes by methods of theirs that were bound to objects. */
const homes = new WeakMap<Function, Function>()

/** Notes that a function is bound to an object, whose class it may belong to. */
export function recordBoundMethod(fn: Function, object: unknown): void {
  if (homes.has(fn)) return
  for (const Class of classesOf(object))
    if (memberOf(Class, fn) !== undefined) {
      homes.set(fn, Class)
      return
    }
}

/**
 * The description of a function that needs its class; undefined if the class is not found. `part` is what
 * it needs it for: what says `super` alone may belong to an object that no class made.
 */
export function describeMember(
  fn: Function,
  { form, free, inertArguments }: Analysis,
  internals: FunctionInternals,
  part: string,
): SourceDescription | undefined {
  if (form === 'class') return undefined
  if (form !== 'expression') return describeMethod(fn, internals, part !== 'super')
  const usesThis = free.has('this') || free.has('super')
  if (!usesThis) return describeArrow(fn, undefined, classesAround(internals), internals)
  const object = thisOfArrow(fn, internals.location, inertArguments)
  return object === UNSET ? undefined : describeArrow(fn, object, classesOf(object), internals)
}

/**
 * The object in whose prototype a function that belongs to no class looks for what it says `super` of;
 * undefined if it cannot be told.
 */
export function homeObjectOfLiteral(
  fn: Function,
  { form, free, inertArguments }: Analysis,
  internals: FunctionInternals,
  root: Function | undefined,
): object | undefined {
  const uses = free.get('super')!
  if (form !== 'expression') return findHomeObject(fn, uses, internals, root)
  const text = functionToString.call(fn)
  let at = thisOfArrow(fn, internals.location, inertArguments)
  for (; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at))
    for (const method of membersOf(at))
      if (functionToString.call(method).includes(text) && standsIn(method, internals))
        return findHomeObject(method, uses, readFunctionInternals(method), root)
  return undefined
}

/** The functions that an object has of its own. */
function* membersOf(object: object): Generator<Function> {
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!
    for (const fn of [value as unknown, get, set]) if (typeof fn === 'function') yield fn
  }
}

/** The description of a function that stands for an arrow. */
export function describeArrowWrapper(fn: Function): SourceDescription | undefined {
  const behind = wrappedArrow(fn)
  if (behind === undefined) return recordedDescription(fn)
  const [Class, index, object, locals] = behind
  const arrow = homeArrow(Class, index)
  return arrow && standIn(fn, Class, index, arrow.isStatic, object, locals)
}

function homeArrow(Class: Function, index: number): ClassArrow | undefined {
  return analyze(functionToString.call(Class))?.classArrows[index]
}

function describeMethod(
  fn: Function,
  internals: FunctionInternals,
  needsClass: boolean,
): SourceDescription | undefined {
  let Class = homes.get(fn)
  for (const known of Class === undefined ? classesAround(internals) : [])
    if (memberOf(known, fn) !== undefined) Class = known
  if (Class === undefined) {
    const replaced = describeReplaced(fn, internals)
    if (replaced !== undefined) return replaced
    Class = needsClass ? classHolding(fn) : undefined
  }
  const access = Class && memberOf(Class, fn)
  if (Class === undefined || access === undefined) return undefined
  return madeOf(`function(){return Reflect.apply(${access},this,arguments)}`, fn.name, {
    [CLASS_NAME]: Class,
  })
}

/** The class that has a function as its member, wherever it is; remembered, as looking for it takes long. */
function classHolding(fn: Function): Function | undefined {
  for (const object of objectsHolding(fn)) {
    const Class: unknown =
      typeof object === 'function'
        ? object
        : Object.getOwnPropertyDescriptor(object, 'constructor')?.value
    if (typeof Class !== 'function' || memberOf(Class, fn) === undefined) continue
    homes.set(fn, Class)
    return Class
  }
  return undefined
}

/** The description of a member that a class had before a decorator put another in its place. */
function describeReplaced(
  fn: Function,
  internals: FunctionInternals,
): SourceDescription | undefined {
  const text = functionToString.call(fn)
  for (const Class of decoratedClasses()) {
    const source = functionToString.call(Class)
    if (!source.includes(text) || !standsIn(Class, internals)) continue
    const member = memberWithText(Class, source, fn)
    if (member === undefined) continue
    const { isStatic, key, kind } = member
    recordOriginalMember(Class, isStatic, key, kind, fn)
    const original = `${ORIGINAL_NAME}(${CLASS_NAME},${isStatic},${keyCode(key, [])},"${kind}")`
    return madeOf(`function(){return Reflect.apply(${original},this,arguments)}`, fn.name, {
      [CLASS_NAME]: Class,
      [ORIGINAL_NAME]: originalMember,
    })
  }
  return undefined
}

const ORIGINAL_NAME = '$skeinOriginal'

/** The member of a class that is written so; undefined if there is none, or if its key cannot be told. */
function memberWithText(
  Class: Function,
  source: string,
  fn: Function,
): { isStatic: boolean; key: PropertyKey; kind: MemberKind } | undefined {
  const syntax = parseFunction(source)
  if (syntax?.form !== 'class') return undefined
  const written = writtenMembers(source, syntax.node, syntax.shift)
  // What V8 gives for a method begins after `static`.
  const text = functionToString.call(fn)
  const at = written.findIndex((member) => member.text.endsWith(text))
  if (at < 0) return undefined
  const { isStatic, kind } = written[at]!
  const guess = (i: number) => (i === at ? keyByName(Class, fn, isStatic) : undefined)
  const key = written[at]!.key ?? keysOfMembers(Class, written, guess)[at]
  return key === undefined ? undefined : { isStatic, key, kind }
}

/** How a class's member is got from the class, in a text; undefined if the function is none of it. */
function memberOf(Class: Function, fn: Function): string | undefined {
  const text = functionToString.call(Class)
  if (!/^class\b/.test(text) || isNative(Class)) return undefined
  for (const [holder, way] of [
    [Class.prototype as unknown, `${CLASS_NAME}.prototype`],
    [Class, CLASS_NAME],
  ] as const) {
    if (typeof holder !== 'object' && typeof holder !== 'function') continue
    for (const key of Object.getOwnPropertyNames(holder)) {
      const descriptor = Object.getOwnPropertyDescriptor(holder, key)!
      const found = (['value', 'get', 'set'] as const).find((kind) => descriptor[kind] === fn)
      if (found !== undefined)
        return `Reflect.getOwnPropertyDescriptor(${way},${JSON.stringify(key)}).${found}`
    }
  }
  return undefined
}

function describeArrow(
  fn: Function,
  object: unknown,
  classes: Iterable<Function>,
  internals: FunctionInternals,
): SourceDescription | undefined {
  const text = functionToString.call(fn)
  for (const Class of classes) {
    const source = functionToString.call(Class)
    if (!source.includes(text)) continue
    const arrows = analyze(source)?.classArrows ?? []
    const same = arrows.filter(({ start, end }) => source.slice(start, end) === text)
    const arrow = same.length > 1 ? same.find((a) => isAt(a, Class, internals)) : same[0]
    if (arrow === undefined || !standsIn(Class, internals)) continue
    const locals: unknown[] = []
    for (const name of arrow.locals) {
      const scope = internals.scopes.find((s) => Object.hasOwn(s.variables, name))
      const value = scope && variableIn(scope, name)
      if (scope === undefined || value === UNSET) return undefined
      locals.push(value)
    }
    return standIn(fn, Class, arrows.indexOf(arrow), arrow.isStatic, object, locals)
  }
  return undefined
}

/** Whether an arrow stands in a class's text, and not in that of another class that looks the same. */
function standsIn(Class: Function, { location }: FunctionInternals): boolean {
  const of = startInFile(Class)
  const file = fileBindings(location)
  if (of === undefined || file === undefined || location === undefined) return true
  const at = offsetOf(file, location)
  return of.scriptId === location.scriptId
    ? at >= of.start && at <= of.start + functionToString.call(Class).length
    : false
}

function isAt(arrow: ClassArrow, Class: Function, { location }: FunctionInternals): boolean {
  const of = startInFile(Class)
  const file = fileBindings(location)
  if (of === undefined || file === undefined || location === undefined) return false
  return of.start + arrow.start === offsetOf(file, location)
}

function startInFile(Class: Function): { scriptId: string; start: number } | undefined {
  const { location } = readFunctionInternals(Class)
  const file = fileBindings(location)
  const analysis = analyze(functionToString.call(Class))
  if (location === undefined || file === undefined || analysis === undefined) return undefined
  const { scriptId } = location
  const start = offsetOf(file, {
    scriptId,
    ...startOf(file, location, analysis.locationOffset),
  })
  return { scriptId, start }
}

/** The classes that an object, or a class, may have members of. */
function* classesOf(object: unknown): Generator<Function> {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return
  for (let at: unknown = object; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    if (typeof at === 'function') yield at
    const Class = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown
    if (typeof Class === 'function' && !isNative(Class)) yield Class
  }
}

/** The functions that variables internals a function hold, with those of the innermost scopes first. */
function* classesAround({ scopes }: FunctionInternals): Generator<Function> {
  for (const scope of scopes)
    for (const name of Object.keys(scope.variables)) {
      const value = variableIn(scope, name)
      if (typeof value === 'function') yield value
    }
}

function standIn(
  fn: Function,
  Class: Function,
  index: number,
  isStatic: boolean,
  object: unknown,
  locals: readonly unknown[],
): SourceDescription {
  return madeOf(arrowWrapperCode(index, isStatic), fn.name, {
    [CLASS_NAME]: Class,
    [ARROW_THIS_NAME]: object,
    [ARROW_LOCALS_NAME]: locals,
  })
}

function madeOf(
  source: string,
  name: string,
  captures: Readonly<Record<string, unknown>>,
): SourceDescription {
  return {
    kind: 'source',
    source,
    name,
    form: 'expression',
    strict: true,
    captureNames: Object.keys(captures),
    captures: Object.values(captures),
    propertyNames: [],
    properties: [],
  }
}
