/**
 * The bytes that are hashed to a token: tagged, and preceded by their lengths.
 *
 * A part that has grown long is *folded*: it is replaced by its hash. Whether a part is folded
 * depends on its own bytes alone. So equal content gives equal bytes wherever it occurs, hashes can
 * be reused, and large values are never in memory twice.
 */
import * as os from 'node:os'
import { lazyPackage } from '../../base/lazy-package.js'
import { isWellFormed } from './writer.js'

/** The number of hexadecimal digits of a token: 96 bits. */
const TOKEN_LENGTH = 24
const FIRST_SIZE = 64 * 1024
/** Parts of this many bytes are folded when they are complete. */
const LONG = 4096
/** Parts of this many bytes are folded while they are still being written. */
const VERY_LONG = 64 * 1024
const FOLDED_BYTES = 16
/** The tags in front of the parts. */
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
  url: 24,
  instance: 25,
  registered: 26,
  nullObject: 27,
  named: 28,
  bound: 29,
  source: 30,
  again: 31,
  folded: 32,
  fixed: 33,
  platform: 34,
  accessor: 35,
} as const

/** Threads that hash nothing do without it. */
const crypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

/** Returns the SHA-256 hash of bytes. */
export function hashOf(bytes: Uint8Array): Buffer {
  const { createHash, hash } = crypto() as Crypto
  if (hash !== undefined) return hash('sha256', bytes, 'buffer') as Buffer
  return createHash('sha256').update(bytes).digest()
}

type Crypto = typeof import('node:crypto') & {
  /** Some versions of Node do not have it. */
  hash?(algorithm: string, data: Uint8Array | string, encoding: 'hex' | 'buffer'): string | Buffer
}

/** Returns the token of bytes, or of a string in UTF-8. */
export function tokenOf(content: Uint8Array | string): string {
  const { createHash, hash } = crypto() as Crypto
  const hex =
    hash === undefined
      ? createHash('sha256').update(content).digest('hex')
      : (hash('sha256', content, 'hex') as string)
  return hex.slice(0, TOKEN_LENGTH)
}

/** Collects canonical bytes. */
export class HashSink {
  private bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  private view = new DataView(this.bytes.buffer)
  pos = 0

  /** Returns the token of all bytes written so far. */
  digest(): string {
    return tokenOf(this.bytes.subarray(0, this.pos))
  }

  reset(): void {
    this.pos = 0
    if (this.bytes.length === FIRST_SIZE) return
    this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Folds a complete part that started at `start` if it is long. Returns whether it did. */
  fold(start: number): boolean {
    if (this.pos - start < LONG) return false
    this.foldAll(start)
    return true
  }

  /** Folds the part so far if it has grown very long. */
  foldSoFar(start: number): void {
    if (this.pos - start >= VERY_LONG) this.foldAll(start)
  }

  private foldAll(start: number): void {
    const hash = hashOf(this.bytes.subarray(start, this.pos))
    this.pos = start
    this.folded(hash)
  }

  private folded(hash: Buffer): void {
    this.room(FOLDED_BYTES + 1)
    this.bytes[this.pos++] = Tag.folded
    this.bytes.set(hash.subarray(0, FOLDED_BYTES), this.pos)
    this.pos += FOLDED_BYTES
  }

  /** Returns a copy of the bytes from `start` on. */
  copyFrom(start: number): Uint8Array {
    return Uint8Array.from(this.bytes.subarray(start, this.pos))
  }

  /** Writes bytes that a sink produced before. */
  raw(bytes: Uint8Array): void {
    this.room(bytes.length)
    this.bytes.set(bytes, this.pos)
    this.pos += bytes.length
  }

  private room(more: number): void {
    if (this.pos + more <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.pos + more, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.pos))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  u8(value: number): void {
    if (this.pos >= this.bytes.length) this.room(1)
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

  string(string: string): void {
    const length = string.length
    if (length < 100) {
      this.room(length + 2)
      const bytes = this.bytes
      let at = this.pos + 2
      let i = 0
      for (; i < length; i++) {
        const code = string.charCodeAt(i)
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
    this.longString(string)
  }

  private longString(string: string): void {
    const encoding = isWellFormed(string) ? 'utf8' : 'utf16le'
    this.u8(encoding === 'utf8' ? Tag.string : Tag.string16)
    const length = Buffer.byteLength(string, encoding)
    this.uint(length)
    if (length > LONG) this.folded(hashOf(Buffer.from(string, encoding)))
    else {
      this.room(length)
      this.pos += this.bytes.write(string, this.pos, length, encoding)
    }
  }

  /** Writes the bytes of a view, in little-endian order. */
  memory(view: ArrayBufferView): void {
    const bytes = littleEndian(view)
    this.uint(bytes.length)
    if (bytes.length > LONG) this.folded(hashOf(bytes))
    else this.raw(bytes)
  }
}

const isBigEndian = os.endianness() === 'BE'

function littleEndian(view: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
  const size = (view as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1
  return isBigEndian ? swapped(bytes, size) : bytes
}

/** Returns a copy with the bytes of each element in the opposite order. */
export function swapped(bytes: Uint8Array, size: number): Uint8Array {
  if (size === 1) return bytes
  const copy = bytes.slice()
  for (let i = 0; i < copy.length; i += size) copy.subarray(i, i + size).reverse()
  return copy
}
