/**
 * Columns: many values of one kind laid out one after another, as typed numbers or one long text.
 *
 * Arrays of numbers, arrays of strings and arrays of uniform records are written this way. A column
 * takes at least one byte a value, so a reader can check a count against the bytes that are there.
 */
import { DecodeError } from '../errors.js'
import type { Reader } from './reader.js'
import { Column, Mask } from './tags.js'
import { isWellFormed, type Writer } from './writer.js'

const LATIN1 = 0
const UTF8 = 1
const UTF16 = 2

/** Texts of a column are joined to about this many characters before they are written. */
const JOINED = 0x8000
const MAX_TEXT = 2 ** 28
const DICTIONARY_SAMPLE = 256
const DICTIONARY_MOST = 0x10000
const RECENT = 256

const scalarTypes: ReadonlySet<string> = new Set(['number', 'string', 'boolean'])

type Scalar = number | string | boolean | null | undefined

/** Writes the values as a column if they are all scalars; false if not. */
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

/** Scalars of several kinds: a byte a value that says which, then the numbers, then the strings. */
function writeMixed(writer: Writer, values: readonly unknown[]): boolean {
  const n = values.length
  const start = writer.pos
  writer.u8(Column.MIXED)
  const at = reserve(writer, n)
  const { bytes } = writer
  const numbers: number[] = []
  const strings: string[] = []
  for (let i = 0; i < n; i++) {
    const v = values[i]
    if (typeof v === 'number') {
      numbers.push(v)
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
  if (writeNumbers(writer, numbers) && writeStrings(writer, strings)) return true
  writer.pos = start
  return false
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

function writeFloats(writer: Writer, values: Float64Array): void {
  const n = values.length
  let low = 0
  let high = 0
  for (let i = 0; i < n; i++) {
    const v = values[i]!
    const int = v | 0
    if (int !== v || (int === 0 && Object.is(v, -0))) {
      writer.u8(Column.FLOAT64)
      const at = reserve(writer, n * 8)
      new Float64Array(writer.bytes.buffer as ArrayBuffer, at, n).set(values)
      return
    }
    if (int < low) low = int
    else if (int > high) high = int
  }
  writeIntegers(writer, values, low, high)
}

/** Writes integers of 32 bits, from `low` to `high` at most. */
export function writeIntegers(
  writer: Writer,
  values: ArrayLike<number>,
  low: number,
  high: number,
): void {
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
  let bits = 0
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    if (typeof v !== 'string') return false
    // A look at a character also makes V8 join, once and for all, what was put together from pieces.
    if (v.length > 0) bits |= v.charCodeAt(0)
    total += v.length
    if (v.length > longest) longest = v.length
  }
  const texts = values as readonly string[]
  if (writeDictionary(writer, texts)) return true
  if (total > MAX_TEXT) return false
  writer.u8(Column.STRING)
  writeLengths(writer, texts, longest)
  writeText(writer, texts, bits < 0x80 ? total : total * 3)
  return true
}

/** Strings that repeat: each different one once, and a number for each value. */
function writeDictionary(writer: Writer, texts: readonly string[]): boolean {
  const n = texts.length
  if (n < DICTIONARY_SAMPLE) return false
  const codes = new Map<string, number>()
  const column = new Int32Array(n)
  // What came up lately, by a few of its characters: the Map is asked for the others alone.
  const recent = new Array<string>(RECENT).fill('')
  const recentCodes = new Int32Array(RECENT)
  for (let i = 0; i < n; i++) {
    const text = texts[i]!
    const slot =
      (text.charCodeAt(text.length - 1) * 7 + text.charCodeAt(0) + text.length) & (RECENT - 1)
    if (recent[slot] === text && text !== '') {
      column[i] = recentCodes[slot]!
      continue
    }
    let code = codes.get(text)
    if (code === undefined) {
      code = codes.size
      codes.set(text, code)
      // Few repeats so far mean few repeats to come.
      if (code * 4 > i + DICTIONARY_SAMPLE / 2 || code >= DICTIONARY_MOST) return false
    }
    recent[slot] = text
    recentCodes[slot] = code
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

/** Writes texts one after another: the encoding, the number of bytes, the bytes. */
function writeText(writer: Writer, texts: readonly string[], room: number): void {
  const header = writer.pos
  writer.ensure(5 + room + Math.min(room * 2, 3 * JOINED))
  writer.pos += 5
  let encoding = LATIN1
  for (let i = 0; i < texts.length; ) {
    // Not all at once: what is joined is still in the processor's cache when it is copied.
    let part = ''
    while (i < texts.length && part.length < JOINED) part += texts[i++]!
    const most = part.length * 3
    writer.ensure(most)
    const length = writer.bytes.write(part, writer.pos, most, 'utf8')
    if (length !== part.length) {
      encoding = UTF8
      if (!isWellFormed(part)) {
        writer.pos = header + 5
        writeUtf16(writer, texts.join(''))
        encoding = UTF16
        break
      }
    }
    writer.pos += length
  }
  writer.bytes[header] = encoding
  writer.view.setUint32(header + 1, writer.pos - header - 5)
}

function writeUtf16(writer: Writer, text: string): void {
  writer.ensure(text.length * 2)
  writer.pos += writer.bytes.write(text, writer.pos, text.length * 2, 'utf16le')
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
    writer.bytes[at + i] = v === null ? Mask.NULL : v === undefined ? Mask.UNDEFINED : Mask.PRESENT
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
      break
    case Column.MIXED:
      if (!nested) return readMixed(reader, n)
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
  const bytes = reader.u32()
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
  const kinds = new Uint8Array(copy(reader, n))
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
