/**
 * Finds the items of an array of JSON in a file that is read in blocks, or the values of a file that has several
 * one after another. Brackets and strings are followed by their bytes; the items are parsed elsewhere.
 */
import { decodeRange, markLength, openRange } from '../io/range-reader.js'
import type { TextFormat, TextRange } from '../io/text-format.js'
import { BadRecord } from './dirty-records.js'

/** The text of an item, or what is wrong between items, and the line at which it starts, from 0. */
export type JsonElement = { readonly line: number } & (
  | { readonly text: string }
  | { readonly bad: BadRecord }
)

const BLOCK_SIZE = 65_536
const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [34, 92, 44, 10]
const OPENING = new Uint8Array(256)
for (const character of '[{') OPENING[character.charCodeAt(0)] = 1
const CLOSING = new Uint8Array(256)
for (const character of ']}') CLOSING[character.charCodeAt(0)] = 1
const SPACE = new Uint8Array(256)
for (const character of ' \t\r\n') SPACE[character.charCodeAt(0)] = 1

/** Where the scan is: before an item, in one, behind one, or behind the end of the array. */
type Position = 'before' | 'inside' | 'behind' | 'ended'

/** Yields the items of a file in batches. */
export function* jsonElements(range: TextRange, format: TextFormat): Iterable<JsonElement[]> {
  const { reader, encoding } = openRange(range, format, 0)
  if (encoding === 'utf16le' || encoding === 'utf16be') {
    reader.close()
    throw new TypeError(
      `cannot read '${range.path}': arrays of JSON are read in UTF-8, Latin 1 or ASCII, and it is in ${encoding}`,
    )
  }
  let buffer: Buffer = Buffer.allocUnsafe(BLOCK_SIZE)
  /** The bytes of the buffer that are filled, and the position of the buffer in the file. */
  let filled = 0
  let offset = 0
  /** The index up to which the buffer was scanned, and that at which the item starts. */
  let at = 0
  let start = 0
  let position = 'before' as Position
  let isArray: boolean | undefined
  let hasItems = false
  let depth = 0
  let inString = false
  let line = 0
  let startLine = 0
  let elements: JsonElement[] = []

  const textTo = (end: number): string =>
    decodeRange(buffer.subarray(start, end), 0, offset + start, range, encoding, format)
  const addItem = (end: number): void => {
    elements.push({ text: textTo(end), line: startLine })
    hasItems = true
    position = 'behind'
  }
  const addBad = (reason: string, end: number): void => {
    elements.push({ bad: new BadRecord(reason, textTo(end)), line: startLine })
  }

  /** Scans what the buffer has. */
  const scan = (): void => {
    for (; at < filled; at++) {
      const byte = buffer[at]!
      if (position === 'inside') {
        if (inString) {
          if (byte === BACKSLASH) at++
          else if (byte === QUOTE) inString = false
          else if (byte === NEWLINE) line++
          if (!inString && depth === 0) addItem(at + 1)
          continue
        }
        if (byte === QUOTE) inString = true
        else if (OPENING[byte] === 1) depth++
        else if (CLOSING[byte] === 1 && depth > 0) {
          depth--
          if (depth === 0) addItem(at + 1)
        } else if (depth === 0 && (SPACE[byte] === 1 || byte === COMMA || CLOSING[byte] === 1)) {
          addItem(at)
          at--
        } else if (byte === NEWLINE) line++
        continue
      }
      if (byte === NEWLINE) line++
      if (SPACE[byte] === 1) continue
      start = at
      startLine = line
      if (isArray === undefined) {
        isArray = byte === 91
        if (isArray) continue
      }
      if (position === 'ended') {
        addBad('there is something after the end of the array', filled)
        at = filled
        return
      }
      if (isArray && byte === 93) {
        if (position === 'before' && hasItems)
          addBad('a comma is before the end of the array', at + 1)
        position = 'ended'
        continue
      }
      if (isArray && byte === COMMA) {
        if (position === 'before') addBad('an item is missing before a comma', at + 1)
        position = 'before'
        continue
      }
      if (isArray && position === 'behind') addBad('a comma is missing before an item', at + 1)
      position = 'inside'
      inString = byte === QUOTE
      depth = OPENING[byte] === 1 ? 1 : 0
    }
  }

  try {
    for (;;) {
      if (filled === buffer.length) {
        const larger = Buffer.allocUnsafe(buffer.length * 2)
        buffer.copy(larger)
        buffer = larger
      }
      const count = reader.read(buffer, filled, buffer.length - filled)
      if (count === 0) break
      if (offset === 0 && filled < 3) {
        filled += count
        at = Math.max(at, markLength(buffer.subarray(0, filled), encoding))
      } else filled += count
      scan()
      if (elements.length > 0) {
        yield elements
        elements = []
      }
      // A backslash at the end of the buffer has moved the scan behind it.
      const kept = position === 'inside' ? start : Math.min(at, filled)
      buffer.copy(buffer, 0, kept, filled)
      filled -= kept
      offset += kept
      at -= kept
      start = 0
    }
    if (position === 'inside') {
      if (depth === 0 && !inString) addItem(filled)
      else addBad('the file ends within an item', filled)
    }
    if (isArray && (position as Position) !== 'ended') {
      if (position !== 'inside') start = filled
      addBad('the file ends before the array does', filled)
    }
    if (elements.length > 0) yield elements
  } finally {
    reader.close()
  }
}
