/** The properties that a user set on functions. */
import { hasPlainPrototype } from '../engine/own-prototypes.js'
import type { Analysis } from '../rewrite/function-analysis.js'
import { hasUsualPrototype } from './prototypes.js'

const builtInProperties = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

/**
 * Returns the properties that a user set on a function, static fields of classes included. `length` is
 * the original length of the function.
 */
export function ownProperties(
  fn: Function,
  length?: number,
): (readonly [string | symbol, unknown])[] {
  const found: (readonly [string | symbol, unknown])[] = []
  const actualLength = Object.getOwnPropertyDescriptor(fn, 'length')
  if (length !== undefined && actualLength?.value !== length)
    found.push(['length', actualLength?.value])
  for (const key of Reflect.ownKeys(fn)) {
    if (typeof key === 'string' && builtInProperties.has(key)) continue
    const { enumerable, value, get } = Object.getOwnPropertyDescriptor(fn, key)!
    const isLocal = typeof key === 'symbol' && !isKnownEverywhere(key)
    // Hidden properties of a class are its methods, which its source code creates.
    if (!enumerable && (isLocal || classPattern.test(Function.prototype.toString.call(fn))))
      continue
    if (get === undefined) found.push([key, value])
    // A getter is sent as its value, as in a plain object.
    else found.push([key, (fn as unknown as Record<string | symbol, unknown>)[key]])
  }
  return found
}

const symbolsOfLanguage = new Set(
  Object.values(Object.getOwnPropertyDescriptors(Symbol)).map(({ value }) => value as unknown),
)

function isKnownEverywhere(symbol: symbol): boolean {
  return Symbol.keyFor(symbol) !== undefined || symbolsOfLanguage.has(symbol)
}

/** Whether the prototype of a function's instances has no members but `constructor`. */
function hasBarePrototype(fn: Function): boolean {
  const prototype: unknown = fn.prototype
  if (typeof prototype !== 'object' || prototype === null) return false
  if (!hasPlainPrototype(prototype)) return false
  return Reflect.ownKeys(prototype).length === 1 && Object.hasOwn(prototype, 'constructor')
}

const classPattern = /^class\b/

/** Whether no properties were set on a function, or on the prototype of its instances. */
export function isBare(fn: Function, { isConstructor, length }: Analysis): boolean {
  if (fn.length !== length || !hasUsualPrototype(fn)) return false
  if (isConstructor && !hasBarePrototype(fn)) return false
  return Reflect.ownKeys(fn).every((key) => builtInProperties.has(key as string))
}
