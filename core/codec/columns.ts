/**
 * Columns: many values of one kind laid out one after another, as typed numbers or one long text.
 *
 * Arrays of numbers, arrays of strings and arrays of uniform records are written this way. A column
 * takes at least one byte a value, so a reader can check a count against the bytes that are there.
 */
import { DecodeError } from '../errors.js'
import type { Reader } from './reader.js'
import { Column } from './tags.js'
import { isWellFormed, type Writer } from './writer.js'

const PRESENT = 0
const NULL = 1
const UNDEFINED = 2

const LATIN1 = 0
const UTF8 = 1
const UTF16 = 2

/** Above this average length a column of strings is joined and written by the native encoder. */
const JOIN_LENGTH = 32
const MAX_TEXT = 2 ** 28
const DICTIONARY_SAMPLE = 256
const DICTIONARY_MOST = 0x10000

const scalarTypes: ReadonlySet<string> = new Set(['number', 'string', 'boolean'])

type Scalar = number | string | boolean | null | undefined

/** Writes the values as a column if they are all of one scalar kind (or missing); false if not. */
export function writeColumn(writer: Writer, values: readonly unknown[]): boolean {
  const first = values.find((v) => v !== null && v !== undefined)
  if (typeof first === 'number' && writeNumbers(writer, values)) return true
  if (typeof first === 'string' && writeStrings(writer, values)) return true
  if (typeof first === 'boolean' && writeBooleans(writer, values)) return true
  if (first !== undefined && !scalarTypes.has(typeof first)) return false
  return writeMasked(writer, values, typeof first)
}

function writeNumbers(writer: Writer, values: readonly unknown[]): boolean {
  const n = values.length
  let low = 0
  let high = 0
  let i = 0
  for (; i < n; i++) {
    const v = values[i]
    if (typeof v !== 'number') return false
    const int = v | 0
    if (int !== v || (int === 0 && Object.is(v, -0))) break
    if (int < low) low = int
    else if (int > high) high = int
  }
  if (i === n) {
    writeIntegers(writer, values as readonly number[], low, high)
    return true
  }
  for (; i < n; i++) if (typeof values[i] !== 'number') return false
  writer.u8(Column.FLOAT64)
  const at = reserve(writer, n * 8)
  const out = new Float64Array(writer.bytes.buffer as ArrayBuffer, at, n)
  for (let j = 0; j < n; j++) out[j] = values[j] as number
  return true
}

function writeIntegers(writer: Writer, values: readonly number[], low: number, high: number): void {
  const n = values.length
  const most = Math.max(-1 - low, high)
  const buffer = () => writer.bytes.buffer as ArrayBuffer
  if (most < 0x80) {
    writer.u8(Column.INT8)
    const at = reserve(writer, n)
    const out = writer.bytes
    for (let i = 0; i < n; i++) out[at + i] = values[i]!
  } else if (most < 0x8000) {
    writer.u8(Column.INT16)
    const at = reserve(writer, n * 2)
    const out = new Int16Array(buffer(), at, n)
    for (let i = 0; i < n; i++) out[i] = values[i]!
  } else {
    writer.u8(Column.INT32)
    const at = reserve(writer, n * 4)
    const out = new Int32Array(buffer(), at, n)
    for (let i = 0; i < n; i++) out[i] = values[i]!
  }
}

/** Room for a column's bytes at an aligned place; gives that place. */
function reserve(writer: Writer, bytes: number): number {
  writer.align()
  writer.ensure(bytes)
  const at = writer.pos
  writer.pos += bytes
  return at
}

function writeBooleans(writer: Writer, values: readonly unknown[]): boolean {
  if (!values.every((v) => typeof v === 'boolean')) return false
  writer.u8(Column.BOOLEAN)
  const at = reserve(writer, values.length)
  for (let i = 0; i < values.length; i++) writer.bytes[at + i] = values[i] === true ? 1 : 0
  return true
}

function writeStrings(writer: Writer, values: readonly unknown[]): boolean {
  let total = 0
  let longest = 0
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    if (typeof v !== 'string') return false
    total += v.length
    if (v.length > longest) longest = v.length
  }
  const texts = values as readonly string[]
  if (writeDictionary(writer, texts)) return true
  if (total > MAX_TEXT) return false
  writer.u8(Column.STRING)
  writeLengths(writer, texts, longest)
  if (total >= texts.length * JOIN_LENGTH || !writeAscii(writer, texts, total))
    writeJoined(writer, texts.join(''))
  return true
}

/** Strings that repeat: each different one once, and a number for each value. */
function writeDictionary(writer: Writer, texts: readonly string[]): boolean {
  if (texts.length < DICTIONARY_SAMPLE) return false
  const codes = new Map<string, number>()
  const column = new Array<number>(texts.length)
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!
    let code = codes.get(text)
    if (code === undefined) {
      code = codes.size
      codes.set(text, code)
      // Few repeats so far mean few repeats to come.
      if (code * 4 > i + DICTIONARY_SAMPLE / 2 || code >= DICTIONARY_MOST) return false
    }
    column[i] = code
  }
  writer.u8(Column.DICTIONARY)
  writer.uint(codes.size)
  for (const text of codes.keys()) writer.string(text)
  writeIntegers(writer, column, 0, codes.size)
  return true
}

function writeLengths(writer: Writer, texts: readonly string[], longest: number): void {
  const n = texts.length
  if (longest < 0x100) {
    writer.u8(1)
    const at = reserve(writer, n)
    for (let i = 0; i < n; i++) writer.bytes[at + i] = texts[i]!.length
  } else {
    writer.u8(4)
    const at = reserve(writer, n * 4)
    const out = new Uint32Array(writer.bytes.buffer as ArrayBuffer, at, n)
    for (let i = 0; i < n; i++) out[i] = texts[i]!.length
  }
}

/** Writes the characters one by one; gives up, leaving nothing, at the first beyond ASCII. */
function writeAscii(writer: Writer, texts: readonly string[], total: number): boolean {
  const start = writer.pos
  writer.u8(LATIN1)
  writer.uint(total)
  writer.ensure(total)
  const bytes = writer.bytes
  let at = writer.pos
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!
    for (let j = 0; j < text.length; j++) {
      const code = text.charCodeAt(j)
      if (code >= 0x80) {
        writer.pos = start
        return false
      }
      bytes[at++] = code
    }
  }
  writer.pos = at
  return true
}

function writeJoined(writer: Writer, text: string): void {
  const bytes = Buffer.byteLength(text, 'utf8')
  const [code, encoding, length] =
    bytes === text.length
      ? ([LATIN1, 'latin1', bytes] as const)
      : isWellFormed(text)
        ? ([UTF8, 'utf8', bytes] as const)
        : ([UTF16, 'utf16le', text.length * 2] as const)
  writer.u8(code)
  writer.uint(length)
  writer.ensure(length)
  writer.bytes.write(text, writer.pos, length, encoding)
  writer.pos += length
}

/** A column with gaps: a byte a value that says which, then the values that are there. */
function writeMasked(writer: Writer, values: readonly unknown[], type: string): boolean {
  const present: unknown[] = []
  for (const v of values) {
    if (v !== null && v !== undefined && typeof v !== type) return false
    if (v !== null && v !== undefined) present.push(v)
  }
  if (present.length === values.length) return false
  const start = writer.pos
  writer.u8(Column.MASKED)
  const at = reserve(writer, values.length)
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    writer.bytes[at + i] = v === null ? NULL : v === undefined ? UNDEFINED : PRESENT
  }
  if (present.length === 0 || writeColumn(writer, present)) return true
  writer.pos = start
  return false
}

/** A column read back: something to index, of the length it was asked for. */
export type ReadColumn = ArrayLike<Scalar>

/** Reads a column of `n` values; undefined for one that holds values of any kind (`Column.ANY`). */
export function readColumn(reader: Reader, n: number, nested = false): ReadColumn | undefined {
  const kind = reader.u8()
  reader.checkCount(n)
  switch (kind) {
    case Column.ANY:
      return undefined
    case Column.INT8:
      return new Int8Array(copy(reader, n))
    case Column.INT16:
      return new Int16Array(copy(reader, n * 2))
    case Column.INT32:
      return new Int32Array(copy(reader, n * 4))
    case Column.FLOAT64:
      return new Float64Array(copy(reader, n * 8))
    case Column.BOOLEAN:
      return Array.from(new Uint8Array(copy(reader, n)), (byte) => byte === 1)
    case Column.STRING:
      return readStrings(reader, n)
    case Column.DICTIONARY:
      return readDictionary(reader, n)
    case Column.MASKED:
      if (!nested) return readMasked(reader, n)
  }
  throw new DecodeError(`There is no column of kind ${kind}`)
}

function copy(reader: Reader, bytes: number): ArrayBuffer {
  reader.align()
  const start = reader.skip(bytes)
  const out = new Uint8Array(bytes)
  out.set(reader.bytes.subarray(start, start + bytes))
  return out.buffer
}

function readStrings(reader: Reader, n: number): string[] {
  const width = reader.u8()
  if (width !== 1 && width !== 4) throw new DecodeError(`String lengths of ${width} bytes`)
  const lengths =
    width === 1 ? new Uint8Array(copy(reader, n)) : new Uint32Array(copy(reader, n * 4))
  const code = reader.u8()
  const bytes = reader.count()
  const start = reader.skip(bytes)
  if (code > UTF16) throw new DecodeError(`There is no text encoding ${code}`)
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
  const texts: string[] = []
  for (let i = 0; i < size; i++) texts.push(reader.text())
  const codes = readColumn(reader, n, true)
  if (codes === undefined) throw new DecodeError('A column of repeated strings has no numbers')
  const out = new Array<string>(n)
  for (let i = 0; i < n; i++) {
    const text = texts[codes[i] as number]
    if (text === undefined) throw new DecodeError('A repeated string is missing from its list')
    out[i] = text
  }
  return out
}

function readMasked(reader: Reader, n: number): Scalar[] {
  const mask = new Uint8Array(copy(reader, n))
  let count = 0
  for (const state of mask) if (state === PRESENT) count++
  const present = count === 0 ? [] : readColumn(reader, count, true)
  if (present === undefined) throw new DecodeError('A column with gaps holds values of any kind')
  const out = new Array<Scalar>(n)
  let at = 0
  for (let i = 0; i < n; i++)
    out[i] = mask[i] === PRESENT ? present[at++] : mask[i] === NULL ? null : undefined
  return out
}
