/**
 * Contexts of `node:vm`: each has a global object, and an `Object`, `Array` and so on, of its own.
 *
 * Test runners load the user's modules, and this package, into a context of their own; values of Node's modules
 * then come from the main context. Elsewhere this package is in the main context, and functions and values of
 * others are given to it. In both cases "foreign" is what belongs to another context than this module.
 */
import { types } from 'node:util'
import { runInThisContext } from 'node:vm'

/** The global object of the main context, in which the inspector evaluates. */
export const mainGlobal = runInThisContext('globalThis') as object

/** The globals of foreign contexts by their `Object.prototype`; null if it cannot be reached. */
const globals = new WeakMap<object, object | null>()

/** Returns the global object of the foreign context that a value belongs to; undefined if it is not foreign. */
export function foreignGlobalOf(value: object): object | undefined {
  const root = rootOf(value)
  if (root === undefined || !Object.hasOwn(root, 'constructor')) return undefined
  let found = globals.get(root)
  if (found === undefined) {
    found = globalBehind(root)
    globals.set(root, found)
  }
  return found ?? undefined
}

/** Returns the last object of a prototype chain, if it may be the `Object.prototype` of a foreign context. */
function rootOf(value: object): object | undefined {
  let at = value
  for (;;) {
    if (types.isProxy(at)) return undefined
    const next = Object.getPrototypeOf(at) as object | null
    if (next === null) return at === Object.prototype ? undefined : at
    if (next === Object.prototype || next === Function.prototype) return undefined
    at = next
  }
}

/** Returns the global object of a context with this `Object.prototype`; null if it is no such object. */
function globalBehind(root: object): object | null {
  const native = Object.getOwnPropertyDescriptor(root, 'constructor')?.value as unknown
  if (typeof native !== 'function' || native.name !== 'Object' || native.prototype !== root)
    return null
  try {
    const create = native.constructor as (code: string) => () => unknown
    const found = create('return globalThis')()
    return typeof found === 'object' && found !== globalThis ? found : null
  } catch {
    // The context does not allow code from strings.
    return null
  }
}
