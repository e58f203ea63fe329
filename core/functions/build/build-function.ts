/**
 * Builds functions from descriptions.
 *
 * The source code is compiled inside a wrapper that declares the captured names. Their values are set
 * afterwards, so functions that need one another can all be created first. The compiled code reports
 * the user's own file and line, so the stacks of its errors show them, and an `import()` in it resolves
 * from the user's file.
 */
import vm, { Script } from 'node:vm'
import { SkeinError } from '../../base/errors.js'
import { recordOriginalMembers } from '../classes/decorated-members.js'
import { revivalState } from '../classes/private-fields.js'
import { recordPrototypeOwner } from '../classes/prototypes.js'
import { type ArrowMaker, wrapSuperArrow } from '../classes/super-arrows.js'
import { recordHomeObject } from '../classes/super-home.js'
import { allowDynamicImport } from '../modules/dynamic-import.js'
import { createInjected } from '../modules/injected-imports.js'
import { parseCaptureName, recordDescription } from '../rewrite/injected-values.js'
import { REVIVAL_NAME } from '../rewrite/private-member-code.js'
import { BASE_NAME, REQUIRE_NAME, STATICS_NAME, SUFFIX } from '../rewrite/reserved-names.js'
import {
  type PrivateStaticEntry,
  recordPrivateStore,
  restorePrivateStatics,
} from '../source/private-stores.js'
import type { BuiltFunction, FunctionForm, Origin, SourceShape } from '../types.js'

/** A function under construction. */
interface BuildTarget {
  readonly fn: Function
  readonly shape: SourceShape
  /** The value of the compiled code: a function, or an object with the function as its only member. */
  readonly compiled: unknown
  readonly setPrivateStatics: SetValues | undefined
}

/** Captures that are not variables, each with what `complete` does with its value. */
const captureSetters: Readonly<Record<string, (target: BuildTarget, value: unknown) => void>> = {
  extends: ({ fn, shape }, base) => setBase(fn, base, shape),
  inherits: ({ fn }, prototype) => Object.setPrototypeOf(fn, prototype as object | null),
  'inherits.prototype': ({ fn }, Class) =>
    Object.setPrototypeOf(fn, (Class as Function).prototype as object),
  '.prototype': ({ fn }, members) => {
    recordOriginalMembers(fn, false, members as object)
    replaceMembers(fn.prototype as object, members as object)
  },
  '.prototype=': ({ fn }, prototype) => {
    fn.prototype = prototype
    recordPrototypeOwner(fn)
  },
  'static .': ({ fn }, members) => {
    recordOriginalMembers(fn, true, members as object)
    replaceMembers(fn, members as object)
  },
  'static #': ({ setPrivateStatics }, values) => setPrivateStatics?.(values as readonly unknown[]),
  'private #': ({ fn }, entries) =>
    restorePrivateStatics(fn, entries as readonly PrivateStaticEntry[]),
  super: ({ fn, compiled }, prototype) => setHomePrototype(fn, compiled as object, prototype),
  'super.prototype': ({ fn, compiled }, Class) =>
    setHomePrototype(fn, compiled as object, (Class as Function).prototype),
}

function isVariable(name: string): boolean {
  return !Object.hasOwn(captureSetters, name) && !name.startsWith(SUFFIX)
}

/** Files on one long line would need too much indentation. */
const WIDEST = 10_000

type SetValues = (values: readonly unknown[]) => void
type Wrapper = (
  base: Function,
  keepStatics: (setter: SetValues) => void,
  revival: object,
) => [compiled: unknown, setVariables: SetValues]

/**
 * Builds a function from its source code. It must not be called until `complete` has been called, which sets
 * the values of its captured names.
 */
export function buildFunction(shape: SourceShape): BuiltFunction {
  const variables = shape.captureNames.filter(isVariable).map((n) => parseCaptureName(n).variable)
  const wrapper = compile(wrapperCode(shape, variables), shape)
  let setPrivateStatics: SetValues | undefined
  const noBase = function () {}
  const keepStatics = (setter: SetValues) => {
    setPrivateStatics = setter
  }
  const [compiled, setVariables] = wrapper(noBase, keepStatics, revivalState)
  const arrow = shape.form === 'arrow' ? wrapSuperArrow(compiled as ArrowMaker) : undefined
  const fn = arrow?.fn ?? functionOf(compiled, shape)
  if (fn.name !== shape.name && !hasOwnName(shape))
    Object.defineProperty(fn, 'name', { value: shape.name, configurable: true })
  return {
    fn,
    complete(captures, properties) {
      const target = { fn, shape, compiled, setPrivateStatics }
      const values = applyCaptures(target, captures)
      setVariables(values)
      arrow?.complete(captures[0], { ...shape, captures, properties })
      const required = shape.captureNames.indexOf(`require:${REQUIRE_NAME}`)
      if (required >= 0) {
        Object.assign(fn, values[required])
        recordDescription(fn, { ...shape, captures, properties })
      }
      for (const [i, name] of shape.propertyNames.entries())
        Object.defineProperty(fn, name, {
          value: properties[i],
          writable: true,
          enumerable: true,
          configurable: true,
        })
    },
  }
}

/** Applies the captures that are not variables; returns the values of the variables. */
function applyCaptures(target: BuildTarget, captures: readonly unknown[]): unknown[] {
  const values: unknown[] = []
  for (const [i, name] of target.shape.captureNames.entries()) {
    const value = captures[i]
    recordPrivateStore(target.fn, name, value)
    if (isVariable(name)) {
      const { injected } = parseCaptureName(name)
      values.push(injected === undefined ? value : createInjected(injected, value))
    } else captureSetters[name]?.(target, value)
  }
  return values
}

/** A class may have a static member called `name`, among its properties or in its source code. */
function hasOwnName(shape: SourceShape): boolean {
  return shape.propertyNames.includes('name')
}

/**
 * Returns the program around a function's source code, which starts on its own line and in the same
 * column as in the user's file.
 */
function wrapperCode(shape: SourceShape, variables: readonly string[]): string {
  const suffix =
    shape.captureNames.find((name) => name.startsWith(SUFFIX))?.slice(SUFFIX.length) ?? ''
  const parameters = [BASE_NAME, STATICS_NAME, REVIVAL_NAME].map((name) => name + suffix)
  const strict = shape.strict ? '"use strict";' : ''
  const declared = variables.length === 0 ? '' : `let ${variables.join(',')};`
  const [setter, values] = [
    unusedName('$skeinGive', shape.source),
    unusedName('$skeinValues', shape.source),
  ]
  const setterCode = `const ${setter}=(${values})=>{${variables.map((v, i) => `${v}=${values}[${i}]`).join(';')}};`
  const indent = ' '.repeat(Math.max(0, Math.min(shape.origin?.column ?? 1, WIDEST) - 1))
  const [start, end] = brackets[shape.form] ?? ['({', '})']
  return `(function(${parameters.join()}){${strict}${declared}${setterCode}return[${start}\n${indent}${shape.source}\n${end},${setter}]})`
}

/** The code around the source code of a function that is not a member of an object. */
const brackets: Partial<Record<FunctionForm, readonly [string, string]>> = {
  expression: ['(', ')'],
  class: ['(', ')'],
  arrow: ['({make(){return (', ')}})'],
}

/** Returns a name that the function's source code does not use. */
function unusedName(name: string, source: string): string {
  return source.includes(name) ? unusedName(`${name}$`, source) : name
}

function functionOf(compiled: unknown, { form }: SourceShape): Function {
  if (form === 'expression' || form === 'class') return compiled as Function
  const [key] = Reflect.ownKeys(compiled as object)
  const descriptor = Object.getOwnPropertyDescriptor(compiled as object, key!)!
  if (form === 'getter') return descriptor.get!
  return form === 'setter' ? descriptor.set! : (descriptor.value as Function)
}

/** Sets the prototype of the home object of a method, from which `super` reads. */
function setHomePrototype(fn: Function, home: object, prototype: unknown): void {
  Object.setPrototypeOf(home, prototype as object | null)
  recordHomeObject(fn, home)
}

function setBase(fn: Function, base: unknown, { form }: SourceShape): void {
  const parent = (base as { prototype: object }).prototype
  if (form === 'class') Object.setPrototypeOf(fn, base as object)
  Object.setPrototypeOf(fn.prototype as object, parent)
}

/** Replaces members; half an accessor leaves the other half as it is. */
function replaceMembers(target: object, members: object): void {
  for (const key of Reflect.ownKeys(members)) {
    const known = Object.getOwnPropertyDescriptor(target, key)
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(members, key)!
    const enumerable = known?.enumerable ?? flags.enumerable
    const isAccessor = get !== undefined || set !== undefined
    const member = isAccessor
      ? { get: get ?? known?.get, set: set ?? known?.set }
      : { value: value as unknown, writable: true }
    Object.defineProperty(target, key, { ...member, enumerable, configurable: true })
  }
}

function compile(code: string, { origin, name, source }: SourceShape): Wrapper {
  const dynamic = /\bimport\b/.test(source)
  if (dynamic) allowDynamicImport()
  try {
    return new Script(code, {
      filename: fileName(origin, name),
      lineOffset: (origin?.line ?? 1) - 2,
      ...(dynamic ? { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } : {}),
    }).runInThisContext() as Wrapper
  } catch (cause) {
    throw new SkeinError(
      'BAD_FUNCTION',
      `The source of function '${name}' cannot be compiled here`,
      {
        cause,
      },
    )
  }
}

function fileName(origin: Origin | undefined, name: string): string {
  return origin?.file ?? `skein-function-${name || 'anonymous'}`
}
