/**
 * Arrays as they are written: as columns where their elements are of one kind, as a list of elements
 * else, with their holes, and with the properties that some have besides.
 */
import { types } from 'node:util'
import { writeColumn } from './columns.js'
import { allDifferent } from './distinct.js'
import type { Encoder } from './encode.js'
import { allHaveKeys, gatherColumns } from './shapes.js'
import { Column, Kind } from './tags.js'

/** Arrays of at least this many scalars or records are tried as columns. */
const COLUMNS_FROM = 16
/** Arrays up to this length are looked over for named properties. */
const NAMED_UP_TO = 64
const SPARSE_FROM = 1024
/** Batches up to this size, and samples of larger ones, are looked over for symbol keys. */
const SYMBOL_CHECKS = 8192

/** Writes an array that was not met before. */
export function writeArray(encoder: Encoder, array: readonly unknown[]): void {
  const n = array.length
  if (n <= NAMED_UP_TO || 'index' in array || 'raw' in array || 'groups' in array) {
    const keys = Object.keys(array)
    if (keys.length > 0 && keys.length > n - countHoles(array)) {
      writeNamed(encoder, array, keys)
      return
    }
  }
  if (n >= COLUMNS_FROM && writeAsColumns(encoder, array)) return
  if (n >= SPARSE_FROM && isSparse(array)) writeSparse(encoder, array)
  else {
    encoder.writer.arrayHeader(n)
    encoder.elements(array)
  }
}

/** An array with properties besides its elements, as a match of a regular expression has. */
function writeNamed(encoder: Encoder, array: readonly unknown[], keys: readonly string[]): void {
  encoder.writer.kind(Kind.NAMED_ARRAY)
  encoder.writer.uint(array.length)
  encoder.elements(array)
  encoder.properties(
    array,
    keys.filter((key) => !isIndex(key)),
  )
}

function writeSparse(encoder: Encoder, array: readonly unknown[]): void {
  encoder.writer.kind(Kind.SPARSE_ARRAY)
  encoder.writer.uint(array.length)
  encoder.properties(array)
}

function writeAsColumns(encoder: Encoder, array: readonly unknown[]): boolean {
  const first = array[0]
  if (typeof first === 'number' || typeof first === 'string' || typeof first === 'boolean')
    return writeScalars(encoder, array)
  if (typeof first !== 'object' || first === null || types.isProxy(first)) return false
  return Object.getPrototypeOf(first) === Object.prototype && writeRecords(encoder, array, first)
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
  if (keys.length === 0 || !allHaveKeys(array, keys)) return false
  const rows = array as readonly Record<string, unknown>[]
  if (!areFresh(encoder, rows)) return false
  const columns = gatherColumns(rows, keys)
  if (!allDifferent(rows, columns)) return false
  const { writer } = encoder
  encoder.references.addBatch(rows, writer.pos)
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
  for (const k of mixed) encoder.field(keys[k]!, columns[k]!)
  return true
}

/** Whether none of these rows was met before, and all are no more than they seem. */
function areFresh({ references }: Encoder, rows: readonly object[]): boolean {
  const step = Math.max(1, Math.floor(rows.length / SYMBOL_CHECKS))
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    if (types.isProxy(row) || references.has(row)) return false
    if (i % step === 0 && Object.getOwnPropertySymbols(row).length > 0) return false
  }
  return true
}

function countHoles(array: readonly unknown[]): number {
  let holes = 0
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) holes++
  return holes
}

/** Whether more is missing than is there; looked for only if a sample shows a hole. */
function isSparse(array: readonly unknown[]): boolean {
  const step = array.length / 32
  for (let i = 0; i < 32; i++)
    if (!(Math.floor(i * step) in array)) return Object.keys(array).length * 2 < array.length
  return false
}

function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1
}
