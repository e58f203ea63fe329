/** How the blocks of Avro's files are compressed. */
import zlib from 'node:zlib'
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'

/** The codecs of files that are written. */
export type AvroCodec = 'null' | 'deflate' | 'snappy' | 'zstandard'

/** All codecs that are known. */
export const AVRO_CODECS: readonly AvroCodec[] = ['null', 'deflate', 'snappy', 'zstandard']

const fzstd = lazyPackage<{ decompress(bytes: Uint8Array): Uint8Array }>('fzstd')
const hyparquet = lazyPackage<{ snappyUncompress(input: Uint8Array, output: Uint8Array): void }>(
  'hyparquet',
)
const snappyWriter = lazyPackage<{ snappyCompress(input: Uint8Array): Uint8Array }>(
  'hyparquet-writer/src/snappy.js',
)

/** Zstandard in Node, from version 22.15 on. */
const { zstdDecompressSync, zstdCompressSync } = zlib as {
  zstdDecompressSync?: (bytes: Uint8Array) => Buffer
  zstdCompressSync?: (bytes: Uint8Array) => Buffer
}

/** Snappy's blocks end with a checksum. */
const CHECKSUM_SIZE = 4

/** Returns the content of a block. */
export function unpackBlock(block: Buffer, codec: string): Buffer {
  switch (codec) {
    case 'null':
      return block
    case 'deflate':
      return zlib.inflateRawSync(block)
    case 'snappy': {
      const { snappyUncompress } = loadOptional(hyparquet, 'hyparquet', 'readAvro')
      const packed = block.subarray(0, block.length - CHECKSUM_SIZE)
      const content = Buffer.alloc(snappyLength(packed))
      snappyUncompress(packed, content)
      return content
    }
    case 'zstandard':
      if (zstdDecompressSync !== undefined) return zstdDecompressSync(block)
      return Buffer.from(loadOptional(fzstd, 'fzstd', 'readAvro').decompress(block))
    default:
      throw new Error(`the codec '${codec}' is not supported, only ${AVRO_CODECS.join(', ')}`)
  }
}

/** Returns the length that a block of Snappy has when it is decompressed. */
function snappyLength(packed: Buffer): number {
  let length = 0
  for (let i = 0; i < packed.length; i++) {
    length += (packed[i]! & 0x7f) * 2 ** (7 * i)
    if (packed[i]! < 128) break
  }
  return length
}

/** Returns a compressed block. */
export function packBlock(content: Buffer, codec: AvroCodec): Buffer {
  switch (codec) {
    case 'null':
      return content
    case 'deflate':
      return zlib.deflateRawSync(content)
    case 'snappy': {
      const { snappyCompress } = loadOptional(snappyWriter, 'hyparquet-writer', 'toAvro')
      const sum = Buffer.alloc(CHECKSUM_SIZE)
      sum.writeUInt32BE(crc32(content))
      return Buffer.concat([snappyCompress(content), sum])
    }
    case 'zstandard':
      if (zstdCompressSync !== undefined) return zstdCompressSync(content)
      throw new Error('toAvro: zstandard can be written from Node 22.15 on')
    default:
      return codec satisfies never
  }
}

/** Returns the checksum of bytes; Node has it from version 20.15 on. */
function crc32(bytes: Buffer): number {
  return (zlib as unknown as { crc32(bytes: Uint8Array): number }).crc32(bytes)
}
