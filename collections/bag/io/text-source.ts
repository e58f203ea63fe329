/**
 * `TextSource`: the lines of text files, read in blocks, so no file is in memory as a whole.
 *
 * A range of a file has the lines that start in it. So adjacent ranges share no line and miss none,
 * wherever their borders are. Reading is synchronous, in the thread that runs the task, because the
 * loops over items are.
 */

import type { ByteReader } from '../../files/byte-reader.js'
import { eachAhead } from '../../files/open-files.js'
import type { ItemSource } from '../engine/item-source.js'
import { decodeRange, markLength, openRange } from './range-reader.js'
import { encodeString, type TextEncoding, unitOf } from './text-encodings.js'
import type { TextFormat, TextRange } from './text-format.js'

/** Large enough to read fast; larger strings are slower to make. */
const BLOCK_SIZE = 65_536

/** The lines of ranges of text files, one batch for each block. */
export class TextSource implements ItemSource {
  readonly replayable = true
  private readonly ranges: readonly TextRange[]
  private readonly format: TextFormat

  constructor(ranges: readonly TextRange[], format: TextFormat) {
    this.ranges = ranges
    this.format = format
  }

  *batches(): Iterable<readonly unknown[]> {
    const { includePath } = this.format
    const { format } = this
    yield* eachAhead(this.ranges, function* (range) {
      for (const lines of readLines(range, format)) {
        yield includePath ? lines.map((line) => [line, range.path]) : lines
      }
    })
  }

  /** Says in which line of which file an item is. The lines before it are read again. */
  locate(index: number): string | undefined {
    let before = 0
    try {
      for (const range of this.ranges) {
        const count = countLines(range, this.format, index - before + 1)
        if (before + count > index) {
          const { path, start } = range
          const first = linesBefore(range, this.format)
          return first === undefined
            ? `line ${index - before + 1} after byte ${start} of '${path}'`
            : `line ${first + index - before + 1} of '${path}'`
        }
        before += count
      }
    } catch {
      // The file changed or cannot be read any more.
    }
    return undefined
  }
}

/** Lines are counted up to this byte of a file. */
const MOST_COUNTED = 1 << 28

/** Counts the lines before a range of a file; undefined if they are too many. */
export function linesBefore(range: TextRange, format: TextFormat): number | undefined {
  if (range.start > MOST_COUNTED) return undefined
  return range.start === 0 ? 0 : countLines({ ...range, start: 0, end: range.start }, format)
}

/** Counts the lines of a range, or stops when there are `enough`. */
function countLines(range: TextRange, format: TextFormat, enough = Infinity): number {
  let count = 0
  for (const lines of readLines(range, { ...format, errors: 'replace' })) {
    count += lines.length
    if (count >= enough) break
  }
  return count
}

/** Whole lines of a range of a file: their bytes without a byte order mark, and the function that decodes bytes of them. */
export interface LineBlock {
  readonly bytes: Buffer
  readonly encoding: TextEncoding
  /** Decodes the bytes from an index on. */
  decode(start: number, end: number): string
}

/** Yields the lines of a range of a file, in batches. */
export function* readLines(range: TextRange, format: TextFormat): Iterable<string[]> {
  const delimiter = format.delimiter ?? '\n'
  for (const { bytes, decode } of readBlocks(range, format)) {
    const text = decode(0, bytes.length)
    if (format.keepLineEnds) yield splitKeeping(text, delimiter)
    else yield splitLines(text, delimiter, format.delimiter === undefined)
  }
}

/** Yields the lines of a range of a file in blocks, each of which is valid until the next one is read. */
export function* readBlocks(range: TextRange, format: TextFormat): Iterable<LineBlock> {
  const delimiter = format.delimiter ?? '\n'
  const width = encodeString(delimiter, range.encoding ?? format.encoding).length
  const { reader, encoding } = openRange(range, format, Math.max(0, range.start - width))
  const ending = encodeString(delimiter, encoding)
  try {
    for (const { view, offset } of wholeLines(reader, range, ending, unitOf(encoding))) {
      const first = range.start === 0 && offset === 0 ? markLength(view, encoding) : 0
      if (first > 0 && view.length === first) continue
      const decode = (start: number, end: number): string =>
        decodeRange(view.subarray(0, first + end), first + start, offset, range, encoding, format)
      yield { bytes: view.subarray(first), encoding, decode }
    }
  } finally {
    reader.close()
  }
}

/**
 * Yields blocks of bytes that begin and end with lines. A block is valid until the next one is read.
 * `unit` is the width of a character; line endings are aligned to it.
 */
export function* wholeLines(
  reader: ByteReader,
  range: TextRange,
  ending: Buffer,
  unit: number,
): Iterable<{ view: Buffer; offset: number }> {
  const end = range.end ?? Number.POSITIVE_INFINITY
  if (range.start >= end) return
  const width = ending.length
  /** The most bytes at the end of the buffer that can be the start of an ending. */
  const tail = aligned(width - 1, unit)
  let buffer: Buffer = Buffer.allocUnsafe(BLOCK_SIZE)
  let filled = 0
  /** The position of the buffer in the file. A line starts there unless `skipping`. */
  let offset = Math.max(0, range.start - width)
  let skipping = range.start > 0
  /** No ending starts before this index of the buffer. */
  let searched = 0

  /** Removes the first bytes of the buffer. */
  const drop = (count: number): void => {
    buffer.copy(buffer, 0, count, filled)
    filled -= count
    offset += count
    searched = 0
  }

  for (;;) {
    if (filled === buffer.length) buffer = enlarged(buffer)
    const count = reader.read(buffer, filled, buffer.length - filled)
    if (count === 0) {
      if (filled > 0 && !skipping && offset < end)
        yield { view: buffer.subarray(0, filled), offset }
      return
    }
    filled += count
    const bytes = buffer.subarray(0, filled)
    if (skipping) {
      // The range before has the line that this range starts in.
      const at = firstIndex(bytes, ending, 0, unit)
      if (at < 0) {
        drop(Math.max(0, filled - tail))
        continue
      }
      drop(at + width)
      skipping = false
      if (offset >= end) return
    }
    const rest = buffer.subarray(0, filled)
    if (offset + filled >= end) {
      // The range has the whole of its last line, which may end after it.
      const at = firstIndex(rest, ending, Math.max(0, end - offset - width, searched), unit)
      if (at >= 0) {
        yield { view: buffer.subarray(0, at + width), offset }
        return
      }
    }
    const last = lastIndex(rest, ending, unit, searched)
    if (last < 0) searched = Math.max(0, filled - tail)
    else {
      yield { view: buffer.subarray(0, last + width), offset }
      drop(last + width)
    }
  }
}

function enlarged(buffer: Buffer): Buffer {
  const larger = Buffer.allocUnsafe(buffer.length * 2)
  buffer.copy(larger)
  return larger
}

/** Rounds a number of bytes up to whole characters. */
function aligned(count: number, unit: number): number {
  return Math.ceil(count / unit) * unit
}

function firstIndex(bytes: Buffer, ending: Buffer, from: number, unit: number): number {
  let at = bytes.indexOf(ending, from)
  while (unit > 1 && at >= 0 && at % unit !== 0) at = bytes.indexOf(ending, at + 1)
  return at
}

function lastIndex(bytes: Buffer, ending: Buffer, unit: number, from: number): number {
  let at = bytes.lastIndexOf(ending)
  while (unit > 1 && at > 0 && at % unit !== 0) at = bytes.lastIndexOf(ending, at - 1)
  return at >= from && at % unit === 0 ? at : -1
}

/** Splits `'a\nb\n'` into `['a', 'b']`. What follows the last delimiter is a line unless it is empty. */
function splitLines(text: string, delimiter: string, dropReturns: boolean): string[] {
  const lines = text.split(delimiter)
  const open = lines.pop()!
  if (dropReturns && text.includes('\r')) {
    for (let i = 0; i < lines.length; i++) {
      if (lines[i]!.endsWith('\r')) lines[i] = lines[i]!.slice(0, -1)
    }
  }
  if (open !== '') lines.push(open)
  return lines
}

/** Splits `'a\nb'` into `['a\n', 'b']`. */
function splitKeeping(text: string, delimiter: string): string[] {
  const lines: string[] = []
  let start = 0
  for (;;) {
    const at = text.indexOf(delimiter, start)
    if (at < 0) break
    lines.push(text.slice(start, at + delimiter.length))
    start = at + delimiter.length
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}
