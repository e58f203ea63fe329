/**
 * From a description back to a function.
 *
 * The text is compiled inside a wrapper that declares the captured names; their values are given
 * afterwards, so functions that need one another can all exist first. The compiled code claims the
 * user's own file and line, so the stack of an error that it throws shows them, and an `import()`
 * in it looks where the user's would.
 */
import { constants, Script } from 'node:vm'
import { SkeinError } from '../../base/errors.js'
import { recordOriginalMembers } from '../classes/decorated-members.js'
import { revivalState } from '../classes/private-fields.js'
import { recordPrototypeOwner } from '../classes/prototypes.js'
import { type ArrowMaker, wrapSuperArrow } from '../classes/super-arrows.js'
import { recordHomeObject } from '../classes/super-home.js'
import { allowDynamicImport } from '../modules/dynamic-import.js'
import { createInjected as giveFor } from '../modules/injected-imports.js'
import { parseCaptureName, recordDescription } from '../rewrite/injected-values.js'
import { REVIVAL_NAME } from '../rewrite/private-member-code.js'
import { BASE_NAME, REQUIRE_NAME, STATICS_NAME, SUFFIX } from '../rewrite/reserved-names.js'
import {
  type PrivateStaticEntry,
  recordPrivateStore,
  restorePrivateStatics,
} from '../source/private-stores.js'
import type { BuiltFunction, FunctionForm, Origin, SourceShape } from '../types.js'

/** Captures that are no variables, and are given to the function in another way. */
const notVariables: ReadonlySet<string> = new Set([
  'extends',
  'inherits',
  'inherits.prototype',
  '.prototype',
  '.prototype=',
  'static #',
  'static .',
  'private #',
  'super',
  'super.prototype',
])

function isVariable(name: string): boolean {
  return !notVariables.has(name) && !name.startsWith(SUFFIX)
}

/** Files on one long line would cost more spaces than they are worth. */
const WIDEST = 10_000

type Give = (values: readonly unknown[]) => void
type Wrapper = (
  base: Function,
  statics: (createInjected: Give) => void,
  stamp: object,
) => [fn: unknown, createInjected: Give]

/**
 * Makes a function of its text. Until `complete` has been called it must not be, and the values of
 * captured names are what they were then.
 */
export function buildFunction(shape: SourceShape): BuiltFunction {
  const variables = shape.captureNames.filter(isVariable).map((n) => parseCaptureName(n).variable)
  const wrapper = compile(wrapperText(shape, variables), shape)
  let giveStatics: Give | undefined
  const noBase = function () {}
  const keepStatics = (setter: Give) => {
    giveStatics = setter
  }
  const [made, createInjected] = wrapper(noBase, keepStatics, revivalState)
  const arrow = shape.form === 'arrow' ? wrapSuperArrow(made as ArrowMaker) : undefined
  const fn = arrow?.fn ?? functionOf(made, shape)
  if (fn.name !== shape.name && !ownsName(shape))
    Object.defineProperty(fn, 'name', { value: shape.name, configurable: true })
  return {
    fn,
    complete(captures, properties) {
      const values: unknown[] = []
      for (const [i, name] of shape.captureNames.entries()) {
        recordPrivateStore(fn, name, captures[i])
        if (name === 'extends') extend(fn, captures[i], shape)
        else if (name === 'inherits') Object.setPrototypeOf(fn, captures[i] as object | null)
        else if (name === 'inherits.prototype')
          Object.setPrototypeOf(fn, (captures[i] as Function).prototype as object)
        else if (name === '.prototype') {
          recordOriginalMembers(fn, false, captures[i] as object)
          assign(fn.prototype as object, captures[i] as object)
        } else if (name === 'static .') {
          recordOriginalMembers(fn, true, captures[i] as object)
          assign(fn, captures[i] as object)
        } else if (name === '.prototype=') {
          fn.prototype = captures[i]
          recordPrototypeOwner(fn)
        } else if (name === 'static #') giveStatics?.(captures[i] as readonly unknown[])
        else if (name === 'private #')
          restorePrivateStatics(fn, captures[i] as readonly PrivateStaticEntry[])
        else if (name === 'super') setHome(fn, made as object, captures[i])
        else if (name === 'super.prototype')
          setHome(fn, made as object, (captures[i] as Function).prototype)
        else if (isVariable(name)) {
          const { given } = parseCaptureName(name)
          values.push(given === undefined ? captures[i] : giveFor(given, captures[i]))
        }
      }
      createInjected(values)
      arrow?.createInjected(captures[0], { ...shape, captures, properties })
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

/** A class may have a static member called `name`, which is among its properties or in its text. */
function ownsName(shape: SourceShape): boolean {
  return shape.propertyNames.includes('name')
}

/**
 * The program internals a function's text. The text starts on a line of its own, as far to the right
 * as in the user's file.
 */
function wrapperText(shape: SourceShape, variables: readonly string[]): string {
  const suffix =
    shape.captureNames.find((name) => name.startsWith(SUFFIX))?.slice(SUFFIX.length) ?? ''
  const given = [BASE_NAME, STATICS_NAME, REVIVAL_NAME].map((name) => name + suffix)
  const strict = shape.strict ? '"use strict";' : ''
  const declared = variables.length === 0 ? '' : `let ${variables.join(',')};`
  const [giver, values] = [
    unusedName('$skeinGive', shape.source),
    unusedName('$skeinValues', shape.source),
  ]
  const createInjected = `const ${giver}=(${values})=>{${variables.map((v, i) => `${v}=${values}[${i}]`).join(';')}};`
  const indent = ' '.repeat(Math.max(0, Math.min(shape.origin?.column ?? 1, WIDEST) - 1))
  const [text, end] = brackets[shape.form] ?? ['({', '})']
  return `(function(${given.join()}){${strict}${declared}${createInjected}return[${text}\n${indent}${shape.source}\n${end},${giver}]})`
}

/** What is put internals a text that is no member of an object. */
const brackets: Partial<Record<FunctionForm, readonly [string, string]>> = {
  expression: ['(', ')'],
  class: ['(', ')'],
  arrow: ['({make(){return (', ')}})'],
}

/** A name that the function's text does not use. */
function unusedName(name: string, source: string): string {
  return source.includes(name) ? unusedName(`${name}$`, source) : name
}

function functionOf(made: unknown, { form }: SourceShape): Function {
  if (form === 'expression' || form === 'class') return made as Function
  const [key] = Reflect.ownKeys(made as object)
  const descriptor = Object.getOwnPropertyDescriptor(made as object, key!)!
  if (form === 'getter') return descriptor.get!
  return form === 'setter' ? descriptor.set! : (descriptor.value as Function)
}

/** Has the object that a method was made in inherit from what the method's `super` is. */
function setHome(fn: Function, home: object, prototype: unknown): void {
  Object.setPrototypeOf(home, prototype as object | null)
  recordHomeObject(fn, home)
}

function extend(fn: Function, base: unknown, { form }: SourceShape): void {
  const parent = (base as { prototype: object }).prototype
  if (form === 'class') Object.setPrototypeOf(fn, base as object)
  Object.setPrototypeOf(fn.prototype as object, parent)
}

/** Puts members in the place of others; half an accessor leaves the other half as it is. */
function assign(target: object, members: object): void {
  for (const key of Reflect.ownKeys(members)) {
    const known = Object.getOwnPropertyDescriptor(target, key)
    const { value, get, set, ...given } = Object.getOwnPropertyDescriptor(members, key)!
    const enumerable = known?.enumerable ?? given.enumerable
    const isAccessor = get !== undefined || set !== undefined
    const member = isAccessor
      ? { get: get ?? known?.get, set: set ?? known?.set }
      : { value: value as unknown, writable: true }
    Object.defineProperty(target, key, { ...member, enumerable, configurable: true })
  }
}

function compile(text: string, { origin, name, source }: SourceShape): Wrapper {
  const dynamic = /\bimport\b/.test(source)
  if (dynamic) allowDynamicImport()
  try {
    return new Script(text, {
      filename: fileName(origin, name),
      lineOffset: (origin?.line ?? 1) - 2,
      ...(dynamic ? { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } : {}),
    }).runInThisContext() as Wrapper
  } catch (cause) {
    throw new SkeinError('BAD_FUNCTION', `The text of function '${name}' cannot be compiled here`, {
      cause,
    })
  }
}

function fileName(origin: Origin | undefined, name: string): string {
  return origin?.file ?? `skein-function-${name || 'anonymous'}`
}
