/** The steps that read and write files of Avro. */
import { describeValue } from '../../../core/base/describe-value.js'
import { operations } from '../../../core/base/operations.js'
import type { ByteWriter } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { beginFile } from '../../files/open-files.js'
import { BATCH_SIZE, type ItemSource } from '../engine/item-source.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { type AvroCodec, packBlock, unpackBlock } from './avro-codecs.js'
import { type AvroHeader, avroBlocks, avroHeader, avroLong, SYNC_SIZE } from './avro-files.js'
import { type AvroSchema, type AvroType, avroType, plainAvro } from './avro-types.js'
import type { HiveValues } from './hive-folders.js'
import { type RecordFile, type WrittenFile, writePartition } from './record-files.js'

/** A range of a file. */
export interface AvroRange extends FileReference {
  readonly header: AvroHeader
  readonly start: number
  readonly end: number
  /** The values that the folders of the file give to the records. */
  readonly hive: HiveValues
}

/** Returns the values in ranges of files. */
export function readAvroStep(
  ranges: readonly AvroRange[],
  columns: readonly string[] | undefined,
): PartitionStream {
  return PartitionStream.from(new AvroSource(ranges, columns))
}

class AvroSource implements ItemSource {
  readonly replayable = true
  private readonly ranges: readonly AvroRange[]
  private readonly columns: readonly string[] | undefined

  constructor(ranges: readonly AvroRange[], columns: readonly string[] | undefined) {
    this.ranges = ranges
    this.columns = columns
  }

  *batches(): Iterable<readonly unknown[]> {
    for (const range of this.ranges) {
      try {
        yield* this.batchesOf(range)
      } catch (error) {
        throw new Error(`readAvro: cannot read '${range.path}': ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
  }

  private *batchesOf(range: AvroRange): Iterable<readonly unknown[]> {
    const { header, start, end } = range
    const schema = JSON.parse(header.schema) as AvroSchema
    const written = avroType(schema, 'readAvro')
    const hive = Object.entries(range.hive).filter(
      ([name]) => this.columns === undefined || this.columns.includes(name),
    )
    const isRecord = written.typeName === 'record'
    const reader = isRecord ? this.readerOf(schema, range.hive) : undefined
    const [type, resolver] =
      reader === undefined ? [written] : [reader, reader.createResolver(written)]
    for (const { count, data } of avroBlocks(range, header, start, end)) {
      const content = unpackBlock(data, header.codec)
      let at = 0
      let batch: unknown[] = []
      for (let i = 0; i < count; i++) {
        const { value, offset } = type.decode(content, at, resolver)
        if (offset < 0) throw new Error('a block ends in the middle of a value')
        at = offset
        const plain = plainAvro(value)
        if (isRecord)
          for (const [name, given] of hive) (plain as Record<string, unknown>)[name] = given
        if (batch.push(plain) < BATCH_SIZE) continue
        yield batch
        batch = []
      }
      if (batch.length > 0) yield batch
    }
  }

  /** Returns the type of a record with the wanted columns; undefined if these are all. */
  private readerOf(schema: AvroSchema, hive: HiveValues): AvroType | undefined {
    if (this.columns === undefined) return undefined
    const { fields, ...others } = schema as { type: string; fields: readonly { name: string }[] }
    const wanted = this.columns.filter((name) => !Object.hasOwn(hive, name))
    const kept = wanted.map((name) => fields.find((field) => field.name === name))
    return avroType({ ...others, fields: kept }, 'readAvro')
  }
}

/** How files are written. */
export interface AvroWriteFormat {
  readonly schema: AvroSchema
  readonly codec: AvroCodec
  /** The bytes of a block before it is compressed, at least. */
  readonly syncInterval: number
}

/** Writes a partition to files, which appear when they are complete. Returns what was written. */
export function writeAvroStep(
  partition: Partition,
  file: FileReference,
  format: AvroWriteFormat,
  partitionBy?: readonly string[],
): readonly WrittenFile[] | Promise<readonly WrittenFile[]> {
  const open = (target: FileReference): RecordFile => new AvroFile(target, format)
  return writePartition(partition, file, { operation: 'toAvro', open, partitionBy })
}

class AvroFile implements RecordFile {
  private readonly path: string
  private readonly format: AvroWriteFormat
  private readonly type: AvroType
  private readonly sync = crypto.getRandomValues(new Uint8Array(SYNC_SIZE))
  private readonly target: ByteWriter
  private block: Buffer[] = []
  private blockSize = 0
  private items = 0
  private bytes = 0

  constructor(file: FileReference, format: AvroWriteFormat) {
    this.path = file.path
    this.format = format
    this.type = avroType(format.schema, 'toAvro')
    this.target = beginFile(file, 'toAvro')
    this.write(avroHeader(JSON.stringify(format.schema), format.codec, this.sync))
  }

  add(records: readonly unknown[]): void {
    for (const record of records) {
      const bytes = this.encode(record)
      this.block.push(bytes)
      this.blockSize += bytes.length
      if (this.blockSize >= this.format.syncInterval) this.writeBlock()
    }
    this.items += records.length
  }

  end(): void {
    this.writeBlock()
  }

  commit(): WrittenFile {
    this.target.commit()
    return { path: this.path, items: this.items, bytes: this.bytes }
  }

  abort(): void {
    this.target.abort()
  }

  private encode(record: unknown): Buffer {
    try {
      return this.type.toBuffer(record)
    } catch (cause) {
      throw new TypeError(
        `toAvro: ${describeValue(record)} does not fit the schema: ${(cause as Error).message}`,
        { cause },
      )
    }
  }

  private writeBlock(): void {
    if (this.block.length === 0) return
    const packed = packBlock(Buffer.concat(this.block), this.format.codec)
    const head = [avroLong(this.block.length), avroLong(packed.length)]
    this.write(Buffer.concat([...head, packed, this.sync]))
    this.block = []
    this.blockSize = 0
  }

  private write(bytes: Buffer): void {
    this.target.write(bytes)
    this.bytes += bytes.length
  }
}

operations('collections/bag/records/avro-steps', { readAvroStep, writeAvroStep })
