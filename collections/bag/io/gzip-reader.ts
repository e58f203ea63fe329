/**
 * The bytes of a gzip file, unpacked synchronously and piece by piece. Files of several members, as
 * `cat a.gz b.gz` makes them, read as one.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { Gunzip } from 'minizlib'
import type { ByteReader } from './text-source.js'

/** Packed bytes in a step: unpacked they may be a thousand times as many. */
const PIECE_SIZE = 16_384

export class GzipReader implements ByteReader {
  private readonly path: string
  private readonly file: number
  private readonly packed = Buffer.allocUnsafe(PIECE_SIZE)
  private readonly gunzip = new Gunzip({})
  private readonly ready: Buffer[] = []
  private taken = 0
  private failure: unknown
  private ended = false

  constructor(path: string) {
    this.path = path
    this.file = openSync(path, 'r')
    this.gunzip.on('data', (piece: Buffer) => {
      if (piece.length > 0) this.ready.push(piece)
    })
    this.gunzip.on('error', (error: unknown) => {
      this.failure = error
    })
  }

  read(into: Buffer, at: number, length: number): number {
    while (this.ready.length === 0) {
      if (this.ended) return 0
      this.unpack()
    }
    const piece = this.ready[0]!
    const count = piece.copy(into, at, this.taken, Math.min(piece.length, this.taken + length))
    this.taken += count
    if (this.taken === piece.length) {
      this.ready.shift()
      this.taken = 0
    }
    return count
  }

  close(): void {
    closeSync(this.file)
    this.gunzip.close()
  }

  private unpack(): void {
    const count = readSync(this.file, this.packed, 0, PIECE_SIZE, null)
    if (count > 0) this.gunzip.write(this.packed.subarray(0, count))
    else {
      this.ended = true
      this.gunzip.end()
    }
    if (this.failure !== undefined) {
      const detail = this.failure instanceof Error ? this.failure.message : String(this.failure)
      throw new Error(`cannot unpack '${this.path}' as gzip: ${detail}`, { cause: this.failure })
    }
  }
}
