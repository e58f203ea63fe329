/**
 * Which text files there are, and how they are cut into partitions: all that `readText` does before
 * anything is read.
 */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { describeValue } from '../../base/describe-value.js'
import type { TextEncoding, TextFormat, TextRange } from './text-source.js'

/** What `readText` can be told. */
export interface ReadTextOptions {
  /**
   * Bytes of a file in a partition, a number or a text such as `'64 MiB'`; `null` never cuts a file.
   * The default is a sixteenth of all there is, but 1 to 8 MiB. Packed files are never cut.
   */
  readonly blocksize?: number | string | null | undefined
  /** How many whole files go into a partition; not together with `blocksize`. */
  readonly filesPerPartition?: number | undefined
  /** `'infer'`, the default, unpacks files whose names end in `.gz`. */
  readonly compression?: 'infer' | 'gzip' | null | undefined
  /** `'utf8'` (the default), `'utf16le'`, `'latin1'` or `'ascii'`. */
  readonly encoding?: string | undefined
  /** What ends a line; the default is `\n`, a `\r` before it belonging to it. */
  readonly linedelimiter?: string | undefined
  /** Whether lines keep what ended them; they do not by default. */
  readonly keepLineEnds?: boolean | undefined
  /** Whether items are `[line, path]`. */
  readonly includePath?: boolean | undefined
}

/** A file, with what tells whether it has changed. */
export interface TextFile {
  readonly path: string
  readonly size: number
  readonly changed: number
}

/** Partitions as lists of ranges; `packed` says which files must be unpacked. */
export interface TextPlan {
  readonly files: readonly TextFile[]
  readonly partitions: readonly (readonly TextRange[])[]
  readonly format: TextFormat
}

const MIB = 1 << 20
/** So many files are too many to be a partition each, unless the user says so. */
const MANY_FILES = 256

/** Looks up the files and cuts them; wrong arguments fail here. */
export function planText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions,
): TextPlan {
  const files = findFiles(patterns)
  const compression = options.compression === undefined ? 'infer' : options.compression
  if (compression !== 'infer' && compression !== 'gzip' && compression !== null) {
    throw new RangeError(
      `readText: compression must be 'infer', 'gzip' or null, got ${describeValue(compression)}`,
    )
  }
  const format = readFormat(options)
  const isPacked = ({ path }: TextFile): boolean =>
    compression === 'gzip' || (compression === 'infer' && path.endsWith('.gz'))
  const { blocksize, filesPerPartition } = options
  let partitions: TextRange[][]
  const whole = (file: TextFile): TextRange => ({
    path: file.path,
    start: 0,
    packed: isPacked(file),
  })
  if (filesPerPartition !== undefined) {
    assertCount(filesPerPartition, 'filesPerPartition')
    if (blocksize !== undefined && blocksize !== null) {
      throw new RangeError('readText: give blocksize or filesPerPartition, not both')
    }
    partitions = groups(files, filesPerPartition).map((group) => group.map(whole))
  } else {
    const size = blocksize === null ? null : (byteCount(blocksize) ?? defaultBlocksize(files))
    if (blocksize !== undefined && blocksize !== null) assertCuttable(files, format, isPacked)
    const cuttable = !overlapsItself(format.delimiter ?? '\n')
    const unit = format.encoding === 'utf16le' ? 2 : 1
    partitions = []
    for (const file of files) {
      if (size === null || !cuttable || isPacked(file)) partitions.push([whole(file)])
      else for (const range of cut(file, size, unit)) partitions.push([range])
    }
    if (blocksize === undefined && files.length > MANY_FILES) {
      partitions = gather(partitions, files, size!)
    }
  }
  return { files, partitions, format }
}

function readFormat(options: ReadTextOptions): TextFormat {
  const { linedelimiter: delimiter, keepLineEnds = false, includePath = false } = options
  if (delimiter !== undefined && (typeof delimiter !== 'string' || delimiter === '')) {
    throw new RangeError(
      `readText: linedelimiter must be a text of at least one character, got ${describeValue(delimiter)}`,
    )
  }
  return {
    encoding: readEncoding(options.encoding ?? 'utf8', 'readText'),
    delimiter,
    keepLineEnds,
    includePath,
  }
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

/** An encoding by one of its names; `what` is the operation that was told it. */
export function readEncoding(encoding: string, what: string): TextEncoding {
  const known = encodings[String(encoding).toLowerCase()]
  if (known !== undefined) return known
  throw new RangeError(
    `${what}: encoding must be 'utf8', 'utf16le', 'latin1' or 'ascii', got ${describeValue(encoding)}`,
  )
}

/** The files that patterns stand for, in natural order, each once. */
function findFiles(patterns: string | URL | readonly (string | URL)[]): TextFile[] {
  const list = Array.isArray(patterns) ? patterns : [patterns]
  if (list.length === 0) throw new RangeError('readText: give at least one path or pattern')
  const paths = new Set<string>()
  for (const pattern of list as readonly unknown[])
    for (const path of expand(pattern)) paths.add(path)
  return [...paths].map(stat)
}

function expand(pattern: unknown): string[] {
  if (pattern instanceof URL) {
    if (pattern.protocol !== 'file:') {
      throw new RangeError(`readText: only file: URLs can be read, got '${pattern.href}'`)
    }
    return [fileURLToPath(pattern)]
  }
  if (typeof pattern !== 'string' || pattern === '') {
    throw new TypeError(
      `readText: a path must be a text or a file: URL, got ${describeValue(pattern)}`,
    )
  }
  if (pattern.startsWith('file://')) return [fileURLToPath(pattern)]
  // A file may have a name that looks like a pattern.
  if (!isDynamicPattern(pattern) || existsSync(pattern)) return [resolve(pattern)]
  const found = globSync(pattern, { absolute: true, expandDirectories: false })
  if (found.length === 0) throw new RangeError(`readText: no file matches '${pattern}'`)
  return found.map((path) => resolve(path)).sort(naturalOrder)
}

function stat(path: string): TextFile {
  let found: ReturnType<typeof statSync>
  try {
    found = statSync(path)
  } catch (error) {
    throw new RangeError(`readText: cannot read '${path}': no such file`, { cause: error })
  }
  if (found.isDirectory()) {
    throw new RangeError(`readText: '${path}' is a folder; to read its files say '${path}/*'`)
  }
  return { path, size: found.size, changed: found.mtimeMs }
}

/** `part2` before `part10`. */
export function naturalOrder(a: string, b: string): number {
  const partsA = a.split(/(\d+)/)
  const partsB = b.split(/(\d+)/)
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const [x, y] = [partsA[i]!, partsB[i]!]
    if (x === y) continue
    if (i % 2 === 1 && Number(x) !== Number(y)) return Number(x) - Number(y)
    return x < y ? -1 : 1
  }
  return partsA.length - partsB.length
}

function defaultBlocksize(files: readonly TextFile[]): number {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  return Math.min(8 * MIB, Math.max(MIB, Math.ceil(total / 16)))
}

function byteCount(blocksize: number | string | undefined): number | undefined {
  if (blocksize === undefined) return undefined
  const bytes = typeof blocksize === 'string' ? parseByteSize(blocksize) : blocksize
  if (!Number.isFinite(bytes) || bytes < 1) {
    throw new RangeError(
      `readText: blocksize must be a positive number of bytes, a text such as '64 MiB', or null, got ${describeValue(blocksize)}`,
    )
  }
  return Math.floor(bytes)
}

function assertCount(value: unknown, name: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return
  throw new RangeError(
    `readText: ${name} must be a whole number of at least 1, got ${describeValue(value)}`,
  )
}

function assertCuttable(
  files: readonly TextFile[],
  format: TextFormat,
  isPacked: (file: TextFile) => boolean,
): void {
  const packed = files.find(isPacked)
  if (packed !== undefined) {
    throw new RangeError(
      `readText: blocksize cannot cut '${packed.path}', which is packed; leave blocksize out or give null`,
    )
  }
  if (overlapsItself(format.delimiter ?? '\n')) {
    throw new RangeError(
      `readText: blocksize cannot cut at ${describeValue(format.delimiter)}, since that overlaps itself; give blocksize: null`,
    )
  }
}

/** Whether an ending can be found at two places that overlap, so that a search from the middle errs. */
function overlapsItself(delimiter: string): boolean {
  for (let shift = 1; shift < delimiter.length; shift++) {
    if (delimiter.startsWith(delimiter.slice(shift))) return true
  }
  return false
}

/** Ranges of about equal size, none larger than asked for, with borders between characters of two bytes. */
function cut(file: TextFile, blocksize: number, unit: number): TextRange[] {
  const chars = Math.ceil(file.size / unit)
  const count = Math.max(1, Math.min(chars, Math.ceil(file.size / blocksize)))
  const border = (i: number): number => Math.floor((chars * i) / count) * unit
  return Array.from({ length: count }, (_, i) => ({
    path: file.path,
    start: border(i),
    end: i === count - 1 ? undefined : border(i + 1),
    packed: false,
  }))
}

function groups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** Puts whole small files that follow each other together, up to a size. */
function gather(
  partitions: readonly TextRange[][],
  files: readonly TextFile[],
  blocksize: number,
): TextRange[][] {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const gathered: TextRange[][] = []
  let open = Number.POSITIVE_INFINITY
  for (const ranges of partitions) {
    const { path, start, end } = ranges[0]!
    const size = (end ?? sizes.get(path)!) - start
    if (open + size <= blocksize) {
      gathered.at(-1)!.push(...ranges)
      open += size
    } else {
      gathered.push([...ranges])
      open = size
    }
  }
  return gathered
}
