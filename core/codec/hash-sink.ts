/**
 * The bytes that make a token, on their way into a hash: tagged, with lengths in front, gathered so
 * that small values cost one call and large ones are not copied.
 */
import * as crypto from 'node:crypto'
import { isWellFormed } from './writer.js'

/** Hex digits of a token: 96 bits. */
const TOKEN_LENGTH = 24
const SCRATCH = 64 * 1024
/** Views of this size go to the hash directly. */
const DIRECT = 4096
/** What follows in the bytes. */
export const Tag = {
  end: 0,
  undefined: 1,
  null: 2,
  true: 3,
  false: 4,
  number: 5,
  string: 6,
  string16: 7,
  bigint: 8,
  symbol: 9,
  array: 10,
  hole: 11,
  object: 12,
  keys: 13,
  function: 14,
  cycle: 15,
  deferred: 16,
  view: 17,
  map: 18,
  set: 19,
  date: 20,
  regexp: 21,
  error: 22,
  boxed: 23,
  text: 24,
  instance: 25,
  registered: 26,
  nullObject: 27,
  named: 28,
  bound: 29,
  source: 30,
  again: 31,
} as const

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'hex') => string
const oneShot = (crypto as { hash?: OneShot }).hash

export class HashSink {
  private readonly bytes = Buffer.allocUnsafeSlow(SCRATCH)
  private readonly view = new DataView(this.bytes.buffer)
  private pos = 0
  private hash: crypto.Hash | undefined

  /** The token of all that came in. */
  digest(): string {
    const rest = this.bytes.subarray(0, this.pos)
    if (this.hash !== undefined) return this.hash.update(rest).digest('hex').slice(0, TOKEN_LENGTH)
    if (oneShot !== undefined) return oneShot('sha256', rest, 'hex').slice(0, TOKEN_LENGTH)
    return crypto.createHash('sha256').update(rest).digest('hex').slice(0, TOKEN_LENGTH)
  }

  reset(): void {
    this.pos = 0
    this.hash = undefined
  }

  private flush(): void {
    this.hash ??= crypto.createHash('sha256')
    this.hash.update(this.bytes.subarray(0, this.pos))
    this.pos = 0
  }

  private room(bytes: number): void {
    if (this.pos + bytes > SCRATCH) this.flush()
  }

  u8(value: number): void {
    if (this.pos >= SCRATCH) this.flush()
    this.bytes[this.pos++] = value
  }

  uint(value: number): void {
    this.room(8)
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.pos++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.pos++] = rest
  }

  number(value: number): void {
    this.room(9)
    this.bytes[this.pos] = Tag.number
    this.view.setFloat64(this.pos + 1, Number.isNaN(value) ? Number.NaN : value)
    this.pos += 9
  }

  string(text: string): void {
    const length = text.length
    if (length < 100) {
      this.room(length + 2)
      const bytes = this.bytes
      let at = this.pos + 2
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code >= 0x80) break
        bytes[at++] = code
      }
      if (i === length) {
        bytes[this.pos] = Tag.string
        bytes[this.pos + 1] = length
        this.pos = at
        return
      }
    }
    this.longString(text)
  }

  private longString(text: string): void {
    const encoding = isWellFormed(text) ? 'utf8' : 'utf16le'
    this.u8(encoding === 'utf8' ? Tag.string : Tag.string16)
    const length = Buffer.byteLength(text, encoding)
    this.uint(length)
    if (length > DIRECT) this.direct(Buffer.from(text, encoding))
    else {
      this.room(length)
      this.pos += this.bytes.write(text, this.pos, length, encoding)
    }
  }

  direct(bytes: Uint8Array): void {
    this.flush()
    this.hash!.update(bytes)
  }

  /** A length, and that many bytes. */
  bytesOf(bytes: Uint8Array): void {
    this.uint(bytes.length)
    if (bytes.length > DIRECT) this.direct(bytes)
    else {
      this.room(bytes.length)
      this.bytes.set(bytes, this.pos)
      this.pos += bytes.length
    }
  }
}
