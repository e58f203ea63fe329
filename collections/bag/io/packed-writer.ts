/** `PackedWriter`: compresses what is written to a file. */
import zlib from 'node:zlib'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import type { ByteWriter } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { beginFile, beginPackedFile } from '../../files/open-files.js'
import type { WriteCodec } from './text-format.js'

const minizlib = lazyPackage<typeof import('minizlib')>('minizlib')

/** The part of the streams of minizlib that is used. */
interface SyncStream {
  on(event: 'data', listener: (piece: Buffer) => void): unknown
  write(bytes: Buffer): unknown
  end(): unknown
}

/** Begins to write a compressed file, which appears when it is committed. Errors name the operation. */
export function beginPacked(
  file: FileReference,
  codec: WriteCodec | undefined,
  operation: string,
): PackedWriter {
  // Node has Zstandard from version 22.15 on.
  const isElsewhere = codec === 'zstd' && !('createZstdCompress' in zlib)
  return isElsewhere
    ? new PackedWriter(beginPackedFile(file, codec), undefined)
    : new PackedWriter(beginFile(file, operation), codec)
}

/** The quality of Brotli: that of Node, 11, takes a hundred times as long. */
const BROTLI_QUALITY = 5

function streamOf(codec: WriteCodec): SyncStream {
  const { Gzip, BrotliCompress, ZstdCompress } = minizlib()
  if (codec === 'gzip') return new Gzip({})
  if (codec === 'zstd') return new ZstdCompress({})
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY }
  return new BrotliCompress({ params } as never)
}

/** Compresses bytes into another writer, and counts the bytes of the file. */
export class PackedWriter implements ByteWriter {
  /** The number of bytes in the file so far. */
  size = 0
  private readonly target: ByteWriter
  private readonly stream: SyncStream | undefined

  constructor(target: ByteWriter, codec: WriteCodec | undefined) {
    this.target = target
    if (codec === undefined) return
    this.stream = streamOf(codec)
    this.stream.on('data', (piece) => this.put(piece))
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.stream === undefined) this.put(bytes)
    else this.stream.write(bytes as Buffer)
  }

  commit(): void {
    this.stream?.end()
    this.target.commit()
    this.size = this.target.packedSize ?? this.size
  }

  abort(): void {
    this.target.abort()
  }

  private put(bytes: Uint8Array): void {
    this.size += bytes.length
    this.target.write(bytes)
  }
}
