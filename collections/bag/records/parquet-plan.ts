/** Plans `readParquet` and `toParquet`: checks the options, and reads the metadata of files. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { findFiles } from '../../files/file-patterns.js'
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import { type HiveValues, hiveValues } from './hive-folders.js'
import { type ParquetGroup, type ParquetRows, readParquetMetadata } from './parquet-reader.js'
import type { ParquetCodec, ParquetWriteFormat } from './parquet-steps.js'
import {
  mayMatch,
  parseRecordFilter,
  type RecordFilter,
  rangeOfValue,
  type ValueRange,
} from './record-filter.js'
import {
  columnsInFiles,
  planWrite,
  WRITE_NAMES,
  type WriteNow,
  type WriteRecordOptions,
  type WriteRecordsPlan,
} from './write-records-plan.js'

/** The options of `readParquet`. */
export interface ReadParquetOptions {
  /** The columns that records have; no others are read. The default is all. */
  readonly columns?: readonly string[] | undefined
  /**
   * An expression over the fields of records: only those for which it is true are read. Row groups and files that cannot have any, by
   * their statistics or folders, are not read at all. A record is left out, too, if a column is null that `<`, `<=`, `>` or `>=` compares.
   */
  readonly filter?: string | undefined
  /** Whether folders such as `day=2024-01-01` give columns to the records of their files. True by default. */
  readonly hivePartitioning?: boolean | undefined
  /** Options of file systems of other machines: `HttpOptions` or `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

/** The options of `toParquet`. */
export interface WriteParquetOptions
  extends Pick<WriteRecordOptions, 'nameFunction' | 'storageOptions' | 'partitionBy'> {
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
  readonly filter: string | undefined
}

/** With more row groups than this, small ones share a partition, up to these bytes before compression. */
const MANY_GROUPS = 256
const PARTITION_SIZE = 16 << 20

/** Checks the arguments of `readParquet` and returns its plan. */
export function planReadParquet(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadParquetOptions,
): ReadParquetPlan {
  checkOptions(options, ['columns', 'filter', 'hivePartitioning', 'storageOptions'], 'readParquet')
  const { columns, filter, hivePartitioning = true, storageOptions } = options
  const parsed = filter === undefined ? undefined : parseRecordFilter(filter, 'readParquet')
  const files = findFiles(patterns, { operation: 'readParquet', storageOptions })
  const values = hivePartitioning ? hiveValues(files.map(({ path }) => path)) : []
  const pieces = files.flatMap((file, i) => rowGroups(file, columns, values[i] ?? {}, parsed))
  const merges = pieces.length > MANY_GROUPS
  const partitions: ParquetRows[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [piece, size] of pieces) {
    if (merges && bytes + size <= PARTITION_SIZE) partitions.at(-1)!.push(piece)
    else partitions.push([piece])
    bytes = partitions.at(-1)!.length === 1 ? size : bytes + size
  }
  return { files, partitions: partitions.length === 0 ? [[]] : partitions, columns, filter }
}

function rowGroups(
  file: FoundFile,
  columns: readonly string[] | undefined,
  hive: HiveValues,
  filter: RecordFilter | undefined,
): (readonly [ParquetRows, number])[] {
  if (!hasRanges(file)) {
    throw new RangeError(
      `readParquet: '${file.path}' cannot be read in parts, as Parquet needs; copy it to a disk`,
    )
  }
  // The metadata of files that the filter excludes by their folders is not even read.
  if (filter !== undefined && !mayMatch(filter, (name) => rangeOfValue(hive[name]))) return []
  const metadata = readParquetMetadata(file)
  const names = metadata.schema.map(({ name }) => name)
  const missing = columns?.find((name) => !names.includes(name) && !Object.hasOwn(hive, name))
  if (missing !== undefined) {
    throw new RangeError(
      `readParquet: '${file.path}' has no column ${describeValue(missing)}, only ${names.slice(1).join(', ')}`,
    )
  }
  let rowStart = 0
  return metadata.row_groups.flatMap((group) => {
    const rowEnd = rowStart + Number(group.num_rows)
    const { path, access, size } = file
    const piece = { path, ...(access && { access }), size, rowStart, rowEnd, hive }
    rowStart = rowEnd
    const isExcluded = filter !== undefined && !mayMatch(filter, (name) => columnRange(group, name))
    return isExcluded ? [] : [[piece, Number(group.total_byte_size)] as const]
  })
}

/** Returns the least and the greatest value of a column in a row group, if the file says them. */
function columnRange({ columns }: ParquetGroup, name: string): ValueRange | undefined {
  const metadata = columns.find(
    ({ meta_data: { path_in_schema: path } = {} }) => path?.length === 1 && path[0] === name,
  )?.meta_data
  if (metadata?.statistics === undefined) return undefined
  const { min_value: min, max_value: max } = metadata.statistics
  return { min, max }
}

/** Checks the arguments of `toParquet` and returns its plan. */
export function planWriteParquet(
  path: string | readonly string[],
  options: WriteParquetOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan<ParquetWriteFormat> {
  checkOptions(options, [...WRITE_NAMES, 'columns', 'rowGroupSize'], 'toParquet')
  const { compression = 'snappy', columns: given, rowGroupSize = 100_000, ...others } = options
  if (compression !== null && !['snappy', 'gzip', 'brotli'].includes(compression)) {
    throw new RangeError(
      `toParquet: compression must be 'snappy', 'gzip', 'brotli' or null, got ${describeValue(compression)}`,
    )
  }
  if (given !== undefined && !Array.isArray(given)) {
    throw new TypeError(`toParquet: columns must be a list of names, got ${describeValue(given)}`)
  }
  const columns = columnsInFiles(given, others.partitionBy)
  checkWholeNumber(rowGroupSize, 1, 'toParquet', 'rowGroupSize')
  const format = { columns, codec: compression ?? undefined, rowGroupSize }
  return planWrite(path, { ...others, compression: null }, npartitions, 'toParquet', () => format)
}
