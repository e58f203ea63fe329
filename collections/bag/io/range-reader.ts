/** Opens ranges of files of text, decompressed, and decodes their bytes. */
import { type ByteReader, PeekingReader } from '../../files/byte-reader.js'
import { openFile, openPacked } from '../../files/open-files.js'
import { GzipReader } from './gzip-reader.js'
import {
  byteOrderMark,
  decodeBytes,
  InvalidBytes,
  mayHaveByteOrderMark,
  type TextEncoding,
} from './text-encodings.js'
import type { TextFormat, TextRange } from './text-format.js'

/** A reader of a range, and the encoding of its bytes. */
export interface RangeReader {
  readonly reader: ByteReader
  readonly encoding: TextEncoding
}

/** Opens a range of a file at a position, and finds the encoding of a compressed one, which is read whole. */
export function openRange(range: TextRange, format: TextFormat, position: number): RangeReader {
  const encoding = range.encoding ?? format.encoding
  const { codec } = range
  if (codec === undefined) return { reader: openFile(range, position, range.end), encoding }
  const unpacked = codec === 'gzip' ? new GzipReader(range) : openPacked(range, codec)
  const reader = new PeekingReader(unpacked)
  if (!mayHaveByteOrderMark(encoding)) return { reader, encoding }
  try {
    return { reader, encoding: byteOrderMark(reader.peek(3))?.encoding ?? encoding }
  } catch (error) {
    reader.close()
    throw error
  }
}

/** Returns the number of bytes of a file's byte order mark, from the first bytes of the file. */
export function markLength(start: Uint8Array, encoding: TextEncoding): number {
  return mayHaveByteOrderMark(encoding) ? (byteOrderMark(start)?.length ?? 0) : 0
}

/**
 * Decodes bytes of a file, which start at `offset` in it, without the first `skipped` ones.
 *
 * @throws TypeError that names the file and the position for bytes that are invalid in the encoding.
 */
export function decodeRange(
  bytes: Buffer,
  skipped: number,
  offset: number,
  { path, codec }: TextRange,
  encoding: TextEncoding,
  { errors }: TextFormat,
): string {
  try {
    return decodeBytes(skipped === 0 ? bytes : bytes.subarray(skipped), encoding, errors)
  } catch (error) {
    if (!(error instanceof InvalidBytes)) throw error
    const position = offset + skipped + error.offset
    const unit = codec !== undefined ? 'decompressed byte' : 'byte'
    throw new TypeError(
      `cannot read '${path}' as ${encoding}: ${unit} ${position} (${error.description}) is not valid there; give the encoding of the file, such as { encoding: 'latin1' }, or { errors: 'replace' } or { errors: 'ignore' }`,
    )
  }
}
