/**
 * Npy stacks, as Dask writes them: a folder of one `.npy` file for each chunk of an axis, `0.npy`, `1.npy`, and so on,
 * and a file `info` with the chunks.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { registerType } from '../../../core/codec/objects/registered-types.js'
import type { Dtype } from '../block/dtype.js'
import { copyInto, NDArray } from '../block/ndarray.js'
import { chunkBounds, type Grid, gridShape } from '../planning/chunk-grid.js'
import { type Region, regionShape } from '../planning/regions.js'
import { StoredArray } from './array-source.js'
import { bytesOf, codeOf, OWN_ORDER, parseCode } from './element-code.js'
import { replaceFile } from './file-access.js'
import { npyHeader, openNpyFile } from './npy-format.js'
import { readPickle, writePickle } from './pickle.js'
import { localFile } from './readable-file.js'

/** The folder of a stack and what is in it. */
export interface StackLayout<D extends Dtype = Dtype> {
  readonly folder: string
  readonly dtype: D
  /** The chunks; all axes but one have a single one. */
  readonly grid: Grid
  readonly axis: number
}

/** The array in a folder of `.npy` files. */
export class NpyStack<D extends Dtype = Dtype> extends StoredArray<D> {
  readonly layout: StackLayout<D>

  constructor(layout: StackLayout<D>) {
    super()
    this.layout = layout
  }

  get shape(): readonly number[] {
    return gridShape(this.layout.grid)
  }

  get dtype(): D {
    return this.layout.dtype
  }

  get chunks(): undefined {
    return undefined
  }

  /** Reads the files that a region is in. */
  read(region: Region): NDArray<D> {
    const { grid, axis, dtype } = this.layout
    const bounds = chunkBounds(grid[axis]!)
    const { start, stop } = region[axis]!
    const parts: { readonly from: number; readonly values: NDArray }[] = []
    for (let i = 0; i < grid[axis]!.length; i++) {
      const [low, high] = [Math.max(start, bounds[i]!), Math.min(stop, bounds[i + 1]!)]
      if (low >= high) continue
      const own = region.map((range, a) =>
        a === axis ? { start: low - bounds[i]!, stop: high - bounds[i]! } : range,
      )
      parts.push({ from: low - start, values: openNpyFile(localFile(this.file(i))).read(own) })
    }
    if (parts.length === 1) return parts[0]!.values as NDArray<D>
    const block = NDArray.zeros(dtype, regionShape(region))
    for (const { from, values } of parts) {
      const into = values.shape.map((size, a) => ({ start: a === axis ? from : 0, step: 1, size }))
      copyInto(block.slice(into), values)
    }
    return block
  }

  /** Writes a file; the region is one of the chunks. */
  set(region: Region, block: NDArray): void {
    const { shape, dtype } = block
    const header = npyHeader({ dtype, byteOrder: OWN_ORDER, order: 'C', shape })
    const bytes = bytesOf(block.contiguous().data)
    replaceFile(this.file(this.fileOf(region)), Buffer.concat([header, bytes]))
  }

  /** Returns whether the file of a region is written. */
  has(region: Region): boolean {
    return existsSync(this.file(this.fileOf(region)))
  }

  private fileOf(region: Region): number {
    const { grid, axis } = this.layout
    return chunkBounds(grid[axis]!).indexOf(region[axis]!.start)
  }

  private file(index: number): string {
    return join(this.layout.folder, `${index}.npy`)
  }
}

/** Writes the `info` file of a stack. */
export function writeStackInfo({ folder, dtype, grid, axis }: StackLayout): void {
  replaceFile(join(folder, 'info'), stackInfo({ dtype, grid, axis }))
}

function stackInfo({ dtype, grid, axis }: Omit<StackLayout, 'folder'>): Buffer {
  return writePickle({ chunks: grid, dtype: { dtype: codeOf(dtype, OWN_ORDER) }, axis })
}

/** Returns whether a folder has an `info` file of another stack. */
export function hasOtherStack(layout: StackLayout): boolean {
  const file = join(layout.folder, 'info')
  if (!existsSync(file)) return false
  const { grid, axis, dtype } = openStack(layout.folder).layout
  const [own, other] = [layout, { grid, axis, dtype }].map((about) => stackInfo(about))
  return !own!.equals(other!)
}

/** Opens the stack in a folder. */
export function openStack(folder: string): NpyStack {
  const file = join(folder, 'info')
  if (!existsSync(file)) {
    throw new RangeError(`fromNpyStack: '${folder}' is not an npy stack; it has no file 'info'`)
  }
  const {
    chunks,
    axis,
    dtype: code,
  } = (readPickle(readFileSync(file), file) ?? {}) as Record<string, unknown>
  const isGrid =
    Array.isArray(chunks) &&
    chunks.every((sizes) => Array.isArray(sizes) && sizes.every(Number.isSafeInteger))
  if (!isGrid || !Number.isSafeInteger(axis) || (chunks as Grid)[axis as number] === undefined) {
    throw new TypeError(`fromNpyStack: '${file}' does not describe an npy stack`)
  }
  const first = join(folder, '0.npy')
  const dtype = existsSync(first)
    ? openNpyFile(localFile(first)).dtype
    : parseCode(code, `'${file}'`).dtype
  return new NpyStack({ folder, dtype, grid: chunks as Grid, axis: axis as number })
}

registerType('skein.NpyStack', {
  class: NpyStack<Dtype>,
  module: 'collections/array/io/npy-stack',
  encode: ({ layout }) => layout,
  decode: (layout) => new NpyStack(layout),
})
