/** Plain objects: their keys, or the number of a record shape, and their values. */
import { types } from 'node:util'
import { isNodeModule } from '../../functions/modules/references.js'
import { Kind } from '../bytes/tags.js'
import type { RecordShape } from '../identity/record-shapes.js'
import type { ValueEncoder } from '../interfaces.js'
import { hiddenKeys, writeWithExtras } from './own-extras.js'
import { writeSymbolProperties } from './properties.js'
import { refusalReason } from './refusals.js'

/** Writes an object whose prototype is `Object.prototype`, for the first time. */
export function writePlainObject(encoder: ValueEncoder, object: object): void {
  const keys = Object.keys(object)
  if (isNodeModule(object, keys[0]) && encoder.writeByName(object)) return
  // V8 counts the names of an ordinary object without making a list of them.
  const isOrdinary =
    Object.getOwnPropertySymbols(object).length === 0 &&
    Object.getOwnPropertyNames(object).length === keys.length
  const accessors = encoder.accessorKeys(object, keys)
  if (!isOrdinary || accessors.length > 0) writeUnusual(encoder, object, keys, accessors)
  else writeRecord(encoder, object, encoder.shapes.of(keys, object))
}

/** Writes an object that has the keys of a shape and nothing else. */
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

/** Writes an object with symbols, accessors or non-enumerable properties. */
function writeUnusual(
  encoder: ValueEncoder,
  object: object,
  keys: readonly string[],
  accessors: readonly string[],
): void {
  // Math, JSON and similar objects have one enumerable symbol and no enumerable keys.
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

/**
 * Writes keys and values. Accessors keep their positions among the keys, but are written
 * afterwards.
 */
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
