/**
 * Columns: many values of one type in a row, as typed numbers or one long string.
 *
 * Arrays of numbers, arrays of strings and arrays of uniform records are written this way. A column
 * takes at least one byte per value, so a reader can check a count against the bytes that are left.
 */
import { DecodeError } from '../../base/errors.js'
import type { Reader } from '../bytes/reader.js'
import { ColumnKind, Mask } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'
import { reserveAligned, writeFloats, writeNumbers } from './number-columns.js'
import { LATIN1, UTF8, UTF16, writeStrings } from './string-columns.js'

const scalarTypes: ReadonlySet<string> = new Set(['number', 'string', 'boolean'])

type Scalar = number | string | boolean | null | undefined

/** Writes the values as a column if they are all scalars; returns false if not. */
export function writeColumn(writer: Writer, values: readonly unknown[] | Float64Array): boolean {
  if (values instanceof Float64Array) {
    writeFloats(writer, values)
    return true
  }
  const first = values.find((v) => v !== null && v !== undefined)
  if (typeof first === 'number' && writeNumbers(writer, values)) return true
  if (typeof first === 'string' && writeStrings(writer, values)) return true
  if (typeof first === 'boolean' && writeBooleans(writer, values)) return true
  if (first !== undefined && !scalarTypes.has(typeof first)) return false
  return writeMasked(writer, values, typeof first) || writeMixed(writer, values)
}

/**
 * Writes scalars of several types: one byte per value for its type, then the numbers, then the
 * strings.
 */
function writeMixed(writer: Writer, values: readonly unknown[]): boolean {
  const n = values.length
  const start = writer.pos
  writer.u8(ColumnKind.MIXED)
  const at = reserveAligned(writer, n)
  const { bytes } = writer
  const numbers = new Float64Array(n)
  let count = 0
  const strings: string[] = []
  for (let i = 0; i < n; i++) {
    const v = values[i]
    if (typeof v === 'number') {
      numbers[count++] = v
      bytes[at + i] = Mask.NUMBER
    } else if (typeof v === 'string') {
      strings.push(v)
      bytes[at + i] = Mask.STRING
    } else if (typeof v === 'boolean') bytes[at + i] = v ? Mask.TRUE : Mask.FALSE
    else if (v === null) bytes[at + i] = Mask.NULL
    else if (v === undefined) bytes[at + i] = Mask.UNDEFINED
    else {
      writer.pos = start
      return false
    }
  }
  writeFloats(writer, numbers.subarray(0, count))
  if (writeStrings(writer, strings)) return true
  writer.pos = start
  return false
}

function writeBooleans(writer: Writer, values: readonly unknown[]): boolean {
  if (!values.every((v) => typeof v === 'boolean')) return false
  writer.u8(ColumnKind.BOOLEAN)
  const at = reserveAligned(writer, values.length)
  for (let i = 0; i < values.length; i++) writer.bytes[at + i] = values[i] === true ? 1 : 0
  return true
}

/**
 * Writes a column with gaps: one byte per value that tells whether it is present, then the present
 * values.
 */
function writeMasked(writer: Writer, values: readonly unknown[], type: string): boolean {
  const n = values.length
  const start = writer.pos
  writer.u8(ColumnKind.MASKED)
  const at = reserveAligned(writer, n)
  const { bytes } = writer
  const present: unknown[] | Float64Array = type === 'number' ? new Float64Array(n) : new Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    const v = values[i]
    if (v === null) bytes[at + i] = Mask.NULL
    else if (v === undefined) bytes[at + i] = Mask.UNDEFINED
    else if (typeof v === type) {
      bytes[at + i] = Mask.PRESENT
      present[count++] = v
    } else {
      count = n
      break
    }
  }
  if (count < n && (count === 0 || writeColumn(writer, takeFirst(present, count)))) return true
  writer.pos = start
  return false
}

function takeFirst(values: unknown[] | Float64Array, count: number): unknown[] | Float64Array {
  if (!Array.isArray(values)) return values.subarray(0, count)
  values.length = count
  return values
}

/** A column that was read: an indexable list of the requested length. */
export type ReadColumn = ArrayLike<Scalar>

/**
 * Reads a column of `n` values; returns undefined for one with values of any kind
 * (`ColumnKind.ANY`).
 */
export function readColumn(reader: Reader, n: number, nested = false): ReadColumn | undefined {
  const kind = reader.u8()
  reader.checkCount(n)
  switch (kind) {
    case ColumnKind.ANY:
      return undefined
    case ColumnKind.INT8:
      return new Int8Array(copyAligned(reader, n))
    case ColumnKind.INT16:
      return new Int16Array(copyAligned(reader, n * 2))
    case ColumnKind.INT32:
      return new Int32Array(copyAligned(reader, n * 4))
    case ColumnKind.FLOAT64:
      return new Float64Array(copyAligned(reader, n * 8))
    case ColumnKind.BOOLEAN:
      return Array.from(new Uint8Array(copyAligned(reader, n)), (byte) => byte === 1)
    case ColumnKind.STRING:
      return readStrings(reader, n)
    case ColumnKind.DICTIONARY:
      return readDictionary(reader, n)
    case ColumnKind.MASKED:
      if (!nested) return readMasked(reader, n)
      break
    case ColumnKind.MIXED:
      if (!nested) return readMixed(reader, n)
  }
  throw new DecodeError(`There is no column of kind ${kind}`)
}

function copyAligned(reader: Reader, bytes: number): ArrayBuffer {
  reader.align()
  const start = reader.skip(bytes)
  const out = new Uint8Array(bytes)
  out.set(reader.bytes.subarray(start, start + bytes))
  return out.buffer
}

function readStrings(reader: Reader, n: number): string[] {
  const width = reader.u8()
  if (width !== 1 && width !== 4) throw new DecodeError(`String lengths cannot have ${width} bytes`)
  const lengths =
    width === 1
      ? new Uint8Array(copyAligned(reader, n))
      : new Uint32Array(copyAligned(reader, n * 4))
  const code = reader.u8()
  const bytes = reader.u32()
  const start = reader.skip(bytes)
  if (code > UTF16) throw new DecodeError(`There is no string encoding ${code}`)
  const encoding = code === LATIN1 ? 'latin1' : code === UTF8 ? 'utf8' : 'utf16le'
  const text = reader.bytes.toString(encoding, start, start + bytes)
  const out = new Array<string>(n)
  let at = 0
  for (let i = 0; i < n; i++) {
    const end = at + lengths[i]!
    out[i] = text.substring(at, end)
    at = end
  }
  if (at !== text.length) throw new DecodeError('The lengths of a column of strings do not add up')
  return out
}

function readDictionary(reader: Reader, n: number): string[] {
  const size = reader.count()
  const strings: string[] = []
  for (let i = 0; i < size; i++) strings.push(reader.string())
  const codes = readColumn(reader, n, true)
  if (codes === undefined) throw new DecodeError('A column of repeated strings has no numbers')
  const out = new Array<string>(n)
  for (let i = 0; i < n; i++) {
    const text = strings[codes[i] as number]
    if (text === undefined) throw new DecodeError('A repeated string is missing from its list')
    out[i] = text
  }
  return out
}

function readMasked(reader: Reader, n: number): Scalar[] {
  const mask = new Uint8Array(copyAligned(reader, n))
  let count = 0
  for (const state of mask) if (state === Mask.PRESENT) count++
  const present = count === 0 ? [] : readColumn(reader, count, true)
  if (present === undefined) throw new DecodeError('A column with gaps holds values of any kind')
  const out = new Array<Scalar>(n)
  let at = 0
  for (let i = 0; i < n; i++)
    out[i] = mask[i] === Mask.PRESENT ? present[at++] : mask[i] === Mask.NULL ? null : undefined
  return out
}

function readMixed(reader: Reader, n: number): Scalar[] {
  const kinds = new Uint8Array(copyAligned(reader, n))
  const counts = new Uint32Array(256)
  for (const kind of kinds) counts[kind]!++
  const numbers = readColumn(reader, counts[Mask.NUMBER]!, true)
  const strings = readColumn(reader, counts[Mask.STRING]!, true)
  if (numbers === undefined || strings === undefined)
    throw new DecodeError('A column of scalars holds values of any kind')
  const out = new Array<Scalar>(n)
  let number = 0
  let string = 0
  for (let i = 0; i < n; i++) {
    const kind = kinds[i]
    if (kind === Mask.NUMBER) out[i] = numbers[number++]
    else if (kind === Mask.STRING) out[i] = strings[string++]
    else if (kind === Mask.TRUE || kind === Mask.FALSE) out[i] = kind === Mask.TRUE
    else out[i] = kind === Mask.NULL ? null : undefined
  }
  return out
}
