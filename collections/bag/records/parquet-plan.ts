/** Plans `readParquet` and `toParquet`: checks the options, and reads the metadata of files. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { findFiles } from '../../files/file-patterns.js'
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import type { WriteOptions } from '../io/write-text-plan.js'
import {
  type ParquetCodec,
  type ParquetRows,
  type ParquetWriteFormat,
  readParquetMetadata,
} from './parquet-steps.js'
import {
  planWrite,
  WRITE_NAMES,
  type WriteNow,
  type WriteRecordsPlan,
} from './write-records-plan.js'

/** The options of `readParquet`. */
export interface ReadParquetOptions {
  /** The columns that records have; no others are read. The default is all. */
  readonly columns?: readonly string[] | undefined
  /** Options of file systems of other machines: `HttpOptions` or `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

/** The options of `toParquet`. */
export interface WriteParquetOptions extends Pick<WriteOptions, 'nameFunction' | 'storageOptions'> {
  /** `'snappy'`, the default, `'gzip'`, `'brotli'`, or `null` for none. */
  readonly compression?: ParquetCodec | null | undefined
  /** The fields that are written. The default is those of the first record of each file. */
  readonly columns?: readonly string[] | undefined
  /** The number of records in a row group, at most. 100,000 by default. */
  readonly rowGroupSize?: number | undefined
}

/** The row groups of each partition. */
export interface ReadParquetPlan {
  readonly files: readonly FoundFile[]
  readonly partitions: readonly (readonly ParquetRows[])[]
  readonly columns: readonly string[] | undefined
}

/** With more row groups than this, small ones share a partition, up to these bytes before compression. */
const MANY_GROUPS = 256
const PARTITION_SIZE = 16 << 20

/** Checks the arguments of `readParquet` and returns its plan. */
export function planReadParquet(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadParquetOptions,
): ReadParquetPlan {
  checkOptions(options, ['columns', 'storageOptions'], 'readParquet')
  const { columns, storageOptions } = options
  const files = findFiles(patterns, { operation: 'readParquet', storageOptions })
  const pieces = files.flatMap((file) => rowGroups(file, columns))
  const merges = pieces.length > MANY_GROUPS
  const partitions: ParquetRows[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [piece, size] of pieces) {
    if (merges && bytes + size <= PARTITION_SIZE) partitions.at(-1)!.push(piece)
    else partitions.push([piece])
    bytes = partitions.at(-1)!.length === 1 ? size : bytes + size
  }
  return { files, partitions: partitions.length === 0 ? [[]] : partitions, columns }
}

function rowGroups(
  file: FoundFile,
  columns: readonly string[] | undefined,
): (readonly [ParquetRows, number])[] {
  if (!hasRanges(file)) {
    throw new RangeError(
      `readParquet: '${file.path}' cannot be read in parts, as Parquet needs; copy it to a disk`,
    )
  }
  const metadata = readParquetMetadata(file)
  const names = metadata.schema.map(({ name }) => name)
  const missing = columns?.find((name) => !names.includes(name))
  if (missing !== undefined) {
    throw new RangeError(
      `readParquet: '${file.path}' has no column ${describeValue(missing)}, only ${names.slice(1).join(', ')}`,
    )
  }
  let rowStart = 0
  return metadata.row_groups.map(({ num_rows, total_byte_size }) => {
    const rowEnd = rowStart + Number(num_rows)
    const { path, access, size } = file
    const piece = { path, ...(access && { access }), size, rowStart, rowEnd }
    rowStart = rowEnd
    return [piece, Number(total_byte_size)]
  })
}

/** Checks the arguments of `toParquet` and returns its plan. */
export function planWriteParquet(
  path: string | readonly string[],
  options: WriteParquetOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan<ParquetWriteFormat> {
  checkOptions(options, [...WRITE_NAMES, 'columns', 'rowGroupSize'], 'toParquet')
  const { compression = 'snappy', columns, rowGroupSize = 100_000, ...others } = options
  if (compression !== null && !['snappy', 'gzip', 'brotli'].includes(compression)) {
    throw new RangeError(
      `toParquet: compression must be 'snappy', 'gzip', 'brotli' or null, got ${describeValue(compression)}`,
    )
  }
  if (columns !== undefined && !Array.isArray(columns)) {
    throw new TypeError(`toParquet: columns must be a list of names, got ${describeValue(columns)}`)
  }
  checkWholeNumber(rowGroupSize, 1, 'toParquet', 'rowGroupSize')
  const format = { columns, codec: compression ?? undefined, rowGroupSize }
  return planWrite(path, { ...others, compression: null }, npartitions, 'toParquet', () => format)
}
