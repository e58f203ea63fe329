/**
 * Batches: the objects of one array, split into columns and written together.
 *
 * A batch holds records of one or a few shapes, lists, or dates, any of them with gaps; the values
 * of their fields can be batches in turn. An array is a batch if its objects are all different,
 * were not written before, and have nothing in addition to the content of their kind. Other arrays
 * are written element by element.
 */
import { types } from 'node:util'
import { ColumnKind, DEFER_DEPTH, FieldLayout, Kind, Mask } from '../bytes/tags.js'
import { isOrdinaryDate } from '../identity/hidden-class.js'
import type { ValueEncoder } from '../interfaces.js'
import { hasAccessor } from '../objects/accessors.js'
import { areTested, mayClaim } from '../objects/registered-types.js'
import { writeColumn } from './columns.js'
import { gatherElements, gatherPositions, type MeasuredLists, measureLists } from './lists.js'
import { writeIntegers } from './number-columns.js'
import { gatherColumns, isPlain, type ValueColumn } from './record-columns.js'
import { groupByShape } from './shape-groups.js'

/** A function that returns the path from an array to an element of a batch in it, for errors. */
type PathToRow = (index: number) => readonly PropertyKey[]

const LIST = '[]'
const DATE = 'Date'

/** Records of one shape, ready to be written. */
interface Records {
  readonly rows: readonly object[]
  readonly keys: readonly string[]
  readonly kind: string
  readonly columns: readonly ValueColumn[]
}

/**
 * Writes the elements of an array as a batch. Returns false, with nothing written, if they are
 * none.
 */
export function writeAsBatch(
  encoder: ValueEncoder,
  array: readonly unknown[],
  pathTo: PathToRow = (index) => [index],
): boolean {
  const first = array.find(isPresent)
  if (typeof first !== 'object') return false
  const hasGaps = array.includes(null) || array.includes(undefined)
  if (!hasGaps) return writeBatch(encoder, array as readonly object[], pathTo)
  const present: object[] = []
  const mask = new Uint8Array(array.length)
  for (let i = 0; i < array.length; i++) {
    const value = array[i]
    if (value === undefined && !(i in array)) return false
    if (isPresent(value)) present.push(value as object)
    else mask[i] = value === null ? Mask.NULL : Mask.UNDEFINED
  }
  let indices: readonly number[] | undefined
  const { writer } = encoder
  const start = writer.pos
  writer.kind(Kind.GAPS)
  writer.uint(array.length)
  writer.bytesOf(mask)
  const presentPath: PathToRow = (index) => pathTo((indices ??= presentIndices(mask))[index]!)
  if (encoder.writeNested(() => writeBatch(encoder, present, presentPath))) return true
  writer.pos = start
  return false
}

/** Returns the indices of the elements that are present; needed only for paths in errors. */
function presentIndices(mask: Uint8Array): readonly number[] {
  const indices: number[] = []
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) indices.push(i)
  return indices
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined
}

function writeBatch(encoder: ValueEncoder, rows: readonly object[], pathTo: PathToRow): boolean {
  const first = rows[0]!
  // Each object must be tested.
  if (areTested()) return false
  if (Array.isArray(first)) return writeLists(encoder, rows, pathTo)
  if (types.isDate(first)) return writeDates(encoder, rows)
  if (!isPlain(first)) return false
  const keys = Object.keys(first)
  if (keys.length === 0) return false
  const records = splitRecords(encoder, rows, keys)
  if (records === 'not uniform') return writeMixedRecords(encoder, rows, pathTo)
  if (records === undefined) return false
  encoder.writer.kind(Kind.RECORDS)
  writeFields(encoder, records, writeRecords(encoder, records), pathTo)
  return true
}

/**
 * Splits records into columns. Returns undefined if the records are not all new, and 'not uniform'
 * if their shapes differ.
 */
function splitRecords(
  encoder: ValueEncoder,
  rows: readonly object[],
  keys: readonly string[],
  known = false,
): Records | 'not uniform' | undefined {
  // Getters are sent as accessors only with functions.
  if (encoder.isInBundle && hasAccessor(rows[0]!, keys)) return undefined
  const columns = gatherColumns(rows, keys, known)
  if (columns === undefined) return 'not uniform'
  const kind = keys.join()
  return encoder.references.areNew(rows, kind, columns) ? { rows, keys, kind, columns } : undefined
}

/**
 * Writes keys and scalar columns. Returns the indices of other columns, to be written once all rows
 * can be referred to.
 */
function writeRecords(encoder: ValueEncoder, { rows, keys, kind, columns }: Records): number[] {
  const { writer } = encoder
  encoder.addBatch(rows, kind)
  writer.uint(rows.length)
  writer.uint(keys.length)
  for (const key of keys) writer.string(key)
  return writeColumns(encoder, columns)
}

/** Writes columns of scalars. Returns the indices of the other columns. */
function writeColumns({ writer }: ValueEncoder, columns: Records['columns']): number[] {
  const mixed: number[] = []
  for (let k = 0; k < columns.length; k++) {
    if (writeColumn(writer, columns[k]!)) continue
    writer.u8(ColumnKind.ANY)
    mixed.push(k)
  }
  return mixed
}

function writeFields(
  encoder: ValueEncoder,
  { keys, columns }: Pick<Records, 'columns'> & { readonly keys: readonly PropertyKey[] },
  mixed: readonly number[],
  pathTo: PathToRow,
): void {
  for (const k of mixed)
    writeField(encoder, columns[k] as unknown[], (row) => [...pathTo(row), keys[k]!])
}

/** Writes the values of one field of a batch: as a batch if they are one, otherwise one by one. */
function writeField(encoder: ValueEncoder, column: readonly unknown[], pathTo: PathToRow): void {
  const { writer } = encoder
  const start = writer.pos
  writer.u8(FieldLayout.BATCH)
  if (
    encoder.path.depth < DEFER_DEPTH &&
    encoder.writeNested(() => writeAsBatch(encoder, column, pathTo))
  )
    return
  writer.pos = start
  writer.u8(FieldLayout.ONE_BY_ONE)
  encoder.writeNested(() => encoder.writeEach(column, pathTo))
}

/** Writes records of a few shapes: the shape of each record, then the records shape by shape. */
function writeMixedRecords(
  encoder: ValueEncoder,
  rows: readonly object[],
  pathTo: PathToRow,
): boolean {
  const groups = groupByShape(rows)
  if (groups === undefined) return false
  const prepared: Records[] = []
  for (const { keys, members } of groups.shapes) {
    const records = splitRecords(encoder, members, keys, true)
    if (typeof records === 'object') prepared.push(records)
    else {
      for (const { kind } of prepared) encoder.references.markRepeats(kind)
      return false
    }
  }
  const { writer } = encoder
  writer.kind(Kind.MIXED_RECORDS)
  writer.uint(rows.length)
  writer.uint(prepared.length)
  writeColumn(writer, groups.codes)
  // All records must be referable before any field is written.
  const mixed = prepared.map((records) => writeRecords(encoder, records))
  prepared.forEach((records, s) => {
    if (mixed[s]!.length === 0) return
    const indices: number[] = []
    groups.codes.forEach((code, i) => {
      if (code === s) indices.push(i)
    })
    writeFields(encoder, records, mixed[s]!, (row) => pathTo(indices[row]!))
  })
  return true
}

/** Writes dates as a column of their times. */
function writeDates(encoder: ValueEncoder, dates: readonly object[]): boolean {
  if (mayClaim(Date.prototype)) return false
  const times = new Float64Array(dates.length)
  const all = {}
  for (let i = 0; i < dates.length; i++) {
    const date = dates[i]!
    if (!isOrdinaryDate(date)) {
      if (!types.isDate(date) || Object.getPrototypeOf(date) !== Date.prototype) return false
      if (!Object.isExtensible(date)) return false
      Object.assign(all, date)
    }
    times[i] = getTime.call(date)
  }
  if (Reflect.ownKeys(all).length > 0 || !encoder.references.areNew(dates, DATE, [times]))
    return false
  encoder.writer.kind(Kind.DATES)
  encoder.addBatch(dates, DATE)
  encoder.writer.uint(dates.length)
  writeColumn(encoder.writer, times)
  return true
}

const { getTime } = Date.prototype

/**
 * Writes lists: one column per position if all are short and of equal length, otherwise one column
 * of all elements.
 */
function writeLists(encoder: ValueEncoder, array: readonly unknown[], pathTo: PathToRow): boolean {
  const lists = measureLists(array)
  if (lists === undefined || lists.total === 0) return false
  const columns = lists.width > 0 ? gatherPositions(lists) : gatherElements(lists)
  if (columns === undefined) return false
  if (!encoder.references.areNew(lists.lists, LIST, [lists.hashes])) return false
  if (lists.width > 0) writeTuples(encoder, lists, columns as ValueColumn[], pathTo)
  else writeLengthsAndValues(encoder, lists, columns as ValueColumn, pathTo)
  return true
}

function writeTuples(
  encoder: ValueEncoder,
  { lists, width }: MeasuredLists,
  columns: readonly ValueColumn[],
  pathTo: PathToRow,
): void {
  const { writer } = encoder
  writer.kind(Kind.TUPLES)
  encoder.addBatch(lists, LIST)
  writer.uint(lists.length)
  writer.u8(width)
  const keys = Array.from({ length: width }, (_, k) => k)
  writeFields(encoder, { keys, columns }, writeColumns(encoder, columns), pathTo)
}

function writeLengthsAndValues(
  encoder: ValueEncoder,
  { lists, lengths, longest }: MeasuredLists,
  values: ValueColumn,
  pathTo: PathToRow,
): void {
  const { writer } = encoder
  writer.kind(Kind.LISTS)
  encoder.addBatch(lists, LIST)
  writer.uint(lists.length)
  writer.uint(values.length)
  writeIntegers(writer, lengths, 0, longest)
  if (writeColumn(writer, values)) return
  writer.u8(ColumnKind.ANY)
  writeField(encoder, values as unknown[], (index) => {
    let list = 0
    let before = 0
    while (before + lengths[list]! <= index) before += lengths[list++]!
    return [...pathTo(list), index - before]
  })
}
