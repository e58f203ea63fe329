/** The steps that read and write files of Parquet, by the packages hyparquet and hyparquet-writer. */
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Compressors, FileMetaData } from 'hyparquet'
import type { BasicType } from 'hyparquet-writer'
import { describeValue } from '../../../core/base/describe-value.js'
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'
import { operations } from '../../../core/base/operations.js'
import type { FileReference } from '../../files/file-system.js'
import { readRange } from '../../files/open-files.js'
import type { Partition } from '../engine/partition-stream.js'
import type { HiveValues } from './hive-folders.js'
import {
  BinaryRecordFile,
  type RecordFile,
  type WrittenFile,
  writePartition,
} from './record-files.js'
import { parseRecordFilter, type RecordFilter } from './record-filter.js'

const hyparquet = lazyPackage<typeof import('hyparquet')>('hyparquet')
const hyparquetWriter = lazyPackage<typeof import('hyparquet-writer')>('hyparquet-writer')
interface CompressorsPackage {
  readonly compressors: Compressors
}

const hyparquetCompressors = lazyPackage<CompressorsPackage>('hyparquet-compressors')

/** Row groups of a file that follow one another. */
export interface ParquetRows extends FileReference {
  /** The size of the file in bytes. */
  readonly size: number
  readonly rowStart: number
  readonly rowEnd: number
  /** The values that the folders of the file give to the records. */
  readonly hive: HiveValues
}

/** The bytes at the end of a file: the length of the metadata, and `PAR1`. */
const END_SIZE = 8

/** What is used of a file's metadata. The package is optional, so its own types may be missing. */
export interface ParquetMetadata {
  readonly schema: readonly { readonly name: string }[]
  readonly row_groups: readonly ParquetGroup[]
}

/** What is used of the metadata of a row group. */
export interface ParquetGroup {
  readonly num_rows: bigint
  readonly total_byte_size: bigint
  readonly columns: readonly {
    readonly meta_data?: {
      readonly path_in_schema: readonly string[]
      readonly statistics?: { readonly min_value?: unknown; readonly max_value?: unknown }
    }
  }[]
}

/** Reads the metadata of a file. */
export function readParquetMetadata(
  file: FileReference & { readonly size: number },
): ParquetMetadata {
  return wholeMetadata(file)
}

function wholeMetadata(file: FileReference & { readonly size: number }): FileMetaData {
  const { parquetMetadata } = loadOptional(hyparquet, 'hyparquet', 'readParquet')
  const { path, size } = file
  const end = Buffer.from(readRange(file, Math.max(0, size - END_SIZE), size))
  const isParquet = end.length === END_SIZE && end.toString('latin1', 4) === 'PAR1'
  const length = isParquet ? end.readUInt32LE(0) : Number.POSITIVE_INFINITY
  if (length + END_SIZE > size) {
    throw new RangeError(
      `readParquet: '${path}' is no file of Parquet, or it was not written completely`,
    )
  }
  return parquetMetadata(bufferOf(readRange(file, size - END_SIZE - length, size)))
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

/** Returns the records of row groups that a filter, if there is one, lets through. */
export async function readParquetStep(
  pieces: readonly ParquetRows[],
  columns: readonly string[] | undefined,
  filter?: string,
): Promise<readonly unknown[]> {
  const { parquetReadObjects } = loadOptional(hyparquet, 'hyparquet', 'readParquet')
  const parsed = filter === undefined ? undefined : parseRecordFilter(filter, 'readParquet')
  const records: Record<string, unknown>[] = []
  for (const piece of pieces) {
    const metadata = wholeMetadata(piece)
    const { rowStart, rowEnd, hive } = piece
    const slice = (start: number, end = piece.size): ArrayBuffer =>
      bufferOf(readRange(piece, start, end))
    const codecs = new Set(
      metadata.row_groups.flatMap((group) => group.columns.map((c) => c.meta_data?.codec)),
    )
    const isPlain = [...codecs].every((codec) => codec === 'SNAPPY' || codec === 'UNCOMPRESSED')
    const compressors = isPlain
      ? undefined
      : loadOptional(hyparquetCompressors, 'hyparquet-compressors', 'readParquet').compressors
    const stored = storedColumns(metadata, columns, hive, parsed)
    const rows = await parquetReadObjects({
      file: { byteLength: piece.size, slice },
      metadata,
      rowStart,
      rowEnd,
      ...(stored && { columns: stored }),
      ...(compressors && { compressors }),
    })
    const given = Object.entries(hive)
    const unwanted =
      columns && [...(stored ?? []), ...Object.keys(hive)].filter((name) => !columns.includes(name))
    for (const row of rows) {
      const record = withNumbers(row)
      for (const [name, value] of given) record[name] = value
      if (parsed !== undefined && !parsed.accepts(record)) continue
      for (const name of unwanted ?? []) delete record[name]
      records.push(record)
    }
  }
  return records
}

/** Returns the columns that are read: the wanted ones and those of the filter; undefined for all. */
function storedColumns(
  { schema }: ParquetMetadata,
  columns: readonly string[] | undefined,
  hive: HiveValues,
  filter: RecordFilter | undefined,
): string[] | undefined {
  if (columns === undefined) return undefined
  const names = schema.slice(1).map(({ name }) => name)
  const used = (filter?.fields ?? []).filter((name) => names.includes(name))
  return [...new Set([...columns, ...used])].filter((name) => !Object.hasOwn(hive, name))
}

/** Replaces the bigints of a record that numbers can hold, in place. */
function withNumbers(record: Record<string, unknown>): Record<string, unknown> {
  for (const name in record) {
    const value = record[name]
    if (typeof value !== 'bigint') continue
    const number = Number(value)
    if (Number.isSafeInteger(number)) record[name] = number
  }
  return record
}

/** How files of Parquet are compressed. */
export type ParquetCodec = 'snappy' | 'gzip' | 'brotli'

/** How records are written. */
export interface ParquetWriteFormat {
  /** The fields that are written; undefined for those of the first record of each file. */
  readonly columns: readonly string[] | undefined
  readonly codec: ParquetCodec | undefined
  /** The number of records in a row group, at most. */
  readonly rowGroupSize: number
}

/** Writes a partition to files, which appear when they are complete. Returns what was written. */
export function writeParquetStep(
  partition: Partition,
  file: FileReference,
  format: ParquetWriteFormat,
  partitionBy?: readonly string[],
): readonly WrittenFile[] | Promise<readonly WrittenFile[]> {
  const { ByteWriter } = loadOptional(hyparquetWriter, 'hyparquet-writer', 'toParquet')
  const open = (target: FileReference): RecordFile => {
    const bytes = new ByteWriter()
    const groups = new GroupWriter(bytes, format)
    return new BinaryRecordFile(target, 'toParquet', groups, () => {
      groups.end()
      return bytes.getBytes()
    })
  }
  return writePartition(partition, file, { operation: 'toParquet', open, partitionBy })
}

type ByteTarget = InstanceType<typeof import('hyparquet-writer')['ByteWriter']>
type Columns = ReadonlyMap<string, BasicType>

/** Writes records in row groups. The first one decides the types of columns. */
class GroupWriter {
  items = 0
  private readonly bytes: ByteTarget
  private readonly format: ParquetWriteFormat
  private writer: InstanceType<typeof import('hyparquet-writer')['ParquetWriter']> | undefined
  private columns: Columns | undefined
  private group: Readonly<Record<string, unknown>>[] = []

  constructor(bytes: ByteTarget, format: ParquetWriteFormat) {
    this.bytes = bytes
    this.format = format
  }

  add(records: readonly unknown[]): void {
    for (const record of records) {
      if (typeof record !== 'object' || record === null) {
        throw new TypeError(`toParquet: every item must be a record, got ${describeValue(record)}`)
      }
      this.group.push(record as Readonly<Record<string, unknown>>)
      if (this.group.length === this.format.rowGroupSize) this.writeGroup()
    }
  }

  end(): void {
    if (this.group.length > 0 || this.writer === undefined) this.writeGroup()
    this.writer!.finish()
  }

  private writeGroup(): void {
    const { group } = this
    const { ParquetWriter, schemaFromColumnData } = hyparquetWriter()
    this.columns ??= columnsOf(group, this.format.columns)
    const columnData = [...this.columns].map(([name, type]) => ({
      name,
      type,
      nullable: true,
      data: group.map((record) => checkedValue(record[name], name, type)),
    }))
    this.writer ??= new ParquetWriter({
      writer: this.bytes,
      schema: schemaFromColumnData({ columnData }),
      codec: CODECS[this.format.codec ?? 'none'],
      compressors: {
        GZIP: (input) => gzipSync(input),
        BROTLI: (input) => brotliCompressSync(input),
      },
    })
    const names = this.columns
    for (const record of this.format.columns === undefined ? group : []) {
      const other = Object.keys(record).find((name) => !names.has(name))
      if (other === undefined) continue
      throw new TypeError(
        `toParquet: a record has the field '${other}', which the first one does not have; give columns, such as { columns: ${JSON.stringify([...names.keys()])} }`,
      )
    }
    const withoutTypes = columnData.map(({ name, data }) => ({ name, data }))
    if (group.length > 0)
      this.writer.write({ columnData: withoutTypes, rowGroupSize: group.length })
    this.items += group.length
    this.group = []
  }
}

const CODECS = {
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  brotli: 'BROTLI',
  none: 'UNCOMPRESSED',
} as const

function columnsOf(
  records: readonly Readonly<Record<string, unknown>>[],
  names: readonly string[] = Object.keys(records[0] ?? {}),
): Columns {
  return new Map(
    names.map((name) => {
      const found = records.find((record) => record[name] !== null && record[name] !== undefined)
      return [name, found === undefined ? 'STRING' : typeOfValue(found[name])]
    }),
  )
}

function typeOfValue(value: unknown): BasicType {
  if (typeof value === 'number') return 'DOUBLE'
  if (typeof value === 'bigint') return 'INT64'
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (typeof value === 'string') return 'STRING'
  return value instanceof Date ? 'TIMESTAMP' : 'JSON'
}

function checkedValue(value: unknown, name: string, type: BasicType): unknown {
  if (value === null || value === undefined) return null
  if (typeOfValue(value) === type) return value
  throw new TypeError(
    `toParquet: ${describeValue(value)} in the column '${name}' is no ${type}, as the first value is`,
  )
}

operations('collections/bag/records/parquet-steps', { readParquetStep, writeParquetStep })
