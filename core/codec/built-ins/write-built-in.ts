/**
 * The built-in types besides plain objects and arrays, as they are written.
 *
 * An object of a class that extends one of them is written as the built-in, with its class and its own
 * fields around it. An error whose class cannot travel is written as the built-in kind of error that
 * it is, as it must be told in any case.
 */
import { types } from 'node:util'
import * as errors from '../../base/errors.js'
import { privateLevels } from '../../functions/classes/private-fields.js'
import { classOfPrototype } from '../../functions/classes/prototypes.js'
import type { PrivateEntry } from '../../functions/describe/private-entries.js'
import { isPrivateStore, type PrivateStore } from '../../functions/source/private-stores.js'
import { Kind, type ViewType } from '../bytes/tags.js'
import type { ValueEncoder } from '../interfaces.js'
import { settledClass } from '../objects/class-registry.js'
import { inherits, writeInheriting } from '../objects/inheriting.js'
import { builtInExtras, platformExtras, writeWithExtras } from '../objects/own-extras.js'
import { writeLevels, writeValues } from '../objects/private-members.js'
import { platformReason, refusal } from '../objects/refuse.js'
import { symbolKey } from '../objects/symbols.js'
import { type PlatformType, platformType } from './platform-types.js'

/** The kinds of errors that are made again as themselves; any other error becomes an `Error`. */
export const ERROR_KINDS = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
  'SuppressedError',
  'SkeinError',
  'CycleError',
  'MissingKeyError',
  'GraphError',
  'KeyConflictError',
  'NotPortableError',
  'DecodeError',
  'TaskError',
  'CancelledError',
] as const

type ErrorClass = (new (...args: never[]) => Error) | undefined

/** The classes of these kinds; undefined for one that this version of Node does not have. */
export const errorClasses = ERROR_KINDS.map(
  (kind) =>
    (globalThis as unknown as Record<string, ErrorClass>)[kind] ??
    (errors as unknown as Record<string, ErrorClass>)[kind],
)

/** Writes an object of a built-in type; false, nothing written, if it is of none. */
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
    const Class = errorClass(object as Error, (fn) => encoder.functionTravel.travel(fn, ['error']))
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
  const own = ownClass(object)
  if (own === undefined) {
    writeNative(encoder, object, write)
    return true
  }
  encoder.at('constructor')
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
  const extras = platformExtras(object).filter((key) => !type.own.includes(key as string))
  if (extras.length === 0) writeParts(encoder, object, type)
  else writeWithExtras(encoder, object, extras, () => writeParts(encoder, object, type))
}

function writeParts(
  encoder: ValueEncoder,
  object: object,
  { name, take, reason }: PlatformType,
): void {
  const parts = take(object)
  if (parts === undefined) throw encoder.refused(reason)
  encoder.writer.kind(Kind.PLATFORM)
  encoder.writer.string(name)
  encoder.child(name, parts)
}

/** A built-in with the class that extends it, its own fields, and what is private. */
function writeSubclass(
  encoder: ValueEncoder,
  object: object,
  Class: Function,
  fields: readonly string[],
  withSymbols: boolean,
  writeBase: () => void,
): void {
  const levels = privateLevels(Class)
  encoder.writer.kind(levels.length === 0 ? Kind.SUBCLASS : Kind.PRIVATE_SUBCLASS)
  encoder.at('constructor')
  encoder.functionToken(Class)
  const values = levels.length === 0 ? undefined : writeLevels(encoder, object, levels)
  encoder.moved(object)
  writeBase()
  encoder.properties(object, fields)
  if (withSymbols) encoder.symbolProperties(object)
  else encoder.writer.uint(0)
  if (values !== undefined) writeValues(encoder, levels, values)
}

type BuiltInWriter = (encoder: ValueEncoder, object: never) => void

function writerOf(object: object): BuiltInWriter | undefined {
  if (ArrayBuffer.isView(object)) return writeView
  if (types.isMap(object)) return writeMap
  if (types.isSet(object)) return writeSet
  if (types.isDate(object)) return writeDate
  if (types.isRegExp(object)) return writeRegExp
  if (types.isArrayBuffer(object)) return (e, o) => e.memory('ArrayBuffer', o)
  if (types.isSharedArrayBuffer(object)) return (e, o) => e.memory('SharedArrayBuffer', o)
  if (types.isBoxedPrimitive(object)) return writeBoxed
  if (object instanceof URL) return writeUrl
  if (object instanceof URLSearchParams) return writeSearchParams
  if (Array.isArray(object)) return writeArray
  if (isForeignPlainObject(object)) return writePlain
  if (isPrivateStore(object)) return writePrivateStore
  return undefined
}

/** The built-ins that are met most, known by their prototypes. */
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

/** The prototype of an object, if a user's class and not the built-in type itself gave it. */
function ownClass(object: object): object | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null
  if (prototype === null) return undefined
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  if (typeof Class !== 'function') return prototype
  if (Buffer.isBuffer(object)) return Class === Buffer ? undefined : prototype
  if (Class === URL || Class === URLSearchParams) return undefined
  // A built-in of another realm counts as one of ours.
  return /\[native code\]\s*\}$/.test(Function.prototype.toString.call(Class))
    ? undefined
    : prototype
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
  encoder.memory(type, view)
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)!.get as () => string

/** An empty one: what it holds of an instance goes with the instance. */
function writePrivateStore(encoder: ValueEncoder, store: PrivateStore): void {
  encoder.writer.kind(Kind.PRIVATE_STORE)
  encoder.writer.u8(types.isWeakMap(store) ? 1 : 0)
}

function writeMap(encoder: ValueEncoder, map: Map<unknown, unknown>): void {
  encoder.writer.kind(Kind.MAP)
  writeMapEntries(encoder, map)
}

/** The entries of a Map: how many, then each key and value. */
export function writeMapEntries(encoder: ValueEncoder, map: ReadonlyMap<unknown, unknown>): void {
  encoder.writer.uint(map.size)
  for (const [key, value] of map) {
    encoder.child('(key)', key)
    encoder.child(mapKeyName(key), value)
  }
}

function mapKeyName(key: unknown): string {
  return typeof key === 'object' || typeof key === 'function' ? '(value)' : String(key)
}

function writeSet(encoder: ValueEncoder, set: ReadonlySet<unknown>): void {
  encoder.writer.kind(Kind.SET)
  writeSetItems(encoder, set)
}

/** The items of a Set: how many, then each. */
export function writeSetItems(encoder: ValueEncoder, set: ReadonlySet<unknown>): void {
  encoder.writer.uint(set.size)
  for (const value of set) encoder.child('(item)', value)
}

/** A date that is nothing else. */
export function writeDate(encoder: ValueEncoder, date: Date): void {
  encoder.writer.kind(Kind.DATE)
  encoder.writer.float64(date.getTime())
}

function writeRegExp(encoder: ValueEncoder, pattern: RegExp): void {
  encoder.writer.kind(Kind.REGEXP)
  encoder.writer.string(pattern.source)
  encoder.writer.string(pattern.flags)
  encoder.child('lastIndex', pattern.lastIndex)
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
  encoder.child('valueOf()', unbox(boxed))
}

/** The primitive in a boxed one, whatever its own valueOf says. */
export function unbox(boxed: object): unknown {
  if (types.isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed)
  if (types.isStringObject(boxed)) return String.prototype.valueOf.call(boxed)
  if (types.isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed)
  if (types.isBigIntObject(boxed)) return BigInt.prototype.valueOf.call(boxed)
  return Symbol.prototype.valueOf.call(boxed)
}

function writeArray(encoder: ValueEncoder, array: readonly unknown[]): void {
  encoder.writer.arrayHeader(array.length)
  encoder.elements(array)
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
    encoder.child(key, (object as Record<string, unknown>)[key])
  }
}

/** What makes up an error: its built-in kind, and by name what it says about itself. */
export function errorFacts(
  error: Error,
  hasClass: boolean,
): { kind: number; facts: Map<string, unknown> } {
  const kind = Math.max(
    0,
    errorClasses.findLastIndex((Class) => Class !== undefined && error instanceof Class),
  )
  const facts = new Map<string, unknown>()
  for (const key of ['name', 'message', 'stack'] as const) {
    // The class says what is not the error's own.
    if (hasClass && key !== 'stack' && !Object.hasOwn(error, key)) continue
    const value: unknown = error[key]
    if (typeof value === 'string') facts.set(key, value)
  }
  for (const key of Object.getOwnPropertyNames(error))
    if (!facts.has(key)) facts.set(key, (error as unknown as Record<string, unknown>)[key])
  if (!hasClass && facts.get('name') === ERROR_KINDS[kind]) facts.delete('name')
  if (facts.get('message') === '' && !Object.hasOwn(error, 'message')) facts.delete('message')
  return { kind, facts }
}

/** The user's class of an error; undefined if it has none, or one that cannot travel. */
export function errorClass(
  error: Error,
  travel: (Class: Function) => unknown,
): Function | undefined {
  const Class = classOf(error)
  if (Class === undefined) return undefined
  // Our own are known by their kind, as those of the language are.
  if (errorClasses.includes(Class as ErrorClass)) return undefined
  if (error instanceof DOMException) return undefined
  try {
    travel(Class)
    return Class
  } catch (reason) {
    if (reason instanceof errors.NotPortableError) return undefined
    throw reason
  }
}

function writeError(encoder: ValueEncoder, error: Error, hasClass: boolean): void {
  const { kind, facts } = errorFacts(error, hasClass)
  encoder.writer.kind(Kind.ERROR)
  encoder.writer.u8(kind)
  encoder.writer.uint(facts.size)
  for (const [key, value] of facts) {
    encoder.writer.string(key)
    encoder.writer.u8(Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0)
    encoder.child(key, value)
  }
  encoder.symbolProperties(error)
}

/** The user's class that an object is a direct instance of; undefined for those of the platform. */
export function classOf(object: object): Function | undefined {
  const prototype = ownClass(object)
  if (prototype === undefined) return undefined
  const settled = settledClass(prototype)
  return settled ?? classOfPrototype(prototype)
}

/** An object of a user's class: the class as a function, then the fields; `accessors` come later. */
export function writeInstance(
  encoder: ValueEncoder,
  object: object,
  prototype: object,
  accessors: readonly string[],
): void {
  const reason = refusal(object)
  if (reason !== undefined) throw encoder.refused(reason)
  if (inherits(object, prototype, encoder.isInBundle)) {
    writeInheriting(encoder, object, prototype, accessors)
    return
  }
  const Class = constructorOf(encoder, prototype)
  if (encoder.functionTravel.isPlatform(Class)) throw encoder.refused(platformReason(Class.name))
  // The symbols are looked at first: they tell more than what the class is made of.
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    encoder.at(symbol)
    symbolKey(encoder, symbol)
  }
  const levels = privateLevels(Class)
  if (levels.length === 0 && encoder.isDeep) {
    encoder.writer.kind(Kind.DEFER_INSTANCE)
    encoder.at('constructor')
    encoder.functionToken(Class)
    encoder.putOffFields(object)
    return
  }
  encoder.writer.kind(levels.length === 0 ? Kind.INSTANCE : Kind.PRIVATE_INSTANCE)
  encoder.at('constructor')
  encoder.functionToken(Class)
  const values = levels.length === 0 ? undefined : writeLevels(encoder, object, levels)
  encoder.properties(object, Object.keys(object), accessors)
  encoder.symbolProperties(object)
  if (values !== undefined) writeValues(encoder, levels, values)
}

/** What is kept of an instance in the stores of its classes, after the instance. */
export function writePrivates(encoder: ValueEncoder, entries: readonly PrivateEntry[]): void {
  encoder.writer.uint(entries.length)
  for (const { depth, name, value } of entries) {
    encoder.writer.uint(depth)
    encoder.writer.string(name)
    encoder.child(name, value)
  }
}

/** The class whose instances have this prototype. */
function constructorOf(encoder: ValueEncoder, prototype: object): Function {
  const Class = settledClass(prototype) ?? classOfPrototype(prototype)
  if (Class !== undefined) return Class
  throw encoder.refused(
    'its prototype is not that of a class or of a built-in type, so it cannot be found on the other side',
  )
}
