/** Reads row groups of files of Parquet, by the package hyparquet: the columns that are wanted and used. */
import type { Compressors, FileMetaData } from 'hyparquet'
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'
import type { FileReference } from '../../files/file-system.js'
import { readRange } from '../../files/open-files.js'
import type { FieldsUsed } from '../engine/fields-used.js'
import type { ItemSource } from '../engine/item-source.js'
import type { HiveValues } from './hive-folders.js'
import type { RecordFilter } from './record-filter.js'
import { recordMaker } from './record-maker.js'

const hyparquet = lazyPackage<typeof import('hyparquet')>('hyparquet')
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

/** What is wanted of files: columns, or all of them, and the records that a filter lets through. */
export interface ParquetWanted {
  readonly columns: readonly string[] | undefined
  readonly filter: RecordFilter | undefined
}

/** The records of row groups, of which only the columns are read that a chain uses. */
export class ParquetSource implements ItemSource {
  readonly replayable = true
  private readonly pieces: readonly ParquetRows[]
  private readonly wanted: ParquetWanted

  constructor(pieces: readonly ParquetRows[], wanted: ParquetWanted) {
    this.pieces = pieces
    this.wanted = wanted
  }

  batches(): Iterable<readonly unknown[]> {
    throw new Error('Invariant broken: files of Parquet are loaded before they are read')
  }

  async load(fields: FieldsUsed | undefined): Promise<ItemSource> {
    const batches: (readonly unknown[])[] = []
    for (const piece of this.pieces) batches.push(await recordsOf(piece, this.wanted, fields))
    return { replayable: true, batches: () => batches }
  }
}

async function recordsOf(
  piece: ParquetRows,
  { columns, filter }: ParquetWanted,
  fields: FieldsUsed | undefined,
): Promise<readonly unknown[]> {
  const { parquetSchema } = loadOptional(hyparquet, 'hyparquet', 'readParquet')
  const metadata = wholeMetadata(piece)
  const { hive } = piece
  const inFile = parquetSchema(metadata)
    .children.map(({ element }) => element.name)
    .filter((name) => !Object.hasOwn(hive, name))
  const all = [...inFile, ...Object.keys(hive)]
  const wanted = all.filter((name) => columns === undefined || columns.includes(name))
  // An item without a field that it must have is needed whole.
  const canOmit = [...(fields ?? [])].every(
    ([name, isNeeded]) => !isNeeded || wanted.includes(name),
  )
  const names = fields && canOmit ? wanted.filter((name) => fields.has(name)) : wanted
  const stored = inFile.filter((name) => names.includes(name) || filter?.fields.includes(name))
  const values = await columnsOf(piece, metadata, stored)
  const count = piece.rowEnd - piece.rowStart
  for (const name of Object.keys(hive)) values.set(name, new Array(count).fill(hive[name]))
  const records = recordsOfColumns(values, names, count)
  if (filter === undefined) return records
  const shown = fields === undefined ? [...values.keys()] : filter.fields
  const checked = recordsOfColumns(
    values,
    shown.filter((name) => values.has(name)),
    count,
  ) as Readonly<Record<string, unknown>>[]
  return records.filter((_, i) => filter.accepts(checked[i]!))
}

/** Returns records with some of the columns. */
function recordsOfColumns(
  values: ReadonlyMap<string, readonly unknown[]>,
  names: readonly string[],
  count: number,
): unknown[] {
  const make = recordMaker(names)
  const lists = names.map((name) => values.get(name)!)
  const row = new Array<unknown>(lists.length)
  return Array.from({ length: count }, (_, i) => {
    for (let column = 0; column < lists.length; column++) row[column] = lists[column]![i]
    return make(row)
  })
}

/** Reads columns of the rows of a piece. */
async function columnsOf(
  piece: ParquetRows,
  metadata: FileMetaData,
  names: readonly string[],
): Promise<Map<string, unknown[]>> {
  const { rowStart, rowEnd } = piece
  const values = new Map(names.map((name) => [name, new Array<unknown>(rowEnd - rowStart)]))
  if (names.length === 0) return values
  const { parquetRead } = loadOptional(hyparquet, 'hyparquet', 'readParquet')
  const codecs = new Set(
    metadata.row_groups.flatMap((group) => group.columns.map((c) => c.meta_data?.codec)),
  )
  const isPlain = [...codecs].every((codec) => codec === 'SNAPPY' || codec === 'UNCOMPRESSED')
  const compressors = isPlain
    ? undefined
    : loadOptional(hyparquetCompressors, 'hyparquet-compressors', 'readParquet').compressors
  await parquetRead({
    file: {
      byteLength: piece.size,
      slice: (start, end = piece.size) => bufferOf(readRange(piece, start, end)),
    },
    metadata,
    rowStart,
    rowEnd,
    columns: [...names],
    ...(compressors && { compressors }),
    onChunk: ({ columnName, columnData, rowStart: first }) => {
      copyNumbers(columnData, values.get(columnName)!, first - rowStart)
    },
  })
  return values
}

/** Copies values of a column to a position of a list, as far as they fit; bigints that numbers can hold become numbers. */
function copyNumbers(from: ArrayLike<unknown>, to: unknown[], position: number): void {
  const start = Math.max(0, -position)
  const end = Math.min(from.length, to.length - position)
  for (let i = start; i < end; i++) {
    const value = from[i]
    const number = typeof value === 'bigint' ? Number(value) : Number.NaN
    to[position + i] = Number.isSafeInteger(number) ? number : value
  }
}
