/**
 * `GzipReader`: decompresses a gzip file synchronously and piece by piece. A file of several members,
 * as `cat a.gz b.gz` makes it, is read as one.
 */
import { lazyPackage } from '../../../core/base/lazy-package.js'
import type { ByteReader } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { openFile } from '../../files/open-files.js'

const minizlib = lazyPackage<typeof import('minizlib')>('minizlib')

/** Compressed bytes that are read at a time. They may become a thousand times as many. */
const PIECE_SIZE = 16_384

/** Reads the decompressed bytes of a gzip file from its start. */
export class GzipReader implements ByteReader {
  private readonly path: string
  private readonly source: ByteReader
  private readonly compressed = Buffer.allocUnsafe(PIECE_SIZE)
  private readonly gunzip = new (minizlib().Gunzip)({})
  /** Decompressed pieces that were not read yet. */
  private readonly ready: Buffer[] = []
  /** The bytes of the first ready piece that were read. */
  private taken = 0
  private failure: unknown
  private ended = false

  constructor(file: FileReference) {
    this.path = file.path
    this.source = openFile(file, 0)
    this.gunzip.on('data', (piece: Buffer) => {
      if (piece.length > 0) this.ready.push(piece)
    })
    this.gunzip.on('error', (error: unknown) => {
      this.failure = error
    })
  }

  read(target: Buffer, offset: number, length: number): number {
    while (this.ready.length === 0) {
      if (this.ended) return 0
      this.decompress()
    }
    const piece = this.ready[0]!
    const end = Math.min(piece.length, this.taken + length)
    const count = piece.copy(target, offset, this.taken, end)
    this.taken += count
    if (this.taken === piece.length) {
      this.ready.shift()
      this.taken = 0
    }
    return count
  }

  close(): void {
    this.source.close()
    this.gunzip.close()
  }

  private decompress(): void {
    const count = this.source.read(this.compressed, 0, PIECE_SIZE)
    if (count > 0) this.gunzip.write(this.compressed.subarray(0, count))
    else {
      this.ended = true
      this.gunzip.end()
    }
    if (this.failure !== undefined) {
      const detail = this.failure instanceof Error ? this.failure.message : String(this.failure)
      throw new Error(`cannot decompress '${this.path}' as gzip: ${detail}`, {
        cause: this.failure,
      })
    }
  }
}
