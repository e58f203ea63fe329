/** How text files are decoded into lines: encodings, what to do about invalid bytes, line delimiters, ranges. */
import { describeValue } from '../../../core/base/describe-value.js'
import type { StreamCodec } from '../../files/decompress.js'
import type { FileReference } from '../../files/file-system.js'
import type { ErrorMode, TextEncoding } from './text-encodings.js'

/** A range of bytes of a file. */
export interface TextRange extends FileReference {
  readonly start: number
  /** The end, not included. Undefined for the end of the file. */
  readonly end?: number | undefined
  /** How the file is compressed; undefined if it is not. Such a file is read from its start to its end. */
  readonly codec?: Codec | undefined
  /** The encoding that the file's byte order mark says, if it has one. */
  readonly encoding?: TextEncoding | undefined
  /** Fields that the folders of the file give to its records. */
  readonly hive?: Readonly<Record<string, unknown>> | undefined
}

/** How bytes become lines. */
export interface TextFormat {
  readonly encoding: TextEncoding
  /** What to do about bytes that are invalid in the encoding. */
  readonly errors: ErrorMode
  /** The string that ends a line. Undefined for `\n` or `\r\n`. */
  readonly delimiter?: string | undefined
  /** Whether lines keep their delimiter. */
  readonly keepLineEnds: boolean
  /** Whether items are `[line, path]`. */
  readonly includePath: boolean
}

/** The formats of compressed files. */
export type Codec = 'gzip' | StreamCodec

/** The formats in which files can be written. */
export type WriteCodec = 'gzip' | 'brotli' | 'zstd'

/** How the compression of files is chosen: `'infer'` goes by the name, and by the first bytes if it is read. */
export type Compression<C extends Codec = Codec> = 'infer' | C | null

const CODECS: readonly Codec[] = ['gzip', 'brotli', 'zstd', 'bzip2', 'xz', 'lz4']
const WRITE_CODECS: readonly WriteCodec[] = ['gzip', 'brotli', 'zstd']

/** Returns the compression of files that are read, `'infer'` by default. Throws a RangeError for an unknown one. */
export function checkCompression(compression: unknown, operation: string): Compression {
  return checked(compression, CODECS, operation)
}

/** Returns the compression of files that are written, `'infer'` by default. Throws a RangeError for an unknown one. */
export function checkWriteCompression(
  compression: unknown,
  operation: string,
): Compression<WriteCodec> {
  return checked(compression, WRITE_CODECS, operation)
}

function checked<C extends Codec>(
  compression: unknown,
  codecs: readonly C[],
  operation: string,
): Compression<C> {
  if (compression === undefined) return 'infer'
  if (compression === 'infer' || compression === null) return compression
  if (codecs.includes(compression as C)) return compression as C
  const names = ['infer', ...codecs].map((name) => `'${name}'`).join(', ')
  throw new RangeError(
    `${operation}: compression must be ${names} or null, got ${describeValue(compression)}`,
  )
}
