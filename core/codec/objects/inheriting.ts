/** Objects whose prototype is an object like any other, `Object.create(shape)`: both travel together. */
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
 * Whether an object inherits from one that does not say whose it is, so that the two travel together.
 * In a bundle that holds even if a function is known whose prototype it is: that has it later only.
 */
export function inherits(object: object, prototype: object, inBundle: boolean): boolean {
  if (types.isProxy(prototype)) return false
  if (typeof prototype === 'function') return !isNative(prototype)
  if (Object.hasOwn(prototype, 'constructor') || copiedClassOf(prototype) !== undefined)
    return false
  if (!inBundle && classOfPrototype(prototype) !== undefined) return false
  return intrinsicPath(prototype) === undefined && !isOfNamedClass(object, prototype)
}

/**
 * Whether an object names its class itself, where the prototype does not, and that class is found on the
 * other side by name: with it, its prototype is there.
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
    // Why it cannot travel is said when it is written.
    return false
  }
}

/** Writes the prototype, then what is the object's own, but for the values of `accessors`. */
export function writeInheriting(
  encoder: ValueEncoder,
  object: object,
  prototype: object,
  accessors: readonly string[],
): void {
  // A getter that is inherited reads from the object, so its value is none of the prototype's.
  for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (get !== undefined && encoder.accessorOf(prototype, key) === undefined)
      throw encoder.objectError(
        `its prototype has the getter '${key}', and getters go along with functions and classes only; write a class`,
      )
  encoder.writer.kind(Kind.INHERITING)
  encoder.writeChild('(prototype)', prototype)
  writeProperties(encoder, object, Object.keys(object), accessors)
  writeSymbolProperties(encoder, object)
}

/** An object that may be met in its own prototype, and so exists before it. */
export function readInheriting(decoder: ValueDecoder, at: number): object {
  const object = decoder.register(at, {})
  const prototype = decoder.readValue()
  if ((typeof prototype !== 'object' && typeof prototype !== 'function') || prototype === null)
    throw new DecodeError('A prototype is expected')
  readAllProperties(decoder, object)
  // Last, as a setter of the prototype would take what is the object's own.
  return Object.setPrototypeOf(object, prototype) as object
}
