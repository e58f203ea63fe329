/**
 * `ZarrArray`: an array in a Zarr store, as a source and a target. Chunks are written atomically: a reader sees the old
 * chunk or the new one.
 */
import { registerType } from '../../../../core/codec/objects/registered-types.js'
import type { Dtype, Scalar } from '../../block/dtype.js'
import { copyInto, type NDArray } from '../../block/ndarray.js'
import { type AxisRange, type Region, regionShape } from '../../planning/regions.js'
import { StoredArray } from '../array-source.js'
import {
  type ChunkFormat,
  decodeChunk,
  encodeChunk,
  filledBlock,
  readShard,
} from './chunk-codecs.js'
import { inGroups, type KeyStore, storeKey } from './key-store.js'
import { chunkKey, parseVersion2, parseVersion3, type ZarrMetadata } from './zarr-metadata.js'
import { locationName, openStore, type SentLocation } from './zarr-store.js'

/** Where an array is, and its metadata. */
export interface ZarrPlace {
  /** The store. */
  readonly location: SentLocation
  /** The path of the array in the store; empty for the top. */
  readonly component: string
  /** What the metadata of the array says. */
  readonly metadata: ZarrMetadata
}

/** A chunk that overlaps a region. */
interface ChunkPart {
  readonly key: string
  /** The part of the chunk. */
  readonly inChunk: Region
  /** The same elements in the region. */
  readonly inRegion: Region
  /** Whether the part is all of the chunk that is in the array. */
  readonly isWhole: boolean
}

/** An array in a Zarr store of version 2 or 3. Tasks on threads and workers open it at the same location. */
export class ZarrArray<D extends Dtype = Dtype> extends StoredArray<D> {
  /** Where the array is, and its metadata. */
  readonly place: ZarrPlace
  private store: KeyStore | undefined

  /** Made by `da.openZarr` and `da.createZarr`. */
  constructor(place: ZarrPlace) {
    super()
    this.place = place
  }

  /** The size of each axis. */
  get shape(): readonly number[] {
    return this.place.metadata.shape
  }

  /** The dtype of the elements. */
  get dtype(): D {
    return this.place.metadata.dtype as D
  }

  /** The shape of the chunks, or of the shards if there are any: what one task writes. */
  get chunks(): readonly number[] {
    return this.place.metadata.chunks
  }

  /** The attributes of the array. */
  get attributes(): Readonly<Record<string, unknown>> {
    return this.place.metadata.attributes
  }

  /** The version of the format: 2 or 3. */
  get version(): 2 | 3 {
    return this.place.metadata.version
  }

  /** The value of elements that are not written. */
  get fillValue(): Scalar {
    return this.place.metadata.fillValue
  }

  /** Returns the elements of a region. Those of chunks that are not written are the fill value. */
  async read(region: Region): Promise<NDArray<D>> {
    const parts = [...this.parts(region)]
    const shape = regionShape(region)
    if (parts.length === 1 && parts[0]!.isWhole && sameShape(shape, this.chunks)) {
      const whole = await this.readChunk(parts[0]!)
      if (whole !== undefined) return whole as NDArray<D>
    }
    const { dtype, fillValue } = this.place.metadata
    const block = filledBlock(dtype, fillValue, shape)
    await inGroups(parts, async (part) => {
      const chunk = await this.readChunk(part)
      if (chunk !== undefined) copyInto(cut(block, part.inRegion), cut(chunk, part.inChunk))
    })
    return block as NDArray<D>
  }

  /** Writes a block to a region. Chunks that it covers in part are read first. */
  async set(region: Region, block: NDArray): Promise<void> {
    const { dtype, fillValue, codecs } = this.place.metadata
    await inGroups([...this.parts(region)], async (part) => {
      const old = part.isWhole
        ? undefined
        : await this.readChunk({ ...part, inChunk: whole(this.chunks) })
      const values = cut(block, part.inRegion)
      let chunk = values
      if (!sameShape(values.shape, this.chunks)) {
        chunk = old ?? filledBlock(dtype, fillValue, this.chunks)
        copyInto(cut(chunk, part.inChunk), values)
      }
      await this.files.set(part.key, await encodeChunk(chunk, codecs, this.format.where))
    })
  }

  /** Returns whether all chunks of a region are written, and hold nothing else. */
  async has(region: Region): Promise<boolean> {
    for (const { key, isWhole } of this.parts(region)) {
      if (!isWhole || !(await this.files.has(key))) return false
    }
    return true
  }

  private get files(): KeyStore {
    this.store ??= openStore(this.place.location)
    return this.store
  }

  private get format(): ChunkFormat {
    const { location, component, metadata } = this.place
    const { dtype, fillValue } = metadata
    return { dtype, fillValue, where: placeName(location, component) }
  }

  /** Reads a chunk; of a shard at least the chunks that a part of it needs. */
  private async readChunk({ key, inChunk }: ChunkPart): Promise<NDArray | undefined> {
    const { codecs, chunks } = this.place.metadata
    const { shard } = codecs
    if (shard !== undefined && codecs.compressors.length === 0) {
      const isNeeded = (start: readonly number[]) =>
        start.every((first, axis) => {
          const range = inChunk[axis]!
          return first < range.stop && first + shard.chunks[axis]! > range.start
        })
      const read = (range: Parameters<KeyStore['get']>[1]) => this.files.get(key, range)
      return readShard(read, shard, chunks, this.format, isNeeded)
    }
    const bytes = await this.files.get(key)
    return bytes === undefined ? undefined : decodeChunk(bytes, codecs, chunks, this.format)
  }

  /** Yields the chunks that overlap a region. */
  private *parts(region: Region): Iterable<ChunkPart> {
    const { component, metadata } = this.place
    const { shape, chunks } = metadata
    if (region.some(({ start, stop }) => start >= stop)) return
    const first = region.map(({ start }, axis) => Math.floor(start / chunks[axis]!))
    const last = region.map(({ stop }, axis) => Math.ceil(stop / chunks[axis]!))
    const at = [...first]
    for (;;) {
      const ranges = at.map((c, axis): AxisRange => {
        const start = c * chunks[axis]!
        return { start, stop: start + chunks[axis]! }
      })
      const common = ranges.map(({ start, stop }, axis) => ({
        start: Math.max(start, region[axis]!.start),
        stop: Math.min(stop, region[axis]!.stop),
      }))
      yield {
        key: storeKey(component, chunkKey(metadata, at)),
        inChunk: moved(common, ranges),
        inRegion: moved(common, region),
        isWhole: common.every(
          ({ start, stop }, axis) =>
            start === ranges[axis]!.start && stop === Math.min(ranges[axis]!.stop, shape[axis]!),
        ),
      }
      let axis = at.length - 1
      while (axis >= 0 && ++at[axis]! >= last[axis]!) {
        at[axis] = first[axis]!
        axis--
      }
      if (axis < 0) return
    }
  }
}

/** Returns ranges relative to the start of others. */
function moved(ranges: Region, origin: Region): Region {
  return ranges.map(({ start, stop }, axis) => {
    const from = origin[axis]!.start
    return { start: start - from, stop: stop - from }
  })
}

function whole(shape: readonly number[]): Region {
  return shape.map((n) => ({ start: 0, stop: n }))
}

function cut(block: NDArray, region: Region): NDArray {
  return block.slice(region.map(({ start, stop }) => ({ start, step: 1, size: stop - start })))
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis])
}

/** Returns the name of an array for messages. */
export function placeName(location: SentLocation, component: string): string {
  const name = locationName(location)
  return component === '' ? `the Zarr array at ${name}` : `the Zarr array '${component}' at ${name}`
}

/** Reads the metadata of an array; undefined if there is none. */
export async function findZarr(
  location: SentLocation,
  component: string,
): Promise<ZarrArray | undefined> {
  const store = openStore(location)
  const where = placeName(location, component)
  const version3 = await readJsonObject(store, storeKey(component, 'zarr.json'))
  const open = (metadata: ZarrMetadata) => new ZarrArray({ location, component, metadata })
  if (version3 !== undefined) return open(parseVersion3(version3, where))
  const version2 = await readJsonObject(store, storeKey(component, '.zarray'))
  if (version2 === undefined) return undefined
  const attributes = (await readJsonObject(store, storeKey(component, '.zattrs'))) ?? {}
  return open(parseVersion2(version2, attributes, where))
}

/** Reads a file of JSON; undefined if there is none. */
export async function readJsonObject(
  store: KeyStore,
  key: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : parseJson(bytes)
}

/** Parses a file of metadata. Those of version 2 may have numbers that JSON lacks. */
export function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = Buffer.from(bytes).toString('utf8')
  return JSON.parse(text.replace(/(:\s*)(-?Infinity|NaN)/g, '$1"$2"'))
}

registerType('skein.ZarrArray', {
  class: ZarrArray<Dtype>,
  module: 'collections/array/io/zarr/zarr-array',
  encode: ({ place }) => place,
  decode: (place) => new ZarrArray(place),
})
