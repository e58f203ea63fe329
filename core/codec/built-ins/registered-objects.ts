/**
 * Objects of registered types: the name of the type, the token of its definition if that can be
 * sent, and the payload that its `encode` returned.
 */

import { DecodeError, NotPortableError } from '../../base/errors.js'
import { Kind } from '../bytes/tags.js'
import type { RegisteredType, ValueDecoder, ValueEncoder } from '../interfaces.js'
import {
  areTested,
  decodePayload,
  encodePayload,
  findRegisteredType,
  registeredType,
} from '../objects/registered-types.js'

/** Writes an object of a registered type. */
export function writeRegistered(encoder: ValueEncoder, object: object, type: RegisteredType): void {
  const { writer, tokens, path } = encoder
  const token = type.module === undefined && encoder.functions.typeToken(type)
  if (type.module !== undefined) tokens.index(`operation:${type.module}#`)
  writer.kind(token ? Kind.TYPED : Kind.REGISTERED)
  writer.string(type.name)
  if (token) writer.uint(tokens.index(token))
  encoder.unfinished.add(object)
  encoder.setKey(type.name)
  encoder.writeValue(encodePayload(type, object, () => path.toKeys(path.depth - 1)))
  encoder.unfinished.delete(object)
}

/** Whether a plain object or an array is of a registered type that has a test. */
export function isOfTestedType(
  encoder: ValueEncoder,
  object: object,
  prototype: object | null,
): boolean {
  if (!areTested()) return false
  encoder.path.depth++
  const type = registeredTypeOf(encoder, object, prototype)
  encoder.path.depth--
  return type !== undefined
}

/** Returns the registered type of an object; errors of its test get the path to the object. */
export function registeredTypeOf(
  encoder: ValueEncoder,
  object: object,
  prototype: object | null,
): RegisteredType | undefined {
  try {
    return findRegisteredType(object, prototype)
  } catch (error) {
    if (error instanceof NotPortableError) throw encoder.objectError(error.reason)
    throw error
  }
}

/** Reads an object of a type that must be registered in this thread. */
export function readRegisteredObject(decoder: ValueDecoder, at: number): unknown {
  const name = decoder.reader.string()
  const type = registeredType(name)
  if (type === undefined)
    throw new DecodeError(
      `Type '${name}' is not registered in this thread, and its definition could not be sent: let its encode and decode use only what can be sent, or call registerType in a package that the tasks import`,
    )
  return decoder.buildNested(at, () => decodePayload(type, decoder.readValue()))
}

/** Reads an object of a type whose definition was sent. */
export function readTypedObject(decoder: ValueDecoder, at: number): unknown {
  const name = decoder.reader.string()
  const token = decoder.tokenAt(decoder.reader.uint())
  const type = decoder.functions.typeOf(token, name)
  return decoder.buildNested(at, () => decodePayload(type, decoder.readValue()))
}
