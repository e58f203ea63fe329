/**
 * Built-in types and instances as bytes to be hashed.
 */
import { types } from 'node:util'
import { privateLevels, readPrivates } from '../../functions/classes/private-fields.js'
import { isPrivateStore } from '../../functions/source/private-stores.js'
import { type PlatformType, platformType } from '../built-ins/platform-types.js'
import { classOf, errorClass, errorFacts, unbox } from '../built-ins/write-built-in.js'
import { growsTo } from '../bytes/resizable.js'
import { inherits } from '../objects/inheriting.js'
import { builtInExtras, platformExtras } from '../objects/own-extras.js'
import { refusal } from '../objects/refuse.js'
import type { Canonical } from './canonical.js'
import { writeArrayContent } from './canonical-arrays.js'
import { Tag } from './hash-sink.js'

/** Writes an object that is no plain one: a built-in, or an instance of a class. */
export function writeBuiltInContent(walk: Canonical, object: object): void {
  const platform = platformType(object)
  if (platform !== undefined) {
    writePlatform(walk, object, platform)
    return
  }
  if (types.isNativeError(object) || object instanceof Error) {
    writeError(walk, object as Error)
    return
  }
  const prototype = Object.getPrototypeOf(object) as object
  // Whether a function is known whose prototype it is depends on what was met before.
  const inheriting = inherits(object, prototype, true)
  const own = inheriting ? undefined : classOf(object)
  if (own !== undefined) {
    walk.sink.u8(Tag.instance)
    walk.function(own)
  }
  if (writeBuiltIn(walk, object)) {
    walk.named(object, Array.isArray(object) ? [] : builtInExtras(object))
    writePrivates(walk, object, own)
    return
  }
  if (inheriting) {
    walk.sink.u8(Tag.instance)
    walk.child('(prototype)', prototype)
  }
  const reason = refusal(object)
  if (reason !== undefined) throw walk.refused(reason)
  walk.plainObject(object, Tag.object)
  writePrivates(walk, object, own)
}

function writePrivates(walk: Canonical, object: object, own: Function | undefined): void {
  const levels = own === undefined ? [] : privateLevels(own)
  if (levels.length === 0) return
  for (const [i, values] of readPrivates(object, levels).entries()) {
    walk.sink.u8(values === undefined ? Tag.hole : Tag.named)
    for (const [k, value] of values?.entries() ?? []) walk.child(levels[i]!.fields[k]!, value)
  }
}

function writePlatform(walk: Canonical, object: object, type: PlatformType): void {
  const parts = type.take(object)
  if (parts === undefined) throw walk.refused(type.reason)
  walk.sink.u8(Tag.platform)
  walk.sink.string(type.name)
  // The stack of an exception is no part of what it says.
  walk.child(type.name, type.own.includes('stack') ? (parts as unknown[]).slice(0, 2) : parts)
  walk.named(
    object,
    platformExtras(object).filter((key) => !type.own.includes(key as string)),
  )
}

function writeError(walk: Canonical, error: Error): void {
  const path = walk.path()
  const Class = errorClass(error, (fn) => walk.functionTravel!.travel(fn, path))
  if (Class !== undefined) {
    walk.sink.u8(Tag.instance)
    walk.function(Class)
  }
  walk.sink.u8(Tag.error)
  const { kind, facts } = errorFacts(error, Class !== undefined)
  walk.sink.u8(kind)
  // Where an error was made is no part of what it says, nor which of its facts came first.
  facts.delete('stack')
  writeMap(walk, new Map([...facts].sort(([a], [b]) => (a < b ? -1 : 1))))
  const symbols = Object.getOwnPropertySymbols(error)
  walk.named(error, symbols)
  writePrivates(walk, error, Class)
}

function writeBuiltIn(walk: Canonical, object: object): boolean {
  const { sink } = walk
  if (ArrayBuffer.isView(object)) {
    walk.memory(object, viewName(object))
    writeGrowth(walk, object.buffer)
  } else if (types.isAnyArrayBuffer(object)) {
    const name = types.isArrayBuffer(object) ? 'ArrayBuffer' : 'SharedArrayBuffer'
    walk.memory(new Uint8Array(object as ArrayBuffer), name)
    writeGrowth(walk, object)
  } else if (types.isMap(object)) writeMap(walk, object)
  else if (types.isSet(object)) writeSet(walk, object)
  else if (types.isDate(object)) {
    sink.u8(Tag.date)
    sink.number(object.getTime())
  } else if (types.isRegExp(object)) {
    sink.u8(Tag.regexp)
    sink.string(object.source)
    sink.string(object.flags)
    walk.child('lastIndex', object.lastIndex)
  } else if (types.isBoxedPrimitive(object)) {
    sink.u8(Tag.boxed)
    walk.value(unbox(object))
  } else if (object instanceof URL || object instanceof URLSearchParams) {
    sink.u8(Tag.text)
    sink.string(object instanceof URL ? 'URL' : 'URLSearchParams')
    sink.string(String(object))
  } else if (Array.isArray(object)) writeArrayContent(walk, object)
  else if (isPrivateStore(object)) sink.u8(Tag.set)
  else return false
  return true
}

function writeGrowth(walk: Canonical, buffer: ArrayBufferLike): void {
  const max = growsTo(buffer)
  if (max === undefined) return
  walk.sink.u8(Tag.named)
  walk.sink.uint(max)
}

function writeMap(walk: Canonical, map: ReadonlyMap<unknown, unknown>): void {
  const start = walk.sink.pos
  walk.sink.u8(Tag.map)
  walk.sink.uint(map.size)
  for (const [key, value] of map) {
    walk.child('(key)', key)
    walk.child(typeof key === 'string' ? key : '(value)', value)
    walk.sink.foldSoFar(start)
  }
}

function writeSet(walk: Canonical, set: ReadonlySet<unknown>): void {
  const start = walk.sink.pos
  walk.sink.u8(Tag.set)
  walk.sink.uint(set.size)
  for (const item of set) {
    walk.child('(item)', item)
    walk.sink.foldSoFar(start)
  }
}

function viewName(view: ArrayBufferView): string {
  if (Buffer.isBuffer(view)) return 'Buffer'
  return types.isDataView(view) ? 'DataView' : (view as Uint8Array)[Symbol.toStringTag]
}
