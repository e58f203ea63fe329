/**
 * A MessagePack reader for headers (`framing.ts`): the types that small messages consist of, and columns.
 *
 * For a message about one task it takes a third of the time and the memory of a general reader: short
 * columns and byte arrays are allocated in the heap, without a buffer of their own, and field names are
 * interned. For types that our own writer does not use it returns `unsupported`, and the caller uses
 * a general reader; it throws for broken bytes.
 */

import { noNumbers } from '../../core/base/short-columns.js'

/** Returned for a header with a type that this reader does not support. */
export const unsupported: unique symbol = Symbol('unsupported')

/** Arrays of up to this many bytes are copied byte by byte into the heap. */
const mostInHeap = 64

const columnTag = 0x74

const columnTypes = [
  undefined,
  Uint8Array,
  undefined,
  undefined,
  undefined,
  Int32Array,
  undefined,
  Float32Array,
  Float64Array,
] as const

class UnsupportedType extends Error {}

let source: Uint8Array = new Uint8Array(0)
/** The same bytes, for reading strings. */
let buffer: Buffer = Buffer.alloc(0)
let at = 0

const eight = new Uint8Array(8)
const asDouble = new Float64Array(eight.buffer)
const asFloat = new Float32Array(eight.buffer)

/** Reads a header. Returns `unsupported` or throws, as described above. */
export function readHeader(frame: Uint8Array): unknown {
  source = frame
  buffer = Buffer.isBuffer(frame)
    ? frame
    : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  at = 0
  try {
    const value = readValue()
    if (at !== frame.byteLength) throw new RangeError('there is more than one value')
    return value
  } catch (error) {
    if (error instanceof UnsupportedType) return unsupported
    throw error
  }
}

function readValue(): unknown {
  const byte = source[at++]
  if (byte === undefined) throw new RangeError('it is truncated')
  if (byte < 0x80) return byte
  if (byte < 0x90) return readMap(byte & 0xf)
  if (byte < 0xa0) return readList(byte & 0xf)
  if (byte < 0xc0) return readString(byte & 0x1f)
  if (byte >= 0xe0) return byte - 0x100
  switch (byte) {
    case 0xc0:
      return null
    case 0xc2:
      return false
    case 0xc3:
      return true
    case 0xc4:
      return readBytes(readCount(1))
    case 0xc5:
      return readBytes(readCount(2))
    case 0xc7:
      return readColumn(readCount(1))
    case 0xc8:
      return readColumn(readCount(2))
    case 0xcb:
      return readDouble()
    case 0xcc:
      return readCount(1)
    case 0xcd:
      return readCount(2)
    case 0xce:
      return readCount(4)
    case 0xd0:
      return (readCount(1) << 24) >> 24
    case 0xd1:
      return (readCount(2) << 16) >> 16
    case 0xd2:
      return readCount(4) | 0
    case 0xd4:
      return readOneByte()
    case 0xd5:
      return readColumn(2)
    case 0xd6:
      return readColumn(4)
    case 0xd7:
      return readColumn(8)
    case 0xd8:
      return readColumn(16)
    case 0xd9:
      return readString(readCount(1))
    case 0xda:
      return readString(readCount(2))
    case 0xdc:
      return readList(readCount(2))
    case 0xde:
      return readMap(readCount(2))
    default:
      throw new UnsupportedType()
  }
}

/** Reads an unsigned big-endian number. */
function readCount(bytes: number): number {
  need(bytes)
  let count = 0
  for (let i = 0; i < bytes; i++) count = count * 256 + source[at++]!
  return count
}

function readDouble(): number {
  need(8)
  for (let i = 7; i >= 0; i--) eight[i] = source[at++]!
  return asDouble[0]!
}

function need(bytes: number): void {
  if (at + bytes > source.byteLength) throw new RangeError('it is truncated')
}

function readList(count: number): unknown[] {
  need(count)
  const list: unknown[] = []
  for (let i = 0; i < count; i++) list.push(readValue())
  return list
}

function readMap(count: number): Record<string, unknown> {
  need(count * 2)
  const map: Record<string, unknown> = {}
  for (let i = 0; i < count; i++) {
    const byte = source[at++]!
    if (byte < 0xa0 || byte >= 0xc0) throw new UnsupportedType()
    const name = readName(byte & 0x1f)
    if (name === '__proto__') throw new UnsupportedType()
    map[name] = readValue()
  }
  return map
}

/** Interned field names, by a hash of their characters. */
const names: (string | undefined)[] = new Array<string | undefined>(512).fill(undefined)

/** Reads a string that has probably been read before. */
function readName(length: number): string {
  need(length)
  let hash = length
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + source[at + i]!) | 0
  const known = names[hash & 511]
  if (known !== undefined && known.length === length) {
    let i = 0
    while (i < length && known.charCodeAt(i) === source[at + i]) i++
    if (i === length) {
      at += length
      return known
    }
  }
  const name = readString(length)
  if (name.length === length) names[hash & 511] = name
  return name
}

function readString(length: number): string {
  need(length)
  const end = at + length
  let i = at
  while (i < end && source[i]! < 0x80) i++
  const value = buffer.toString(i === end ? 'latin1' : 'utf8', at, end)
  at = end
  return value
}

function readBytes(length: number): Uint8Array {
  need(length)
  const start = at
  at += length
  if (length > mostInHeap) return new Uint8Array(source.buffer, source.byteOffset + start, length)
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = source[start + i]!
  return bytes
}

/** Reads an extension of one byte: undefined, or an empty column. */
function readOneByte(): unknown {
  need(2)
  if (source[at] !== 0) return readColumn(1)
  at += 2
  return undefined
}

/** Reads an extension of `length` bytes; the first is the type of the column's elements. */
function readColumn(length: number): Uint8Array | Int32Array | Float32Array | Float64Array {
  need(length + 1)
  const Column = source[at] === columnTag ? columnTypes[source[at + 1]!] : undefined
  if (Column === undefined || length === 0) throw new UnsupportedType()
  const start = at + 2
  const size = length - 1
  at += 1 + length
  if (size === 0 && Column === Int32Array) return noNumbers
  if (size > mostInHeap) {
    const from = source.byteOffset + start
    return new Column(source.buffer.slice(from, from + size) as ArrayBuffer)
  }
  const width = Column.BYTES_PER_ELEMENT
  if (size % width !== 0) throw new RangeError('it has part of a number')
  const column = new Column(size / width)
  if (Column === Int32Array) {
    for (let i = 0, from = start; i < column.length; i++, from += 4) {
      column[i] =
        source[from]! |
        (source[from + 1]! << 8) |
        (source[from + 2]! << 16) |
        (source[from + 3]! << 24)
    }
    return column
  }
  for (let i = 0; i < column.length; i++) {
    for (let j = 0; j < width; j++) eight[j] = source[start + i * width + j]!
    column[i] = width === 1 ? eight[0]! : width === 8 ? asDouble[0]! : asFloat[0]!
  }
  return column
}
