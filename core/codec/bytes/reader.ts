/**
 * A reader of bytes. Every length is checked against the bytes that are left before it is used. So
 * malformed bytes cause a `DecodeError`, and never an allocation much larger than the bytes
 * themselves.
 */
import { DecodeError } from '../../base/errors.js'
import { ESCAPE, Kind } from './tags.js'

/**
 * ASCII strings of up to this many bytes are read by character, which is faster than a native call.
 */
const SHORT_STRING = 24

/** Reads a head or a trailer. */
export class Reader {
  readonly bytes: Buffer
  readonly view: DataView
  pos: number
  end: number

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.pos = pos
    this.end = end
  }

  get left(): number {
    return this.end - this.pos
  }

  u8(): number {
    if (this.pos >= this.end) throw truncated()
    return this.bytes[this.pos++]!
  }

  /**
   * Skips this many bytes, after checking that they are there, and returns the position of the
   * first.
   */
  skip(length: number): number {
    const start = this.pos
    if (!(length <= this.end - start)) throw truncated()
    this.pos = start + length
    return start
  }

  u16(): number {
    return this.view.getUint16(this.skip(2))
  }

  u32(): number {
    return this.view.getUint32(this.skip(4))
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8))
  }

  uint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      scale *= 0x80
    }
    throw new DecodeError('A count exceeds 2^53')
  }

  /** Reads a count of items that take at least `each` bytes each. */
  count(each = 1): number {
    return this.checkCount(this.uint(), each)
  }

  checkCount(count: number, each = 1): number {
    if (count * each > this.end - this.pos) throw truncated()
    return count
  }

  utf8(length: number): string {
    const start = this.skip(length)
    const bytes = this.bytes
    if (length <= SHORT_STRING) {
      let string = ''
      for (let i = start; i < this.pos; i++) {
        const code = bytes[i]!
        if (code >= 0x80) return bytes.toString('utf8', start, this.pos)
        string += String.fromCharCode(code)
      }
      return string
    }
    return bytes.toString('utf8', start, this.pos)
  }

  utf16(length: number): string {
    const start = this.skip(length * 2)
    return this.bytes.toString('utf16le', start, this.pos)
  }

  /** Reads a string; throws `DecodeError` if another value follows. */
  string(): string {
    const tag = this.u8()
    const string = this.stringOf(tag)
    if (string === undefined) throw new DecodeError(`A string is expected, not byte ${tag}`)
    return string
  }

  /**
   * Reads the rest of a string whose first byte is `tag`; undefined if no string starts with that
   * byte.
   */
  stringOf(tag: number): string | undefined {
    if (tag >= 0xa0 && tag < 0xc0) return this.utf8(tag & 0x1f)
    if (tag === 0xd9) return this.utf8(this.u8())
    if (tag === 0xda) return this.utf8(this.u16())
    if (tag === 0xdb) return this.utf8(this.u32())
    if (tag === ESCAPE && this.bytes[this.pos] === Kind.STRING16) {
      this.skip(1)
      return this.utf16(this.count(2))
    }
    return undefined
  }

  align(): void {
    this.skip((8 - (this.pos % 8)) % 8)
  }
}

/** Returns the error for bytes that end too early. */
export function truncated(): DecodeError {
  return new DecodeError('The bytes end before the value does')
}
