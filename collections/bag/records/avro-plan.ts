/** Plans `readAvro` and `toAvro`: checks the options, and reads the headers of files. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { findFiles } from '../../files/file-patterns.js'
import type { FoundFile } from '../../files/file-system.js'
import { hasRanges } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import { AVRO_CODECS, type AvroCodec } from './avro-codecs.js'
import { readAvroHeader } from './avro-files.js'
import type { AvroRange, AvroWriteFormat } from './avro-steps.js'
import { type AvroSchema, avroType } from './avro-types.js'
import { type HiveValues, hiveValues } from './hive-folders.js'
import {
  planWrite,
  WRITE_NAMES,
  type WriteNow,
  type WriteRecordOptions,
  type WriteRecordsPlan,
} from './write-records-plan.js'

/** The options of `readAvro`. */
export interface ReadAvroOptions {
  /** The columns that records have. The default is all. */
  readonly columns?: readonly string[] | undefined
  /** Bytes of a file in a partition: a number, or a string such as `'64 MiB'`; `null` never cuts a file. 16 MiB by default. */
  readonly blocksize?: number | string | null | undefined
  /** Whether folders such as `day=2024-01-01` give columns to the records of their files. True by default. */
  readonly hivePartitioning?: boolean | undefined
  /** Options of file systems of other machines: `HttpOptions` or `S3Options`. */
  readonly storageOptions?: StorageOptions | undefined
}

/** The options of `toAvro`. */
export interface WriteAvroOptions
  extends Pick<WriteRecordOptions, 'nameFunction' | 'storageOptions' | 'partitionBy'> {
  /** `'deflate'`, the default, `'snappy'`, `'zstandard'` (from Node 22.15 on) or `'null'`. */
  readonly codec?: AvroCodec | undefined
  /** The bytes of a block before it is compressed, at least. 64,000 by default. */
  readonly syncInterval?: number | undefined
}

/** The ranges of each partition. */
export interface ReadAvroPlan {
  readonly files: readonly FoundFile[]
  readonly partitions: readonly (readonly AvroRange[])[]
  readonly columns: readonly string[] | undefined
}

const BLOCK_SIZE = 16 << 20

/** Checks the arguments of `readAvro` and returns its plan. */
export function planReadAvro(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadAvroOptions,
): ReadAvroPlan {
  const names = ['columns', 'blocksize', 'hivePartitioning', 'storageOptions']
  checkOptions(options, names, 'readAvro')
  const { columns, blocksize = BLOCK_SIZE, hivePartitioning = true, storageOptions } = options
  const size = typeof blocksize === 'string' ? parseByteSize(blocksize) : blocksize
  if (size !== null && !(typeof size === 'number' && size >= 1)) {
    throw new RangeError(
      `readAvro: blocksize must be a number of bytes, a string such as '64 MiB' or null, got ${describeValue(blocksize)}`,
    )
  }
  const files = findFiles(patterns, { operation: 'readAvro', storageOptions })
  const values = hivePartitioning ? hiveValues(files.map(({ path }) => path)) : []
  const partitions = files.flatMap((file, i) =>
    rangesOf(file, size ?? undefined, columns, values[i] ?? {}),
  )
  return { files, partitions: partitions.map((range) => [range]), columns }
}

function rangesOf(
  file: FoundFile,
  size: number | undefined,
  columns: readonly string[] | undefined,
  hive: HiveValues,
): AvroRange[] {
  const header = readAvroHeader(file)
  const { fields } = avroType(JSON.parse(header.schema), 'readAvro')
  const has = (name: string): boolean =>
    Object.hasOwn(hive, name) || fields?.some((field) => field.name === name) === true
  const missing = columns?.find((name) => !has(name))
  if (missing !== undefined) {
    const known = fields?.map(({ name }) => name).join(', ') ?? 'values that are no records'
    throw new RangeError(
      `readAvro: '${file.path}' has no column ${describeValue(missing)}, only ${known}`,
    )
  }
  const { path, access } = file
  const reference = { path, ...(access && { access }), header, hive }
  if (size === undefined || !hasRanges(file) || file.size <= size)
    return [{ ...reference, start: 0, end: Number.POSITIVE_INFINITY }]
  return Array.from({ length: Math.ceil(file.size / size) }, (_, i) => ({
    ...reference,
    start: i * size,
    end: (i + 1) * size,
  }))
}

/** Checks the arguments of `toAvro` and returns its plan. */
export function planWriteAvro(
  path: string | readonly string[],
  schema: AvroSchema,
  options: WriteAvroOptions & WriteNow,
  npartitions: number,
): WriteRecordsPlan<AvroWriteFormat> {
  const own = WRITE_NAMES.filter((name) => name !== 'compression')
  checkOptions(options, [...own, 'codec', 'syncInterval'], 'toAvro')
  const { codec = 'deflate', syncInterval = 64_000, ...others } = options
  if (!AVRO_CODECS.includes(codec)) {
    throw new RangeError(
      `toAvro: codec must be one of ${AVRO_CODECS.map((name) => `'${name}'`).join(', ')}, got ${describeValue(codec)}`,
    )
  }
  checkWholeNumber(syncInterval, 1, 'toAvro', 'syncInterval')
  try {
    avroType(schema, 'toAvro')
  } catch (cause) {
    if ((cause as { cause?: unknown }).cause !== undefined) throw cause
    throw new TypeError(`toAvro: the schema is none of Avro: ${(cause as Error).message}`, {
      cause,
    })
  }
  const format = { schema, codec, syncInterval }
  return planWrite(path, { ...others, compression: null }, npartitions, 'toAvro', () => format)
}
