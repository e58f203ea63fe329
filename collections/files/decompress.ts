/**
 * Decompresses files as streams, in the thread that reads them: Brotli, Zstandard, bzip2, xz and LZ4. Node's zlib is
 * used for what it has; packages for the rest are loaded when they are first used.
 */
import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { lazyModule, lazyPackage } from '../../core/base/lazy-package.js'
import { decompressLz4 } from './lz4-frames.js'

/** The formats of compressed files that are read in the thread of files; gzip is read where it is used. */
export type StreamCodec = 'brotli' | 'zstd' | 'bzip2' | 'xz' | 'lz4'

type Bytes = AsyncIterable<Uint8Array>

interface ZstdStream {
  push(chunk: Uint8Array, isLast?: boolean): void
}
interface FzstdPackage {
  readonly Decompress: new (onData: (chunk: Uint8Array) => void) => ZstdStream
}
interface XzPackage {
  readonly XzReadableStream: new (source: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>
}

type MakeStream = () => NodeJS.ReadWriteStream

const fzstd = lazyPackage<FzstdPackage>('fzstd')
const unbzip2 = lazyPackage<MakeStream>('unbzip2-stream')
const xz = lazyModule<XzPackage & { readonly default?: XzPackage }>('xz-decompress')

/** Zstandard in Node, from version 22.15 on. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => NodeJS.ReadWriteStream }

/** Yields decompressed bytes. */
export async function* decompress(codec: StreamCodec, path: string, source: Bytes): Bytes {
  try {
    yield* decompressors[codec](source)
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      const name = packages[codec]
      throw new Error(
        `reading ${codec} needs the package ${name}, which is not installed where the task runs; write npm install ${name}`,
        { cause: error },
      )
    }
    throw new Error(`cannot decompress '${path}' as ${codec}: ${message}`, { cause: error })
  }
}

const packages: Readonly<Partial<Record<StreamCodec, string>>> = {
  zstd: 'fzstd',
  bzip2: 'unbzip2-stream',
  xz: 'xz-decompress',
}

const decompressors: Readonly<Record<StreamCodec, (source: Bytes) => Bytes>> = {
  brotli: (source) => through(source, zlib.createBrotliDecompress()),
  zstd: (source) =>
    createZstdDecompress === undefined ? zstdOf(source) : through(source, createZstdDecompress()),
  bzip2: (source) => through(source, unbzip2()()),
  xz: xzOf,
  lz4: decompressLz4,
}

/** Passes bytes through a stream of Node, which may be an old one. */
function through(source: Bytes, stream: NodeJS.ReadWriteStream): Bytes {
  const input = Readable.from(source)
  input.on('error', (error) => stream.emit('error', error))
  input.pipe(stream)
  return stream instanceof Readable ? stream : new Readable().wrap(stream)
}

async function* zstdOf(source: Bytes): Bytes {
  let ready: Uint8Array[] = []
  const stream = new (fzstd().Decompress)((chunk) => {
    if (chunk.length > 0) ready.push(chunk)
  })
  for await (const piece of source) {
    stream.push(piece)
    yield* ready
    ready = []
  }
  stream.push(new Uint8Array(0), true)
  yield* ready
}

async function* xzOf(source: Bytes): Bytes {
  const module = await xz()
  const { XzReadableStream } = module.default ?? module
  const input = Readable.toWeb(Readable.from(source)) as ReadableStream<Uint8Array>
  yield* new XzReadableStream(input) as unknown as Bytes
}
