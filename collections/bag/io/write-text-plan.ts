/** Plans `toTextfiles`: checks its options and works out the paths. Nothing is written here. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { naturalOrder, writeTarget } from '../../files/file-patterns.js'
import type { FileReference } from '../../files/file-system.js'
import type { StorageOptions } from '../../files/remote-files.js'
import { writeCodec } from './packed-files.js'
import { checkEncoding, checkErrors } from './text-encodings.js'
import { checkWriteCompression, type WriteCodec } from './text-format.js'
import type { WriteFormat } from './text-steps.js'

/** The options of `toTextfiles`. */
export interface WriteOptions {
  /**
   * Returns the string that replaces `*` for a partition's number. The names must be in the order of the
   * partitions. The default is the number, padded with zeros.
   */
  readonly nameFunction?: ((partition: number) => string) | undefined
  /**
   * `'infer'`, the default, compresses files whose names end in `.gz`, `.br` or `.zst`. `'gzip'`, `'brotli'` and `'zstd'` compress all,
   * and `null` none.
   */
  readonly compression?: 'infer' | WriteCodec | null | undefined
  /** `'utf8'` (the default), `'utf16le'`, `'utf16be'`, `'latin1'` or `'ascii'`. */
  readonly encoding?: string | undefined
  /**
   * What to do about characters that the encoding does not have: `'strict'`, the default, throws an error;
   * `'replace'` writes `?` (U+FFFD in Unicode encodings), and `'ignore'` leaves them out.
   */
  readonly errors?: 'strict' | 'replace' | 'ignore' | undefined
  /** Whether files end with a newline. True by default. */
  readonly lastEndline?: boolean | undefined
  /** Options of file systems of other machines: `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

/** The path and the format of each partition's file. */
export interface WriteTextPlan {
  readonly files: FileReference[]
  readonly formats: WriteFormat[]
  /** Whether the files are written at once. */
  readonly compute: boolean
  readonly computeOptions: ComputeOptions
}

const optionNames = [
  'nameFunction',
  'compression',
  'encoding',
  'errors',
  'lastEndline',
  'storageOptions',
  'compute',
]
/** The options of `compute`. */
export const computeOptionNames = ['get', 'signal', 'onProgress']

/** Checks the arguments of `toTextfiles` and returns its plan. */
export function planWriteText(
  path: string | readonly string[],
  options: WriteOptions & { readonly compute?: boolean } & ComputeOptions,
  npartitions: number,
): WriteTextPlan {
  checkOptions(options, [...optionNames, ...computeOptionNames], 'toTextfiles')
  const {
    nameFunction,
    compression,
    encoding = 'utf8',
    errors,
    lastEndline = true,
    storageOptions,
    compute = true,
    ...computeOptions
  } = options
  const paths = filePaths(path, nameFunction, npartitions, 'toTextfiles')
  const checked = checkWriteCompression(compression, 'toTextfiles')
  const format = {
    encoding: checkEncoding(encoding, 'toTextfiles'),
    errors: checkErrors(errors, 'toTextfiles'),
    lastEndline: Boolean(lastEndline),
  }
  const formats = paths.map((file) => ({
    codec: writeCodec(file, checked, 'toTextfiles'),
    ...format,
  }))
  const files = paths.map((file) => writeTarget(file, { operation: 'toTextfiles', storageOptions }))
  return { files, formats, compute, computeOptions }
}

/** Returns the path of the file of each partition. */
export function filePaths(
  path: string | readonly string[],
  nameFunction: ((partition: number) => string) | undefined,
  npartitions: number,
  operation: string,
): string[] {
  if (Array.isArray(path)) {
    if (path.length !== npartitions || new Set(path).size !== npartitions) {
      throw new RangeError(
        `${operation}: a list of paths must have a different one for each of ${npartitions} partitions, got ${path.length}`,
      )
    }
    return [...path]
  }
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `${operation}: the path must be a string or a list of strings, got ${describeValue(path)}`,
    )
  }
  if (!path.includes('*')) {
    if (npartitions === 1) return [path]
    throw new RangeError(
      `${operation}: the path must have a * for the partition's number, got ${describeValue(path)} for ${npartitions} partitions`,
    )
  }
  const names = partitionNames(nameFunction, npartitions, operation)
  return names.map((name) => path.replaceAll('*', () => name))
}

function partitionNames(
  nameFunction: ((partition: number) => string) | undefined,
  npartitions: number,
  operation: string,
): string[] {
  const width = String(npartitions - 1).length
  const nameOf = nameFunction ?? ((i: number) => String(i).padStart(width, '0'))
  const names = Array.from({ length: npartitions }, (_, i) => {
    const name: unknown = nameOf(i)
    if (typeof name === 'string') return name
    throw new TypeError(
      `${operation}: nameFunction must return a string, got ${describeValue(name)}`,
    )
  })
  for (let i = 1; i < names.length; i++) {
    if (naturalOrder(names[i - 1]!, names[i]!) < 0) continue
    throw new RangeError(
      `${operation}: nameFunction must return names in the order of the partitions, got ${describeValue(names[i - 1])} and then ${describeValue(names[i])}`,
    )
  }
  return names
}
