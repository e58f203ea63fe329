/**
 * Extras: what an object has in addition to the content of its type, such as properties or symbols
 * added to an array, a Date or a Map; and its integrity level (frozen, sealed or non-extensible).
 *
 * Long arrays and typed arrays have a property for each element. Listing those would cost more than
 * writing them, so `util.inspect`, which skips elements, is used to find others.
 */
import { inspect, types } from 'node:util'
import { DecodeError } from '../../base/errors.js'
import { ESCAPE, Kind, WELL_KNOWN_SYMBOLS } from '../bytes/tags.js'
import { isOrdinaryArray, isOrdinaryDate, isOrdinaryTypedArray } from '../identity/hidden-class.js'
import type { ValueDecoder, ValueEncoder } from '../interfaces.js'
import { checkAccessor } from './accessors.js'

/** Up to this many elements, listing the keys is faster than calling `inspect`. */
const MAX_LISTED = 96

const inspectOptions = {
  maxArrayLength: 0,
  maxStringLength: 0,
  depth: 0,
  breakLength: Number.POSITIVE_INFINITY,
  compact: true,
  customInspect: false,
} as const

const onlyElements = / more items? \]$/

/** Whether `inspect` shows nothing but elements, and the object has no symbols. */
function hasOnlyElements(object: object): boolean {
  return (
    onlyElements.test(inspect(object, inspectOptions)) &&
    Object.getOwnPropertySymbols(object).length === 0
  )
}

/** Whether the output of `inspect` has the expected form in this version of Node. */
const canUseInspect =
  hasOnlyElements([1]) &&
  hasOnlyElements(new Uint8Array(1)) &&
  !hasOnlyElements(Object.assign([1], { more: 1 })) &&
  !hasOnlyElements(Object.assign(new Uint8Array(1), { more: 1 }))

const none: readonly PropertyKey[] = []

/** Returns the keys and symbols of an array in addition to its elements. */
export function arrayExtras(array: readonly unknown[]): readonly PropertyKey[] {
  if (isOrdinaryArray(array)) return none
  if (array.length > MAX_LISTED)
    return canUseInspect ? extrasByInspect(array) : extrasByListing(array)
  if (Object.isExtensible(array)) {
    // The usual case: as many keys as elements, and no symbol.
    const keys = Object.keys(array)
    const hasExtras = keys.length > 0 && keys.length > array.length - countHoles(array)
    if (!hasExtras && Object.getOwnPropertySymbols(array).length === 0) return none
  }
  return extrasByListing(array)
}

function countHoles(array: readonly unknown[]): number {
  let holes = 0
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) holes++
  return holes
}

function extrasByInspect(object: object): readonly PropertyKey[] {
  // A frozen array may be that of a tagged template, whose `raw` is not enumerable.
  return Object.isExtensible(object) && hasOnlyElements(object) ? none : extrasByListing(object)
}

function extrasByListing(object: object): readonly PropertyKey[] {
  const isArray = Array.isArray(object)
  const keys = Reflect.ownKeys(object).filter(
    (key) => typeof key === 'symbol' || !(isIndex(key) || (isArray && key === 'length')),
  )
  return keys.length === 0 ? none : keys
}

/** Returns the keys that a built-in object of the language has in addition to those of its type. */
export function builtInExtras(object: object): readonly PropertyKey[] {
  if (ArrayBuffer.isView(object) && !types.isDataView(object)) {
    if (isOrdinaryTypedArray(object)) return none
    const { length } = object as Uint8Array
    return length > MAX_LISTED && canUseInspect ? extrasByInspect(object) : extrasByListing(object)
  }
  if (Array.isArray(object)) return arrayExtras(object)
  if (types.isRegExp(object)) {
    return Reflect.ownKeys(object).filter((key) => key !== 'lastIndex')
  }
  if (isOrdinaryDate(object)) return none
  const keys = Reflect.ownKeys(object)
  if (keys.length === 0) return none
  if (types.isStringObject(object))
    return keys.filter((key) => typeof key === 'symbol' || !(isIndex(key) || key === 'length'))
  return keys
}

/** Returns the non-enumerable own keys of an object. */
export function hiddenKeys(object: object): readonly PropertyKey[] {
  const isHidden = (key: PropertyKey) => !Object.prototype.propertyIsEnumerable.call(object, key)
  // V8 counts the names of an ordinary object without making a list of them.
  const hasHiddenNames = Object.getOwnPropertyNames(object).length !== Object.keys(object).length
  const symbols = Object.getOwnPropertySymbols(object)
  if (!hasHiddenNames && (symbols.length === 0 || !symbols.some(isHidden))) return none
  return Reflect.ownKeys(object).filter(isHidden)
}

const wellKnown = new Set(WELL_KNOWN_SYMBOLS.values())

/**
 * Returns the keys that users added to an object of the platform. Such objects have internal
 * symbols.
 */
export function platformExtras(object: object): readonly PropertyKey[] {
  return Reflect.ownKeys(object).filter(
    (key) => typeof key === 'string' || wellKnown.has(key) || Symbol.keyFor(key) !== undefined,
  )
}

/** Whether a key is the index of an array element. */
export function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1
}

const ENUMERABLE = 1
const WRITABLE = 2
const CONFIGURABLE = 4
const ACCESSOR = 8

/** Writes an object with `write`, surrounded by its extra properties. */
export function writeWithExtras(
  encoder: ValueEncoder,
  object: object,
  keys: readonly PropertyKey[],
  write: () => void,
): void {
  const { writer } = encoder
  writer.kind(Kind.EXTRAS)
  encoder.movePosition(object)
  write()
  writer.uint(keys.length)
  for (const key of keys) {
    encoder.setKey(key)
    encoder.writeValue(key)
    const property = Object.getOwnPropertyDescriptor(object, key)!
    const accessor = 'value' in property ? undefined : encoder.accessorOf(object, key)
    if (accessor !== undefined) {
      const { enumerable, configurable } = property
      writer.u8(ACCESSOR | (enumerable ? ENUMERABLE : 0) | (configurable ? CONFIGURABLE : 0))
      encoder.writeChild(key, accessor.get)
      encoder.writeChild(key, accessor.set)
      continue
    }
    // A getter is sent as its value, as in a plain object.
    const writable = property.writable ?? true
    writer.u8(
      (property.enumerable ? ENUMERABLE : 0) |
        (writable ? WRITABLE : 0) |
        (property.configurable ? CONFIGURABLE : 0),
    )
    encoder.writeChild(key, (object as Record<PropertyKey, unknown>)[key])
  }
}

/** Reads an object, which is registered at its own position, and defines its extra properties. */
export function readExtras(decoder: ValueDecoder): object {
  const target = readNewObject(decoder)
  const { reader } = decoder
  decoder.enter()
  for (let n = reader.count(3); n > 0; n--) {
    const key = decoder.readValue()
    if (typeof key !== 'string' && typeof key !== 'symbol')
      throw new DecodeError('A property has no name')
    const flags = reader.u8()
    const enumerable = (flags & ENUMERABLE) !== 0
    const configurable = (flags & CONFIGURABLE) !== 0
    if ((flags & ACCESSOR) !== 0) {
      const get = checkAccessor(decoder.readValue())
      const set = checkAccessor(decoder.readValue())
      Object.defineProperty(target, key, { get, set, enumerable, configurable })
      continue
    }
    const writable = (flags & WRITABLE) !== 0
    Object.defineProperty(target, key, {
      value: decoder.readValue(),
      enumerable,
      writable,
      configurable,
    })
  }
  decoder.leave()
  return target
}

/** Reads an object that these bytes create; throws `DecodeError` for one that exists already. */
export function readNewObject(decoder: ValueDecoder): object {
  const { bytes, pos } = decoder.reader
  if (bytes[pos] === ESCAPE && existingKinds.has(bytes[pos + 1]!))
    throw new DecodeError('The bytes change an object that they did not make')
  const object = decoder.readValue()
  if (typeof object !== 'object' || object === null) throw new DecodeError('An object is expected')
  return object
}

const existingKinds: ReadonlySet<number> = new Set([
  Kind.FUNCTION,
  Kind.REFERENCE,
  Kind.ROW_REFERENCE,
])

/** Integrity levels: an object takes no more properties, loses none, or changes none. */
const Integrity = { NON_EXTENSIBLE: 1, SEALED: 2, FROZEN: 3 } as const

/** Writes the integrity level of a non-extensible object, in front of the object. */
export function writeIntegrity(encoder: ValueEncoder, object: object): void {
  const level = Object.isFrozen(object)
    ? Integrity.FROZEN
    : Object.isSealed(object)
      ? Integrity.SEALED
      : Integrity.NON_EXTENSIBLE
  encoder.writer.kind(Kind.INTEGRITY)
  encoder.writer.u8(level)
  encoder.movePosition(object)
}

/** Restores the integrity level of an object. */
export function applyIntegrity(object: object, level: number): void {
  if (level === Integrity.FROZEN) Object.freeze(object)
  else if (level === Integrity.SEALED) Object.seal(object)
  else Object.preventExtensions(object)
}
