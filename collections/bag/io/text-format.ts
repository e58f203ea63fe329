/** How text files are decoded into lines: encodings, line delimiters, and ranges of files. */
import { describeValue } from '../../base/describe-value.js'

/** The supported encodings. Their line delimiters can be found without decoding. */
export type TextEncoding = 'utf8' | 'utf16le' | 'latin1' | 'ascii'

/** A range of bytes of a file. */
export interface TextRange {
  readonly path: string
  readonly start: number
  /** The end, not included. Undefined for the end of the file. */
  readonly end?: number | undefined
  /** Whether the file is gzip. Such a file is read from its start to its end. */
  readonly compressed: boolean
}

/** How bytes become lines. */
export interface TextFormat {
  readonly encoding: TextEncoding
  /** The string that ends a line. Undefined for `\n` or `\r\n`. */
  readonly delimiter?: string | undefined
  /** Whether lines keep their delimiter. */
  readonly keepLineEnds: boolean
  /** Whether items are `[line, path]`. */
  readonly includePath: boolean
}

const encodings: Readonly<Record<string, TextEncoding>> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
}

/** Returns the encoding of a name, in any case. Throws a RangeError for an unknown one. */
export function checkEncoding(encoding: string, operation: string): TextEncoding {
  const known = encodings[String(encoding).toLowerCase()]
  if (known !== undefined) return known
  throw new RangeError(
    `${operation}: encoding must be 'utf8', 'utf16le', 'latin1' or 'ascii', got ${describeValue(encoding)}`,
  )
}

/** How the compression of files is chosen: `'infer'` goes by the extension `.gz`. */
type Compression = 'infer' | 'gzip' | null

/** Returns the compression, `'infer'` by default. Throws a RangeError for an unknown one. */
export function checkCompression(compression: unknown, operation: string): Compression {
  if (compression === undefined) return 'infer'
  if (compression === 'infer' || compression === 'gzip' || compression === null) return compression
  throw new RangeError(
    `${operation}: compression must be 'infer', 'gzip' or null, got ${describeValue(compression)}`,
  )
}

/** Whether a file is, or is to be, compressed. */
export function isCompressed(path: string, compression: Compression): boolean {
  return compression === 'gzip' || (compression === 'infer' && path.endsWith('.gz'))
}
