/** `PackedWriter`: compresses what is written to a file. */
import type { Gzip } from 'minizlib'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import type { ByteWriter } from '../../files/byte-reader.js'

const minizlib = lazyPackage<typeof import('minizlib')>('minizlib')

/** Writes bytes as gzip into another writer, and counts the bytes of the file. */
export class PackedWriter implements ByteWriter {
  /** The number of bytes in the file so far. */
  size = 0
  private readonly target: ByteWriter
  private readonly gzip: Gzip | undefined

  constructor(target: ByteWriter, compressed: boolean) {
    this.target = target
    if (!compressed) return
    this.gzip = new (minizlib().Gzip)({})
    this.gzip.on('data', (piece: Buffer) => this.put(piece))
  }

  write(bytes: Uint8Array): void {
    if (this.gzip === undefined) this.put(bytes)
    else this.gzip.write(bytes as Buffer)
  }

  commit(): void {
    this.gzip?.end()
    this.target.commit()
  }

  abort(): void {
    this.target.abort()
  }

  private put(bytes: Uint8Array): void {
    this.size += bytes.length
    this.target.write(bytes)
  }
}
