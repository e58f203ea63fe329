/** Plans `readArrow` and `toArrow`: checks the options, and reads where the record batches of files are. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { findFiles } from '../../files/file-patterns.js'
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import type { ArrowPiece, ArrowWriteFormat } from './arrow-file-steps.js'
import { readArrowLayout } from './arrow-files.js'
import { type HiveValues, hiveValues } from './hive-folders.js'
import {
  columnsInFiles,
  planWrite,
  WRITE_NAMES,
  type WriteNow,
  type WriteRecordOptions,
  type WriteRecordsPlan,
} from './write-records-plan.js'

/** The options of `readArrow`. */
export interface ReadArrowOptions {
  /** The columns that records have. The default is all. */
  readonly columns?: readonly string[] | undefined
  /** Whether folders such as `day=2024-01-01` give columns to the records of their files. True by default. */
  readonly hivePartitioning?: boolean | undefined
  /** Options of file systems of other machines: `HttpOptions` or `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

/** The options of `toArrow`. */
export interface WriteArrowOptions
  extends Pick<WriteRecordOptions, 'nameFunction' | 'storageOptions' | 'partitionBy'> {
  /** The fields that are written. The default is those of the first record of each file. */
  readonly columns?: readonly string[] | undefined
  /** Whether files are streams, without a footer. False by default, and true for names that end with `.arrows`. */
  readonly stream?: boolean | undefined
  /** The number of records in a record batch, at most. 65,536 by default. */
  readonly batchSize?: number | undefined
}

/** The record batches of each partition. */
export interface ReadArrowPlan {
  readonly files: readonly FoundFile[]
  readonly partitions: readonly (readonly ArrowPiece[])[]
  readonly columns: readonly string[] | undefined
}

/** Batches that follow one another share a partition up to these bytes. */
const PARTITION_SIZE = 16 << 20

/** Checks the arguments of `readArrow` and returns its plan. */
export function planReadArrow(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadArrowOptions,
): ReadArrowPlan {
  checkOptions(options, ['columns', 'hivePartitioning', 'storageOptions'], 'readArrow')
  const { columns, hivePartitioning = true, storageOptions } = options
  const files = findFiles(patterns, { operation: 'readArrow', storageOptions })
  const values = hivePartitioning ? hiveValues(files.map(({ path }) => path)) : []
  const partitions = files.flatMap((file, i) => piecesOf(file, columns, values[i] ?? {}))
  return {
    files,
    partitions: partitions.length === 0 ? [[]] : partitions.map((piece) => [piece]),
    columns,
  }
}

/** Returns the pieces of a file that are read by different tasks. */
function piecesOf(
  file: FoundFile,
  columns: readonly string[] | undefined,
  hive: HiveValues,
): ArrowPiece[] {
  const { path, access } = file
  const reference = { path, hive, ...(access && { access }) }
  const layout = hasRanges(file) ? readArrowLayout(file) : undefined
  if (layout === undefined) return [{ ...reference, schema: undefined, parts: undefined }]
  const missing = columns?.find(
    (name) => !layout.fields.includes(name) && !Object.hasOwn(hive, name),
  )
  if (missing !== undefined) {
    throw new RangeError(
      `readArrow: '${path}' has no column ${describeValue(missing)}, only ${layout.fields.join(', ')}`,
    )
  }
  const pieces: (readonly [number, number])[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const range of layout.batches) {
    const size = range[1] - range[0]
    if (bytes + size > PARTITION_SIZE) {
      pieces.push([])
      bytes = 0
    }
    pieces.at(-1)!.push(range)
    bytes += size
  }
  const { schema, dictionaries } = layout
  return pieces.map((batches) => ({ ...reference, schema, parts: [...dictionaries, ...batches] }))
}

/** Checks the arguments of `toArrow` and returns its plan. */
export function planWriteArrow(
  path: string | readonly string[],
  options: WriteArrowOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan<ArrowWriteFormat> {
  checkOptions(options, [...WRITE_NAMES, 'columns', 'stream', 'batchSize'], 'toArrow')
  const { columns, stream, batchSize = 65_536, ...others } = options
  if (columns !== undefined && !Array.isArray(columns)) {
    throw new TypeError(`toArrow: columns must be a list of names, got ${describeValue(columns)}`)
  }
  checkWholeNumber(batchSize, 1, 'toArrow', 'batchSize')
  const formatOf = (file: string): ArrowWriteFormat => ({
    columns: columnsInFiles(columns as readonly string[] | undefined, others.partitionBy),
    stream: stream ?? /\.arrows$/i.test(file),
    batchSize,
  })
  return planWrite(path, { ...others, compression: null }, npartitions, 'toArrow', formatOf)
}
