/** The steps that read and write files of Parquet, by the packages hyparquet and hyparquet-writer. */
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { BasicType } from 'hyparquet-writer'
import { describeValue } from '../../../core/base/describe-value.js'
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'
import { operations } from '../../../core/base/operations.js'
import type { FileReference } from '../../files/file-system.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { type ParquetRows, ParquetSource } from './parquet-reader.js'
import {
  BinaryRecordFile,
  type RecordFile,
  type WrittenFile,
  writePartition,
} from './record-files.js'
import { parseRecordFilter } from './record-filter.js'

const hyparquetWriter = lazyPackage<typeof import('hyparquet-writer')>('hyparquet-writer')

/** Returns the records of row groups that a filter, if there is one, lets through. */
export function readParquetStep(
  pieces: readonly ParquetRows[],
  columns: readonly string[] | undefined,
  filter?: string,
): PartitionStream {
  const parsed = filter === undefined ? undefined : parseRecordFilter(filter, 'readParquet')
  return PartitionStream.from(new ParquetSource(pieces, { columns, filter: parsed }))
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
