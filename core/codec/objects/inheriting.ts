/**
 * Objects whose prototype is an ordinary object, as from `Object.create(shape)`: object and
 * prototype are sent together.
 */
import { types } from 'node:util'
import { DecodeError } from '../../base/errors.js'
import { classOfPrototype, recordPrototypeOwner } from '../../functions/classes/prototypes.js'
import { describeFunction } from '../../functions/describe/describe.js'
import { intrinsicPath, isNative } from '../../functions/engine/intrinsics.js'
import { describeReference } from '../../functions/modules/references.js'
import { Kind } from '../bytes/tags.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { copiedClassOf } from './class-registry.js'
import { readAllProperties, writeProperties, writeSymbolProperties } from './properties.js'

/**
 * Whether an object's prototype is an ordinary object, not known to belong to a class, so that the
 * two are sent together. In a bundle this holds even if a function with that prototype is known, as
 * the function gets it only later.
 */
export function inherits(object: object, prototype: object | null, inBundle: boolean): boolean {
  if (prototype === null) return false
  if (types.isProxy(prototype)) return false
  if (typeof prototype === 'function') return !isNative(prototype)
  if (isBareIntrinsic(prototype)) return true
  if (Object.hasOwn(prototype, 'constructor') || copiedClassOf(prototype) !== undefined)
    return false
  if (!inBundle && classOfPrototype(prototype) !== undefined) return false
  return intrinsicPath(prototype) === undefined && !isOfNamedClass(object, prototype)
}

/**
 * Whether a prototype of the language only provides methods, so that any object can inherit from it. For
 * example, the generators that compilers create inherit from the prototype of iterators.
 */
function isBareIntrinsic(prototype: object): boolean {
  const path = intrinsicPath(prototype)
  if (path === undefined) return false
  return path[0]!.startsWith('%') || (path[0] === 'Iterator' && path[1] === 'prototype')
}

/**
 * Whether an object has its class as an own property `constructor`, which the prototype lacks, and
 * the class is sent by name. The receiver then has the prototype too.
 */
function isOfNamedClass(object: object, prototype: object): boolean {
  const { value: Class } = Object.getOwnPropertyDescriptor(object, 'constructor') ?? {}
  if (typeof Class !== 'function' || types.isProxy(Class) || Class.prototype !== prototype)
    return false
  if (!isNamed(Class)) return false
  recordPrototypeOwner(Class)
  return true
}

function isNamed(fn: Function): boolean {
  if (describeReference(fn) !== undefined) return true
  try {
    return describeFunction(fn).kind === 'module'
  } catch {
    // Writing the function reports why it cannot be sent.
    return false
  }
}

/** Writes the prototype, then the object's own properties, without the values of `accessors`. */
export function writeInheriting(
  encoder: ValueEncoder,
  object: object,
  prototype: object,
  accessors: readonly string[],
): void {
  const isShared = intrinsicPath(prototype) !== undefined
  // An inherited getter reads from the object, so it has no value of the prototype to send.
  for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (get !== undefined && !isShared && encoder.accessorOf(prototype, key) === undefined)
      throw encoder.objectError(
        `its prototype has the getter '${key}', and inherited getters are sent only with classes; write a class`,
      )
  encoder.writer.kind(Kind.INHERITING)
  encoder.writeChild('(prototype)', prototype)
  writeProperties(encoder, object, Object.keys(object), accessors)
  writeSymbolProperties(encoder, object)
}

/** Reads an inheriting object. Its prototype may refer to it, so the object is created first. */
export function readInheriting(decoder: ValueDecoder, at: number): object {
  const object = decoder.register(at, {})
  const prototype = decoder.readValue()
  if ((typeof prototype !== 'object' && typeof prototype !== 'function') || prototype === null)
    throw new DecodeError('A prototype is expected')
  readAllProperties(decoder, object)
  // The prototype is set last, because its setters would intercept the object's own properties.
  return Object.setPrototypeOf(object, prototype) as object
}
