/**
 * The layout of Arrow's files and streams (https://arrow.apache.org/docs/format/Columnar.html). A stream is a schema followed by dictionaries
 * and record batches; a file is a stream between two marks, with a footer that says where each of them is. So the schema, the
 * dictionaries and some batches of a file, one after the other, are a stream again.
 */
import zlib from 'node:zlib'
import type { RecordBatch, Schema } from 'apache-arrow'
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'
import type { FileReference } from '../../files/file-system.js'
import { decodeLz4 } from '../../files/lz4-frames.js'
import { readRange } from '../../files/open-files.js'

const arrow = lazyPackage<typeof import('apache-arrow')>('apache-arrow')
const footers = lazyPackage<typeof import('apache-arrow/ipc/metadata/file')>(
  'apache-arrow/ipc/metadata/file',
)
const fzstd = lazyPackage<{ readonly decompress: (bytes: Uint8Array) => Uint8Array }>('fzstd')

/** A part of a file: positions from and to. */
export type MessageRange = readonly [start: number, end: number]

/** Where the parts of a file are. */
export interface ArrowLayout {
  readonly fields: readonly string[]
  /** The schema, as the message with which streams begin. */
  readonly schema: Uint8Array
  /** The dictionaries, which every batch needs. */
  readonly dictionaries: readonly MessageRange[]
  readonly batches: readonly MessageRange[]
}

/** A file begins and ends with it. */
const MARK = 'ARROW1'
/** The bytes before the schema: the mark and two more. */
const START = 8
/** A message begins with -1 and its length, and is padded with zeros. */
const [CONTINUATION, HEADER_SIZE, ALIGNMENT] = [-1, 8, 8]

/** Reads where the parts of a file are; undefined for a stream, which does not say it. Throws RangeError for a file that is cut. */
export function readArrowLayout(
  file: FileReference & { readonly size: number },
): ArrowLayout | undefined {
  const { path, size } = file
  const start = Buffer.from(readRange(file, 0, START))
  if (start.toString('latin1', 0, MARK.length) !== MARK) return undefined
  const endSize = 4 + MARK.length
  const end = Buffer.from(readRange(file, Math.max(START, size - endSize), size))
  const length = end.length === endSize ? end.readInt32LE(0) : -1
  if (end.toString('latin1', 4) !== MARK || length <= 0 || length + endSize + START > size)
    throw new RangeError(`readArrow: '${path}' was not written completely`)
  const footerAt = size - endSize - length
  // The library itself completes the classes that its footer uses.
  arrow()
  const footer = footers().Footer.decode(readRange(file, footerAt, footerAt + length))
  const rangeOf = (block: { offset: number; metaDataLength: number; bodyLength: number }) =>
    [block.offset, block.offset + block.metaDataLength + block.bodyLength] as const
  return {
    fields: footer.schema.fields.map(({ name }) => name),
    schema: schemaMessage(footer.schema),
    dictionaries: [...footer.dictionaryBatches()].map(rangeOf),
    batches: [...footer.recordBatches()].map(rangeOf),
  }
}

/** Encodes a schema. Not every file has it before its batches: those of the JavaScript library have it in the footer alone. */
function schemaMessage(schema: Schema): Uint8Array {
  const { Message } = arrow()
  const message = Message.encode(Message.from(schema))
  const padded = Math.ceil(message.length / ALIGNMENT) * ALIGNMENT
  const bytes = Buffer.alloc(HEADER_SIZE + padded)
  bytes.writeInt32LE(CONTINUATION, 0)
  bytes.writeInt32LE(padded, 4)
  bytes.set(message, HEADER_SIZE)
  return bytes
}

/** Yields the record batches of a stream, whose bytes come in pieces. */
export function* recordBatches(pieces: Iterable<Uint8Array>): Iterable<RecordBatch> {
  registerCodecs()
  yield* arrow().RecordBatchReader.from(pieces)
}

let areCodecsRegistered = false

/** Lets the library read compressed batches, as pandas writes them, unless the user has done so. */
function registerCodecs(): void {
  if (areCodecsRegistered) return
  areCodecsRegistered = true
  const { compressionRegistry, CompressionType } = arrow()
  const decoders = [
    [CompressionType.LZ4_FRAME, decodeLz4],
    [CompressionType.ZSTD, decodeZstd],
  ] as const
  for (const [type, decode] of decoders)
    if (compressionRegistry.get(type) === null)
      compressionRegistry.set(type, { decode: (bytes) => aligned(decode(bytes)) })
}

/** Returns bytes that start in a buffer of their own, as columns of numbers must. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % ALIGNMENT === 0 ? bytes : Uint8Array.from(bytes)
}

/** Zstandard in Node, from version 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }

function decodeZstd(bytes: Uint8Array): Uint8Array {
  if (zstdDecompressSync !== undefined) return zstdDecompressSync(bytes)
  return loadOptional(fzstd, 'fzstd', 'readArrow').decompress(bytes)
}
