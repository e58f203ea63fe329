/** Reading of built-in values. */
import { DecodeError } from '../../base/errors.js'
import { createWeakCache } from '../../functions/describe/weak-caches.js'
import type { Reader } from '../bytes/reader.js'
import { WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import type { ValueDecoder } from '../interfaces.js'

/** Reads a bigint. */
export function readBigint(reader: Reader): bigint {
  const size = reader.uint()
  const bytes = Math.floor(size / 2)
  const start = reader.skip(bytes)
  const value = BigInt(`0x${reader.bytes.toString('hex', start, start + bytes)}`)
  return size % 2 === 1 ? -value : value
}

/** Reads a symbol of the language. */
export function readKnownSymbol(reader: Reader): symbol {
  const name = reader.string()
  const symbol = WELL_KNOWN_SYMBOLS.get(name)
  if (symbol === undefined) throw new DecodeError(`This version of Node has no Symbol.${name}`)
  return symbol
}

/** Reads a cache of a bundled package. */
export function readWeakCache(decoder: ValueDecoder, at: number): object {
  const { reader } = decoder
  const isMap = reader.u8() === 1
  const cache = decoder.register(at, createWeakCache(isMap))
  decoder.enter()
  for (let n = reader.count(2); n > 0; n--) {
    const [key, value] = [decoder.readValue(), decoder.readValue()]
    if ((typeof key !== 'object' && typeof key !== 'function') || key === null)
      throw new DecodeError('A key of a WeakMap must be an object')
    if (isMap) (cache as WeakMap<object, unknown>).set(key, value)
    else (cache as WeakSet<object>).add(key)
  }
  decoder.leave()
  return cache
}

/** Reads a regular expression and its `lastIndex`. */
export function readRegExp(decoder: ValueDecoder, at: number): RegExp {
  const { reader } = decoder
  const pattern = decoder.register(at, new RegExp(reader.string(), reader.string()))
  pattern.lastIndex = decoder.readValue() as number
  return pattern
}

/** Reads a boxed primitive. */
export function readBoxed(decoder: ValueDecoder, at: number): object {
  const primitive = decoder.readValue()
  if (primitive === null || primitive === undefined)
    throw new DecodeError('A boxed primitive holds nothing')
  return decoder.register(at, Object(primitive) as object)
}

/** Reads an array with more holes than elements. */
export function readSparse(decoder: ValueDecoder, at: number): unknown[] {
  const length = decoder.reader.uint()
  if (length >= 2 ** 32) throw new DecodeError(`No array has ${length} elements`)
  const target: unknown[] = decoder.register(at, [])
  decoder.readProperties(target, decoder.reader.count(2))
  if (target.length < length) {
    // Setting and deleting the last element keeps V8 from reserving memory for the missing ones.
    target[length - 1] = undefined
    delete target[length - 1]
  }
  return target
}
