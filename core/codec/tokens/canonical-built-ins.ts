/** Built-in values and instances of classes as canonical bytes. */
import { types } from 'node:util'
import { privateLevels, readPrivateFields } from '../../functions/classes/private-fields.js'
import { isWeakCache, weakCacheEntries } from '../../functions/describe/weak-caches.js'
import { isPrivateStore } from '../../functions/source/private-stores.js'
import { errorClass, errorContent } from '../built-ins/error-values.js'
import { classOf } from '../built-ins/instances.js'
import { type PlatformType, platformType } from '../built-ins/platform-types.js'
import { mapSize, setSize, unbox } from '../built-ins/write-built-in.js'
import { Tag } from '../bytes/hash-sink.js'
import { maxLength } from '../bytes/resizable-buffers.js'
import type { CanonicalWriter } from '../interfaces.js'
import { inherits } from '../objects/inheriting.js'
import { builtInExtras, platformExtras } from '../objects/own-extras.js'
import { refusalReason } from '../objects/refusals.js'
import { writeArrayContent } from './canonical-arrays.js'
import { writeExtras } from './canonical-properties.js'

/** Writes a built-in value or an instance of a class. */
export function writeBuiltInContent(walk: CanonicalWriter, object: object): void {
  const platform = platformType(object)
  if (platform !== undefined) {
    writePlatform(walk, object, platform)
    return
  }
  if (types.isNativeError(object) || object instanceof Error) {
    writeError(walk, object as Error)
    return
  }
  const prototype = Object.getPrototypeOf(object) as object | null
  // Always as in a bundle: otherwise the result would depend on which functions are known so far.
  const inheriting = inherits(object, prototype, true)
  const own = inheriting ? undefined : classOf(object)
  if (own !== undefined) {
    walk.sink.u8(Tag.instance)
    walk.writeFunction(own)
  }
  if (writeBuiltIn(walk, object)) {
    writeExtras(walk, object, Array.isArray(object) ? [] : builtInExtras(object))
    writePrivates(walk, object, own)
    return
  }
  if (inheriting && prototype !== null) {
    walk.sink.u8(Tag.instance)
    walk.writeChild('(prototype)', prototype)
  }
  const reason = refusalReason(object)
  if (reason !== undefined) throw walk.objectError(reason)
  walk.writePlainObject(object, Tag.object)
  writePrivates(walk, object, own)
}

function writePrivates(walk: CanonicalWriter, object: object, own: Function | undefined): void {
  const levels = own === undefined ? [] : privateLevels(own)
  if (levels.length === 0) return
  for (const [i, values] of readPrivateFields(object, levels).entries()) {
    walk.sink.u8(values === undefined ? Tag.hole : Tag.named)
    for (const [k, value] of values?.entries() ?? []) walk.writeChild(levels[i]!.fields[k]!, value)
  }
}

function writePlatform(walk: CanonicalWriter, object: object, type: PlatformType): void {
  const parts = type.toParts(object)
  if (parts === undefined) throw walk.objectError(type.reason)
  walk.sink.u8(Tag.platform)
  walk.sink.string(type.name)
  // The stack of an exception does not count.
  walk.writeChild(
    type.name,
    type.includedKeys.includes('stack') ? (parts as unknown[]).slice(0, 2) : parts,
  )
  writeExtras(
    walk,
    object,
    platformExtras(object).filter((key) => !type.includedKeys.includes(key as string)),
  )
}

function writeError(walk: CanonicalWriter, error: Error): void {
  const path = walk.currentPath()
  const Class = errorClass(error, (fn) => walk.functions!.encodingOf(fn, path))
  if (Class !== undefined) {
    walk.sink.u8(Tag.instance)
    walk.writeFunction(Class)
  }
  walk.sink.u8(Tag.error)
  const { kind, properties } = errorContent(error, Class !== undefined)
  walk.sink.u8(kind)
  // The stack of an error and the order of its properties do not count.
  properties.delete('stack')
  writeMap(walk, new Map([...properties].sort(([a], [b]) => (a < b ? -1 : 1))))
  const symbols = Object.getOwnPropertySymbols(error)
  writeExtras(walk, error, symbols)
  writePrivates(walk, error, Class)
}

function writeBuiltIn(walk: CanonicalWriter, object: object): boolean {
  const { sink } = walk
  if (ArrayBuffer.isView(object)) {
    walk.writeMemory(object, viewName(object))
    writeGrowth(walk, object.buffer)
  } else if (types.isAnyArrayBuffer(object)) {
    const name = types.isArrayBuffer(object) ? 'ArrayBuffer' : 'SharedArrayBuffer'
    walk.writeMemory(new Uint8Array(object as ArrayBuffer), name)
    writeGrowth(walk, object)
  } else if (types.isMap(object)) writeMap(walk, object)
  else if (types.isSet(object)) writeSet(walk, object)
  else if (types.isDate(object)) {
    sink.u8(Tag.date)
    sink.number(Date.prototype.getTime.call(object))
  } else if (types.isRegExp(object)) {
    sink.u8(Tag.regexp)
    sink.string(object.source)
    sink.string(object.flags)
    walk.writeChild('lastIndex', object.lastIndex)
  } else if (types.isBoxedPrimitive(object)) {
    sink.u8(Tag.boxed)
    walk.writeValue(unbox(object))
  } else if (object instanceof URL || object instanceof URLSearchParams) {
    sink.u8(Tag.url)
    sink.string(object instanceof URL ? 'URL' : 'URLSearchParams')
    sink.string(String(object))
  } else if (Array.isArray(object)) writeArrayContent(walk, object)
  else if (isPrivateStore(object)) sink.u8(Tag.set)
  else if (isWeakCache(object)) {
    sink.u8(Tag.set)
    for (const [key, value] of weakCacheEntries(object)!) {
      walk.writeChild('(key)', key)
      walk.writeChild('(value)', value)
    }
    sink.u8(Tag.end)
  } else return false
  return true
}

function writeGrowth(walk: CanonicalWriter, buffer: ArrayBufferLike): void {
  const max = maxLength(buffer)
  if (max === undefined) return
  walk.sink.u8(Tag.named)
  walk.sink.uint(max)
}

function writeMap(walk: CanonicalWriter, map: ReadonlyMap<unknown, unknown>): void {
  const start = walk.sink.pos
  walk.sink.u8(Tag.map)
  walk.sink.uint(mapSize.call(map))
  for (const [key, value] of Map.prototype.entries.call(map)) {
    walk.writeChild('(key)', key)
    walk.writeChild(typeof key === 'string' ? key : '(value)', value)
    walk.sink.foldSoFar(start)
  }
}

function writeSet(walk: CanonicalWriter, set: ReadonlySet<unknown>): void {
  const start = walk.sink.pos
  walk.sink.u8(Tag.set)
  walk.sink.uint(setSize.call(set))
  for (const item of Set.prototype.values.call(set)) {
    walk.writeChild('(item)', item)
    walk.sink.foldSoFar(start)
  }
}

function viewName(view: ArrayBufferView): string {
  if (Buffer.isBuffer(view)) return 'Buffer'
  return types.isDataView(view) ? 'DataView' : (view as Uint8Array)[Symbol.toStringTag]
}
