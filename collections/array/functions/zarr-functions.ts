/**
 * The functions of `da` that read and write Zarr.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { S3Options } from '../../files/s3-location.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import type { ZarrArray } from '../io/zarr/zarr-array.js'
import { consolidateGroup, openGroup, type ZarrGroup } from '../io/zarr/zarr-group.js'
import { checkedLocation, type ZarrLocation } from '../io/zarr/zarr-store.js'
import { type SourceOptions, sourceLayer } from '../layers/storage-layers.js'
import {
  type CreateZarrOptions,
  checkedComponent,
  createZarrArray,
  openZarrArray,
  type ToZarrOptions,
  writeZarr,
} from '../layers/zarr-layers.js'

/** The options of `openZarr`. */
export interface OpenZarrOptions {
  /** The path of the array in groups of the store. The default is the top. */
  readonly component?: string | undefined
  /** How an `s3:` location is reached. */
  readonly storageOptions?: S3Options | undefined
}

/**
 * Makes an array of a Zarr array of version 2 or 3, at a path, an `http:` or
 * `s3:` address, in a `Map` of bytes or in a store with
 * `get(key)`. Its metadata is read at once, each block by the task that needs it. The default chunks are those, or the
 * shards, of the Zarr array. Dask: `from_zarr`.
 * @throws RangeError (as a rejection) if there is no such array, TypeError for codecs and dtypes that are not supported.
 * @example const x = await da.fromZarr('https://example.org/data.zarr', { component: 'temperature' })
 */
export async function fromZarr(
  location: ZarrLocation,
  options: OpenZarrOptions & SourceOptions = {},
): Promise<ChunkedArray> {
  checkArguments('fromZarr', arguments, 2, 'da.fromZarr(location, options)')
  checkOptions(options, ['component', 'storageOptions', 'chunks'], 'fromZarr')
  const component = checkedComponent(options.component, 'fromZarr')
  const source = await openZarrArray(
    checkedLocation(location, options.storageOptions, 'fromZarr'),
    component,
    'fromZarr',
  )
  const chunks = options.chunks ?? source.chunks
  return new ChunkedArray(sourceLayer(source, { chunks }, 'fromZarr'))
}

/**
 * Opens a Zarr array, with its attributes, to read and write regions of it: as the source of `fromArray` or the target of
 * `store`.
 * @throws RangeError (as a rejection) if there is no such array.
 * @example (await da.openZarr('data.zarr')).attributes
 */
export async function openZarr(
  location: ZarrLocation,
  options: OpenZarrOptions = {},
): Promise<ZarrArray> {
  checkArguments('openZarr', arguments, 2, 'da.openZarr(location, options)')
  checkOptions(options, ['component', 'storageOptions'], 'openZarr')
  const component = checkedComponent(options.component, 'openZarr')
  return openZarrArray(
    checkedLocation(location, options.storageOptions, 'openZarr'),
    component,
    'openZarr',
  )
}

/**
 * Makes a Zarr array without chunks, to `store` arrays in regions of it. Its elements are the fill value.
 * @throws RangeError (as a rejection) if there is an array or group already, unless `overwrite` is true.
 * @example const all = await da.createZarr('all.zarr', { shape: [1000, 20], dtype: 'float32', chunks: [100, 20] })
 */
export async function createZarr<D extends Dtype>(
  location: ZarrLocation,
  options: CreateZarrOptions<D>,
): Promise<ZarrArray<D>> {
  checkArguments('createZarr', arguments, 2, 'da.createZarr(location, { shape, dtype })')
  return (await createZarrArray(location, options)) as ZarrArray<D>
}

/**
 * Writes an array to a Zarr array of version 3 or 2, which is made, and returns the array that reads it. Every chunk is
 * written at once by one task; the array is rechunked to whole chunks, or shards, for that. Metadata is written first.
 * On a cluster all workers need to reach the location. Dask: `to_zarr`.
 * @param options `region` writes to a part of an array that exists, `resume` keeps chunks that are written; the others
 *   are those of `createZarr` and of `compute`.
 * @throws TypeError for options that do not exist, RangeError (as a rejection) if there is an array already.
 * @example await da.toZarr(x, 'data.zarr', { component: 'x', chunks: [100, 100], compressor: 'gzip' })
 */
export async function toZarr<A extends AnyArray>(
  x: A,
  location: ZarrLocation,
  options: ToZarrOptions = {},
): Promise<ChunkedArray<A['dtype']>> {
  checkArguments('toZarr', arguments, 3, 'da.toZarr(x, location, options)')
  return new ChunkedArray(await writeZarr(x, location, options))
}

/**
 * Opens a group: its attributes, and its arrays, each a source of `fromArray` and a target of `store`. What is in the group
 * is read from its consolidated metadata, or found in the folder or bucket.
 * @throws RangeError (as a rejection) if there is no such group, or it is in another store without such metadata.
 * @example const { arrays } = await da.openZarrGroup('data.zarr')
 */
export async function openZarrGroup(
  location: ZarrLocation,
  options: OpenZarrOptions = {},
): Promise<ZarrGroup> {
  checkArguments('openZarrGroup', arguments, 2, 'da.openZarrGroup(location, options)')
  checkOptions(options, ['component', 'storageOptions'], 'openZarrGroup')
  const component = checkedComponent(options.component, 'openZarrGroup')
  return openGroup(checkedLocation(location, options.storageOptions, 'openZarrGroup'), component)
}

/**
 * Writes the metadata of all arrays in a group to the group, so that readers over HTTP need one request to see them.
 * @throws RangeError (as a rejection) if there is no such group in a folder or bucket.
 * @example await da.consolidateZarr('data.zarr')
 */
export async function consolidateZarr(
  location: ZarrLocation,
  options: OpenZarrOptions = {},
): Promise<void> {
  checkArguments('consolidateZarr', arguments, 2, 'da.consolidateZarr(location, options)')
  checkOptions(options, ['component', 'storageOptions'], 'consolidateZarr')
  const component = checkedComponent(options.component, 'consolidateZarr')
  return consolidateGroup(
    checkedLocation(location, options.storageOptions, 'consolidateZarr'),
    component,
  )
}
