/**
 * Columns of strings: a dictionary of the distinct strings where they repeat, otherwise the lengths
 * of all and one long string. The choice depends on the values alone, so equal columns give equal
 * bytes. Short ASCII strings have a faster path with the same result.
 */

import { ColumnKind } from '../bytes/tags.js'
import { isWellFormed, type Writer } from '../bytes/writer.js'
import { reserveAligned, writeIntegers } from './number-columns.js'

/** The encodings of a column's string. */
export const LATIN1 = 0
export const UTF8 = 1
export const UTF16 = 2

/** Strings of a column are joined to about this many characters before they are written. */
const JOINED_LENGTH = 0x8000
const MAX_LENGTH = 2 ** 28
const DICTIONARY_SAMPLE = 256
const MAX_DICTIONARY = 0x10000
const RECENT = 256
const SHORT_SAMPLE = 64
/**
 * Strings of at most this average length count as short; a single one of `LONG_LENGTH` counts as
 * long.
 */
const SHORT_LENGTH = 10
const LONG_LENGTH = 64

/** Writes the values if all of them are strings; otherwise returns false with nothing written. */
export function writeStrings(writer: Writer, values: readonly unknown[]): boolean {
  if (writeDictionary(writer, values)) return true
  if (seemShort(values) && writeShortStrings(writer, values)) return true
  let total = 0
  let longest = 0
  let bits = 0
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    if (typeof v !== 'string') return false
    // Reading a character also makes V8 flatten a string that was concatenated from pieces.
    if (v.length > 0) bits |= v.charCodeAt(0)
    total += v.length
    if (v.length > longest) longest = v.length
  }
  const strings = values as readonly string[]
  if (total > MAX_LENGTH) return false
  writer.u8(ColumnKind.STRING)
  writeLengths(writer, strings, longest)
  writeJoined(writer, strings, bits < 0x80 ? total : total * 3)
  return true
}

/** Whether the first strings are so short that copying characters beats native calls. */
function seemShort(values: readonly unknown[]): boolean {
  let total = 0
  const n = Math.min(values.length, SHORT_SAMPLE)
  if (n < SHORT_SAMPLE) return false
  for (let i = 0; i < n; i++) {
    const v = values[i]
    if (typeof v !== 'string') return false
    total += v.length
  }
  return total <= n * SHORT_LENGTH
}

/**
 * Writes lengths and characters of ASCII strings in one pass; returns false, with nothing written,
 * for others.
 */
function writeShortStrings(writer: Writer, values: readonly unknown[]): boolean {
  const n = values.length
  const start = writer.pos
  writer.u8(ColumnKind.STRING)
  writer.u8(1)
  const lengths = reserveAligned(writer, n)
  const header = writer.pos
  writer.ensure(5 + n * SHORT_LENGTH)
  let { bytes } = writer
  let at = header + 5
  for (let i = 0; i < n; i++) {
    const string = values[i]
    const length = typeof string === 'string' ? string.length : LONG_LENGTH
    if (length >= LONG_LENGTH) {
      writer.pos = start
      return false
    }
    if (at + length > bytes.length) {
      writer.pos = at
      writer.ensure(length)
      bytes = writer.bytes
    }
    bytes[lengths + i] = length
    let bits = 0
    for (let j = 0; j < length; j++) {
      const code = (string as string).charCodeAt(j)
      bits |= code
      bytes[at++] = code
    }
    if (bits >= 0x80) {
      writer.pos = start
      return false
    }
  }
  const written = at - header - 5
  writer.pos = written > MAX_LENGTH ? start : at
  if (written > MAX_LENGTH) return false
  bytes[header] = LATIN1
  writer.view.setUint32(header + 1, written)
  return true
}

/** Writes strings that repeat: each distinct one once, and a code for each value. */
function writeDictionary(writer: Writer, strings: readonly unknown[]): boolean {
  const n = strings.length
  if (n < DICTIONARY_SAMPLE || strings.includes(null) || strings.includes(undefined)) return false
  const codes = new Map<string, number>()
  // Most columns without repeats are recognized before a full-length list is needed.
  let column = new Int32Array(DICTIONARY_SAMPLE)
  // A cache of recent strings, indexed by a few of their characters, saves most lookups in the Map.
  const recent = new Array<string>(RECENT).fill('')
  const recentCodes = new Int32Array(RECENT)
  for (let i = 0; i < n; i++) {
    const string = strings[i]
    if (typeof string !== 'string') return false
    if (i === DICTIONARY_SAMPLE) column = grown(column, n)
    const slot = cacheSlot(string)
    if (recent[slot] === string && string !== '') {
      column[i] = recentCodes[slot]!
      continue
    }
    let code = codes.get(string)
    if (code === undefined) {
      code = codes.size
      codes.set(string, code)
      // Few repeats so far mean few repeats to come.
      if (code * 4 > i + DICTIONARY_SAMPLE / 2 || code >= MAX_DICTIONARY) return false
    }
    recent[slot] = string
    recentCodes[slot] = code
    column[i] = code
  }
  writer.u8(ColumnKind.DICTIONARY)
  writer.uint(codes.size)
  for (const string of codes.keys()) writer.string(string)
  writeIntegers(writer, column, 0, codes.size)
  return true
}

function grown(column: Int32Array, n: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(n)
  longer.set(column)
  return longer
}

/** Returns a cache slot for a string, from a few of its characters. */
function cacheSlot(string: string): number {
  const { length } = string
  if (length < 2) return length === 0 ? 0 : string.charCodeAt(0) & (RECENT - 1)
  const ends = string.charCodeAt(length - 1) * 7 + string.charCodeAt(length - 2) * 31
  return (ends + string.charCodeAt(0) + length) & (RECENT - 1)
}

function writeLengths(writer: Writer, strings: readonly string[], longest: number): void {
  const n = strings.length
  if (longest < 0x100) {
    writer.u8(1)
    const at = reserveAligned(writer, n)
    for (let i = 0; i < n; i++) writer.bytes[at + i] = strings[i]!.length
  } else {
    writer.u8(4)
    const at = reserveAligned(writer, n * 4)
    const out = new Uint32Array(writer.bytes.buffer as ArrayBuffer, at, n)
    for (let i = 0; i < n; i++) out[i] = strings[i]!.length
  }
}

/** Writes strings one after another: the encoding, the number of bytes, the bytes. */
function writeJoined(writer: Writer, strings: readonly string[], room: number): void {
  const header = writer.pos
  writer.ensure(5 + room + Math.min(room * 2, 3 * JOINED_LENGTH))
  writer.pos += 5
  let encoding = LATIN1
  for (let i = 0; i < strings.length; ) {
    // Strings are joined in parts that are still in the processor's cache when they are copied.
    let part = ''
    while (i < strings.length && part.length < JOINED_LENGTH) part += strings[i++]!
    const maxBytes = part.length * 3
    writer.ensure(maxBytes)
    const length = writer.bytes.write(part, writer.pos, maxBytes, 'utf8')
    if (length !== part.length) {
      encoding = UTF8
      if (!isWellFormed(part)) {
        writer.pos = header + 5
        writeUtf16(writer, strings.join(''))
        encoding = UTF16
        break
      }
    }
    writer.pos += length
  }
  writer.bytes[header] = encoding
  writer.view.setUint32(header + 1, writer.pos - header - 5)
}

function writeUtf16(writer: Writer, string: string): void {
  writer.ensure(string.length * 2)
  writer.pos += writer.bytes.write(string, writer.pos, string.length * 2, 'utf16le')
}
