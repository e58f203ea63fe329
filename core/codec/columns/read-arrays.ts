/** Reading of arrays of records, lists, dates and scalars from their columns. */
import { DecodeError } from '../../base/errors.js'
import { FieldLayout, Mask, MOST_IN_TUPLE } from '../bytes/tags.js'
import type { ValueDecoder } from '../interfaces.js'
import { setOwn } from '../objects/properties.js'
import { type ReadColumn, readColumn } from './columns.js'
import { buildLists, buildRows } from './record-columns.js'

type Row = Record<string, unknown>

/** Columns that were read, and the keys of those whose values follow as fields. */
interface Columns<Key> {
  readonly columns: ReadColumn[]
  readonly fieldKeys: Key[]
}

/** Reads records of one shape. */
export function readRecords(decoder: ValueDecoder, at: number): unknown[] {
  const { rows, fieldKeys } = readRows(decoder, at)
  readFields(decoder, rows, fieldKeys)
  return rows
}

/** Reads records without the fields that have more than scalars. */
function readRows(decoder: ValueDecoder, at = -1): { rows: Row[]; fieldKeys: string[] } {
  const { reader } = decoder
  const batchPosition = reader.pos
  const n = reader.count()
  const keys: string[] = []
  for (let k = reader.count(); k > 0; k--) keys.push(reader.string())
  if (keys.length === 0) throw new DecodeError('Records without keys')
  const { columns, fieldKeys } = readColumns(decoder, keys, n)
  const rows = buildRows(keys, columns, n)
  decoder.register(at, rows)
  return { rows: decoder.register(batchPosition, rows), fieldKeys }
}

function readColumns<Key>({ reader }: ValueDecoder, keys: readonly Key[], n: number): Columns<Key> {
  const columns: ReadColumn[] = []
  const fieldKeys: Key[] = []
  for (const key of keys) {
    const column = readColumn(reader, n)
    if (column === undefined) fieldKeys.push(key)
    columns.push(column ?? [])
  }
  // Each of these fields still has its values to come, of at least one byte each.
  reader.checkCount(n, fieldKeys.length)
  return { columns, fieldKeys }
}

function readFields(
  decoder: ValueDecoder,
  rows: readonly object[],
  fieldKeys: readonly PropertyKey[],
): void {
  for (const key of fieldKeys) {
    const values = readField(decoder, rows.length)
    for (let i = 0; i < rows.length; i++) setOwn(rows[i]!, key, values[i])
  }
}

/** Reads the values of one field of a batch. */
function readField(decoder: ValueDecoder, n: number): readonly unknown[] {
  const layout = decoder.reader.u8()
  decoder.enter()
  const values = layout === FieldLayout.ONE_BY_ONE ? readEach(decoder, n) : decoder.readValue()
  decoder.leave()
  if (layout > FieldLayout.BATCH || !Array.isArray(values) || values.length !== n)
    throw new DecodeError('A field of a batch does not have a value for each')
  return values
}

function readEach(decoder: ValueDecoder, n: number): unknown[] {
  const values: unknown[] = []
  for (let i = 0; i < n; i++) values.push(decoder.readValue())
  return values
}

/** Reads records of several shapes: a shape code for each, then the records shape by shape. */
export function readMixedRecords(decoder: ValueDecoder, at: number): unknown[] {
  const { reader } = decoder
  const n = reader.count()
  const all = decoder.register(at, [] as Row[])
  const groups: { rows: Row[]; fieldKeys: string[] }[] = []
  const count = reader.count()
  const codes = readColumn(reader, n)
  for (let s = 0; s < count; s++) groups.push(readRows(decoder))
  const next = new Uint32Array(count)
  for (let i = 0; i < n; i++) {
    const code = codes?.[i] as number
    const row = groups[code]?.rows[next[code]!++]
    if (row === undefined) throw new DecodeError('A record is missing among those of its shape')
    all.push(row)
  }
  for (const { rows, fieldKeys } of groups) readFields(decoder, rows, fieldKeys)
  return all
}

/** Reads lists of different lengths: their lengths, then one column of all elements. */
export function readLists(decoder: ValueDecoder, at: number): unknown[][] {
  const { reader } = decoder
  const batchPosition = reader.pos
  const n = reader.count()
  const total = reader.count()
  const lengths = readColumn(reader, n)
  const column = readColumn(reader, total)
  const lists = decoder.register(at, [] as unknown[][])
  if (column !== undefined) fillLists(lists, lengths, column, n)
  else for (let i = 0; i < n; i++) lists.push([])
  decoder.register(batchPosition, lists)
  if (column === undefined) {
    const filled: unknown[][] = []
    fillLists(filled, lengths, readField(decoder, total), n)
    for (let i = 0; i < n; i++) for (const value of filled[i]!) lists[i]!.push(value)
  }
  return lists
}

/** Appends lists of these lengths, filled with the values in order. */
function fillLists(
  lists: unknown[][],
  lengths: ReadColumn | undefined,
  values: ArrayLike<unknown>,
  n: number,
): void {
  const all = Array.isArray(values) ? values : Array.from(values)
  let start = 0
  for (let i = 0; i < n; i++) {
    const length = lengths?.[i]
    if (typeof length !== 'number' || !(length >= 0) || start + length > all.length)
      throw new DecodeError('The lengths of lists do not add up')
    lists.push(all.slice(start, start + length))
    start += length
  }
}

/** Reads lists of equal length: one column per position. */
export function readTuples(decoder: ValueDecoder, at: number): unknown[][] {
  const { reader } = decoder
  const batchPosition = reader.pos
  const n = reader.count()
  const width = reader.u8()
  if (width === 0 || width > MOST_IN_TUPLE)
    throw new DecodeError(`Lists of ${width} elements cannot be in columns`)
  const positions = Array.from({ length: width }, (_, k) => k)
  const { columns, fieldKeys } = readColumns(decoder, positions, n)
  const lists = decoder.register(at, buildLists(columns, n))
  decoder.register(batchPosition, lists)
  readFields(decoder, lists, fieldKeys)
  return lists
}

/** Reads dates from a column of their times. */
export function readDates(decoder: ValueDecoder, at: number): Date[] {
  const { reader } = decoder
  const batchPosition = reader.pos
  const n = reader.count()
  const times = readColumn(reader, n)
  const dates = decoder.register(at, [] as Date[])
  for (let i = 0; i < n; i++) dates.push(new Date(times?.[i] as number))
  return decoder.register(batchPosition, dates)
}

/** Reads an array in which some elements are null or undefined, and the others form a batch. */
export function readGaps(decoder: ValueDecoder, at: number): unknown[] {
  const { reader } = decoder
  const n = reader.count()
  const start = reader.skip(n)
  const all = decoder.register(at, new Array<unknown>(n).fill(undefined))
  decoder.enter()
  const present = decoder.readValue()
  decoder.leave()
  if (!Array.isArray(present)) throw new DecodeError('An array with gaps has no elements')
  let next = 0
  for (let i = 0; i < n; i++) {
    const mask = reader.bytes[start + i]
    if (mask === Mask.PRESENT) all[i] = present[next++]
    else if (mask === Mask.NULL) all[i] = null
  }
  if (next !== present.length) throw new DecodeError('The gaps of an array do not add up')
  return all
}

/** Reads an array of scalars. */
export function readScalars(decoder: ValueDecoder, at: number): unknown[] {
  const column = readColumn(decoder.reader, decoder.reader.count())
  if (column === undefined) throw new DecodeError('A column of scalars holds values of any kind')
  return decoder.register(at, Array.isArray(column) ? column : Array.from(column))
}
