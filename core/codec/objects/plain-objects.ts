/** Plain objects as they are written: their keys, or what stands for them, and their values. */
import { types } from 'node:util'
import { Kind } from '../bytes/tags.js'
import type { RecordShape } from '../identity/record-shapes.js'
import type { ValueEncoder } from '../interfaces.js'
import { hiddenKeys, writeWithExtras } from './own-extras.js'
import { writeSymbolProperties } from './properties.js'
import { refusalReason } from './refusals.js'

/** Writes an object that inherits from `Object.prototype` alone, and was not met before. */
export function writePlainObject(encoder: ValueEncoder, object: object): void {
  const keys = Object.keys(object)
  // V8 counts the names of an ordinary object without making a list of them.
  const isOrdinary =
    Object.getOwnPropertySymbols(object).length === 0 &&
    Object.getOwnPropertyNames(object).length === keys.length
  const accessors = encoder.accessorKeys(object, keys)
  if (!isOrdinary || accessors.length > 0) writeUnusual(encoder, object, keys, accessors)
  else writeRecord(encoder, object, encoder.shapes.of(keys, object))
}

/** Writes an object that has the keys of a shape and nothing besides. */
export function writeRecord(
  encoder: ValueEncoder,
  object: object,
  shape: RecordShape | undefined,
): void {
  const { writer } = encoder
  if (shape === undefined) {
    writer.mapHeader(0)
    return
  }
  const { keys } = shape
  const withoutKeys = encoder.shapes.write(writer, shape)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (!withoutKeys) writer.string(key)
    encoder.writeChild(key, (object as Record<string, unknown>)[key])
  }
}

/** An object with symbols, accessors, or properties that do not show when it is enumerated. */
function writeUnusual(
  encoder: ValueEncoder,
  object: object,
  keys: readonly string[],
  accessors: readonly string[],
): void {
  // Math, JSON and their like have a symbol and nothing else that can be seen.
  if (Symbol.toStringTag in object && encoder.writeByName(object)) return
  const reason = types.isArgumentsObject(object) ? refusalReason(object) : undefined
  if (reason !== undefined) throw encoder.objectError(reason)
  const write = () => {
    if (Object.getOwnPropertySymbols(object).length > 0) {
      encoder.writer.kind(Kind.SYMBOL_KEYED)
      writeSymbolProperties(encoder, object)
    }
    writeKeys(encoder, object, keys, accessors)
  }
  const extras = [...accessors, ...hiddenKeys(object)]
  if (extras.length === 0) write()
  else writeWithExtras(encoder, object, extras, write)
}

/** Accessors have their places among the keys, and what they are comes after them. */
function writeKeys(
  encoder: ValueEncoder,
  object: object,
  keys: readonly string[],
  accessors: readonly string[],
): void {
  const { writer } = encoder
  const values = object as Record<string, unknown>
  const shape = encoder.shapes.of(keys)
  const withoutKeys = shape !== undefined && encoder.shapes.write(writer, shape)
  if (shape === undefined) writer.mapHeader(0)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (!withoutKeys) writer.string(key)
    const isLater = accessors.length > 0 && accessors.includes(key)
    encoder.writeChild(key, isLater ? undefined : values[key])
  }
}
