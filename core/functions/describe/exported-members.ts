/**
 * Members of the objects by which compilers and bundlers represent modules: getters that return an export,
 * as in `__export(ns, { z: () => z })`, wrappers of CommonJS modules, as in `__toESM(require_lodash())`, and
 * functions with many members, as lodash exports.
 */
import { types } from 'node:util'
import { functionInternals } from '../engine/function-internals.js'
import { fileBindings, variableAt } from '../source/file-bindings.js'

const functionToString = Function.prototype.toString

/** Whether an object is a module, or a compiler's form of one. */
export function isModuleLike(value: object): boolean {
  if (types.isModuleNamespaceObject(value)) return true
  if (types.isProxy(value)) return false
  return (
    Object.hasOwn(value, '__esModule') ||
    Object.prototype.toString.call(value) === '[object Module]' ||
    isInteropWrapper(value)
  )
}

/**
 * Whether an object wraps what a CommonJS module exports: it inherits from the prototype of the exported
 * value, has the value as `default`, and getters for its members.
 */
function isInteropWrapper(object: object): boolean {
  if (typeof object === 'function') return false
  const { value, writable } = Object.getOwnPropertyDescriptor(object, 'default') ?? {}
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  if (writable === true || value === object || types.isProxy(value)) return false
  return Object.getPrototypeOf(value) === Object.getPrototypeOf(object)
}

/** Whether the properties of an object cannot be assigned to, as those of a module. */
export function isReadOnly(object: object): boolean {
  if (isModuleLike(object)) return true
  return Object.values(Object.getOwnPropertyDescriptors(object)).every(
    ({ set, writable }) => set === undefined && writable !== true,
  )
}

/** A name, or a member of it: `z`, `from[key]`, `module.exports.z`. */
const reference = String.raw`(?!this\b|super\b)([\w$]+)((?:\.[\w$]+|\[(?:[\w$]+|"[^"]*"|'[^']*')\])*)`
const getters = [
  // () => z, and () => (z)
  new RegExp(String.raw`^\(\)\s*=>\s*\(?\s*${reference}\s*\)?$`),
  // function () { return z }, get z() { return z }, () => { return z }
  new RegExp(
    String.raw`^(?:function\s*)?(?:get\s+)?(?:[\w$]+|\[[^\]]*\])?\s*\(\)\s*(?:=>\s*)?\{\s*return\s+${reference};?\s*\}$`,
  ),
]

/** An export behind a getter. */
export interface Exported {
  readonly value: unknown
}

/**
 * Returns the export that a getter returns; undefined for a getter that does anything else, or whose
 * value may change.
 */
export function exportedBy(object: object, { get, set }: PropertyDescriptor): Exported | undefined {
  if (get === undefined || set !== undefined || types.isProxy(get)) return undefined
  const source = functionToString.call(get).replace(/\/\*.*?\*\//g, '')
  const found = getters.map((getter) => getter.exec(source)).find((match) => match !== null)
  if (found === undefined || found === null) return undefined
  const [, name, members] = found as unknown as [string, string, string]
  const isStable = members === '' ? !isReassigned(get, name) : isModuleLike(object)
  if (!isStable) return undefined
  try {
    return { value: Reflect.apply(get, object, []) as unknown }
  } catch {
    return undefined
  }
}

/** Whether functions assign to the variable that a function uses under a name. */
function isReassigned(fn: Function, name: string): boolean {
  const { location } = functionInternals(fn)
  const file = fileBindings(location)
  const variable = file && location && variableAt(file, name, location)
  return variable === undefined || variable.reassigned
}

/** The number of members from which a function counts as a library. */
const FEWEST_MEMBERS = 16

/** Whether a value is a function with many members, of which functions usually use a few. */
export function isLibraryFunction(value: unknown): value is Function {
  if (typeof value !== 'function' || types.isProxy(value)) return false
  return (
    Object.keys(value).length >= FEWEST_MEMBERS && !functionToString.call(value).startsWith('class')
  )
}
