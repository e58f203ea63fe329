/**
 * Opens and makes Zarr arrays, and writes arrays to them.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import type { S3Options } from '../../files/s3-location.js'
import {
  assertDtype,
  type Dtype,
  dtypeInfo,
  isScalar,
  type Scalar,
  toElement,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { assertChunkShape } from '../io/array-source.js'
import { COMPRESSORS } from '../io/zarr/byte-codecs.js'
import { storeKey } from '../io/zarr/key-store.js'
import { findZarr, placeName, readJsonObject, ZarrArray } from '../io/zarr/zarr-array.js'
import {
  type ChunkCodecs,
  type CodecConfig,
  metadataFiles,
  type ZarrMetadata,
} from '../io/zarr/zarr-metadata.js'
import {
  checkedLocation,
  openStore,
  type SentLocation,
  type ZarrLocation,
} from '../io/zarr/zarr-store.js'
import { parseRegion, type RegionSpec } from '../planning/regions.js'
import { assertShape } from '../planning/shape-arguments.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { assertArray } from './operands.js'
import { planStore, storedLayer } from './storage-layers.js'
import { COMPUTE_OPTIONS, writeBlocks } from './store-arrays.js'

/** The name of a compressor, and its settings: `{ name: 'zstd', level: 3 }`. */
export interface ZarrCompressor {
  /** `'gzip'`, `'zlib'`, `'zstd'`, `'lz4'` or `'blosc'`. The last three need the package numcodecs. */
  readonly name: (typeof COMPRESSORS)[number]
  readonly [setting: string]: unknown
}

/** How a Zarr array is stored. */
export interface ZarrFormatOptions {
  /** The path of the array in groups of the store, such as `'2026/temperature'`. The default is the top. */
  readonly component?: string | undefined
  /** How an `s3:` location is reached. */
  readonly storageOptions?: S3Options | undefined
  /** The version of the format: 3, the default, or 2. */
  readonly version?: 2 | 3 | undefined
  /** The shape of the chunks: one size, or one for each axis. The default is that of the first block. */
  readonly chunks?: number | readonly number[] | undefined
  /** The shape of the shards, which hold several chunks in one file each. There are none by default. */
  readonly shards?: number | readonly number[] | undefined
  /** How chunks are compressed. They are not by default. */
  readonly compressor?: ZarrCompressor['name'] | ZarrCompressor | null | undefined
  /** The value of elements that are not written; 0 by default. */
  readonly fillValue?: Scalar | undefined
  /** Attributes: whatever JSON can hold. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  /** Whether an array that exists is removed first. False by default, which refuses to write there. */
  readonly overwrite?: boolean | undefined
}

const FORMAT_OPTIONS = [
  'component',
  'storageOptions',
  'version',
  'chunks',
  'shards',
  'compressor',
  'fillValue',
  'attributes',
  'overwrite',
] as const satisfies readonly (keyof ZarrFormatOptions)[]

/** The options of `createZarr`. */
export interface CreateZarrOptions<D extends Dtype = Dtype> extends ZarrFormatOptions {
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The dtype of the elements. */
  readonly dtype: D
}

/** The options of `toZarr`. */
export interface ToZarrOptions extends ZarrFormatOptions, ComputeOptions {
  /** The region of an array that exists: one slice for each axis, such as `['0:100', ':']`. */
  readonly region?: RegionSpec | undefined
  /** Whether chunks that exist already are kept and not computed again. False by default. */
  readonly resume?: boolean | undefined
}

/** Returns the path of an array in a store without slashes at its ends. */
export function checkedComponent(component: unknown, operation: string): string {
  if (component === undefined) return ''
  if (typeof component === 'string' && !component.split('/').includes('..')) {
    return component
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/')
  }
  throw new TypeError(
    `${operation}: component must be a path in the store, such as 'group/x'; got ${formatArgument(component)}`,
  )
}

/** Opens an array. Throws a RangeError if there is none. */
export async function openZarrArray(
  location: SentLocation,
  component: string,
  operation: string,
): Promise<ZarrArray> {
  const found = await findZarr(location, component)
  if (found !== undefined) return found
  throw new RangeError(`${operation}: ${placeName(location, component)} does not exist`)
}

/** Returns the metadata of an array that is to be made. */
function newMetadata(
  shape: readonly number[],
  dtype: Dtype,
  options: ZarrFormatOptions,
  operation: string,
): ZarrMetadata {
  const { version = 3, fillValue = 0, attributes = {}, compressor = null, shards } = options
  if (version !== 2 && version !== 3) {
    throw new RangeError(`${operation}: version must be 2 or 3; got ${formatArgument(version)}`)
  }
  if (!isScalar(fillValue)) {
    throw new TypeError(
      `${operation}: fillValue must be a number, bigint, boolean or complex number; got ${formatArgument(fillValue)}`,
    )
  }
  const chunks = perAxis(options.chunks ?? shape, shape, operation)
  const compressors =
    compressor === null ? [] : [compressorConfig(compressor, version, dtype, operation)]
  const plain: ChunkCodecs = { byteOrder: 'little', compressors }
  const about = {
    version,
    shape,
    dtype,
    fillValue: toElement(fillValue, dtype, operation),
    keys: version === 3 ? { prefix: 'c', separator: '/' } : { prefix: '', separator: '.' },
    attributes,
  } as const
  if (shards === undefined) return { ...about, chunks, codecs: plain }
  const whole = perAxis(shards, shape, operation)
  if (version === 2 || whole.some((n, axis) => n % chunks[axis]! !== 0)) {
    throw new RangeError(
      `${operation}: shards [${whole}] must be multiples of the chunks [${chunks}], and need version 3`,
    )
  }
  const indexCodecs = [{ name: 'crc32c', configuration: {} }]
  const shard = { chunks, codecs: plain, indexAtStart: false, indexCodecs }
  return { ...about, chunks: whole, codecs: { byteOrder: 'little', compressors: [], shard } }
}

function perAxis(
  sizes: number | readonly number[],
  shape: readonly number[],
  operation: string,
): readonly number[] {
  const list = typeof sizes === 'number' ? shape.map(() => sizes) : sizes
  // -1 is the whole axis; an axis without elements has chunks of one.
  const filled = Array.isArray(list)
    ? list.map((n, axis) => (n === -1 || n === 0 ? Math.max(1, shape[axis] ?? 1) : n))
    : list
  assertChunkShape(filled, shape, operation)
  return filled
}

/** The settings of compressors, unless others are given. */
const SETTINGS: Readonly<Record<ZarrCompressor['name'], Readonly<Record<string, unknown>>>> = {
  gzip: { level: 5 },
  zlib: { level: 5 },
  zstd: { level: 1 },
  lz4: { acceleration: 1 },
  blosc: { cname: 'lz4', clevel: 5, shuffle: 1, blocksize: 0 },
}
const KINDS_OF_SHUFFLE = ['noshuffle', 'shuffle', 'bitshuffle']

function compressorConfig(
  compressor: ZarrCompressor['name'] | ZarrCompressor,
  version: 2 | 3,
  dtype: Dtype,
  operation: string,
): CodecConfig {
  const { name, ...given } = typeof compressor === 'string' ? { name: compressor } : compressor
  if (!COMPRESSORS.includes(name)) {
    throw new TypeError(
      `${operation}: compressor must be null or one of ${COMPRESSORS.map((c) => `'${c}'`).join(', ')}; got ${formatArgument(compressor)}`,
    )
  }
  checkOptions(given, Object.keys(SETTINGS[name]), `${operation}, compressor '${name}'`)
  const settings = { ...SETTINGS[name], ...given }
  if (version === 2) return { name, configuration: settings }
  if (name === 'zstd') return { name, configuration: { ...settings, checksum: false } }
  if (name === 'blosc') {
    const { shuffle } = settings as { shuffle?: unknown }
    const kind = typeof shuffle === 'number' ? KINDS_OF_SHUFFLE[shuffle] : shuffle
    const typesize = dtypeInfo(dtype).bytes
    return { name, configuration: { ...settings, shuffle: kind, typesize } }
  }
  return { name: name === 'gzip' ? name : `numcodecs.${name}`, configuration: settings }
}

/** Makes an array without chunks, and the groups that it is in. */
async function createArray(
  location: SentLocation,
  component: string,
  metadata: ZarrMetadata,
  { overwrite = false, operation }: { overwrite?: boolean | undefined; operation: string },
): Promise<ZarrArray> {
  const store = openStore(location)
  if (overwrite) await removeOld(location, component, operation)
  else if (await isTaken(location, component)) {
    throw new RangeError(
      `${operation}: ${placeName(location, component)} exists; give { overwrite: true } to replace it, or { region } or { resume: true } to write to it`,
    )
  }
  const write = (key: string, content: unknown) =>
    store.set(key, Buffer.from(JSON.stringify(content, undefined, 2)))
  const parts = component.split('/').slice(0, -1)
  for (let i = 0; component !== '' && i <= parts.length; i++) {
    const group = parts.slice(0, i).join('/')
    const file = metadata.version === 3 ? 'zarr.json' : '.zgroup'
    if ((await readJsonObject(store, storeKey(group, file))) !== undefined) continue
    const content = { zarr_format: metadata.version }
    const group3 = { ...content, node_type: 'group', attributes: {} }
    await write(storeKey(group, file), metadata.version === 3 ? group3 : content)
  }
  for (const [name, content] of Object.entries(metadataFiles(metadata))) {
    await write(storeKey(component, name), content)
  }
  return new ZarrArray({ location, component, metadata })
}

async function isTaken(location: SentLocation, component: string): Promise<boolean> {
  const store = openStore(location)
  const names = ['zarr.json', '.zarray', '.zgroup']
  const found = await Promise.all(names.map((name) => store.has(storeKey(component, name))))
  return found.includes(true)
}

/** Removes what is below an array or group. Anything else there is left alone. */
async function removeOld(
  location: SentLocation,
  component: string,
  operation: string,
): Promise<void> {
  const store = openStore(location)
  if (store.list === undefined || store.removeAll === undefined) {
    throw new TypeError(
      `${operation}: overwrite removes what is in folders and buckets, not arrays in other stores`,
    )
  }
  if (await isTaken(location, component)) return store.removeAll(component)
  const { files, folders } = await store.list(component)
  if (files.length + folders.length === 0) return
  const name = placeName(location, component).replace('the Zarr array at ', '')
  throw new RangeError(
    `${operation}: ${name} exists and is not a Zarr array or group, so it is not removed`,
  )
}

/** Makes an array in a store, as `da.createZarr` does. */
export function createZarrArray(
  location: ZarrLocation,
  options: CreateZarrOptions,
): Promise<ZarrArray> {
  const operation = 'createZarr'
  checkOptions(options, [...FORMAT_OPTIONS, 'shape', 'dtype'], operation)
  const { shape, dtype, overwrite, component, storageOptions, ...format } = options
  assertShape(shape, operation)
  assertDtype(dtype, operation)
  const metadata = newMetadata(shape, dtype, format, operation)
  const place = checkedLocation(location, storageOptions, operation)
  return createArray(place, checkedComponent(component, operation), metadata, {
    overwrite,
    operation,
  })
}

/** Writes an array to a store, and returns the array that reads it. */
export function writeZarr(
  array: unknown,
  location: ZarrLocation,
  options: ToZarrOptions,
): Promise<ArraySpec> {
  const operation = 'toZarr'
  assertArray(array, operation)
  checkOptions(options, [...FORMAT_OPTIONS, 'region', 'resume', ...COMPUTE_OPTIONS], operation)
  const place = checkedLocation(location, options.storageOptions, operation)
  const component = checkedComponent(options.component, operation)
  const shape = shapeOf(array)
  if (options.region !== undefined) {
    for (const name of FORMAT_OPTIONS) {
      if (name === 'component' || name === 'storageOptions' || options[name] === undefined) continue
      throw new TypeError(
        `${operation}: region writes to an array that exists, so ${name} cannot be given`,
      )
    }
    // The sizes of the other array are not known yet.
    const sizes = shape.map(() => Number.MAX_SAFE_INTEGER)
    parseRegion(options.region, sizes, operation)
    return writeTo(array, () => openZarrArray(place, component, operation), options)
  }
  const chunks = options.chunks ?? array.chunks.map((sizes) => Math.max(1, ...sizes))
  const metadata = newMetadata(shape, array.dtype, { ...options, chunks }, operation)
  const { overwrite, resume } = options
  const open = async () => {
    const found = resume ? await findZarr(place, component) : undefined
    if (found === undefined)
      return createArray(place, component, metadata, { overwrite, operation })
    assertSame(found, metadata, placeName(place, component))
    return found
  }
  return writeTo(array, open, options)
}

/** Throws unless an array can be resumed: shape, dtype and chunks must be those that are written. */
function assertSame(found: ZarrArray, { shape, dtype, chunks }: ZarrMetadata, where: string): void {
  const about = (array: Pick<ZarrMetadata, 'shape' | 'dtype' | 'chunks'>) =>
    `${array.dtype} of shape [${array.shape}] in chunks [${array.chunks}]`
  if (about(found) === about({ shape, dtype, chunks })) return
  throw new RangeError(
    `toZarr: ${where} is ${about(found)}, not ${about({ shape, dtype, chunks })}, so it cannot be resumed`,
  )
}

async function writeTo(
  array: ArraySpec,
  open: () => Promise<ZarrArray>,
  options: ToZarrOptions,
): Promise<ArraySpec> {
  const { region, resume = false } = options
  const names: readonly string[] = COMPUTE_OPTIONS
  const own = Object.entries(options).filter(([name]) => names.includes(name))
  const compute = Object.fromEntries(own) as ComputeOptions
  const plan = planStore(array, await open(), region, 'toZarr')
  await writeBlocks([plan], resume, compute)
  return storedLayer(plan)
}
