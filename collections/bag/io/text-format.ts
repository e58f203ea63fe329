/** How text files are decoded into lines: encodings, what to do about invalid bytes, line delimiters, ranges. */
import { describeValue } from '../../../core/base/describe-value.js'
import type { FileReference } from '../../files/file-system.js'
import type { ErrorMode, TextEncoding } from './text-encodings.js'

/** A range of bytes of a file. */
export interface TextRange extends FileReference {
  readonly start: number
  /** The end, not included. Undefined for the end of the file. */
  readonly end?: number | undefined
  /** Whether the file is gzip. Such a file is read from its start to its end. */
  readonly compressed: boolean
  /** The encoding that the file's byte order mark says, if it has one. */
  readonly encoding?: TextEncoding | undefined
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

/** How the compression of files is chosen: `'infer'` goes by the name, and by the first bytes if it is read. */
export type Compression = 'infer' | 'gzip' | null

/** Returns the compression, `'infer'` by default. Throws a RangeError for an unknown one. */
export function checkCompression(compression: unknown, operation: string): Compression {
  if (compression === undefined) return 'infer'
  if (compression === 'infer' || compression === 'gzip' || compression === null) return compression
  throw new RangeError(
    `${operation}: compression must be 'infer', 'gzip' or null, got ${describeValue(compression)}`,
  )
}
