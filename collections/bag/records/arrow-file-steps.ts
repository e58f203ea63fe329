/** The steps that read and write files of Apache Arrow: files and streams of its IPC format, and Feather of version 2. */
import type { DataType, RecordBatch, Vector } from 'apache-arrow'
import { describeValue } from '../../../core/base/describe-value.js'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import { operations } from '../../../core/base/operations.js'
import type { FileReference } from '../../files/file-system.js'
import { openFile, readRange } from '../../files/open-files.js'
import { BATCH_SIZE, type ItemSource } from '../engine/item-source.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { type MessageRange, recordBatches } from './arrow-files.js'
import type { HiveValues } from './hive-folders.js'
import {
  BinaryRecordFile,
  type RecordFile,
  type WrittenFile,
  writePartition,
} from './record-files.js'

const arrow = lazyPackage<typeof import('apache-arrow')>('apache-arrow')

/** Record batches of a file that follow one another; all of a stream without `parts`. */
export interface ArrowPiece extends FileReference {
  /** The values that the folders of the file give to the records. */
  readonly hive: HiveValues
  /** The message of the schema, which comes first. */
  readonly schema: Uint8Array | undefined
  /** The dictionaries, and then the batches. */
  readonly parts: readonly MessageRange[] | undefined
}

/** The bytes that are read at a time of a stream. */
const PIECE_SIZE = 1 << 20

/** Returns the records of record batches. */
export function readArrowStep(
  pieces: readonly ArrowPiece[],
  columns: readonly string[] | undefined,
): PartitionStream {
  return PartitionStream.from(new ArrowFileSource(pieces, columns))
}

class ArrowFileSource implements ItemSource {
  readonly replayable = true
  private readonly pieces: readonly ArrowPiece[]
  private readonly columns: readonly string[] | undefined

  constructor(pieces: readonly ArrowPiece[], columns: readonly string[] | undefined) {
    this.pieces = pieces
    this.columns = columns
  }

  *batches(): Iterable<readonly unknown[]> {
    for (const piece of this.pieces) {
      try {
        for (const batch of recordBatches(bytesOf(piece)))
          yield* rowsOf(batch, this.columns, piece.hive)
      } catch (error) {
        throw new Error(`readArrow: cannot read '${piece.path}': ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
  }
}

/** Yields the bytes of a piece in parts. */
function* bytesOf(piece: ArrowPiece): Iterable<Uint8Array> {
  if (piece.schema !== undefined && piece.parts !== undefined) {
    yield piece.schema
    for (const [start, end] of piece.parts) yield readRange(piece, start, end)
    return
  }
  const reader = openFile(piece, 0)
  try {
    for (;;) {
      const bytes = Buffer.alloc(PIECE_SIZE)
      const count = reader.read(bytes, 0, PIECE_SIZE)
      if (count === 0) return
      yield bytes.subarray(0, count)
    }
  } finally {
    reader.close()
  }
}

/** Yields the rows of a batch as plain objects, some at a time. */
function* rowsOf(
  batch: RecordBatch,
  wanted: readonly string[] | undefined,
  hive: HiveValues,
): Iterable<readonly unknown[]> {
  const own = batch.schema.fields.map(({ name }) => name)
  const names = wanted ?? [...own, ...Object.keys(hive).filter((name) => !own.includes(name))]
  const given = names.filter((name) => Object.hasOwn(hive, name))
  const stored = names.filter((name) => !given.includes(name))
  const columns = stored.map((name) => {
    const column = batch.getChild(name)
    if (column === null) throw new Error(`there is no column ${describeValue(name)}`)
    return [name, column, orNull(converterOf(column.type))] as const
  })
  for (let start = 0; start < batch.numRows; start += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, batch.numRows - start)
    const rows = Array.from({ length: count }, (): Record<string, unknown> => ({}))
    // Column by column, so all rows get their fields in the same order and share a hidden class.
    for (const [name, column, convert] of columns)
      for (let i = 0; i < count; i++) rows[i]![name] = convert(column.get(start + i))
    for (const name of given) for (const row of rows) row[name] = hive[name]
    yield rows
  }
}

type Convert = (value: unknown) => unknown

/** Returns what makes plain values of those of a type, for values that are not null. */
function converterOf(type: DataType): Convert {
  const { DataType } = arrow()
  if (DataType.isDictionary(type)) return converterOf(type.dictionary)
  if (DataType.isTimestamp(type) || DataType.isDate(type))
    return (value) => (typeof value === 'number' ? new Date(value) : value)
  if (DataType.isDecimal(type)) return (words) => decimalOf(words as Uint32Array, type.scale)
  if (DataType.isList(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type)) {
    const child = orNull(converterOf(type.children[0]!.type))
    return (value) => Array.from(value as Iterable<unknown>, child)
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.map(
      (field) => [field.name, orNull(converterOf(field.type))] as const,
    )
    return (value) => {
      const row = value as Readonly<Record<string, unknown>>
      return Object.fromEntries(fields.map(([name, convert]) => [name, convert(row[name])]))
    }
  }
  if (DataType.isMap(type)) {
    const convert = orNull(converterOf(type.children[0]!.type.children[1]!.type))
    return (value) =>
      Object.fromEntries(
        Array.from(value as Iterable<[unknown, unknown]>, ([key, item]) => [key, convert(item)]),
      )
  }
  return plainValue
}

function orNull(convert: Convert): Convert {
  return (value) => (value === null || value === undefined ? null : convert(value))
}

/** Makes a number of the words of a decimal, the lowest first, in two's complement. */
function decimalOf(words: Uint32Array, scale: number): number {
  const bits = words.length * 32
  const whole = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  return Number(`${BigInt.asIntN(bits, whole)}e${-scale}`)
}

/** Makes numbers of 64-bit integers that numbers can hold, and copies bytes out of the batch. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  return value instanceof Uint8Array ? value.slice() : value
}

/** How records are written. */
export interface ArrowWriteFormat {
  /** The fields that are written; undefined for those of the first record of each file. */
  readonly columns: readonly string[] | undefined
  /** Whether files are streams. */
  readonly stream: boolean
  /** The number of records in a record batch, at most. */
  readonly batchSize: number
}

/** Writes a partition to files, which appear when they are complete. Returns what was written. */
export function writeArrowStep(
  partition: Partition,
  file: FileReference,
  format: ArrowWriteFormat,
  partitionBy?: readonly string[],
): readonly WrittenFile[] | Promise<readonly WrittenFile[]> {
  const open = (target: FileReference): RecordFile => {
    const batches = new BatchWriter(format)
    return new BinaryRecordFile(target, 'toArrow', batches, () => batches.end())
  }
  return writePartition(partition, file, { operation: 'toArrow', open, partitionBy })
}

type Fields = Readonly<Record<string, unknown>>
type ArrowModule = typeof import('apache-arrow')
type IpcWriter = InstanceType<ArrowModule['RecordBatchWriter']>

/** Writes records in batches. The first one decides the types of columns. */
class BatchWriter {
  items = 0
  private readonly format: ArrowWriteFormat
  private readonly writer: IpcWriter
  private types: ReadonlyMap<string, ColumnType> | undefined
  private rows: Fields[] = []

  constructor(format: ArrowWriteFormat) {
    this.format = format
    const { RecordBatchFileWriter, RecordBatchStreamWriter } = arrow()
    this.writer = format.stream ? new RecordBatchStreamWriter() : new RecordBatchFileWriter()
  }

  add(records: readonly unknown[]): void {
    for (const record of records) {
      if (typeof record !== 'object' || record === null)
        throw new TypeError(`toArrow: every item must be a record, got ${describeValue(record)}`)
      this.rows.push(record as Fields)
      if (this.rows.length === this.format.batchSize) this.writeBatch()
    }
  }

  /** Returns the bytes of the file. */
  end(): Uint8Array {
    if (this.rows.length > 0 || this.types === undefined) this.writeBatch()
    this.writer.finish()
    return this.writer.toUint8Array(true)
  }

  private writeBatch(): void {
    const { rows } = this
    const { Table } = arrow()
    this.types ??= typesOf(rows, this.format.columns)
    if (this.format.columns === undefined) assertFields(rows, this.types)
    const columns = [...this.types].map(
      ([name, type]) =>
        [
          name,
          vectorOf(
            rows.map((row) => row[name]),
            name,
            type,
          ),
        ] as const,
    )
    for (const batch of new Table(Object.fromEntries(columns)).batches) this.writer.write(batch)
    this.items += rows.length
    this.rows = []
  }
}

/** The types of columns that are written. */
type ColumnType = 'number' | 'bigint' | 'boolean' | 'string' | 'date' | 'json'

function typesOf(
  records: readonly Fields[],
  names: readonly string[] = Object.keys(records[0] ?? {}),
): ReadonlyMap<string, ColumnType> {
  return new Map(
    names.map((name) => {
      const found = records.find((record) => !isMissing(record[name]))
      return [name, found === undefined ? 'string' : typeOfValue(found[name])]
    }),
  )
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined
}

function typeOfValue(value: unknown): ColumnType {
  const type = typeof value
  if (type === 'number' || type === 'bigint' || type === 'boolean' || type === 'string') return type
  return value instanceof Date ? 'date' : 'json'
}

function assertFields(records: readonly Fields[], types: ReadonlyMap<string, ColumnType>): void {
  for (const record of records) {
    const other = Object.keys(record).find((name) => !types.has(name))
    if (other === undefined) continue
    throw new TypeError(
      `toArrow: a record has the field '${other}', which the first one does not have; give columns, such as { columns: ${JSON.stringify([...types.keys()])} }`,
    )
  }
}

/** Makes a column of values, which may be missing. */
function vectorOf(values: readonly unknown[], name: string, type: ColumnType): Vector {
  const { Bool, Float64, Int64, TimestampMillisecond, Utf8, vectorFromArray } = arrow()
  const checked = values.map((value) => {
    if (isMissing(value)) return null
    const own = typeOfValue(value)
    if (own !== type)
      throw new TypeError(
        `toArrow: ${describeValue(value)} in the column '${name}' is no ${type}, as the first value is`,
      )
    return type === 'json' ? JSON.stringify(value) : value
  })
  switch (type) {
    case 'number':
      return vectorFromArray(checked, new Float64())
    case 'bigint':
      return vectorFromArray(checked, new Int64())
    case 'boolean':
      return vectorFromArray(checked, new Bool())
    case 'date':
      return vectorFromArray(checked, new TimestampMillisecond())
    case 'string':
    case 'json':
      return vectorFromArray(checked, new Utf8())
    default:
      return type satisfies never
  }
}

operations('collections/bag/records/arrow-file-steps', { readArrowStep, writeArrowStep })
