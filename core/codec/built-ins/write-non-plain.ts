/**
 * Writing of objects that are neither plain nor ordinary arrays: objects of registered types,
 * placeholders of functions, objects without a prototype, built-in values and instances of classes.
 */
import { types } from 'node:util'
import { privateStoreEntries } from '../../functions/describe/private-store-entries.js'
import { Kind } from '../bytes/tags.js'
import { Described, TokenHolder } from '../bytes/token-holder.js'
import type { ValueEncoder } from '../interfaces.js'
import { hiddenKeys, writeWithExtras } from '../objects/own-extras.js'
import { writeProperties, writeSymbolProperties } from '../objects/properties.js'
import { writeInstance, writePrivateEntries } from './instances.js'
import { registeredTypeOf, writeRegistered } from './registered-objects.js'
import { hasBuiltInContent, writeBuiltIn } from './write-built-in.js'

/** Writes an object with this prototype for the first time. */
export function writeNonPlain(
  encoder: ValueEncoder,
  object: object,
  prototype: object | null,
): void {
  if (isOfEveryThread(object) && encoder.writeByName(object)) return
  const registered = registeredTypeOf(encoder, object, prototype)
  if (registered !== undefined) writeRegistered(encoder, object, registered)
  else if (object instanceof TokenHolder || object instanceof Described)
    encoder.writeFunction(object)
  else if (prototype === null) writeWithoutPrototype(encoder, object)
  else writeInherited(encoder, object, prototype)
}

/** Whether an object is one that every thread has its own of, and that is no data. */
export function isOfEveryThread(object: object): boolean {
  return object === globalThis || object === globalThis.console || object === globalThis.process
}

function writeWithoutPrototype(encoder: ValueEncoder, object: object): void {
  if (types.isModuleNamespaceObject(object) && encoder.writeByName(object)) return
  if (hasBuiltInContent(object)) {
    encoder.writer.kind(Kind.NULL_PROTOTYPE)
    encoder.movePosition(object)
    writeBuiltIn(encoder, object)
    return
  }
  const keys = Object.keys(object)
  const accessors = encoder.accessorKeys(object, keys)
  withHidden(encoder, object, accessors, () => {
    encoder.writer.kind(Kind.NULL_OBJECT)
    writeProperties(encoder, object, keys, accessors)
    writeSymbolProperties(encoder, object)
  })
}

function writeInherited(encoder: ValueEncoder, object: object, prototype: object): void {
  const entries = privateStoreEntries(object)
  if (entries.length > 0) {
    encoder.writer.kind(Kind.PRIVATE_ENTRIES)
    encoder.movePosition(object)
  }
  if (!writeBuiltIn(encoder, object)) {
    const accessors = encoder.isInBundle ? encoder.accessorKeys(object, Object.keys(object)) : none
    withHidden(encoder, object, accessors, () =>
      writeInstance(encoder, object, prototype, accessors),
    )
  }
  if (entries.length > 0) writePrivateEntries(encoder, entries)
}

/** Writes an object with `write`, then its accessors and non-enumerable properties. */
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
