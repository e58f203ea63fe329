/**
 * Arrays as they are written: as columns where their elements are of one kind, as a list of elements
 * else, with their holes, and with the properties that some have besides.
 */
import { types } from 'node:util'
import { writeColumn } from './columns.js'
import { allDifferent, hashScalar } from './distinct.js'
import type { Encoder } from './encode.js'
import { arrayExtras, isIndex, writeWithExtras } from './extras.js'
import { gatherColumns } from './shapes.js'
import { Column, Field, Kind } from './tags.js'

/** Arrays of at least this many scalars or records are tried as columns. */
const COLUMNS_FROM = 16
const SPARSE_FROM = 1024
/** Longer lists are worth a column each. */
const LONG_LIST = 256

/** Writes an array that was not met before. */
export function writeArray(encoder: Encoder, array: readonly unknown[]): void {
  const extras = arrayExtras(array)
  if (extras.length === 0) writeElements(encoder, array)
  else writeWithExtras(encoder, array, extras, () => writeElements(encoder, array))
}

/** An array without what it may carry besides its elements. */
function writeElements(encoder: Encoder, array: readonly unknown[]): void {
  const n = array.length
  if (n >= COLUMNS_FROM && writeAsColumns(encoder, array)) return
  if (n >= SPARSE_FROM && isSparse(array)) writeSparse(encoder, array)
  else {
    encoder.writer.arrayHeader(n)
    encoder.elements(array)
  }
}

function writeSparse(encoder: Encoder, array: readonly unknown[]): void {
  encoder.writer.kind(Kind.SPARSE_ARRAY)
  encoder.writer.uint(array.length)
  encoder.properties(array, Object.keys(array).filter(isIndex))
}

function writeAsColumns(encoder: Encoder, array: readonly unknown[]): boolean {
  const first = array[0]
  if (typeof first === 'number' || typeof first === 'string' || typeof first === 'boolean')
    return writeScalars(encoder, array)
  return writeTogether(encoder, array)
}

/** An array of records or of lists, whose elements are written together; false if it is none. */
function writeTogether(encoder: Encoder, array: readonly unknown[]): boolean {
  const first = array[0]
  if (typeof first !== 'object' || first === null || types.isProxy(first)) return false
  const prototype: unknown = Object.getPrototypeOf(first)
  if (prototype === Array.prototype) return writeLists(encoder, array)
  return prototype === Object.prototype && writeRecords(encoder, array, first)
}

function writeScalars({ writer }: Encoder, array: readonly unknown[]): boolean {
  const last = array[array.length - 1]
  if (last !== null && typeof last !== typeof array[0]) return false
  // A hole reads as undefined too, so arrays that hold either are written as they are.
  if (array.includes(undefined)) return false
  const start = writer.pos
  writer.kind(Kind.COLUMN)
  writer.uint(array.length)
  if (writeColumn(writer, array)) return true
  writer.pos = start
  return false
}

/** An array of plain objects that all have the same keys: one column a key. */
function writeRecords(encoder: Encoder, array: readonly unknown[], first: object): boolean {
  const keys = Object.keys(first)
  if (keys.length === 0) return false
  const kind = keys.join()
  const columns = gatherColumns(array, keys, freshRows(encoder, kind))
  const rows = array as readonly object[]
  if (columns === undefined || !allDifferent(rows, columns)) return false
  const { writer } = encoder
  encoder.references.addBatch(rows, writer.pos, kind)
  writer.kind(Kind.RECORDS)
  writer.uint(rows.length)
  writer.uint(keys.length)
  for (const key of keys) writer.string(key)
  const mixed: number[] = []
  for (let k = 0; k < keys.length; k++) {
    if (writeColumn(writer, columns[k]!)) continue
    writer.u8(Column.ANY)
    mixed.push(k)
  }
  // Columns of any values come last, when the decoder has the rows that they may refer to.
  for (const k of mixed) writeField(encoder, keys[k]!, columns[k]!)
  return true
}

function writeField(encoder: Encoder, key: string, column: readonly unknown[]): void {
  const { writer } = encoder
  const start = writer.pos
  writer.u8(Field.TOGETHER)
  if (writeTogether(encoder, column)) return
  writer.pos = start
  writer.u8(Field.EACH)
  encoder.field(key, column)
}

const LIST = 'list'

/** Lists of scalars of one kind: how long each is, and all elements in one column. */
function writeLists(encoder: Encoder, array: readonly unknown[]): boolean {
  const isMet = encoder.references.metBefore(LIST)
  const lengths: number[] = []
  const hashes: number[] = []
  const values: unknown[] = []
  for (let i = 0; i < array.length; i++) {
    const list = array[i]
    if (!Array.isArray(list) || types.isProxy(list) || isMet(list)) return false
    if (Object.getPrototypeOf(list) !== Array.prototype || list.length > LONG_LIST) return false
    if (Object.keys(list).length !== list.length || !isOnlyAList(list)) return false
    let hash = list.length
    for (let j = 0; j < list.length; j++) {
      const value: unknown = list[j]
      // With `undefined` or an object among them, they are no column.
      if (value === undefined || (typeof value === 'object' && value !== null)) return false
      values.push(value)
      if (j < 8) hash = (Math.imul(hash, 31) + hashScalar(value)) | 0
    }
    lengths.push(list.length)
    hashes.push(hash)
  }
  const lists = array as readonly object[]
  if (values.length === 0 || !allDifferent(lists, [hashes])) return false
  const { writer } = encoder
  const start = writer.pos
  writer.kind(Kind.LISTS)
  writer.uint(lengths.length)
  writer.uint(values.length)
  if (!writeColumn(writer, lengths) || !writeColumn(writer, values)) {
    writer.pos = start
    return false
  }
  encoder.references.addBatch(lists, start, LIST)
  return true
}

/** Whether a list has no symbols, and was not frozen. */
function isOnlyAList(list: readonly unknown[]): boolean {
  return Object.isExtensible(list) && Object.getOwnPropertySymbols(list).length === 0
}

/** Says of each row whether it was not met before, and is no more than it seems. */
function freshRows({ references }: Encoder, kind: string): (row: object) => boolean {
  const isMet = references.metBefore(kind)
  return (row) =>
    !types.isProxy(row) &&
    !isMet(row) &&
    Object.isExtensible(row) &&
    Object.getOwnPropertySymbols(row).length === 0
}

/** Whether more is missing than is there; looked for only if a sample shows a hole. */
function isSparse(array: readonly unknown[]): boolean {
  const step = array.length / 32
  for (let i = 0; i < 32; i++)
    if (!(Math.floor(i * step) in array)) return Object.keys(array).length * 2 < array.length
  return false
}
