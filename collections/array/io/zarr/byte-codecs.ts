/**
 * The codecs of the bytes of chunks. gzip, zlib and checksums are Node's or written here; Blosc, LZ4 and Zstandard are in the
 * package numcodecs, which is optional and loaded when it is first used.
 */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { lazyModule } from '../../../../core/base/lazy-package.js'
import type { CodecConfig } from './zarr-metadata.js'

/** Encodes and decodes bytes. */
export interface ByteCodec {
  readonly encode: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>
  readonly decode: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

type Settings = CodecConfig['configuration']

/** The part of a codec of numcodecs that is used. The package is optional, so its own types may be missing. */
interface CodecModule {
  readonly default: { fromConfig(config: Settings): ByteCodec }
}

const numcodecs = {
  blosc: lazyModule<CodecModule>('numcodecs/blosc'),
  lz4: lazyModule<CodecModule>('numcodecs/lz4'),
  zstd: lazyModule<CodecModule>('numcodecs/zstd'),
}

const levelOf = ({ level }: Settings): number | undefined =>
  typeof level === 'number' ? level : undefined

const SHUFFLES: Readonly<Record<string, number>> = { noshuffle: 0, shuffle: 1, bitshuffle: 2 }

/** Version 3 names kinds of shuffling, version 2 and the package count them. */
const bloscSettings = ({ typesize: _, shuffle, ...rest }: Settings): Settings => ({
  ...rest,
  shuffle: typeof shuffle === 'string' ? SHUFFLES[shuffle] : shuffle,
})

const CODECS: Readonly<Record<string, (settings: Settings) => ByteCodec | Promise<ByteCodec>>> = {
  gzip: (settings) => ({
    encode: (bytes) => gzipSync(bytes, { level: levelOf(settings) }),
    decode: (bytes) => gunzipSync(bytes),
  }),
  zlib: (settings) => ({
    encode: (bytes) => deflateSync(bytes, { level: levelOf(settings) }),
    decode: (bytes) => inflateSync(bytes),
  }),
  crc32c: () => ({ encode: withChecksum, decode: withoutChecksum }),
  blosc: (settings) => fromPackage('blosc', numcodecs.blosc, bloscSettings(settings)),
  lz4: (settings) => fromPackage('lz4', numcodecs.lz4, settings),
  zstd: (settings) => fromPackage('zstd', numcodecs.zstd, settings),
}

/** The codecs that chunks may be compressed with. */
export const COMPRESSORS = ['gzip', 'zlib', 'zstd', 'lz4', 'blosc'] as const

async function fromPackage(
  name: string,
  load: () => Promise<CodecModule>,
  settings: Settings,
): Promise<ByteCodec> {
  try {
    return (await load()).default.fromConfig(settings)
  } catch (cause) {
    throw new Error(
      `Zarr chunks compressed with ${name} need the package numcodecs, which is not installed where the task runs; write npm install numcodecs`,
      { cause },
    )
  }
}

const loaded = new Map<string, ByteCodec | Promise<ByteCodec>>()

/** Returns a codec; a promise if it is in a package. */
export function byteCodec(
  { name, configuration }: CodecConfig,
  where: string,
): ByteCodec | Promise<ByteCodec> {
  const short = name.replace(/^numcodecs\./, '')
  if (!Object.hasOwn(CODECS, short)) {
    throw new TypeError(
      `${where} has codec '${name}', which is not supported; supported are ${Object.keys(CODECS).join(', ')}`,
    )
  }
  const key = `${short} ${JSON.stringify(configuration)}`
  let codec = loaded.get(key)
  if (codec === undefined) {
    codec = CODECS[short]!(configuration)
    loaded.set(key, codec)
  }
  return codec
}

/** The table of CRC-32C (Castagnoli), reflected. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++)
    value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const result = Buffer.alloc(bytes.length + 4)
  result.set(bytes)
  result.writeUInt32LE(crc32c(bytes), bytes.length)
  return result
}

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const content = bytes.subarray(0, bytes.length - 4)
  const expected = Buffer.from(bytes.subarray(bytes.length - 4)).readUInt32LE()
  if (crc32c(content) === expected) return content
  throw new RangeError('the checksum of a chunk is wrong: its bytes are damaged')
}
