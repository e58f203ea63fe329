/**
 * Arrow functions that use `super` or private members. Only their class can create them, so they are sent
 * as wrappers that have the class create the arrow anew (`super-arrow-code.ts`).
 */

import {
  type FunctionInternals,
  readFunctionInternals,
  UNSET,
  variableIn,
} from '../engine/function-internals.js'
import { analyze } from '../rewrite/function-analysis.js'
import { recordedDescription } from '../rewrite/injected-values.js'
import {
  ARROW_LOCALS_NAME,
  ARROW_THIS_NAME,
  arrowWrapperCode,
  CLASS_NAME,
  type ClassArrow,
} from '../rewrite/super-arrow-code.js'
import { fileBindings, offsetOf, startOf } from '../source/file-bindings.js'
import type { SourceDescription } from '../types.js'
import { wrappedArrow } from './private-fields.js'

const functionToString = Function.prototype.toString

/** Describes an arrow that belongs to one of these classes; undefined if it belongs to none. */
export function describeArrow(
  fn: Function,
  object: unknown,
  classes: Iterable<Function>,
  internals: FunctionInternals,
): SourceDescription | undefined {
  const arrowSource = functionToString.call(fn)
  for (const Class of classes) {
    const source = functionToString.call(Class)
    if (!source.includes(arrowSource)) continue
    const arrows = analyze(source)?.classArrows ?? []
    const same = arrows.filter(({ start, end }) => source.slice(start, end) === arrowSource)
    const arrow = same.length > 1 ? same.find((a) => isAt(a, Class, internals)) : same[0]
    if (arrow === undefined || !isWrittenIn(Class, internals)) continue
    const locals: unknown[] = []
    for (const name of arrow.locals) {
      const scope = internals.scopes.find((s) => Object.hasOwn(s.variables, name))
      const value = scope && variableIn(scope, name)
      if (scope === undefined || value === UNSET) return undefined
      locals.push(value)
    }
    return describeWrapper(fn, Class, arrows.indexOf(arrow), arrow.isStatic, object, locals)
  }
  return undefined
}

/** Describes a received function that wraps an arrow, or that has a recorded description. */
export function describeReceived(fn: Function): SourceDescription | undefined {
  const wrapped = wrappedArrow(fn)
  if (wrapped === undefined) return recordedDescription(fn)
  const [Class, index, object, locals] = wrapped
  const arrow = analyze(functionToString.call(Class))?.classArrows[index]
  return arrow && describeWrapper(fn, Class, index, arrow.isStatic, object, locals)
}

function describeWrapper(
  fn: Function,
  Class: Function,
  index: number,
  isStatic: boolean,
  object: unknown,
  locals: readonly unknown[],
): SourceDescription {
  return describeCode(arrowWrapperCode(index, isStatic), fn.name, {
    [CLASS_NAME]: Class,
    [ARROW_THIS_NAME]: object,
    [ARROW_LOCALS_NAME]: locals,
  })
}

/** Describes a function whose source code is generated here. */
export function describeCode(
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

/**
 * Whether a function was written within a class, and not within another class with the same source
 * code.
 */
export function isWrittenIn(Class: Function, { location }: FunctionInternals): boolean {
  const classStart = startInFile(Class)
  const file = fileBindings(location)
  if (classStart === undefined || file === undefined || location === undefined) return true
  const at = offsetOf(file, location)
  return classStart.scriptId === location.scriptId
    ? at >= classStart.start && at <= classStart.start + functionToString.call(Class).length
    : false
}

function isAt(arrow: ClassArrow, Class: Function, { location }: FunctionInternals): boolean {
  const classStart = startInFile(Class)
  const file = fileBindings(location)
  if (classStart === undefined || file === undefined || location === undefined) return false
  return classStart.start + arrow.start === offsetOf(file, location)
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
