/** Arrays of records, of lists and of scalars, read back from their columns. */
import { DecodeError } from '../errors.js'
import { type ReadColumn, readColumn } from './columns.js'
import type { Decoder } from './decode.js'
import { buildRows, setOwn } from './shapes.js'
import { Field } from './tags.js'

export function readRecords(decoder: Decoder, at: number): unknown[] {
  const { reader } = decoder
  const n = reader.count()
  const keys: string[] = []
  for (let k = reader.count(); k > 0; k--) keys.push(reader.text())
  if (keys.length === 0) throw new DecodeError('Records without keys')
  const columns: ReadColumn[] = []
  const mixed: string[] = []
  for (const key of keys) {
    const column = readColumn(reader, n)
    if (column === undefined) mixed.push(key)
    columns.push(column ?? [])
  }
  const rows = decoder.keep(at, buildRows(keys, columns, n))
  decoder.enter()
  for (const key of mixed) readField(decoder, rows, key)
  decoder.leave()
  return rows
}

/** The values of one field of records that exist already. */
function readField(decoder: Decoder, rows: readonly object[], key: string): void {
  const how = decoder.reader.u8()
  if (how === Field.EACH) {
    for (const row of rows) setOwn(row, key, decoder.value())
    return
  }
  const values = decoder.value()
  if (how !== Field.TOGETHER || !Array.isArray(values) || values.length !== rows.length)
    throw new DecodeError('A field of records does not have a value for each')
  for (let i = 0; i < rows.length; i++) setOwn(rows[i]!, key, values[i])
}

export function readLists(decoder: Decoder, at: number): unknown[][] {
  const { reader } = decoder
  const n = reader.count()
  const total = reader.count()
  const lengths = readColumn(reader, n)
  const values = readColumn(reader, total)
  if (lengths === undefined || values === undefined) throw new DecodeError('Lists of nothing')
  const lists: unknown[][] = []
  let start = 0
  for (let i = 0; i < n; i++) {
    const length = lengths[i]
    if (typeof length !== 'number' || !(length >= 0) || start + length > total)
      throw new DecodeError('The lengths of lists do not add up')
    const list: unknown[] = []
    for (let j = start; j < start + length; j++) list.push(values[j])
    lists.push(list)
    start += length
  }
  return decoder.keep(at, lists)
}

export function readScalars(decoder: Decoder, at: number): unknown[] {
  const column = readColumn(decoder.reader, decoder.reader.count())
  if (column === undefined) throw new DecodeError('A column of nothing in particular')
  return decoder.keep(at, Array.isArray(column) ? column : Array.from(column))
}
