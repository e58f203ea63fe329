/** How many parameters functions declare, for arguments that come after all of them. */
import { hasPlainPrototype } from '../engine/own-prototypes.js'
import { parseFunction, type SyntaxNode } from './syntax.js'

const counts = new WeakMap<Function, number>()

/**
 * Returns how many parameters a function declares, those with defaults included: 2 for
 * `(x, y = 1) => x`. Infinity for a function that may take any number: one with a rest parameter, one
 * that uses `arguments`, and native code.
 */
export function parameterCount(fn: Function): number {
  let count = counts.get(fn)
  if (count === undefined) counts.set(fn, (count = countParameters(fn)))
  return count
}

/**
 * Whether the last of `count` arguments is a plain object that comes after all parameters of a function, which would
 * not see it: it is meant as options.
 */
export function isBeyondParameters(fn: unknown, count: number, last: unknown): fn is Function {
  if (typeof fn !== 'function' || count <= fn.length) return false
  if (typeof last !== 'object' || last === null || !hasPlainPrototype(last)) return false
  return count > parameterCount(fn)
}

function countParameters(fn: Function): number {
  const source = Function.prototype.toString.call(fn)
  if (/\barguments\b/.test(source)) return Number.POSITIVE_INFINITY
  const params = parseFunction(source)?.node.params as readonly SyntaxNode[] | undefined
  const isOpen = params === undefined || params.some(({ type }) => type === 'RestElement')
  return isOpen ? Number.POSITIVE_INFINITY : params.length
}
