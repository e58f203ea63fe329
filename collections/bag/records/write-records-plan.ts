/** Plans `toJson` and `toCsv`: checks the options and works out the paths. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { writeTarget } from '../../files/file-patterns.js'
import type { FileReference } from '../../files/file-system.js'
import { writeCodec } from '../io/packed-files.js'
import { checkWriteCompression, type WriteCodec } from '../io/text-format.js'
import { computeOptionNames, filePaths, type WriteOptions } from '../io/write-text-plan.js'
import { oneCharacter } from './read-records-plan.js'
import type { RecordWriteFormat } from './write-records.js'

/** The options that all writers of records have. */
export interface WriteRecordOptions
  extends Pick<WriteOptions, 'nameFunction' | 'compression' | 'storageOptions'> {
  /**
   * Columns by which each partition is divided into files, in folders with the columns' values: `day=2024-01-01`. The files do not have these columns.
   * The path is then a folder, or has a `*` in the name of the files.
   */
  readonly partitionBy?: string | readonly string[] | undefined
}

/** The options of `toJson`. */
export interface WriteJsonOptions extends WriteRecordOptions {
  /** Whether each line of a file is a value, which is the default; otherwise each file is an array. */
  readonly lines?: boolean | undefined
}

/** The options of `toCsv`. */
export interface WriteCsvOptions extends WriteRecordOptions {
  /** The character between fields. The default is a comma; a tab for files with the suffix `.tsv`. */
  readonly delimiter?: string | undefined
  /** The character around fields that need it, `"` by default; `null` if there is none. */
  readonly quote?: string | null | undefined
  /** Whether each file begins with the names of the columns. True by default. */
  readonly header?: boolean | undefined
  /** The fields that are written, in this order. The default is those of the first record of each file. */
  readonly columns?: readonly string[] | undefined
}

/** The file of each partition, and its format. */
export interface WriteRecordsPlan<Format = RecordWriteFormat> {
  readonly files: readonly FileReference[]
  readonly formats: readonly Format[]
  /** The columns that name folders. */
  readonly partitionBy: readonly string[] | undefined
  /** Whether the files are written at once. */
  readonly compute: boolean
  readonly computeOptions: ComputeOptions
}

/** The option that makes the result lazy, and those of `compute`. */
export interface WriteNow extends ComputeOptions {
  readonly compute?: boolean | undefined
}

/** The options of all writers. */
export const WRITE_NAMES = [
  'nameFunction',
  'partitionBy',
  'compression',
  'storageOptions',
  'compute',
  ...computeOptionNames,
]

/** Checks the arguments of `toJson` and returns its plan. */
export function planWriteJson(
  path: string | readonly string[],
  options: WriteJsonOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan {
  checkOptions(options, [...WRITE_NAMES, 'lines'], 'toJson')
  const { lines = true, ...others } = options
  const formatOf = (_path: string, codec: WriteCodec | undefined): RecordWriteFormat => ({
    kind: 'json',
    lines: Boolean(lines),
    codec,
  })
  return planWrite(path, others, npartitions, 'toJson', formatOf)
}

/** Checks the arguments of `toJsonl` and returns its plan. */
export function planWriteJsonl(
  path: string | readonly string[],
  options: WriteRecordOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan {
  checkOptions(options, WRITE_NAMES, 'toJsonl')
  const formatOf = (_path: string, codec: WriteCodec | undefined): RecordWriteFormat => ({
    kind: 'json',
    lines: true,
    codec,
  })
  return planWrite(path, options, npartitions, 'toJsonl', formatOf)
}

/** Checks the arguments of `toCsv` and returns its plan. */
export function planWriteCsv(
  path: string | readonly string[],
  options: WriteCsvOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan {
  checkOptions(options, [...WRITE_NAMES, 'delimiter', 'quote', 'header', 'columns'], 'toCsv')
  const { delimiter, quote, header = true, columns, ...others } = options
  if (columns !== undefined && !Array.isArray(columns)) {
    throw new TypeError(`toCsv: columns must be a list of names, got ${describeValue(columns)}`)
  }
  const formatOf = (file: string, codec: WriteCodec | undefined): RecordWriteFormat => ({
    kind: 'csv',
    separator: oneCharacter(
      delimiter ?? (/\.(tsv|tab)(\.\w+)?$/i.test(file) ? '\t' : ','),
      'delimiter',
      'toCsv',
    ),
    quote: quote === null ? null : oneCharacter(quote ?? '"', 'quote', 'toCsv'),
    header: Boolean(header),
    columns: columnsInFiles(columns as readonly string[] | undefined, others.partitionBy),
    codec,
  })
  return planWrite(path, others, npartitions, 'toCsv', formatOf)
}

/** Returns the plan of a writer, with a format for each file. */
export function planWrite<Format>(
  path: string | readonly string[],
  options: WriteRecordOptions & WriteNow,
  npartitions: number,
  operation: string,
  formatOf: (path: string, codec: WriteCodec | undefined) => Format,
): WriteRecordsPlan<Format> {
  const { nameFunction, compression, storageOptions, compute = true, ...others } = options
  const { partitionBy: given, ...computeOptions } = others
  const partitionBy = checkPartitionBy(given, operation)
  const isFolder = partitionBy !== undefined && typeof path === 'string' && !path.includes('*')
  const names = isFolder ? `${path.replace(/[/\\]$/, '')}/part-*.${SUFFIXES[operation]}` : path
  const paths = filePaths(names, nameFunction, npartitions, operation)
  const checked = checkWriteCompression(compression, operation)
  const formats = paths.map((file) => formatOf(file, writeCodec(file, checked, operation)))
  const files = paths.map((file) => writeTarget(file, { operation, storageOptions }))
  return { files, formats, partitionBy, compute, computeOptions }
}

/** Returns the wanted columns without those that name folders. */
export function columnsInFiles(
  columns: readonly string[] | undefined,
  partitionBy: string | readonly string[] | undefined,
): readonly string[] | undefined {
  const folders = [partitionBy ?? []].flat()
  return columns?.filter((name) => !folders.includes(name))
}

/** The suffixes of the files in a folder. */
const SUFFIXES: Readonly<Record<string, string>> = {
  toJson: 'jsonl',
  toJsonl: 'jsonl',
  toCsv: 'csv',
  toParquet: 'parquet',
  toArrow: 'arrow',
  toAvro: 'avro',
}

function checkPartitionBy(given: unknown, operation: string): readonly string[] | undefined {
  if (given === undefined) return undefined
  const names: readonly unknown[] = Array.isArray(given) ? given : [given]
  const areNames = names.every((name) => typeof name === 'string' && name !== '')
  if (areNames && names.length > 0 && new Set(names).size === names.length)
    return names as readonly string[]
  throw new TypeError(
    `${operation}: partitionBy must be the name of a column or a list of different ones, got ${describeValue(given)}`,
  )
}
