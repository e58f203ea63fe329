/** Own properties of objects: setting, writing and reading them, whatever their names are. */
import { DecodeError } from '../../base/errors.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { writeSymbol } from './symbols.js'

/**
 * Sets a property as an object literal with a computed key does: `__proto__` is an ordinary key.
 */
export function setOwn(target: object, key: PropertyKey, value: unknown): void {
  if (key === '__proto__') defineOwn(target, key, value, true)
  else (target as Record<PropertyKey, unknown>)[key] = value
}

/** Defines a writable own property, whatever the prototype has under its name. */
export function defineOwn(
  target: object,
  key: PropertyKey,
  value: unknown,
  enumerable: boolean,
): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}

const noKeys: readonly string[] = []

/**
 * Writes the enumerable string-keyed properties of an object: their number, then each key and
 * value. Keys in `later` get undefined as their value: their accessors are written afterwards.
 */
export function writeProperties(
  encoder: ValueEncoder,
  object: object,
  keys: readonly string[],
  later: readonly string[] = noKeys,
): void {
  encoder.writer.uint(keys.length)
  for (const key of keys) {
    encoder.writer.string(key)
    encoder.writeChild(
      key,
      later.includes(key) ? undefined : (object as Record<string, unknown>)[key],
    )
  }
}

/** Writes the symbol-keyed properties of an object: their number, then each key and value. */
export function writeSymbolProperties(encoder: ValueEncoder, object: object): void {
  const symbols = Object.getOwnPropertySymbols(object)
  encoder.writer.uint(symbols.length)
  for (const symbol of symbols) {
    encoder.setKey(symbol)
    writeSymbol(encoder, symbol)
    encoder.writeChild(symbol, (object as Record<symbol, unknown>)[symbol])
  }
}

/** Reads string-keyed and then symbol-keyed properties into an object. */
export function readAllProperties<T extends object>(decoder: ValueDecoder, target: T): T {
  decoder.readProperties(target, decoder.reader.count(2))
  readSymbolProperties(decoder, target)
  return target
}

/** Reads symbol-keyed properties into an object. */
export function readSymbolProperties(decoder: ValueDecoder, target: object): void {
  decoder.enter()
  for (let n = decoder.reader.count(2); n > 0; n--) {
    const symbol = decoder.readValue()
    if (typeof symbol !== 'symbol') throw new DecodeError('A symbol is expected as a key')
    setOwn(target, symbol, decoder.readValue())
  }
  decoder.leave()
}
