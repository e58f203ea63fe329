/**
 * Writes a partition to one file, or to a file for each value of some columns: in folders such as `day=2024-01-01`, as Hive, Spark
 * and others have them. Files appear when all of them are complete, so a task that fails leaves none.
 */
import { describeValue } from '../../../core/base/describe-value.js'
import type { ByteWriter } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { beginFile } from '../../files/open-files.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { hiveFolder } from './hive-folders.js'

/** A file that was written. */
export interface WrittenFile {
  /** The path, or the address. */
  readonly path: string
  /** The number of records in it. */
  readonly items: number
  /** Its size in bytes, as it is compressed. */
  readonly bytes: number
}

/** A file of records that is being written. */
export interface RecordFile {
  /** Adds records. */
  add(records: readonly unknown[]): void
  /** Writes what is left, so that the file is complete. */
  end(): void
  /** Makes the file appear. */
  commit(): WrittenFile
  /** Leaves nothing behind. */
  abort(): void
}

/** What makes the bytes of a file of records. */
interface RecordEncoder {
  /** The number of records that it has been given. */
  readonly items: number
  add(records: readonly unknown[]): void
}

/** A file whose bytes are in memory until it is complete. */
export class BinaryRecordFile implements RecordFile {
  private readonly file: FileReference
  private readonly operation: string
  private readonly encoder: RecordEncoder
  private readonly encode: () => Uint8Array
  private target: ByteWriter | undefined
  private bytes = 0

  /** @param encode Returns the bytes of all records that were added. */
  constructor(
    file: FileReference,
    operation: string,
    encoder: RecordEncoder,
    encode: () => Uint8Array,
  ) {
    this.file = file
    this.operation = operation
    this.encoder = encoder
    this.encode = encode
  }

  add(records: readonly unknown[]): void {
    this.encoder.add(records)
  }

  end(): void {
    const bytes = this.encode()
    this.bytes = bytes.byteLength
    this.target = beginFile(this.file, this.operation)
    this.target.write(bytes)
  }

  commit(): WrittenFile {
    this.target!.commit()
    return { path: this.file.path, items: this.encoder.items, bytes: this.bytes }
  }

  abort(): void {
    this.target?.abort()
  }
}

/** How a partition is written. */
interface PartitionWriter {
  readonly operation: string
  /** Begins a file. */
  readonly open: (file: FileReference) => RecordFile
  /** The columns that name folders; undefined if the partition is one file. */
  readonly partitionBy: readonly string[] | undefined
}

/** Writes a partition, and returns which files were written. */
export function writePartition(
  partition: Partition,
  file: FileReference,
  writer: PartitionWriter,
): readonly WrittenFile[] | Promise<readonly WrittenFile[]> {
  const stream = PartitionStream.of(partition)
  if (stream.asynchronous) {
    return Promise.resolve(stream.finish()).then((items) => writePartition(items, file, writer))
  }
  const { partitionBy, open, operation } = writer
  const files = new Map<string, RecordFile>()
  const fileOf = (folder: string): RecordFile => {
    let found = files.get(folder)
    if (found === undefined) {
      found = open(folder === '' ? file : inFolder(file, folder))
      files.set(folder, found)
    }
    return found
  }
  try {
    if (partitionBy === undefined) fileOf('')
    for (const batch of stream.collected()) {
      if (partitionBy === undefined) fileOf('').add(batch)
      else {
        for (const [folder, records] of byFolder(batch, partitionBy, operation))
          fileOf(folder).add(records)
      }
    }
    const written = [...files.values()]
    for (const complete of written) complete.end()
    return written.map((complete) => complete.commit())
  } catch (error) {
    for (const incomplete of files.values()) incomplete.abort()
    throw error
  }
}

/** Divides records by the folders that they belong to. They are copied without the columns of the folders. */
function byFolder(
  records: readonly unknown[],
  columns: readonly string[],
  operation: string,
): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const record of records) {
    if (typeof record !== 'object' || record === null)
      throw new TypeError(`${operation}: every item must be a record, got ${describeValue(record)}`)
    const rest: Record<string, unknown> = { ...record }
    const folders = columns.map((name) => {
      if (!Object.hasOwn(rest, name))
        throw new TypeError(
          `${operation}: a record has no field '${name}', by which files are divided`,
        )
      const folder = hiveFolder(name, rest[name], operation)
      delete rest[name]
      return folder
    })
    const key = folders.join('/')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [rest])
    else group.push(rest)
  }
  return groups
}

/** Returns a file of the same name in a folder beside it. */
function inFolder({ path, ...others }: FileReference, folder: string): FileReference {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1
  return { ...others, path: `${path.slice(0, end)}${folder}/${path.slice(end)}` }
}
