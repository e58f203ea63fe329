/**
 * Splits stored values into pieces of bounded size for the disk, and joins them again.
 *
 * The first piece begins with a description of the value: the lengths of its head and buffers, the tokens of the
 * bundles that it needs, and the number of further pieces. The bytes of all parts follow in order, split where
 * a piece is full.
 */
import { decode, encode } from '../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../core/graph/stored-value.js'

/** The maximum number of value bytes in a piece. */
export const pieceSize = 1 << 20

/** Parts of at least this size are read into shared memory, which threads receive without a copy. */
const shareFrom = 4096

/** The description of a value in its first piece. */
export interface ValueDescription {
  /** The key; long ones cannot be read from the database's own key. */
  readonly key: string
  /** The number of pieces after the first. */
  readonly more: number
  /** The lengths of the head and of each buffer. */
  readonly lengths: readonly number[]
  readonly bundles: readonly string[]
  /** Whether the value is a primitive, which is encoded only on disk. */
  readonly isPrimitive: boolean
}

/** Yields the pieces of a value. Each is a new buffer. */
export function* toPieces(key: string, value: StoredValue): Generator<Buffer> {
  const isPrimitive = !isEncoded(value)
  const { head, buffers, bundles } = isPrimitive ? encode(value) : value
  const parts = [head, ...buffers]
  const lengths = parts.map((part) => part.byteLength)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const more = Math.ceil(total / pieceSize) - 1
  const description: ValueDescription = {
    key,
    more: Math.max(0, more),
    lengths,
    bundles,
    isPrimitive,
  }
  const json = Buffer.from(JSON.stringify(description))
  const first = Math.min(total, pieceSize)
  let piece = Buffer.allocUnsafeSlow(4 + json.byteLength + first)
  let at = 4 + json.byteLength
  let left = total - first
  piece.writeUInt32LE(json.byteLength)
  piece.set(json, 4)
  for (const part of parts) {
    for (let from = 0; from < part.byteLength; ) {
      if (at === piece.byteLength) {
        yield piece
        const size = Math.min(left, pieceSize)
        left -= size
        piece = Buffer.allocUnsafeSlow(size)
        at = 0
      }
      const size = Math.min(piece.byteLength - at, part.byteLength - from)
      piece.set(part.subarray(from, from + size), at)
      at += size
      from += size
    }
  }
  yield piece
}

/** Reads the description from the first piece. */
export function readDescription(first: Uint8Array): ValueDescription {
  return JSON.parse(descriptionBytes(first).toString()) as ValueDescription
}

function descriptionBytes(first: Uint8Array): Buffer {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  return bytes.subarray(4, 4 + bytes.readUInt32LE())
}

/** Joins the pieces of a value. A piece may be overwritten after `add` has returned. */
export class ValueAssembler {
  readonly description: ValueDescription
  private readonly parts: Uint8Array[]
  private part = 0
  private at = 0

  /** `shared`: whether large parts are read into shared memory. */
  constructor(first: Uint8Array, shared: boolean) {
    this.description = readDescription(first)
    this.parts = this.description.lengths.map((length) =>
      shared && length >= shareFrom
        ? new Uint8Array(new SharedArrayBuffer(length))
        : new Uint8Array(length),
    )
    this.add(first.subarray(4 + descriptionBytes(first).byteLength))
  }

  add(piece: Uint8Array): void {
    for (let from = 0; from < piece.byteLength; ) {
      while (this.at === this.parts[this.part]!.byteLength) this.next()
      const part = this.parts[this.part]!
      const size = Math.min(part.byteLength - this.at, piece.byteLength - from)
      part.set(piece.subarray(from, from + size), this.at)
      this.at += size
      from += size
    }
  }

  private next(): void {
    this.part++
    this.at = 0
  }

  value(): StoredValue {
    const [head, ...buffers] = this.parts
    const { bundles, isPrimitive } = this.description
    if (isPrimitive) return decode({ head: head!, buffers }) as StoredValue
    return { head: head!, buffers, bundles }
  }
}
