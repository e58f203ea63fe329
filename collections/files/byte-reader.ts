/** Synchronous readers of bytes, and writers. */

/** Reads bytes one after another. */
export interface ByteReader {
  /** Writes up to `length` bytes into `target` at `offset`. Returns their number; 0 at the end. */
  read(target: Buffer, offset: number, length: number): number
  close(): void
}

/** Writes bytes one after another into a file that appears when it is committed. */
export interface ByteWriter {
  write(bytes: Uint8Array): void
  /** Makes the file appear, in place of one that was there. */
  commit(): void
  /** Leaves nothing behind. */
  abort(): void
  /** The bytes of the file, after `commit`, if the writer compresses them. */
  readonly packedSize?: number | undefined
}

/** Reads another reader whose first bytes can be looked at beforehand. */
export class PeekingReader implements ByteReader {
  private readonly reader: ByteReader
  private head: Buffer = Buffer.alloc(0)

  constructor(reader: ByteReader) {
    this.reader = reader
  }

  /** Returns the first `length` bytes, or fewer at the end, without taking them. Call it once, first. */
  peek(length: number): Buffer {
    const bytes = Buffer.alloc(length)
    let filled = 0
    for (;;) {
      const count = this.reader.read(bytes, filled, length - filled)
      filled += count
      if (count === 0 || filled === length) break
    }
    this.head = bytes.subarray(0, filled)
    return this.head
  }

  read(target: Buffer, offset: number, length: number): number {
    if (this.head.length === 0) return this.reader.read(target, offset, length)
    const count = this.head.copy(target, offset, 0, Math.min(length, this.head.length))
    this.head = this.head.subarray(count)
    return count
  }

  close(): void {
    this.reader.close()
  }
}
