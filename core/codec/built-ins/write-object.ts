/**
 * Objects that are neither plain nor arrays, as they are written: those of registered types, what
 * stands for a function, objects without a prototype, built-ins and instances of classes.
 */
import { types } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { privateEntries } from '../../functions/describe/private-entries.js'
import { Kind } from '../bytes/tags.js'
import { Described, TokenHolder } from '../bytes/token-holder.js'
import type { RegisteredType, ValueEncoder } from '../interfaces.js'
import { hiddenKeys, writeWithExtras } from '../objects/own-extras.js'
import { findRegisteredType, payloadOf } from '../objects/registered-types.js'
import { writeBuiltIn, writeInstance, writePrivates } from './write-built-in.js'

/** Writes an object that has this prototype, and was not met before. */
export function writeOther(encoder: ValueEncoder, object: object, prototype: object | null): void {
  const registered = registeredType(encoder, object, prototype)
  if (registered !== undefined) writeRegistered(encoder, object, registered)
  else if (object instanceof TokenHolder || object instanceof Described)
    encoder.functionToken(object)
  else if (prototype === null) writeWithoutPrototype(encoder, object)
  else writeInherited(encoder, object, prototype)
}

function registeredType(
  encoder: ValueEncoder,
  object: object,
  prototype: object | null,
): RegisteredType | undefined {
  try {
    return findRegisteredType(object, prototype)
  } catch (error) {
    if (error instanceof NotPortableError) throw encoder.refused(error.reason)
    throw error
  }
}

function writeRegistered(encoder: ValueEncoder, object: object, type: RegisteredType): void {
  const { writer, tokens, trail } = encoder
  const token = type.module === undefined && encoder.functionTravel.typeToken(type)
  if (type.module !== undefined) tokens.index(`operation:${type.module}#`)
  writer.kind(token ? Kind.TYPE : Kind.REGISTERED)
  writer.string(type.name)
  if (token) writer.uint(tokens.index(token))
  encoder.unfinished.add(object)
  encoder.at(type.name)
  encoder.value(payloadOf(type, object, () => trail.path(trail.depth - 1)))
  encoder.unfinished.delete(object)
}

function writeWithoutPrototype(encoder: ValueEncoder, object: object): void {
  if (types.isModuleNamespaceObject(object) && encoder.named(object)) return
  const keys = Object.keys(object)
  const accessors = encoder.accessorKeys(object, keys)
  withHidden(encoder, object, accessors, () => {
    encoder.writer.kind(Kind.NULL_OBJECT)
    encoder.properties(object, keys, accessors)
    encoder.symbolProperties(object)
  })
}

function writeInherited(encoder: ValueEncoder, object: object, prototype: object): void {
  const entries = privateEntries(object)
  if (entries.length > 0) {
    encoder.writer.kind(Kind.PRIVATES)
    encoder.moved(object)
  }
  if (!writeBuiltIn(encoder, object)) {
    const accessors = encoder.isInBundle ? encoder.accessorKeys(object, Object.keys(object)) : none
    withHidden(encoder, object, accessors, () =>
      writeInstance(encoder, object, prototype, accessors),
    )
  }
  if (entries.length > 0) writePrivates(encoder, entries)
}

/** Writes an object by `write`, then its accessors and what does not show when it is enumerated. */
function withHidden(
  encoder: ValueEncoder,
  object: object,
  accessors: readonly string[],
  write: () => void,
): void {
  const hidden = accessors.length === 0 ? hiddenKeys(object) : [...accessors, ...hiddenKeys(object)]
  if (hidden.length === 0) write()
  else writeWithExtras(encoder, object, hidden, write)
}

const none: readonly string[] = []
