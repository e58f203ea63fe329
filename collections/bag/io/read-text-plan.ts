/**
 * Plans `readText`: checks its options, finds the files and cuts them into partitions. Only the first
 * bytes of files are read here.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { findFiles } from '../../files/file-patterns.js'
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import { readCodec, readHead } from './packed-files.js'
import {
  byteOrderMark,
  checkEncoding,
  checkErrors,
  mayHaveByteOrderMark,
  unitOf,
} from './text-encodings.js'
import { type Codec, checkCompression, type TextFormat, type TextRange } from './text-format.js'

/** The options of `readText`. */
export interface ReadTextOptions {
  /**
   * Bytes of a file in a partition: a number, or a string such as `'64 MiB'`. `null` never cuts a file.
   * The default is a sixteenth of the size of all files, but at least 1 and at most 8 MiB. Compressed
   * files are never cut.
   */
  readonly blocksize?: number | string | null | undefined
  /** The number of whole files in a partition. It excludes `blocksize`. */
  readonly filesPerPartition?: number | undefined
  /**
   * `'infer'`, the default, decompresses files known by their suffix or first bytes: `'gzip'` (`.gz`), `'brotli'` (`.br`, by its suffix alone),
   * `'zstd'` (`.zst`), `'bzip2'` (`.bz2`), `'xz'` and `'lz4'`; it refuses other packed files. A name decompresses all files so. `null`
   * reads all as they are.
   */
  readonly compression?: 'infer' | Codec | null | undefined
  /**
   * `'utf8'` (the default), `'utf16le'`, `'utf16be'`, `'latin1'` or `'ascii'`. The byte order mark of a file
   * in UTF-8 or UTF-16 decides instead, and is no part of the first line.
   */
  readonly encoding?: string | undefined
  /**
   * What to do about bytes that are invalid in the encoding: `'strict'`, the default, throws an error with
   * the file and the position; `'replace'` gives U+FFFD, and `'ignore'` leaves them out.
   */
  readonly errors?: 'strict' | 'replace' | 'ignore' | undefined
  /** The string that ends a line. The default is `\n`, which may follow a `\r`. */
  readonly linedelimiter?: string | undefined
  /** Whether lines keep their delimiter. False by default. */
  readonly keepLineEnds?: boolean | undefined
  /** Whether items are `[line, path]`. False by default. */
  readonly includePath?: boolean | undefined
  /** Options of file systems of other machines: `HttpOptions` or `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

const optionNames = [
  'blocksize',
  'filesPerPartition',
  'compression',
  'encoding',
  'errors',
  'linedelimiter',
  'keepLineEnds',
  'includePath',
  'storageOptions',
] as const satisfies readonly (keyof ReadTextOptions)[]

/** The files, and the ranges of them that each partition reads. */
export interface ReadTextPlan {
  readonly files: readonly FoundFile[]
  readonly partitions: readonly (readonly TextRange[])[]
  readonly format: TextFormat
}

const MIB = 1 << 20
/**
 * With more files than this, small files share a partition unless the user sets `blocksize`, and the formats of
 * those on other machines are known by their names alone.
 */
const MANY_FILES = 256

/** Checks the arguments of `readText` and returns its plan. */
export function planReadText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions,
): ReadTextPlan {
  checkOptions(options, optionNames, 'readText')
  return planFiles(patterns, options, 'readText')
}

/** Checks the options of `readText` that are there, and returns a plan for another reader. */
export function planFiles(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions,
  operation: string,
): ReadTextPlan {
  const { storageOptions } = options
  const files = findFiles(patterns, { operation, storageOptions })
  const compression = checkCompression(options.compression, operation)
  const format = textFormat(options, operation)
  const { blocksize, filesPerPartition } = options
  const ranges = new Map(
    files.map((file) => {
      const { path, access } = file
      const isRead = access === undefined || files.length <= MANY_FILES
      const head =
        isRead && (compression === 'infer' || compression === null)
          ? readHead(file)
          : Buffer.alloc(0)
      const codec = readCodec(path, head, compression, operation)
      const mark = mayHaveByteOrderMark(format.encoding) ? byteOrderMark(head)?.encoding : undefined
      const encoding = mark === undefined || codec !== undefined ? undefined : { encoding: mark }
      return [
        path,
        { path, ...(access && { access }), start: 0, ...(codec && { codec }), ...encoding },
      ]
    }),
  )
  const whole = ({ path }: FoundFile): TextRange => ranges.get(path)!
  if (filesPerPartition === undefined) {
    const partitions = cutByBlocksize(files, blocksize, format, whole, operation)
    return { files, partitions, format }
  }
  checkWholeNumber(filesPerPartition, 1, operation, 'filesPerPartition')
  if (blocksize !== undefined && blocksize !== null) {
    throw new RangeError(`${operation}: give blocksize or filesPerPartition, not both`)
  }
  const partitions = inGroups(files, filesPerPartition).map((group) => group.map(whole))
  return { files, partitions, format }
}

function cutByBlocksize(
  files: readonly FoundFile[],
  blocksize: number | string | null | undefined,
  format: TextFormat,
  whole: (file: FoundFile) => TextRange,
  operation: string,
): TextRange[][] {
  const size =
    blocksize === null ? null : (byteCount(blocksize, operation) ?? defaultBlocksize(files))
  if (blocksize !== undefined && blocksize !== null) assertCuttable(files, format, whole, operation)
  const cuttable = !overlapsItself(format.delimiter ?? '\n')
  const partitions: TextRange[][] = []
  for (const file of files) {
    const range = whole(file)
    const isWhole = range.codec !== undefined || !hasRanges(range)
    if (size === null || !cuttable || isWhole) partitions.push([range])
    else {
      const unit = unitOf(range.encoding ?? format.encoding)
      for (const part of cut(file, size, unit)) partitions.push([{ ...range, ...part }])
    }
  }
  const merge = blocksize === undefined && files.length > MANY_FILES
  return merge ? mergeSmallFiles(partitions, files, size!) : partitions
}

function textFormat(options: ReadTextOptions, operation: string): TextFormat {
  const { linedelimiter: delimiter, keepLineEnds = false, includePath = false } = options
  if (delimiter !== undefined && (typeof delimiter !== 'string' || delimiter === '')) {
    throw new RangeError(
      `${operation}: linedelimiter must be a string of at least one character, got ${describeValue(delimiter)}`,
    )
  }
  return {
    encoding: checkEncoding(options.encoding ?? 'utf8', operation),
    errors: checkErrors(options.errors, operation),
    delimiter,
    keepLineEnds,
    includePath,
  }
}

function defaultBlocksize(files: readonly FoundFile[]): number {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  return Math.min(8 * MIB, Math.max(MIB, Math.ceil(total / 16)))
}

function byteCount(blocksize: number | string | undefined, operation: string): number | undefined {
  if (blocksize === undefined) return undefined
  const bytes = typeof blocksize === 'string' ? parseByteSize(blocksize) : blocksize
  if (!Number.isFinite(bytes) || bytes < 1) {
    throw new RangeError(
      `${operation}: blocksize must be a positive number of bytes, a string such as '64 MiB', or null, got ${describeValue(blocksize)}`,
    )
  }
  return Math.floor(bytes)
}

function assertCuttable(
  files: readonly FoundFile[],
  format: TextFormat,
  whole: (file: FoundFile) => TextRange,
  operation: string,
): void {
  const compressed = files.find((file) => whole(file).codec !== undefined)
  if (compressed !== undefined) {
    throw new RangeError(
      `${operation}: blocksize cannot cut '${compressed.path}', which is compressed; leave blocksize out or set it to null`,
    )
  }
  if (overlapsItself(format.delimiter ?? '\n')) {
    throw new RangeError(
      `${operation}: blocksize cannot cut at ${describeValue(format.delimiter)}, which can overlap itself; use blocksize: null`,
    )
  }
}

/** Whether two occurrences of a delimiter can overlap, so a search from the middle may find a wrong one. */
function overlapsItself(delimiter: string): boolean {
  for (let shift = 1; shift < delimiter.length; shift++) {
    if (delimiter.startsWith(delimiter.slice(shift))) return true
  }
  return false
}

/**
 * Cuts a file into ranges of about equal size, none larger than `blocksize`. `unit` is the width of a
 * character; no border is within one.
 */
function cut(
  file: FoundFile,
  blocksize: number,
  unit: number,
): { readonly start: number; readonly end: number | undefined }[] {
  const units = Math.ceil(file.size / unit)
  const count = Math.max(1, Math.min(units, Math.ceil(file.size / blocksize)))
  const border = (i: number): number => Math.floor((units * i) / count) * unit
  return Array.from({ length: count }, (_, i) => ({
    start: border(i),
    end: i === count - 1 ? undefined : border(i + 1),
  }))
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** Puts consecutive small files into one partition, up to `blocksize` bytes. */
function mergeSmallFiles(
  partitions: readonly TextRange[][],
  files: readonly FoundFile[],
  blocksize: number,
): TextRange[][] {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const merged: TextRange[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const ranges of partitions) {
    const { path, start, end } = ranges[0]!
    const size = (end ?? sizes.get(path)!) - start
    if (bytes + size <= blocksize) {
      merged.at(-1)!.push(...ranges)
      bytes += size
    } else {
      merged.push([...ranges])
      bytes = size
    }
  }
  return merged
}
