/**
 * The metadata of Zarr arrays: `.zarray` of version 2 and `zarr.json` of version 3, read to one form and written.
 */
import {
  type Dtype,
  dtypeInfo,
  isBig,
  isComplex,
  isComplexValue,
  type Scalar,
} from '../../block/dtype.js'
import { formatArgument } from '../../block/format-argument.js'
import { type ByteOrder, codeOf, parseCode } from '../element-code.js'

/** A codec by its name, with its settings. */
export interface CodecConfig {
  /** The name of the codec, such as `gzip`. */
  readonly name: string
  /** Its settings. */
  readonly configuration: Readonly<Record<string, unknown>>
}

/** How the elements of a chunk become bytes. */
export interface ChunkCodecs {
  /** The order of the axes in the bytes; undefined if it is that of the array. */
  readonly order?: readonly number[] | undefined
  /** The order of the bytes of a number. */
  readonly byteOrder: ByteOrder
  /** The codecs of the bytes, in the order in which they are encoded. */
  readonly compressors: readonly CodecConfig[]
  /** For shards: the chunks in them. */
  readonly shard?: ShardCodecs | undefined
}

/** How the chunks of a shard are stored. */
export interface ShardCodecs {
  /** The shape of the chunks in a shard. */
  readonly chunks: readonly number[]
  /** How these chunks become bytes. */
  readonly codecs: ChunkCodecs
  /** Whether the index is at the start of a shard, not at its end. */
  readonly indexAtStart: boolean
  /** The codecs of the bytes of the index, which are little-endian. */
  readonly indexCodecs: readonly CodecConfig[]
}

/** What the metadata of an array says. */
export interface ZarrMetadata {
  /** The version of the format. */
  readonly version: 2 | 3
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The dtype of the elements. */
  readonly dtype: Dtype
  /** The shape of what one key holds: a chunk or a shard. */
  readonly chunks: readonly number[]
  /** How chunks become bytes. */
  readonly codecs: ChunkCodecs
  /** The value of elements that are not written. */
  readonly fillValue: Scalar
  /** The beginning of the keys of chunks, and what separates their coordinates. */
  readonly keys: { readonly prefix: string; readonly separator: string }
  /** The attributes of the array. */
  readonly attributes: Readonly<Record<string, unknown>>
}

type Json = Readonly<Record<string, unknown>>

/** Parses the metadata of version 3. */
export function parseVersion3(json: Json, where: string): ZarrMetadata {
  const { shape, data_type: dtype, codecs, fill_value: fill, attributes = {} } = json
  if (json.node_type !== 'array') {
    throw invalid(where, 'is a group; name an array in it with { component }')
  }
  const grid = namedConfig(json.chunk_grid, where)
  const encoding = namedConfig(json.chunk_key_encoding, where)
  if (grid.name !== 'regular') throw invalid(where, `has a chunk grid of kind '${grid.name}'`)
  const isDefault = encoding.name === 'default'
  const separator = String(encoding.configuration.separator ?? (isDefault ? '/' : '.'))
  const checked = checkedDtype(dtype, where)
  return {
    version: 3,
    shape: sizes(shape, where),
    dtype: checked,
    chunks: sizes(grid.configuration.chunk_shape, where),
    codecs: parseCodecs(codecs, where),
    fillValue: parseFill(fill, checked, where),
    keys: { prefix: isDefault ? `c` : '', separator },
    attributes: attributes as Json,
  }
}

/** Parses the metadata and the attributes of version 2. */
export function parseVersion2(json: Json, attributes: Json, where: string): ZarrMetadata {
  const { shape, chunks, dtype: code, order, filters, compressor, fill_value: fill } = json
  const { dtype, byteOrder } = parseCode(code, where)
  const axes = sizes(shape, where).map((_, axis) => axis)
  if (Array.isArray(filters) && filters.length > 0) {
    throw invalid(where, `has filters ${formatArgument(filters)}, which are not supported`)
  }
  const { id, ...configuration } = (compressor ?? {}) as Json
  const compressors = id === undefined ? [] : [{ name: String(id), configuration }]
  return {
    version: 2,
    shape: sizes(shape, where),
    dtype,
    chunks: sizes(chunks, where),
    codecs: { order: order === 'F' ? axes.reverse() : undefined, byteOrder, compressors },
    fillValue: parseFill(fill ?? 0, dtype, where),
    keys: { prefix: '', separator: String(json.dimension_separator ?? '.') },
    attributes,
  }
}

function parseCodecs(value: unknown, where: string): ChunkCodecs {
  const list = (value as readonly unknown[]).map((codec) => namedConfig(codec, where))
  let order: readonly number[] | undefined
  let at = 0
  for (; list[at]?.name === 'transpose'; at++) {
    const next = list[at]!.configuration.order as readonly number[]
    const before = order
    order = before === undefined ? next : next.map((axis) => before[axis]!)
  }
  const { name = 'none', configuration = {} } = list[at] ?? {}
  const compressors = list.slice(at + 1)
  if (name === 'bytes') {
    return { order, byteOrder: configuration.endian === 'big' ? 'big' : 'little', compressors }
  }
  if (name !== 'sharding_indexed')
    throw invalid(where, `has codec '${name}', which is not supported`)
  const index = parseCodecs(configuration.index_codecs, where)
  const shard: ShardCodecs = {
    chunks: sizes(configuration.chunk_shape, where),
    codecs: parseCodecs(configuration.codecs, where),
    indexAtStart: configuration.index_location === 'start',
    indexCodecs: index.compressors,
  }
  if (index.byteOrder !== 'little') throw invalid(where, 'has a big-endian index of shards')
  return { order, byteOrder: 'little', compressors, shard }
}

function namedConfig(value: unknown, where: string): CodecConfig {
  if (typeof value === 'string') return { name: value, configuration: {} }
  const { name, configuration = {} } = (value ?? {}) as Partial<CodecConfig>
  if (typeof name !== 'string')
    throw invalid(where, `has damaged metadata: ${formatArgument(value)}`)
  return { name, configuration }
}

function sizes(value: unknown, where: string): readonly number[] {
  const isShape = Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!isShape) throw invalid(where, `has a damaged shape: ${formatArgument(value)}`)
  return value as readonly number[]
}

function checkedDtype(value: unknown, where: string): Dtype {
  const code = V3_DTYPES.has(value as string) ? (value as Dtype) : undefined
  if (code !== undefined) return code
  throw invalid(where, `holds elements of dtype ${formatArgument(value)}, which arrays do not have`)
}

const V3_DTYPES: ReadonlySet<string> = new Set(
  'bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128'.split(
    ' ',
  ),
)

function invalid(where: string, problem: string): TypeError {
  return new TypeError(`${where} ${problem}`)
}

const SPECIAL = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function parseFill(value: unknown, dtype: Dtype, where: string): Scalar {
  if (isComplex(dtype)) {
    const [re, im] = Array.isArray(value) ? value : [value, 0]
    return { re: parseNumber(re, where), im: parseNumber(im, where) }
  }
  if (dtype === 'bool') return Boolean(value)
  const number = parseNumber(value, where)
  return isBig(dtype) ? BigInt(number) : number
}

function parseNumber(value: unknown, where: string): number {
  const number = SPECIAL.get(value as string) ?? value
  if (typeof number === 'number') return number
  throw invalid(where, `has a fill value that is not supported: ${formatArgument(value)}`)
}

function fillJson(value: Scalar): unknown {
  if (isComplexValue(value)) return [fillJson(value.re), fillJson(value.im)]
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}

/** Returns the files of metadata by their names. */
export function metadataFiles(metadata: ZarrMetadata): Record<string, unknown> {
  return metadata.version === 3 ? { 'zarr.json': version3(metadata) } : version2(metadata)
}

function version2({ shape, chunks, dtype, codecs, fillValue, keys, attributes }: ZarrMetadata) {
  const [compressor] = codecs.compressors
  const array = {
    zarr_format: 2,
    shape,
    chunks,
    dtype: codeOf(dtype, codecs.byteOrder),
    compressor:
      compressor === undefined ? null : { id: compressor.name, ...compressor.configuration },
    fill_value: fillJson(fillValue),
    order: codecs.order === undefined ? 'C' : 'F',
    filters: null,
    dimension_separator: keys.separator,
  }
  return { '.zarray': array, '.zattrs': attributes }
}

function version3({ shape, chunks, dtype, codecs, fillValue, keys, attributes }: ZarrMetadata) {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
    chunk_key_encoding: {
      name: keys.prefix === '' ? 'v2' : 'default',
      configuration: { separator: keys.separator },
    },
    fill_value: fillJson(fillValue),
    codecs: codecsJson(codecs, dtype),
    attributes,
  }
}

function codecsJson({ byteOrder, compressors, shard }: ChunkCodecs, dtype: Dtype): unknown[] {
  const endian = dtypeInfo(dtype).bytes === 1 ? {} : { configuration: { endian: byteOrder } }
  if (shard === undefined) return [{ name: 'bytes', ...endian }, ...compressors]
  const index = [{ name: 'bytes', configuration: { endian: 'little' } }, ...shard.indexCodecs]
  const configuration = {
    chunk_shape: shard.chunks,
    codecs: codecsJson(shard.codecs, dtype),
    index_codecs: index,
    index_location: 'end',
  }
  return [{ name: 'sharding_indexed', configuration }, ...compressors]
}

/** Returns the key of a chunk: `c/0/1` or `0.1`. */
export function chunkKey({ keys }: ZarrMetadata, coordinates: readonly number[]): string {
  const { prefix, separator } = keys
  if (prefix !== '') return [prefix, ...coordinates].join(separator)
  return coordinates.length === 0 ? '0' : coordinates.join(separator)
}
