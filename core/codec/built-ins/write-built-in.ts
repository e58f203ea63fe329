/** Writing of built-in values, other than plain objects and ordinary arrays. */
import { types } from 'node:util'
import {
  isWeakCache,
  type WeakCache,
  weakCacheEntries,
} from '../../functions/describe/weak-caches.js'
import { isPrivateStore, type PrivateStore } from '../../functions/source/private-stores.js'
import { Kind, type ViewType } from '../bytes/tags.js'
import type { ValueEncoder } from '../interfaces.js'
import { builtInExtras, platformExtras, writeWithExtras } from '../objects/own-extras.js'
import { errorClass, writeError } from './error-values.js'
import { constructorOf, userPrototype, writeSubclass } from './instances.js'
import { type PlatformType, platformType } from './platform-types.js'

/** Writes an object of a built-in type; otherwise returns false with nothing written. */
export function writeBuiltIn(encoder: ValueEncoder, object: object): boolean {
  const direct = directWriter(object)
  if (direct !== undefined) {
    writeNative(encoder, object, direct)
    return true
  }
  const platform = platformType(object)
  if (platform !== undefined) {
    writePlatform(encoder, object, platform)
    return true
  }
  if (types.isNativeError(object) || object instanceof Error) {
    const Class = errorClass(object as Error, (fn) => encoder.functions.encodingOf(fn, ['error']))
    if (Class === undefined) {
      writeError(encoder, object as Error, false)
      return true
    }
    writeSubclass(encoder, object, Class, [], false, () =>
      writeError(encoder, object as Error, true),
    )
    return true
  }
  const write = writerOf(object)
  if (write === undefined) return false
  const own = userPrototype(object)
  if (own === undefined) {
    writeNative(encoder, object, write)
    return true
  }
  encoder.setKey('constructor')
  const Class = constructorOf(encoder, own)
  writeSubclass(encoder, object, Class, ownFields(object), true, () =>
    write(encoder, object as never),
  )
  return true
}

function writeNative(encoder: ValueEncoder, object: object, write: BuiltInWriter): void {
  const extras = builtInExtras(object)
  if (extras.length === 0) write(encoder, object as never)
  else writeWithExtras(encoder, object, extras, () => write(encoder, object as never))
}

function writePlatform(encoder: ValueEncoder, object: object, type: PlatformType): void {
  const extras = platformExtras(object).filter((key) => !type.includedKeys.includes(key as string))
  if (extras.length === 0) writeParts(encoder, object, type)
  else writeWithExtras(encoder, object, extras, () => writeParts(encoder, object, type))
}

function writeParts(
  encoder: ValueEncoder,
  object: object,
  { name, toParts, reason }: PlatformType,
): void {
  const parts = toParts(object)
  if (parts === undefined) throw encoder.objectError(reason)
  encoder.writer.kind(Kind.PLATFORM)
  encoder.writer.string(name)
  encoder.writeChild(name, parts)
}

/** Whether an object has content of a type of the language, whatever its prototype is. */
export function hasBuiltInContent(object: object): boolean {
  return (
    Array.isArray(object) ||
    ArrayBuffer.isView(object) ||
    types.isMap(object) ||
    types.isSet(object) ||
    types.isDate(object) ||
    types.isRegExp(object) ||
    types.isAnyArrayBuffer(object) ||
    types.isBoxedPrimitive(object) ||
    types.isNativeError(object)
  )
}

type BuiltInWriter = (encoder: ValueEncoder, object: never) => void

function writerOf(object: object): BuiltInWriter | undefined {
  if (ArrayBuffer.isView(object)) return writeView
  if (types.isMap(object)) return writeMap
  if (types.isSet(object)) return writeSet
  if (types.isDate(object)) return writeDate
  if (types.isRegExp(object)) return writeRegExp
  if (types.isArrayBuffer(object)) return (e, o) => e.writeMemory('ArrayBuffer', o)
  if (types.isSharedArrayBuffer(object)) return (e, o) => e.writeMemory('SharedArrayBuffer', o)
  if (types.isBoxedPrimitive(object)) return writeBoxed
  if (object instanceof URL) return writeUrl
  if (object instanceof URLSearchParams) return writeSearchParams
  if (Array.isArray(object)) return writeArray
  if (isForeignPlainObject(object)) return writePlain
  if (isPrivateStore(object)) return writePrivateStore
  if (isWeakCache(object)) return writeWeakCache
  return undefined
}

/** The most frequent built-in types, by their prototypes. */
const directWriters = new Map<object, { is: (object: object) => boolean; write: BuiltInWriter }>([
  [Date.prototype, { is: types.isDate, write: writeDate }],
  [Map.prototype, { is: types.isMap, write: writeMap }],
  [Set.prototype, { is: types.isSet, write: writeSet }],
  [Buffer.prototype, { is: Buffer.isBuffer, write: writeView }],
  ...[Uint8Array, Int32Array, Float32Array, Float64Array].map(
    ({ prototype }) => [prototype, { is: types.isTypedArray, write: writeView }] as const,
  ),
])

function directWriter(object: object): BuiltInWriter | undefined {
  const found = directWriters.get(Object.getPrototypeOf(object) as object)
  return found?.is(object) === true ? found.write : undefined
}

function ownFields(object: object): string[] {
  const hasElements =
    Array.isArray(object) || ArrayBuffer.isView(object) || types.isStringObject(object)
  if (!hasElements) return Object.keys(object)
  return Object.keys(object).filter((key) => !/^\d+$/.test(key))
}

function writeView(encoder: ValueEncoder, view: ArrayBufferView): void {
  let type: ViewType
  if (Buffer.isBuffer(view)) type = 'Buffer'
  else if (types.isDataView(view)) type = 'DataView'
  else type = typedArrayName.call(view) as ViewType
  encoder.writeMemory(type, view)
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)!.get as () => string

/** Writes a private store as an empty one: its entries are sent with the instances. */
function writePrivateStore(encoder: ValueEncoder, store: PrivateStore): void {
  encoder.writer.kind(Kind.PRIVATE_STORE)
  encoder.writer.u8(types.isWeakMap(store) ? 1 : 0)
}

/** Writes a cache of a bundled package: whether it is a WeakMap, the number of its entries, each entry. */
function writeWeakCache(encoder: ValueEncoder, cache: WeakCache): void {
  const entries = weakCacheEntries(cache)!
  encoder.writer.kind(Kind.WEAK_CACHE)
  encoder.writer.u8(types.isWeakMap(cache) ? 1 : 0)
  encoder.writer.uint(entries.length)
  for (const [key, value] of entries) {
    encoder.writeChild('(key)', key)
    encoder.writeChild('(value)', value)
  }
}

function writeMap(encoder: ValueEncoder, map: Map<unknown, unknown>): void {
  encoder.writer.kind(Kind.MAP)
  writeMapEntries(encoder, map)
}

/** Writes the entries of a Map: their number, then each key and value. */
export function writeMapEntries(encoder: ValueEncoder, map: ReadonlyMap<unknown, unknown>): void {
  let left = mapSize.call(map)
  encoder.writer.uint(left)
  const isPlain = Object.getPrototypeOf(map) === Map.prototype
  for (const [key, value] of isPlain ? map : mapEntries.call(map)) {
    // A getter in a value may add entries.
    if (left-- === 0) return
    encoder.writeChild('(key)', key)
    encoder.writeChild(mapKeyName(key), value)
  }
  if (left > 0) throw encoder.objectError(changedReason)
}

// The functions of the language: classes may override them, and an object may have lost its prototype.
const mapEntries = Map.prototype.entries as (this: object) => MapIterator<[unknown, unknown]>
const setValues = Set.prototype.values as (this: object) => SetIterator<unknown>
const getTime = Date.prototype.getTime
export const [mapSize, setSize] = [Map.prototype, Set.prototype].map(
  (prototype) => Object.getOwnPropertyDescriptor(prototype, 'size')!.get!,
) as [(this: object) => number, (this: object) => number]

const changedReason =
  'a getter in it removed entries while it was encoded; let getters change nothing, or send a copy'

function mapKeyName(key: unknown): string {
  return typeof key === 'object' || typeof key === 'function' ? '(value)' : String(key)
}

function writeSet(encoder: ValueEncoder, set: ReadonlySet<unknown>): void {
  encoder.writer.kind(Kind.SET)
  writeSetItems(encoder, set)
}

/** Writes the items of a Set: their number, then each item. */
export function writeSetItems(encoder: ValueEncoder, set: ReadonlySet<unknown>): void {
  let left = setSize.call(set)
  encoder.writer.uint(left)
  for (const value of setValues.call(set)) {
    if (left-- === 0) return
    encoder.writeChild('(item)', value)
  }
  if (left > 0) throw encoder.objectError(changedReason)
}

/** Writes a date that has nothing else. */
export function writeDate(encoder: ValueEncoder, date: Date): void {
  encoder.writer.kind(Kind.DATE)
  encoder.writer.float64(getTime.call(date))
}

function writeRegExp(encoder: ValueEncoder, pattern: RegExp): void {
  encoder.writer.kind(Kind.REGEXP)
  encoder.writer.string(pattern.source)
  encoder.writer.string(pattern.flags)
  encoder.writeChild('lastIndex', pattern.lastIndex)
}

function writeUrl(encoder: ValueEncoder, url: URL): void {
  encoder.writer.kind(Kind.URL)
  encoder.writer.string(url.href)
}

function writeSearchParams(encoder: ValueEncoder, params: URLSearchParams): void {
  encoder.writer.kind(Kind.URL_SEARCH_PARAMS)
  encoder.writer.string(params.toString())
}

function writeBoxed(encoder: ValueEncoder, boxed: object): void {
  encoder.writer.kind(Kind.BOXED)
  encoder.writeChild('valueOf()', unbox(boxed))
}

/** Returns the primitive in a boxed one, ignoring an overridden `valueOf`. */
export function unbox(boxed: object): unknown {
  if (types.isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed)
  if (types.isStringObject(boxed)) return String.prototype.valueOf.call(boxed)
  if (types.isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed)
  if (types.isBigIntObject(boxed)) return BigInt.prototype.valueOf.call(boxed)
  return Symbol.prototype.valueOf.call(boxed)
}

function writeArray(encoder: ValueEncoder, array: readonly unknown[]): void {
  encoder.writer.arrayHeader(array.length)
  encoder.writeElements(array)
}

function isForeignPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  return (
    Object.getPrototypeOf(prototype) === null &&
    typeof Class === 'function' &&
    Class.name === 'Object' &&
    /\[native code\]\s*\}$/.test(Function.prototype.toString.call(Class))
  )
}

function writePlain(encoder: ValueEncoder, object: object): void {
  const keys = Object.keys(object)
  encoder.writer.mapHeader(keys.length)
  for (const key of keys) {
    encoder.writer.string(key)
    encoder.writeChild(key, (object as Record<string, unknown>)[key])
  }
}
