/**
 * NumPy's `.npz` format: a ZIP archive of `.npy` files. Arrays that are not compressed are read by regions, as from files of
 * their own; a compressed one is read whole.
 */
import { registerType } from '../../../core/codec/objects/registered-types.js'
import type { FileReference } from '../../files/file-system.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { allocate, copyOf, NDArray, sizeOf } from '../block/ndarray.js'
import { type Region, regionShape } from '../planning/regions.js'
import type { ArraySource } from './array-source.js'
import { BinaryFile } from './binary-file.js'
import { bytesOf, swapBytes } from './element-code.js'
import { type NpyHeader, parseNpyHeader } from './npy-format.js'
import { type PartReader, type ReadableFile, withReader } from './readable-file.js'
import { readEntry, readEntryHead, readZip, type ZipEntry } from './zip-reader.js'

interface CompressedLayout extends FileReference {
  readonly entry: ZipEntry
  readonly header: NpyHeader
  readonly token: string
}

/** A compressed array in an archive. Reading any region decompresses all of it. */
class CompressedNpy implements ArraySource {
  readonly layout: CompressedLayout

  constructor(layout: CompressedLayout) {
    this.layout = layout
  }

  get shape(): readonly number[] {
    return this.layout.header.shape
  }

  get dtype(): Dtype {
    return this.layout.header.dtype
  }

  /** One chunk: the whole array. */
  get chunks(): readonly number[] {
    return this.shape.map((n) => Math.max(1, n))
  }

  get token(): string {
    return `${this.layout.token} ${this.layout.entry.name}`
  }

  read(region: Region): NDArray {
    const { entry, header } = this.layout
    const { dtype, shape, order, byteOrder, length } = header
    const elements = allocate(dtype, sizeOf(shape))
    const content = withReader(this.layout, (reader) => readEntry(reader, entry))
    bytesOf(elements).set(content.subarray(length, length + sizeOf(shape) * dtypeInfo(dtype).bytes))
    swapBytes(bytesOf(elements), dtype, byteOrder)
    const block = new NDArray(dtype, elements, order === 'C' ? shape : [...shape].reverse())
    const inOrder = order === 'C' ? block : block.transpose()
    const sizes = regionShape(region)
    if (sizes.every((n, axis) => n === shape[axis])) return inOrder
    return copyOf(
      inOrder.slice(region.map(({ start }, i) => ({ start, step: 1, size: sizes[i]! }))),
    )
  }
}

/** Enough bytes for the headers of nearly all files. */
const HEAD = 4096

/** Returns the arrays of an archive by their names. */
export function openNpz(file: ReadableFile): Map<string, ArraySource> {
  return withReader(file, (reader) => {
    const entries = readZip(reader, file.path, file.size)
    const arrays = entries.filter(({ name }) => name.endsWith('.npy'))
    return new Map(arrays.map((entry) => [entry.name.slice(0, -4), sourceOf(file, entry, reader)]))
  })
}

/** Returns the array in an entry of an archive. */
function sourceOf(file: ReadableFile, entry: ZipEntry, reader: PartReader): ArraySource {
  const { path, access, token } = file
  const header =
    parseNpyHeader(readEntryHead(reader, entry, HEAD), path) ??
    parseNpyHeader(readEntryHead(reader, entry, entry.size), path)
  if (header === undefined)
    throw new RangeError(`'${path}': '${entry.name}' ends within its header`)
  if (entry.compressed) return new CompressedNpy({ path, access, entry, header, token })
  const { length, ...rest } = header
  const offset = entry.start + length
  return new BinaryFile({ path, access, offset, ...rest, token: `${token} ${entry.name}` })
}

registerType('skein.CompressedNpy', {
  class: CompressedNpy,
  module: 'collections/array/io/npz-file',
  encode: ({ layout }) => layout,
  decode: (layout) => new CompressedNpy(layout),
})
