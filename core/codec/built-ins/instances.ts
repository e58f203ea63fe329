/**
 * Instances of users' classes: their class, fields and private members.
 *
 * An instance of a class that extends a built-in type is written as the built-in value, with its
 * class and its own fields around it.
 */

import { DecodeError } from '../../base/errors.js'
import { privateLevels } from '../../functions/classes/private-fields.js'
import { classOfPrototype } from '../../functions/classes/prototypes.js'
import {
  type PrivateStoreEntry,
  restorePrivateStoreEntry,
} from '../../functions/describe/private-store-entries.js'
import { Kind } from '../bytes/tags.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { copiedClassOf } from '../objects/class-registry.js'
import { inherits, writeInheriting } from '../objects/inheriting.js'
import { readNewObject } from '../objects/own-extras.js'
import { writePrivateLevels, writePrivateValues } from '../objects/private-members.js'
import { readAllProperties, writeProperties, writeSymbolProperties } from '../objects/properties.js'
import { platformReason, refusalReason } from '../objects/refusals.js'
import { symbolKey } from '../objects/symbols.js'
import { completePrototype, mayBeIncomplete } from './zod-classes.js'

/**
 * Returns the user's class that an object is a direct instance of; undefined for platform classes.
 */
export function classOf(object: object): Function | undefined {
  const prototype = userPrototype(object)
  if (prototype === undefined) return undefined
  const copied = copiedClassOf(prototype)
  return copied ?? classOfPrototype(prototype)
}

/**
 * Returns the prototype of an object if it comes from a user's class and not from the built-in
 * type.
 */
export function userPrototype(object: object): object | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null
  if (prototype === null) return undefined
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof Class !== 'function') return prototype
  if (Buffer.isBuffer(object)) return Class === Buffer ? undefined : prototype
  if (Class === URL || Class === URLSearchParams) return undefined
  // Built-in types of another realm count as ours.
  return /\[native code\]\s*\}$/.test(Function.prototype.toString.call(Class))
    ? undefined
    : prototype
}

/** Returns the class whose instances have this prototype. */
export function constructorOf(encoder: ValueEncoder, prototype: object): Function {
  const Class = copiedClassOf(prototype) ?? classOfPrototype(prototype)
  if (Class !== undefined) return Class
  throw encoder.objectError(
    'its prototype is not that of a class or of a built-in type, so the receiver could not find it',
  )
}

/**
 * Writes an instance of a user's class: the class as a function, then the fields; `accessors` are
 * written afterwards.
 */
export function writeInstance(
  encoder: ValueEncoder,
  object: object,
  prototype: object,
  accessors: readonly string[],
): void {
  const reason = refusalReason(object)
  if (reason !== undefined) throw encoder.objectError(reason)
  if (inherits(object, prototype, encoder.isInBundle)) {
    writeInheriting(encoder, object, prototype, accessors)
    return
  }
  const Class = constructorOf(encoder, prototype)
  if (encoder.functions.isPlatform(Class)) throw encoder.objectError(platformReason(Class.name))
  // Symbols are checked first: their errors are more helpful than those about the class.
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    encoder.setKey(symbol)
    symbolKey(encoder, symbol)
  }
  const levels = privateLevels(Class)
  if (levels.length === 0 && encoder.shouldDefer) {
    encoder.writer.kind(Kind.DEFER_INSTANCE)
    encoder.setKey('constructor')
    encoder.writeFunction(Class)
    encoder.deferFields(object)
    return
  }
  encoder.writer.kind(levels.length === 0 ? Kind.INSTANCE : Kind.PRIVATE_INSTANCE)
  encoder.setKey('constructor')
  encoder.writeFunction(Class)
  const values = levels.length === 0 ? undefined : writePrivateLevels(encoder, object, levels)
  writeProperties(encoder, object, Object.keys(object), accessors)
  writeSymbolProperties(encoder, object)
  if (values !== undefined) writePrivateValues(encoder, levels, values)
}

/** Writes a built-in value with the class that extends it, its own fields, and private members. */
export function writeSubclass(
  encoder: ValueEncoder,
  object: object,
  Class: Function,
  fields: readonly string[],
  withSymbols: boolean,
  writeBase: () => void,
): void {
  const levels = privateLevels(Class)
  encoder.writer.kind(levels.length === 0 ? Kind.SUBCLASS : Kind.PRIVATE_SUBCLASS)
  encoder.setKey('constructor')
  encoder.writeFunction(Class)
  const values = levels.length === 0 ? undefined : writePrivateLevels(encoder, object, levels)
  encoder.movePosition(object)
  writeBase()
  writeProperties(encoder, object, fields)
  if (withSymbols) writeSymbolProperties(encoder, object)
  else encoder.writer.uint(0)
  if (values !== undefined) writePrivateValues(encoder, levels, values)
}

/**
 * Writes the entries that an instance has in the private stores of its classes, after the instance.
 */
export function writePrivateEntries(
  encoder: ValueEncoder,
  entries: readonly PrivateStoreEntry[],
): void {
  encoder.writer.uint(entries.length)
  for (const { depth, name, value } of entries) {
    encoder.writer.uint(depth)
    encoder.writer.string(name)
    encoder.writeChild(name, value)
  }
}

/** Reads an instance and its fields. */
export function readInstance(decoder: ValueDecoder, at: number): object {
  return readAllProperties(decoder, readNewInstance(decoder, at))
}

/**
 * Reads an instance without its fields. The class may be written here, and the instance may be
 * referred to.
 */
export function readNewInstance(decoder: ValueDecoder, at: number): object {
  return decoder.build(at, () => {
    const prototype = readPrototype(decoder)
    const object = Object.create(prototype) as object
    if (mayBeIncomplete(prototype)) decoder.finalSteps.push(() => completePrototype(object))
    return object
  })
}

/** Reads a built-in value, which is registered at its own position, and sets its subclass. */
export function readSubclass(decoder: ValueDecoder): object {
  const prototype = readPrototype(decoder)
  const base = readNewObject(decoder)
  Object.setPrototypeOf(base, prototype)
  return readAllProperties(decoder, base)
}

/** Reads an instance and the entries it has in the private stores of its classes. */
export function readPrivateEntries(decoder: ValueDecoder): object {
  const object = decoder.readValue()
  if (typeof object !== 'object' || object === null) throw new DecodeError('An object is expected')
  decoder.enter()
  for (let n = decoder.reader.count(3); n > 0; n--) {
    const { reader } = decoder
    const entry = { depth: reader.uint(), name: reader.string(), value: decoder.readValue() }
    decoder.finalSteps.push(() => {
      if (!restorePrivateStoreEntry(object, entry))
        throw new DecodeError(`The class of an object has no private store '${entry.name}'`)
    })
  }
  decoder.leave()
  return object
}

/** Reads a class and returns its prototype. */
function readPrototype(decoder: ValueDecoder): object {
  const Class = decoder.readValue()
  if (typeof Class === 'function') {
    const prototype = Class.prototype as unknown
    if (typeof prototype === 'object' && prototype !== null) return prototype
  }
  throw new DecodeError('A class is expected')
}
