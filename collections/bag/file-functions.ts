/** The functions that create bags of records in files and databases. */

import { checkArguments } from '../../core/base/argument-checks.js'
import type { Layer } from '../../core/graph/layer.js'
import { Bag } from './bag.js'
import { planFiles } from './io/read-text-plan.js'
import {
  readArrowLayer,
  readAvroLayer,
  readCsvLayer,
  readJsonLayer,
  readParquetLayer,
} from './layers/record-layers.js'
import { readTextLayer } from './layers/source-layers.js'
import { fromSqlLayer } from './layers/sql-layers.js'
import { planReadArrow, type ReadArrowOptions } from './records/arrow-file-plan.js'
import { planReadAvro, type ReadAvroOptions } from './records/avro-plan.js'
import type { CsvValue } from './records/csv-types.js'
import type { Reject } from './records/dirty-records.js'
import { planReadParquet, type ReadParquetOptions } from './records/parquet-plan.js'
import {
  planReadCsv,
  planReadJson,
  planReadJsonl,
  type ReadCsvOptions,
  type ReadJsonOptions,
  type ReadRecordOptions,
} from './records/read-records-plan.js'
import type { RecordSchema } from './records/record-schema.js'
import { type FromSqlOptions, planFromSql } from './sql/sql-plan.js'

/** Paths, URLs and patterns of files. */
export type FilePatterns = string | URL | readonly (string | URL)[]

/** What a reader returns with `onError: 'collect'`: two bags that read the same files. */
export interface CollectedRecords<T> {
  /** The records that could be read. */
  readonly records: Bag<T>
  /** The others, with the file, the line and the reason; `rejects.count()` counts them. */
  readonly rejects: Bag<Reject>
}

/**
 * Creates a bag of the lines at some addresses, one partition for each. Dask: `from_url`.
 *
 * @throws RangeError if an address cannot be reached; TypeError if it is no string or URL.
 * @example db.fromUrl(['https://example.org/a.txt', 'https://example.org/b.txt'])
 */
export function fromUrl(urls: FilePatterns): Bag<string> {
  checkArguments('fromUrl', arguments, 1, 'db.fromUrl(urls)')
  const plan = planFiles(urls, { blocksize: null }, 'fromUrl')
  return new Bag(readTextLayer(plan, 'fromUrl'))
}

/**
 * Creates a bag of the values in files of JSON: one on each line, or the items of an array. Files of lines are cut into
 * blocks, which are read in parallel; arrays are read in blocks, too, by one task for each file. Empty lines are left out.
 *
 * A value that cannot be read is an error with the file and the line, `logs/a.gz:1041`; see `onError`.
 *
 * @throws RangeError if a file does not exist, a pattern matches none, or an option is out of range.
 * @throws TypeError for options that do not exist or have other types.
 * @example db.readJson<{ user: string }>('logs/2024-*.jsonl.gz').pluck('user')
 */
export function readJson<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadJsonOptions & { readonly schema: S; readonly onError: 'collect' },
): CollectedRecords<SchemaOutput<S>>
export function readJson<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadJsonOptions & { readonly schema: S },
): Bag<SchemaOutput<S>>
export function readJson<T = unknown>(
  patterns: FilePatterns,
  options: ReadJsonOptions & { readonly onError: 'collect' },
): CollectedRecords<T>
export function readJson<T = unknown>(patterns: FilePatterns, options?: ReadJsonOptions): Bag<T>
export function readJson(patterns: FilePatterns, options: ReadJsonOptions = {}): unknown {
  checkArguments('readJson', arguments, 2, 'db.readJson(paths, options)')
  const plan = planReadJson(patterns, options)
  return recordsOf(plan, (yields) => readJsonLayer(plan, yields))
}

/**
 * Creates a bag of the values in files of JSON lines, as `readJson` does with `lines: true`.
 *
 * @throws RangeError if a file does not exist, a pattern matches none, or an option is out of range.
 * @throws TypeError for options that do not exist or have other types.
 * @example db.readJsonl<{ user: string }>('logs/2024-*.jsonl.gz').pluck('user')
 */
export function readJsonl<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadRecordOptions & { readonly schema: S; readonly onError: 'collect' },
): CollectedRecords<SchemaOutput<S>>
export function readJsonl<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadRecordOptions & { readonly schema: S },
): Bag<SchemaOutput<S>>
export function readJsonl<T = unknown>(
  patterns: FilePatterns,
  options: ReadRecordOptions & { readonly onError: 'collect' },
): CollectedRecords<T>
export function readJsonl<T = unknown>(patterns: FilePatterns, options?: ReadRecordOptions): Bag<T>
export function readJsonl(patterns: FilePatterns, options: ReadRecordOptions = {}): unknown {
  checkArguments('readJsonl', arguments, 2, 'db.readJsonl(paths, options)')
  const plan = planReadJsonl(patterns, options)
  return recordsOf(plan, (yields) => readJsonLayer(plan, yields))
}

/**
 * Creates a bag of the records in files of CSV, or of tabs (`.tsv`): objects with a field for each column. Large files are
 * cut into blocks, which are read in parallel. Fields may be in quotes, and have line ends there.
 *
 * The types of columns are inferred from the beginning of the first file: number, boolean or string. An empty field is
 * null, except in columns of strings. A record with another number of fields, or with a field that does not fit its
 * column, is an error with the file and the line; see `onError`.
 *
 * @throws RangeError if a file does not exist, a pattern matches none, or an option is out of range.
 * @throws TypeError for options that do not exist or have other types.
 * @example db.readCsv<{ user: string; amount: number }>('sales/2024-*.csv', { columns: ['user', 'amount'] })
 */
export function readCsv<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadCsvOptions & { readonly schema: S; readonly onError: 'collect' },
): CollectedRecords<SchemaOutput<S>>
export function readCsv<S extends RecordSchema>(
  patterns: FilePatterns,
  options: ReadCsvOptions & { readonly schema: S },
): Bag<SchemaOutput<S>>
export function readCsv<T = Record<string, CsvValue>>(
  patterns: FilePatterns,
  options: ReadCsvOptions & { readonly onError: 'collect' },
): CollectedRecords<T>
export function readCsv<T = Record<string, CsvValue>>(
  patterns: FilePatterns,
  options?: ReadCsvOptions,
): Bag<T>
export function readCsv(patterns: FilePatterns, options: ReadCsvOptions = {}): unknown {
  checkArguments('readCsv', arguments, 2, 'db.readCsv(paths, options)')
  const plan = planReadCsv(patterns, options)
  return recordsOf(plan, (yields) => readCsvLayer(plan, yields))
}

/**
 * Creates a bag of the records in files of Parquet: objects with a field for each column. A partition is a row group, or
 * several small ones. Only the metadata of files is read at the call, and only the columns that are wanted by the tasks. Needs
 * `npm install hyparquet`, and hyparquet-compressors for files with other compressions than Snappy.
 *
 * Whole numbers of 64 bits are numbers where these can hold them, and else bigints.
 *
 * @throws RangeError if a file does not exist or is no file of Parquet, a pattern matches none, or a column does not exist.
 * @throws TypeError for options that do not exist.
 * @example db.readParquet<{ user: string }>('sales/2024-*.parquet', { columns: ['user'] })
 */
export function readParquet<T = Record<string, unknown>>(
  patterns: FilePatterns,
  options: ReadParquetOptions = {},
): Bag<T> {
  checkArguments('readParquet', arguments, 2, 'db.readParquet(paths, options)')
  return new Bag(readParquetLayer(planReadParquet(patterns, options)))
}

/**
 * Creates a bag of the records in files of Apache Arrow: objects with a field for each column. Files and streams of its IPC format are
 * read, and Feather of version 2. A partition is some record batches of a file, of at most 16 MB unless one is larger; a stream
 * is one partition.
 *
 * Whole numbers of 64 bits are numbers where these can hold them, and else bigints; times are dates.
 *
 * @throws RangeError if a file does not exist or was not written completely, a pattern matches none, or a column does not exist.
 * @throws TypeError for options that do not exist.
 * @example db.readArrow<{ user: string }>('sales/part-*.arrow', { columns: ['user'] })
 */
export function readArrow<T = Record<string, unknown>>(
  patterns: FilePatterns,
  options: ReadArrowOptions = {},
): Bag<T> {
  checkArguments('readArrow', arguments, 2, 'db.readArrow(paths, options)')
  return new Bag(readArrowLayer(planReadArrow(patterns, options)))
}

/**
 * Creates a bag of the values in object container files of Avro, which are objects if the schema is that of a record. Large files are cut
 * into ranges of blocks, which are read in parallel. Blocks may be compressed by deflate, Snappy (`npm install hyparquet`) or Zstandard (before Node
 * 22.15 `npm install fzstd`). Needs `npm install avsc`.
 *
 * Whole numbers of 64 bits are numbers where these can hold them, and else bigints; timestamps and dates are dates, decimals numbers.
 *
 * @throws RangeError if a file does not exist or is no file of Avro, a pattern matches none, or a column does not exist.
 * @throws TypeError for options that do not exist.
 * @example db.readAvro<{ user: string }>('sales/part-*.avro', { columns: ['user'] })
 */
export function readAvro<T = Record<string, unknown>>(
  patterns: FilePatterns,
  options: ReadAvroOptions = {},
): Bag<T> {
  checkArguments('readAvro', arguments, 2, 'db.readAvro(paths, options)')
  return new Bag(readAvroLayer(planReadAvro(patterns, options)))
}

/**
 * Creates a bag of the rows of a table, or of the result of a query: objects with a field for each column.
 *
 * With `partitionOn` the rows are read in several partitions, by ranges of a column; each reads its rows through a connection of its own, so they are not one
 * snapshot of a table that changes. Whole numbers of 64 bits are numbers where these can hold them, and else bigints; decimals are numbers.
 *
 * @param source The name of a table, also `'schema.table'`, or a query that begins with SELECT, WITH, VALUES or FROM.
 * @param connection `'sqlite:file.db'`, `'duckdb:file.duckdb'` or `'postgres://user@host/database'`. PostgreSQL needs `npm install pg`, DuckDB
 *   `npm install @duckdb/node-api`, and SQLite before Node 22.13 `npm install libsql`.
 * @throws RangeError for another connection; TypeError for wrong options.
 * @example db.fromSql<{ id: number }>('sales', 'sqlite:shop.db', { partitionOn: 'id', npartitions: 4 })
 */
export function fromSql<T = Record<string, unknown>>(
  source: string | readonly string[],
  connection: string,
  options: FromSqlOptions = {},
): Bag<T> {
  checkArguments('fromSql', arguments, 3, 'db.fromSql(table, connection, options)')
  return new Bag(fromSqlLayer(planFromSql(source, connection, options)))
}

/** Makes a bag of the records, and with `onError: 'collect'` another one of the rejects. */
function recordsOf(
  { onError }: { readonly onError: string },
  layerOf: (yields: 'records' | 'rejects') => Layer,
): unknown {
  const records = new Bag(layerOf('records'))
  return onError === 'collect' ? { records, rejects: new Bag(layerOf('rejects')) } : records
}

/** The type of the records that a schema returns. */
export type SchemaOutput<S extends RecordSchema> = NonNullable<S['~standard']['types']>['output']
