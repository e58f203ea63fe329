/**
 * The functions of `da` that read and write NumPy's files and raw binary files.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { StorageOptions } from '../../files/remote-files.js'
import type { AnyArray } from '../array-types.js'
import { assertDtype, type Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import { BinaryFile, contiguousChunks } from '../io/binary-file.js'
import { localPath } from '../io/file-access.js'
import { createNpyFile, openNpyFile } from '../io/npy-format.js'
import { openStack } from '../io/npy-stack.js'
import { openNpz } from '../io/npz-file.js'
import { localFile, readableFile } from '../io/readable-file.js'
import {
  assertChoice,
  BINARY_OPTIONS,
  type BinaryOptions,
  type FileOrderOptions,
  type NpyStackOptions,
  openBinaryFile,
  type ToBinaryOptions,
  type ToNpyOptions,
  type ToNpzOptions,
  writeBinary,
  writeNpy,
  writeNpyStack,
  writeNpz,
} from '../layers/npy-layers.js'
import { type SourceOptions, sourceLayer } from '../layers/storage-layers.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
import { assertShape } from '../planning/shape-arguments.js'

/** The options of the functions that read NumPy's files. */
export interface NpyOptions extends SourceOptions {
  /** How a file on a web server or in S3 is reached, such as `{ headers }` or `{ endpoint, region }`. */
  readonly storageOptions?: StorageOptions | undefined
}

/**
 * Makes an array of an `.npy` file at a path or an address: `https:`, `s3:`, or one of `db.registerFileSystem`. Its header is read at once, each block by the task that needs it. The default chunks
 * are parts of the file of at most 16 MiB. NumPy: `load`.
 * @throws TypeError for files that are not `.npy`, and for dtypes that arrays do not have.
 * @example const x = da.fromNpy('data/x.npy', { chunks: [1000, -1] })
 */
export function fromNpy(path: string | URL, options: NpyOptions = {}): ChunkedArray {
  checkArguments('fromNpy', arguments, 2, 'da.fromNpy(path, options)')
  checkOptions(options, ['chunks', 'storageOptions'], 'fromNpy')
  const { chunks, storageOptions } = options
  return arrayOfFile(openNpyFile(readableFile(path, 'fromNpy', storageOptions)), chunks, 'fromNpy')
}

function arrayOfFile<D extends Dtype>(
  file: BinaryFile<D>,
  given: ChunksSpec | undefined,
  operation: string,
): ChunkedArray<D> {
  const chunks = given ?? contiguousChunks(file.layout)
  return new ChunkedArray<D>(sourceLayer(file, { chunks }, operation))
}

/**
 * Writes an array to an `.npy` file, block by block. The file appears when it is complete. Its folder is made if it is
 * missing; on a cluster all workers need to reach it under the same path. NumPy: `save`.
 * @param options `order: 'F'` writes the first axis contiguously; the others are those of `compute`.
 * @throws TypeError for options that do not exist.
 * @example await da.toNpy('out/x.npy', x)
 */
export function toNpy(path: string | URL, x: AnyArray, options: ToNpyOptions = {}): Promise<void> {
  checkArguments('toNpy', arguments, 3, 'da.toNpy(path, x, options)')
  return writeNpy(path, x, options)
}

/**
 * Opens an `.npy` file to read and write regions of it, as the source of `fromArray` or the target of `store`.
 * @throws TypeError for files that are not `.npy`, and for dtypes that arrays do not have.
 * @example await da.store(x, da.openNpy('all.npy'), { regions: ['0:100', ':'] })
 */
export function openNpy(path: string | URL): BinaryFile {
  checkArguments('openNpy', arguments, 1, 'da.openNpy(path)')
  return openNpyFile(localFile(localPath(path, 'openNpy')))
}

/**
 * Makes an `.npy` file of zeros, to `store` arrays in regions of it. A file that exists is replaced.
 * @throws RangeError for an invalid shape, TypeError for an invalid dtype.
 * @example const file = da.createNpy('all.npy', { shape: [1000, 20], dtype: 'float32' })
 */
export function createNpy<D extends Dtype>(
  path: string | URL,
  options: FileOrderOptions & { readonly shape: readonly number[]; readonly dtype: D },
): BinaryFile<D> {
  checkArguments('createNpy', arguments, 2, 'da.createNpy(path, { shape, dtype })')
  checkOptions(options, ['shape', 'dtype', 'order'], 'createNpy')
  const { shape, dtype, order = 'C' } = options
  assertShape(shape, 'createNpy')
  assertDtype(dtype, 'createNpy')
  assertChoice(order, ['C', 'F'], 'order', 'createNpy')
  return createNpyFile(localPath(path, 'createNpy'), dtype, shape, order) as BinaryFile<D>
}

/**
 * Makes an array of the elements in a file without a header, such as `numpy.memmap` maps, at a path or an address. The default shape is one axis
 * with all elements.
 * @throws RangeError if the file is too short.
 * @example da.fromBinary('image.raw', { dtype: 'uint16', shape: [480, 640], offset: 512 })
 */
export function fromBinary<D extends Dtype>(
  path: string | URL,
  options: BinaryOptions<D> & NpyOptions,
): ChunkedArray<D> {
  checkArguments('fromBinary', arguments, 2, 'da.fromBinary(path, { dtype, shape })')
  checkOptions(options, [...BINARY_OPTIONS, 'chunks', 'storageOptions'], 'fromBinary')
  const { chunks, storageOptions, ...layout } = options
  const find = (given: unknown) => readableFile(given, 'fromBinary', storageOptions)
  const file = openBinaryFile(path, layout, 'fromBinary', find) as BinaryFile<D>
  return arrayOfFile(file, chunks, 'fromBinary')
}

/**
 * Opens a file without a header to read and write regions of it, as the source of `fromArray` or the target of `store`.
 * @throws RangeError if the file is too short.
 * @example da.openBinary('image.raw', { dtype: 'uint16', shape: [480, 640] })
 */
export function openBinary<D extends Dtype>(
  path: string | URL,
  options: BinaryOptions<D>,
): BinaryFile<D> {
  checkArguments('openBinary', arguments, 2, 'da.openBinary(path, { dtype, shape })')
  return openBinaryFile(path, options, 'openBinary') as BinaryFile<D>
}

/**
 * Writes the elements of an array to a file without a header. The file appears when it is complete. NumPy: `tofile`.
 * @param options `order` and `byteOrder`; the others are those of `compute`.
 * @throws TypeError for options that do not exist.
 * @example await da.toBinary('image.raw', x)
 */
export function toBinary(
  path: string | URL,
  x: AnyArray,
  options: ToBinaryOptions = {},
): Promise<void> {
  checkArguments('toBinary', arguments, 3, 'da.toBinary(path, x, options)')
  return writeBinary(path, x, options)
}

/**
 * Makes arrays of the files in an `.npz` archive at a path or an address, by their names. Blocks of arrays that are not compressed are read as they
 * are from `.npy` files; a compressed array is one block, unless `chunks` is given. NumPy: `load`.
 * @throws TypeError for other files, and for dtypes that arrays do not have.
 * @example const { x, y } = da.fromNpz('data.npz')
 */
export function fromNpz(
  path: string | URL,
  options: NpyOptions = {},
): Record<string, ChunkedArray> {
  checkArguments('fromNpz', arguments, 2, 'da.fromNpz(path, options)')
  checkOptions(options, ['chunks', 'storageOptions'], 'fromNpz')
  const archive = readableFile(path, 'fromNpz', options.storageOptions)
  const arrays = [...openNpz(archive)].map(([name, source]) => {
    const isFile = source instanceof BinaryFile
    const chunks = options.chunks ?? (isFile ? contiguousChunks(source.layout) : source.chunks)
    return [name, new ChunkedArray(sourceLayer(source, { chunks }, 'fromNpz'))] as const
  })
  return Object.fromEntries(arrays)
}

/**
 * Writes arrays to an `.npz` archive, one after the other. The file appears when it is complete. NumPy: `savez`, and
 * `savez_compressed` with `compressed: true`.
 * @throws TypeError for options that do not exist.
 * @example await da.toNpz('data.npz', { x, y })
 */
export function toNpz(
  path: string | URL,
  arrays: Readonly<Record<string, AnyArray>>,
  options: ToNpzOptions = {},
): Promise<void> {
  checkArguments('toNpz', arguments, 3, 'da.toNpz(path, { x, y }, options)')
  return writeNpz(path, arrays, options)
}

/**
 * Makes an array of an npy stack: a folder with one `.npy` file for each chunk of an axis. Dask: `from_npy_stack`.
 * @throws RangeError if there is no stack in the folder.
 * @example const x = da.fromNpyStack('data/stack')
 */
export function fromNpyStack(path: string | URL, options: SourceOptions = {}): ChunkedArray {
  checkArguments('fromNpyStack', arguments, 2, 'da.fromNpyStack(path, options)')
  checkOptions(options, ['chunks'], 'fromNpyStack')
  const stack = openStack(localPath(path, 'fromNpyStack'))
  const chunks = options.chunks ?? stack.layout.grid
  return new ChunkedArray(sourceLayer(stack, { chunks }, 'fromNpyStack'))
}

/**
 * Writes an array to a folder, one `.npy` file for each chunk of an axis; along the others it is rechunked to one
 * chunk. Every file appears when it is complete. Dask reads the folder, too. Dask: `to_npy_stack`.
 * @param options `axis` is 0 by default; `resume` keeps files that exist; the others are those of `compute`.
 * @throws RangeError for an axis that does not exist.
 * @example await da.toNpyStack('data/stack', x)
 */
export function toNpyStack(
  path: string | URL,
  x: AnyArray,
  options: NpyStackOptions = {},
): Promise<void> {
  checkArguments('toNpyStack', arguments, 3, 'da.toNpyStack(path, x, options)')
  return writeNpyStack(path, x, options)
}
