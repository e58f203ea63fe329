/**
 * Object container files of Avro (https://avro.apache.org/docs/1.12.0/specification/): a header with the schema, and blocks of values, each of
 * which ends with the 16 bytes that the header ends with. So a file can be cut anywhere: a range has the blocks that follow such bytes in it.
 */
import type { ByteReader } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { hasRanges, openFile, readRange } from '../../files/open-files.js'

/** What the header of a file says. */
export interface AvroHeader {
  /** The schema, as JSON. */
  readonly schema: string
  readonly codec: string
  /** The bytes at the end of each block. */
  readonly sync: Uint8Array
  /** The length of the header in bytes. */
  readonly length: number
}

const MAGIC = Buffer.from('Obj\x01', 'latin1')
export const SYNC_SIZE = 16
const FIRST_SIZE = 65_536

/** Reads the header of a file. Throws RangeError if it is no file of Avro. */
export function readAvroHeader(file: FileReference): AvroHeader {
  for (let size = FIRST_SIZE; ; size *= 4) {
    const bytes = hasRanges(file) ? Buffer.from(readRange(file, 0, size)) : firstBytes(file, size)
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
      throw new RangeError(`readAvro: '${file.path}' is no file of Avro`)
    const header = parseHeader(bytes)
    if (header !== undefined) return header
    if (bytes.length < size)
      throw new RangeError(`readAvro: '${file.path}' was not written completely`)
  }
}

function firstBytes(file: FileReference, size: number): Buffer {
  const reader = openFile(file, 0, size)
  try {
    const bytes = Buffer.alloc(size)
    let filled = 0
    for (let count = -1; count !== 0 && filled < size; filled += count)
      count = reader.read(bytes, filled, size - filled)
    return bytes.subarray(0, filled)
  } finally {
    reader.close()
  }
}

/** Returns what a header says; undefined if the bytes end within it. */
function parseHeader(bytes: Buffer): AvroHeader | undefined {
  const cursor = new Cursor(bytes, MAGIC.length)
  const found = new Map<string, Buffer>()
  for (;;) {
    let count = cursor.long()
    if (count === undefined) return undefined
    if (count === 0) break
    if (count < 0) {
      count = -count
      if (cursor.long() === undefined) return undefined
    }
    for (; count > 0; count--) {
      const name = cursor.bytes()
      const value = cursor.bytes()
      if (name === undefined || value === undefined) return undefined
      found.set(name.toString(), value)
    }
  }
  const sync = cursor.take(SYNC_SIZE)
  if (sync === undefined) return undefined
  const schema = found.get('avro.schema')?.toString() ?? 'null'
  const codec = found.get('avro.codec')?.toString() ?? 'null'
  return { schema, codec, sync: Uint8Array.from(sync), length: cursor.at }
}

/** Reads numbers and bytes of a buffer; undefined where that ends. */
class Cursor {
  at: number
  private readonly source: Buffer

  constructor(source: Buffer, at: number) {
    this.source = source
    this.at = at
  }

  long(): number | undefined {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.source[this.at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * scale
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }

  bytes(): Buffer | undefined {
    const length = this.long()
    return length === undefined ? undefined : this.take(length)
  }

  take(length: number): Buffer | undefined {
    const end = this.at + length
    if (end > this.source.length) return undefined
    const taken = this.source.subarray(this.at, end)
    this.at = end
    return taken
  }
}

/** A block of values. */
interface AvroBlock {
  readonly count: number
  readonly data: Buffer
}

/** Yields the blocks of a file that follow a sync marker which begins from `start` up to `end`. */
export function* avroBlocks(
  file: FileReference,
  { sync, length }: AvroHeader,
  start: number,
  end: number,
): Iterable<AvroBlock> {
  const from = Math.max(start, length - SYNC_SIZE)
  const window = new Window(openFile(file, hasRanges(file) ? from : 0, end))
  try {
    if (!hasRanges(file)) window.drop(from)
    let at = from + window.skipBehind(sync)
    while (at - SYNC_SIZE < end && window.fill(1)) {
      const found = window.block(sync)
      yield found
      at += found.size
    }
  } finally {
    window.close()
  }
}

const READ_SIZE = 1 << 20

/** The bytes of a file from a moving position on. */
class Window {
  private readonly reader: ByteReader
  private buffer: Buffer = Buffer.alloc(0)

  constructor(reader: ByteReader) {
    this.reader = reader
  }

  /** Reads until there are so many bytes. Returns false if the file ends before. */
  fill(length: number): boolean {
    const parts = [this.buffer]
    let filled = this.buffer.length
    while (filled < length) {
      const part = Buffer.allocUnsafe(READ_SIZE)
      const count = this.reader.read(part, 0, READ_SIZE)
      if (count === 0) break
      parts.push(part.subarray(0, count))
      filled += count
    }
    if (parts.length > 1) this.buffer = Buffer.concat(parts)
    return filled >= length
  }

  drop(length: number): void {
    if (!this.fill(length)) throw new Error(UNFINISHED)
    this.buffer = this.buffer.subarray(length)
  }

  /** Goes behind the next sync marker. Returns by how many bytes; Infinity if there is none. */
  skipBehind(sync: Uint8Array): number {
    for (let skipped = 0; ; ) {
      const found = this.buffer.indexOf(sync)
      if (found >= 0) {
        this.drop(found + SYNC_SIZE)
        return skipped + found + SYNC_SIZE
      }
      // A marker may begin in the last bytes.
      const kept = Math.min(this.buffer.length, SYNC_SIZE - 1)
      skipped += this.buffer.length - kept
      this.buffer = this.buffer.subarray(this.buffer.length - kept)
      if (!this.fill(kept + 1)) return Number.POSITIVE_INFINITY
    }
  }

  /** Takes a block. */
  block(sync: Uint8Array): AvroBlock & { readonly size: number } {
    this.fill(MOST_OF_HEAD)
    const cursor = new Cursor(this.buffer, 0)
    const [count, length] = [cursor.long(), cursor.long()]
    if (count === undefined || length === undefined) throw new Error(UNFINISHED)
    const size = cursor.at + length + SYNC_SIZE
    if (!this.fill(size)) throw new Error(UNFINISHED)
    const data = this.buffer.subarray(cursor.at, cursor.at + length)
    if (!this.buffer.subarray(cursor.at + length, size).equals(sync))
      throw new Error('a block does not end where it should')
    this.drop(size)
    return { count, data, size }
  }

  close(): void {
    this.reader.close()
  }
}

const UNFINISHED = 'the file ends in the middle of a block'
/** The most bytes of the two numbers with which a block begins. */
const MOST_OF_HEAD = 20

/** Encodes an integer as Avro does. */
export function avroLong(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** Returns the header of a file. */
export function avroHeader(schema: string, codec: string, sync: Uint8Array): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value)
    return Buffer.concat([avroLong(bytes.length), bytes])
  }
  const pairs = ['avro.schema', schema, 'avro.codec', codec].map(text)
  return Buffer.concat([MAGIC, avroLong(2), ...pairs, avroLong(0), sync])
}
