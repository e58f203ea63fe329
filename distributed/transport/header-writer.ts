/**
 * A MessagePack writer for headers (`framing.ts`). It writes the types that `header-reader.ts` reads, so that every
 * value comes back as it was, and refuses all others; the caller sends those in the codec's form.
 *
 * For a message about one task it takes a third of the time of a general writer, which looks up each type and
 * allocates a buffer for each column.
 */

/** Longer messages are not written. */
export const largestMessage = 4096
const deepest = 8

/** The extension of typed arrays, and the numbers of their types in it. */
const columnTag = 0x74
const columnNumbers = new Map<unknown, number>([
  [Int32Array.prototype, 5],
  [Float32Array.prototype, 7],
  [Float64Array.prototype, 8],
])
/** In another context, such as Jest's, buffers of Node.js are of a type that is not `Uint8Array`. */
const bytesPrototype: unknown = Uint8Array.prototype

const surrogate = /\p{Surrogate}/u

/** A value takes at most this many bytes beside its content. */
const mostForHead = 16

/** The writer's memory to begin with, and the most that it keeps. */
const [initialSize, mostKept] = [4 * largestMessage, 1 << 20]

export class HeaderWriter {
  private bytes = Buffer.allocUnsafeSlow(initialSize)
  private at = 0
  /** The position that the message being written must not exceed. */
  private end = 0

  /** Starts an envelope of `count` messages. */
  begin(session: string, number: number, count: number): void {
    this.at = 0
    this.end = Number.POSITIVE_INFINITY
    this.reserve(session.length * 3 + 4 * mostForHead)
    this.byte(0x93)
    this.string(session)
    this.number(number)
    this.listHead(count)
  }

  /** Writes a message, or null in its place if it cannot be written exactly or is too long; returns whether it was written. */
  message(message: unknown): boolean {
    const start = this.at
    this.end = start + largestMessage
    this.reserve(largestMessage + 4 * mostForHead)
    if (this.value(message)) return true
    this.at = start
    this.byte(0xc0)
    return false
  }

  /** Returns a copy of what was written. */
  finish(): Uint8Array {
    const frame = Buffer.allocUnsafe(this.at)
    this.bytes.copy(frame, 0, 0, this.at)
    if (this.bytes.length > mostKept) this.bytes = Buffer.allocUnsafeSlow(initialSize)
    return frame
  }

  private value(value: unknown, depth = 0): boolean {
    if (this.at + mostForHead > this.end) return false
    switch (typeof value) {
      case 'number':
        return this.number(value)
      case 'string':
        return this.string(value)
      case 'boolean':
        return this.byte(value ? 0xc3 : 0xc2)
      case 'undefined':
        this.byte(0xd4)
        this.byte(0)
        return this.byte(0)
      case 'object':
        return value === null ? this.byte(0xc0) : this.object(value, depth)
      default:
        return false
    }
  }

  /** Writes the number of items that follow. */
  private listHead(count: number): boolean {
    if (count < 16) return this.byte(0x90 | count)
    if (count < 65_536) this.byte(0xdc)
    else {
      this.byte(0xdd)
      this.byte(count >>> 24)
      this.byte(count >>> 16)
    }
    this.byte(count >>> 8)
    return this.byte(count)
  }

  private reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return
    const longer = Buffer.allocUnsafeSlow(2 * (this.at + size))
    this.bytes.copy(longer, 0, 0, this.at)
    this.bytes = longer
  }

  private byte(value: number): true {
    this.bytes[this.at++] = value
    return true
  }

  private uint32(value: number): void {
    const { bytes, at } = this
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
    this.at = at + 4
  }

  private number(value: number): true {
    if ((value | 0) === value && !Object.is(value, -0)) {
      if (value >= 0) {
        if (value < 0x80) return this.byte(value)
        this.byte(0xce)
      } else {
        if (value >= -32) return this.byte(value)
        this.byte(0xd2)
      }
      this.uint32(value)
      return true
    }
    this.byte(0xcb)
    this.at = this.bytes.writeDoubleBE(value, this.at)
    return true
  }

  private string(value: string): boolean {
    const { length } = value
    if (this.at + length > this.end) return false
    if (length > 255) return this.longString(value)
    const start = this.at
    if (length < 32) this.byte(0xa0 | length)
    else {
      this.byte(0xd9)
      this.byte(length)
    }
    const { bytes } = this
    let { at } = this
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code >= 0x80) {
        this.at = start
        return this.longString(value)
      }
      bytes[at++] = code
    }
    this.at = at
    return true
  }

  /** Writes a string that is long, or not ASCII. */
  private longString(value: string): boolean {
    const size = Buffer.byteLength(value)
    if (this.at + size > this.end || surrogate.test(value)) return false
    this.byte(0xda)
    this.byte(size >>> 8)
    this.byte(size)
    this.at += this.bytes.write(value, this.at)
    return true
  }

  private object(value: object, depth: number): boolean {
    if (depth > deepest) return false
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Array.prototype) return this.list(value as readonly unknown[], depth)
    if (prototype === Object.prototype) return this.map(value as Record<string, unknown>, depth)
    if (prototype === bytesPrototype) return this.binary(value as Uint8Array)
    const type = columnNumbers.get(prototype)
    return type !== undefined && this.column(value as Float64Array, type)
  }

  private list(items: readonly unknown[], depth: number): boolean {
    if (items.length > largestMessage) return false
    this.listHead(items.length)
    for (let i = 0; i < items.length; i++) {
      const item = items[i]
      if (item === undefined && !(i in items)) return false
      if (!this.value(item, depth + 1)) return false
    }
    return true
  }

  private map(fields: Record<string, unknown>, depth: number): boolean {
    const names = Object.keys(fields)
    if (names.length < 16) this.byte(0x80 | names.length)
    else {
      this.byte(0xde)
      this.byte(names.length >>> 8)
      this.byte(names.length)
    }
    for (const name of names) {
      // The reader accepts only short names.
      if (name === '__proto__' || name.length > 31) return false
      if (!this.value(name) || !this.value(fields[name], depth + 1)) return false
    }
    return true
  }

  private binary(value: Uint8Array): boolean {
    const { byteLength } = value
    if (this.at + byteLength + mostForHead > this.end) return false
    if (byteLength < 256) this.byte(0xc4)
    else {
      this.byte(0xc5)
      this.byte(byteLength >>> 8)
    }
    this.byte(byteLength)
    this.bytes.set(value, this.at)
    this.at += byteLength
    return true
  }

  private column(column: Int32Array | Float32Array | Float64Array, type: number): boolean {
    const { byteLength } = column
    if (this.at + byteLength + mostForHead > this.end) return false
    if (byteLength === 0) this.byte(0xd4)
    else if (byteLength < 255) {
      this.byte(0xc7)
      this.byte(byteLength + 1)
    } else {
      this.byte(0xc8)
      this.byte((byteLength + 1) >>> 8)
      this.byte(byteLength + 1)
    }
    this.byte(columnTag)
    this.byte(type)
    const { bytes } = this
    if (column.length < 8 && column instanceof Int32Array) {
      for (const number of column) this.at = bytes.writeInt32LE(number, this.at)
    } else {
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, byteLength), this.at)
      this.at += byteLength
    }
    return true
  }
}
