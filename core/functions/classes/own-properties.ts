/** What the user hung on functions. */
import type { Analysis } from '../rewrite/function-analysis.js'
import { hasUsualPrototype } from './prototypes.js'

const builtInProperties = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

/**
 * What the user hung on a function; static fields of classes are such properties. `length` is what that
 * of the function would be if nobody changed it.
 */
export function ownProperties(
  fn: Function,
  length?: number,
): (readonly [string | symbol, unknown])[] {
  const found: (readonly [string | symbol, unknown])[] = []
  const said = Object.getOwnPropertyDescriptor(fn, 'length')
  if (length !== undefined && said?.value !== length) found.push(['length', said?.value])
  for (const key of Reflect.ownKeys(fn)) {
    if (typeof key === 'string' && builtInProperties.has(key)) continue
    const { enumerable, value, get } = Object.getOwnPropertyDescriptor(fn, key)!
    const isLocal = typeof key === 'symbol' && Symbol.keyFor(key) === undefined
    // What a class hides are its methods, which its text makes.
    if (!enumerable && (isLocal || isClassText.test(Function.prototype.toString.call(fn)))) continue
    if (get === undefined) found.push([key, value])
    // A getter gives its value, as it does in a plain object.
    else found.push([key, (fn as unknown as Record<string | symbol, unknown>)[key]])
  }
  return found
}

const isClassText = /^class\b/

/** Whether a function was given no properties of its own. */
export function isBare(fn: Function, { length }: Analysis): boolean {
  if (fn.length !== length || !hasUsualPrototype(fn)) return false
  return Reflect.ownKeys(fn).every((key) => builtInProperties.has(key as string))
}
