/** Plain objects as they are written: their keys, or what stands for them, and their values. */
import { types } from 'node:util'
import type { Encoder } from './encode.js'
import { refusal } from './refuse.js'
import { Kind } from './tags.js'

/** Writes an object that inherits from `Object.prototype` alone, and was not met before. */
export function writePlainObject(encoder: Encoder, object: object): void {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    // Math, JSON and their like have a symbol and nothing else that can be seen.
    if (Symbol.toStringTag in object && encoder.named(object)) return
    const reason = types.isArgumentsObject(object) ? refusal(object) : undefined
    if (reason !== undefined) throw encoder.refused(reason)
    encoder.writer.kind(Kind.SYMBOL_KEYED)
    encoder.symbolProperties(object)
  }
  const { writer } = encoder
  const keys = Object.keys(object)
  const values = object as Record<string, unknown>
  const withoutKeys = encoder.shapes.write(writer, keys)
  if (!withoutKeys) writer.mapHeader(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (!withoutKeys) writer.string(key)
    encoder.child(key, values[key])
  }
}
