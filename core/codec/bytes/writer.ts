/**
 * A writer of bytes: a growing buffer, and the MessagePack forms of numbers and strings.
 *
 * The buffer is reused for the next value, so `take` returns a copy of it, or hands over the buffer
 * itself and allocates a new one.
 */
import { NotPortableError } from '../../base/errors.js'
import { ESCAPE, HEADER_BYTES, Kind } from './tags.js'

const FIRST_SIZE = 16 * 1024
/** A buffer larger than this many bytes is not reused for the next value. */
const KEEP_SIZE = 1 << 20
const MAX_SIZE = 2 ** 31 - 1
/** Strings of up to this length are written by character, which is faster than a native call. */
const SHORT_STRING = 40

const wellFormed = (String.prototype as { isWellFormed?: () => boolean }).isWellFormed

/** Whether a string has no lone surrogates, so that UTF-8 can represent it. */
export function isWellFormed(string: string): boolean {
  return wellFormed === undefined ? !/\p{Surrogate}/u.test(string) : wellFormed.call(string)
}

/** Writes a head. */
export class Writer {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE)
  view: DataView = new DataView(this.bytes.buffer)
  pos = HEADER_BYTES

  /** Makes room for this many more bytes. */
  ensure(more: number): void {
    if (this.pos + more > this.bytes.length) this.grow(more)
  }

  private grow(more: number): void {
    const needed = this.pos + more + 64
    if (needed > MAX_SIZE) {
      throw new NotPortableError(
        [],
        'it takes more than 2 GB without its typed arrays; use smaller partitions',
      )
    }
    const bytes = Buffer.allocUnsafeSlow(
      Math.min(MAX_SIZE, Math.max(needed, this.bytes.length * 2)),
    )
    bytes.set(this.bytes.subarray(0, this.pos))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }

  u8(value: number): void {
    if (this.pos >= this.bytes.length) this.grow(1)
    this.bytes[this.pos++] = value
  }

  /** Writes the escape byte and a kind. */
  kind(kind: number): void {
    if (this.pos + 2 > this.bytes.length) this.grow(2)
    this.bytes[this.pos++] = ESCAPE
    this.bytes[this.pos++] = kind
  }

  /** Writes a count or an offset of up to 2^53, seven bits per byte. */
  uint(value: number): void {
    this.ensure(8)
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.pos++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.pos++] = rest
  }

  float64(value: number): void {
    this.ensure(8)
    this.view.setFloat64(this.pos, value)
    this.pos += 8
  }

  number(value: number): void {
    if (this.pos + 9 > this.bytes.length) this.grow(9)
    const bytes = this.bytes
    const int = value | 0
    if (int !== value || (int === 0 && Object.is(value, -0))) {
      if (value >>> 0 === value && value !== 0) {
        bytes[this.pos++] = 0xce
        this.view.setUint32(this.pos, value)
        this.pos += 4
        return
      }
      bytes[this.pos] = 0xcb
      this.view.setFloat64(this.pos + 1, value)
      this.pos += 9
    } else if (int >= 0) {
      if (int < 0x80) bytes[this.pos++] = int
      else if (int < 0x100) {
        bytes[this.pos++] = 0xcc
        bytes[this.pos++] = int
      } else if (int < 0x10000) {
        bytes[this.pos++] = 0xcd
        bytes[this.pos++] = int >> 8
        bytes[this.pos++] = int
      } else {
        bytes[this.pos++] = 0xce
        this.view.setUint32(this.pos, int)
        this.pos += 4
      }
    } else if (int >= -0x20) bytes[this.pos++] = int
    else if (int >= -0x80) {
      bytes[this.pos++] = 0xd0
      bytes[this.pos++] = int
    } else if (int >= -0x8000) {
      bytes[this.pos++] = 0xd1
      bytes[this.pos++] = int >> 8
      bytes[this.pos++] = int
    } else {
      bytes[this.pos++] = 0xd2
      this.view.setInt32(this.pos, int)
      this.pos += 4
    }
  }

  string(string: string): void {
    if (string.length > SHORT_STRING || !this.shortString(string)) this.longString(string)
  }

  /**
   * Writes a short ASCII string. At the first other character, returns false with nothing written.
   */
  private shortString(string: string): boolean {
    const length = string.length
    if (this.pos + length + 2 > this.bytes.length) this.grow(length + 2)
    const bytes = this.bytes
    const start = this.pos
    let at = start + (length < 32 ? 1 : 2)
    for (let i = 0; i < length; i++) {
      const code = string.charCodeAt(i)
      if (code >= 0x80) return false
      bytes[at++] = code
    }
    if (length < 32) bytes[start] = 0xa0 | length
    else {
      bytes[start] = 0xd9
      bytes[start + 1] = length
    }
    this.pos = at
    return true
  }

  /** Writes a string with the native encoder. The width of the header allows for the worst case. */
  private longString(string: string): void {
    const most = string.length * 3
    this.ensure(most + 5)
    const header = most < 32 ? 1 : most < 0x100 ? 2 : most < 0x10000 ? 3 : 5
    const start = this.pos
    const length = this.bytes.write(string, start + header, most, 'utf8')
    if (length !== string.length && !isWellFormed(string)) {
      this.string16(string)
      return
    }
    if (header === 1) this.bytes[start] = 0xa0 | length
    else if (header === 2) {
      this.bytes[start] = 0xd9
      this.bytes[start + 1] = length
    } else if (header === 3) {
      this.bytes[start] = 0xda
      this.view.setUint16(start + 1, length)
    } else {
      this.bytes[start] = 0xdb
      this.view.setUint32(start + 1, length)
    }
    this.pos = start + header + length
  }

  /** Writes a string with lone surrogates, which UTF-8 would replace. */
  private string16(string: string): void {
    this.kind(Kind.STRING16)
    this.uint(string.length)
    this.ensure(string.length * 2)
    this.pos += this.bytes.write(string, this.pos, string.length * 2, 'utf16le')
  }

  /** Writes a bigint: its sign and number of bytes, then the bytes of its magnitude. */
  bigint(value: bigint): void {
    const isNegative = value < 0n
    const hex = (isNegative ? -value : value).toString(16)
    const bytes = (hex.length + 1) >> 1
    this.kind(Kind.BIGINT)
    this.uint(bytes * 2 + (isNegative ? 1 : 0))
    this.ensure(bytes)
    this.bytes.write(hex.padStart(bytes * 2, '0'), this.pos, 'hex')
    this.pos += bytes
  }

  arrayHeader(length: number): void {
    this.header(length, 0x90, 0xdc)
  }

  mapHeader(length: number): void {
    this.header(length, 0x80, 0xde)
  }

  private header(length: number, small: number, large: number): void {
    this.ensure(5)
    if (length < 16) this.bytes[this.pos++] = small | length
    else if (length < 0x10000) {
      this.bytes[this.pos++] = large
      this.view.setUint16(this.pos, length)
      this.pos += 2
    } else {
      this.bytes[this.pos++] = large + 1
      this.view.setUint32(this.pos, length)
      this.pos += 4
    }
  }

  bytesOf(source: Uint8Array): void {
    this.ensure(source.length)
    this.bytes.set(source, this.pos)
    this.pos += source.length
  }

  /**
   * Writes zero bytes up to a multiple of 8, so that a typed array can be a view of the next bytes.
   */
  align(): void {
    this.ensure(8)
    while (this.pos % 8 !== 0) this.bytes[this.pos++] = 0
  }

  /** Returns the bytes written from `start` on, and resets the writer. */
  take(start: number, onShared: boolean): Uint8Array {
    const length = this.pos - start
    let head: Uint8Array
    if (onShared) {
      head = new Uint8Array(new SharedArrayBuffer(length))
      head.set(this.bytes.subarray(start, this.pos))
    } else if (this.bytes.length > KEEP_SIZE && length > this.bytes.length * 0.7) {
      head = new Uint8Array(this.bytes.buffer as ArrayBuffer, start, length)
    } else {
      head = new Uint8Array(length)
      if (length < 64) for (let i = 0; i < length; i++) head[i] = this.bytes[start + i]!
      else head.set(this.bytes.subarray(start, this.pos))
    }
    this.reset()
    return head
  }

  reset(): void {
    this.pos = HEADER_BYTES
    if (this.bytes.length > KEEP_SIZE) {
      this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
      this.view = new DataView(this.bytes.buffer)
    }
  }
}
