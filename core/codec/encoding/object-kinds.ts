/** Reading of arrays in columns, and of the less usual kinds of objects. */
import { DecodeError } from '../../base/errors.js'
import { createPrivateStore } from '../../functions/source/private-stores.js'
import { readError } from '../built-ins/error-values.js'
import { readPrivateEntries, readSubclass } from '../built-ins/instances.js'
import { makePlatformObject } from '../built-ins/platform-types.js'
import { readBoxed, readRegExp, readSparse, readWeakCache } from '../built-ins/read-built-in.js'
import { readRegisteredObject, readTypedObject } from '../built-ins/registered-objects.js'
import { Kind } from '../bytes/tags.js'
import {
  readDates,
  readGaps,
  readLists,
  readMixedRecords,
  readRecords,
  readScalars,
  readTuples,
} from '../columns/read-arrays.js'
import type { ValueDecoder } from '../interfaces.js'
import { readInheriting } from '../objects/inheriting.js'
import { readExtras, readNewObject } from '../objects/own-extras.js'
import { readPrivateInstance, readPrivateSubclass } from '../objects/private-members.js'
import { readAllProperties, readSymbolProperties } from '../objects/properties.js'

/** Reads the body of a value of one of these kinds, whose first byte was at `at`. */
export function readObjectKind(decoder: ValueDecoder, at: number, kind: number): unknown {
  const { reader } = decoder
  switch (kind) {
    case Kind.RECORDS:
      return readRecords(decoder, at)
    case Kind.MIXED_RECORDS:
      return readMixedRecords(decoder, at)
    case Kind.LISTS:
      return readLists(decoder, at)
    case Kind.TUPLES:
      return readTuples(decoder, at)
    case Kind.DATES:
      return readDates(decoder, at)
    case Kind.GAPS:
      return readGaps(decoder, at)
    case Kind.COLUMN:
      return readScalars(decoder, at)
    case Kind.SPARSE_ARRAY:
      return readSparse(decoder, at)
    case Kind.REGEXP:
      return readRegExp(decoder, at)
    case Kind.ERROR:
      return readError(decoder, at)
    case Kind.URL:
      return decoder.register(at, new URL(reader.string()))
    case Kind.URL_SEARCH_PARAMS:
      return decoder.register(at, new URLSearchParams(reader.string()))
    case Kind.BOXED:
      return readBoxed(decoder, at)
    case Kind.PLATFORM:
      return readPlatformObject(decoder, at)
    case Kind.PRIVATE_STORE:
      return decoder.register(at, createPrivateStore(reader.u8() === 1))
    case Kind.WEAK_CACHE:
      return readWeakCache(decoder, at)
    case Kind.PRIVATE_ENTRIES:
      return readPrivateEntries(decoder)
    case Kind.NULL_OBJECT:
      return readAllProperties(decoder, decoder.register(at, Object.create(null) as object))
    case Kind.NULL_PROTOTYPE:
      return Object.setPrototypeOf(readNewObject(decoder), null)
    case Kind.SYMBOL_KEYED:
      return readSymbolKeyed(decoder, at)
    case Kind.EXTRAS:
      return readExtras(decoder)
    case Kind.SUBCLASS:
      return readSubclass(decoder)
    case Kind.INHERITING:
      return readInheriting(decoder, at)
    case Kind.PRIVATE_INSTANCE:
      return readPrivateInstance(decoder, at)
    case Kind.PRIVATE_SUBCLASS:
      return readPrivateSubclass(decoder)
    case Kind.REGISTERED:
      return readRegisteredObject(decoder, at)
    case Kind.TYPED:
      return readTypedObject(decoder, at)
  }
  throw new DecodeError(`There is no kind of value ${kind}`)
}

/** Reads an object whose content is to be moved into another; nothing refers to it. */
export function readPlainContent(decoder: ValueDecoder): object {
  const value = decoder.readValue()
  if (typeof value !== 'object' || value === null) throw new DecodeError('An object is expected')
  return value
}

function readSymbolKeyed(decoder: ValueDecoder, at: number): object {
  const target = decoder.register(at, {})
  const symbols = {}
  readSymbolProperties(decoder, symbols)
  return Object.assign(target, readPlainContent(decoder), symbols)
}

function readPlatformObject(decoder: ValueDecoder, at: number): object {
  const name = decoder.reader.string()
  return decoder.buildNested(at, () => makePlatformObject(name, decoder.readValue()))
}
