/**
 * Values at rest as pieces of bounded size, as they lie on disk, and back.
 *
 * The first piece begins with a description: the lengths of head and buffers, the tokens of the
 * bundles that the value needs, and how many pieces follow. The bytes of all parts follow one
 * another, cut where a piece is full.
 */
import { decode, encode } from '../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../core/graph/stored-value.js'

/** A piece holds no more bytes than this. */
export const pieceSize = 1 << 20

/** Parts from this size on are worth shared memory, which threads get without a copy. */
const shareFrom = 4096

/** What the first piece says of a value. */
export interface ValueDescription {
  /** The key, which a long one's entry does not show. */
  readonly key: string
  /** Pieces besides the first. */
  readonly more: number
  /** The lengths of the head and of each buffer. */
  readonly lengths: readonly number[]
  readonly bundles: readonly string[]
  /** Whether the value is a primitive, kept encoded only on disk. */
  readonly isPrimitive: boolean
}

/** The pieces of a value, each a copy that nobody else has; made as they are asked for. */
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
  const text = Buffer.from(JSON.stringify(description))
  const room = Math.min(total, pieceSize)
  let piece = Buffer.allocUnsafeSlow(4 + text.byteLength + room)
  let at = 4 + text.byteLength
  let left = total - room
  piece.writeUInt32LE(text.byteLength)
  piece.set(text, 4)
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

/** What the first piece says. */
export function readDescription(first: Uint8Array): ValueDescription {
  return JSON.parse(textOf(first).toString()) as ValueDescription
}

function textOf(first: Uint8Array): Buffer {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  return bytes.subarray(4, 4 + bytes.readUInt32LE())
}

/** Puts a value together again from its pieces, which need not last longer than the call. */
export class ValueAssembler {
  readonly description: ValueDescription
  private readonly parts: Uint8Array[]
  private part = 0
  private at = 0

  /** `shared`: whether large parts are to lie in memory that threads share. */
  constructor(first: Uint8Array, shared: boolean) {
    this.description = readDescription(first)
    this.parts = this.description.lengths.map((length) =>
      shared && length >= shareFrom
        ? new Uint8Array(new SharedArrayBuffer(length))
        : new Uint8Array(length),
    )
    this.add(first.subarray(4 + textOf(first).byteLength))
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
