/**
 * `BinaryFile`: an array whose elements follow each other in a file. Only the bytes of a region are read, and rows that
 * are short also with what is between them.
 */
import { registerType } from '../../../core/codec/objects/registered-types.js'
import type { FileAccess } from '../../files/file-system.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { allocate, copyInto, copyOf, NDArray, rowMajor, sizeOf } from '../block/ndarray.js'
import { type Region, regionShape } from '../planning/regions.js'
import { StoredArray } from './array-source.js'
import { type ByteOrder, bytesOf, OWN_ORDER, swapBytes } from './element-code.js'
import { withFile, writeFully } from './file-access.js'
import { type PartReader, withReader } from './readable-file.js'

/** Where the elements of an array are in a file. */
export interface BinaryLayout<D extends Dtype = Dtype> {
  /** The absolute path of the file, or its address. */
  readonly path: string
  /** How a file of another machine is reached. */
  readonly access?: FileAccess | undefined
  /** The dtype of the elements. */
  readonly dtype: D
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The position of the first element in bytes. */
  readonly offset: number
  /** `'C'` if the last axis is contiguous, `'F'` if the first one is. */
  readonly order: 'C' | 'F'
  /** The order of the bytes of a number. */
  readonly byteOrder: ByteOrder
  /** A string that changes when the file is written. */
  readonly token?: string | undefined
}

/** The size of the chunks that files are read in by default, in bytes. */
const CHUNK_BYTES = 16 * 2 ** 20
/**
 * Rows shorter than `row` bytes are read together with the gaps between them, in pieces of `piece` bytes: a call, or a request to another
 * machine, costs as much.
 */
const SHORT_ROWS = {
  local: { row: 2 ** 14, piece: 2 ** 20 },
  remote: { row: 2 ** 18, piece: 2 ** 23 },
}

/** An array in a file of raw elements. Tasks on threads and workers open the file under the same path. */
export class BinaryFile<D extends Dtype = Dtype> extends StoredArray<D> {
  /** Where the elements are. */
  readonly layout: BinaryLayout<D>

  /** Made by `da.openNpy`, `da.createNpy` and `da.openBinary`. */
  constructor(layout: BinaryLayout<D>) {
    super()
    this.layout = layout
  }

  /** The size of each axis. */
  get shape(): readonly number[] {
    return this.layout.shape
  }

  /** The dtype of the elements. */
  get dtype(): D {
    return this.layout.dtype
  }

  /** The absolute path of the file, or its address. */
  get path(): string {
    return this.layout.path
  }

  /** Undefined: several tasks may write to any part. */
  get chunks(): undefined {
    return undefined
  }

  /** A string that changes when the file is written; undefined for files that are open for writing. */
  get token(): string | undefined {
    return this.layout.token
  }

  /** Returns the elements of a region. */
  read(region: Region): NDArray<D> {
    const { dtype, byteOrder, order } = this.layout
    const [shape, ranges] = this.inFileOrder(region)
    const size = regionShape(ranges)
    const block = new NDArray(dtype, allocate(dtype, sizeOf(size)), size)
    if (block.size > 0) {
      withReader(this.layout, (reader) => this.readRows(reader, block, shape, ranges))
    }
    swapBytes(bytesOf(block.data), dtype, byteOrder)
    return order === 'C' ? block : block.transpose()
  }

  /**
   * Writes a block to a region of the file, which exists.
   * @throws RangeError for a file of another machine.
   */
  set(region: Region, block: NDArray): void {
    const { path, access, dtype, byteOrder, order } = this.layout
    if (access !== undefined) {
      throw new RangeError(`'${path}' cannot be written: only files of this machine can be`)
    }
    const [shape, ranges] = this.inFileOrder(region)
    const inOrder = order === 'C' ? block : block.transpose()
    const rows = byteOrder === OWN_ORDER ? inOrder.contiguous() : copyOf(inOrder)
    const bytes = bytesOf(rows.data)
    swapBytes(bytes, dtype, byteOrder)
    withFile(path, 'r+', (file) => {
      forEachRun(shape, ranges, (position, first, count) => {
        const [from, to] = [this.bytes(first), this.bytes(first + count)]
        writeFully(file, path, bytes.subarray(from, to), this.position(position))
      })
    })
  }

  /** Returns the shape and a region with the axis that is contiguous in the file last. */
  private inFileOrder(region: Region): [shape: readonly number[], ranges: Region] {
    const { shape, order } = this.layout
    return order === 'C' ? [shape, region] : [[...shape].reverse(), [...region].reverse()]
  }

  private readRows(
    reader: PartReader,
    block: NDArray,
    shape: readonly number[],
    ranges: Region,
  ): void {
    const axis = runAxis(shape, ranges)
    const rowBytes = this.bytes(sizeOf(shape.slice(axis)))
    if (axis > 0 && rowBytes <= this.shortRows.row && block.shape[axis - 1]! > 1) {
      this.readShortRows(reader, block, shape, ranges, axis - 1)
      return
    }
    const bytes = bytesOf(block.data)
    forEachRun(shape, ranges, (position, first, count) => {
      const part = bytes.subarray(this.bytes(first), this.bytes(first + count))
      reader.fill(part, this.position(position))
    })
  }

  /** Reads rows with the gaps between them, in pieces, and copies the elements of the region. */
  private readShortRows(
    reader: PartReader,
    block: NDArray,
    shape: readonly number[],
    ranges: Region,
    axis: number,
  ): void {
    const rowShape = shape.slice(axis + 1)
    const rowSize = sizeOf(rowShape)
    const piece = Math.max(1, Math.floor(this.shortRows.piece / this.bytes(rowSize)))
    const { start: top, stop } = ranges[axis]!
    const inner = ranges
      .slice(axis + 1)
      .map((range) => slice(range.start, range.stop - range.start))
    const outer = sizeOf(block.shape.slice(0, axis))
    const target = block.reshape([outer, ...block.shape.slice(axis)])
    // The rows at which the pieces begin: one row for each index of the axes before.
    const firstRows = [...ranges.slice(0, axis), { start: top, stop: top + 1 }]
    let index = 0
    forEachRun([...shape.slice(0, axis + 1), 1], [...firstRows, { start: 0, stop: 1 }], (row) => {
      for (let from = 0; from < stop - top; from += piece) {
        const n = Math.min(piece, stop - top - from)
        const data = allocate(this.dtype, n * rowSize)
        reader.fill(bytesOf(data), this.position((row + from) * rowSize))
        const part = new NDArray(this.dtype, data, [1, n, ...rowShape])
        const into = [slice(index, 1), slice(from, n), ...inner.map(({ size }) => slice(0, size))]
        copyInto(target.slice(into), part.slice([slice(0, 1), slice(0, n), ...inner]))
      }
      index++
    })
  }

  private get shortRows() {
    return this.layout.access === undefined ? SHORT_ROWS.local : SHORT_ROWS.remote
  }

  private bytes(elements: number): number {
    return elements * dtypeInfo(this.dtype).bytes
  }

  private position(element: number): number {
    return this.layout.offset + this.bytes(element)
  }
}

/** Returns the shape of parts of at most 16 MiB that are contiguous in a file. */
export function contiguousChunks({ shape, dtype, order }: Omit<BinaryLayout, 'path'>): number[] {
  let room = CHUNK_BYTES / dtypeInfo(dtype).bytes
  const sizes = shape.map((n) => Math.max(1, n))
  const axes = shape.map((_, axis) => (order === 'C' ? shape.length - 1 - axis : axis))
  for (const axis of axes) {
    sizes[axis] = Math.max(1, Math.min(sizes[axis]!, Math.floor(room)))
    room /= sizes[axis]!
  }
  return sizes
}

const slice = (start: number, size: number) => ({ start, step: 1, size })

/** Returns the first axis from which on a region is contiguous in row-major memory. */
function runAxis(shape: readonly number[], ranges: Region): number {
  let axis = shape.length - 1
  while (axis > 0 && ranges[axis]!.stop - ranges[axis]!.start === shape[axis]) axis--
  return Math.max(0, axis)
}

/**
 * Calls `visit` for every run of elements of a region that is contiguous in row-major memory, with its position
 * in the array, its position in the region and its length.
 */
function forEachRun(
  shape: readonly number[],
  ranges: Region,
  visit: (position: number, first: number, count: number) => void,
): void {
  const sizes = regionShape(ranges)
  const total = sizeOf(sizes)
  if (total === 0) return
  const strides = rowMajor(shape)
  const axis = runAxis(shape, ranges)
  const count = sizeOf(sizes.slice(axis))
  const at = new Array<number>(axis).fill(0)
  const origin = ranges.reduce((sum, { start }, i) => sum + start * strides[i]!, 0)
  for (let first = 0; first < total; first += count) {
    visit(
      at.reduce((sum, i, a) => sum + i * strides[a]!, origin),
      first,
      count,
    )
    for (let a = axis - 1; a >= 0 && ++at[a]! === sizes[a]; a--) at[a] = 0
  }
}

registerType('skein.BinaryFile', {
  class: BinaryFile<Dtype>,
  module: 'collections/array/io/binary-file',
  encode: ({ layout }) => layout,
  decode: (layout) => new BinaryFile(layout),
})
