/**
 * The `chunks` argument of array operations, and the grid that it describes.
 */
import { parseByteSize } from '../../../core/base/byte-size.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { equalSizes, evenSizes, type Grid, largestSize } from './chunk-grid.js'
import { normalizeAxis } from './shape-arguments.js'

/** A number of bytes as people write it: `'100MiB'`, `'64 kB'`. */
export type ByteSize =
  `${number}${'' | ' '}${'B' | 'kB' | 'KB' | 'MB' | 'GB' | 'TB' | 'kiB' | 'KiB' | 'MiB' | 'GiB' | 'TiB'}`

/**
 * The chunks of one axis: a size, a list of sizes, -1 for the whole axis, `'auto'` for blocks of at most 16 MiB, or
 * `'100MiB'` for blocks of at most so many bytes. `null` leaves an axis as it is in `rechunk`, and else is the whole axis.
 */
export type AxisChunks = number | 'auto' | ByteSize | null | readonly number[]

/**
 * Chunk sizes as users give them: one size for every axis (also -1, `'auto'` or `'100MiB'`), a list with an entry for
 * each axis, or an object by axis: `{ 0: 1000, [-1]: 'auto' }`. Other axes of an object are as with `null`.
 */
export type ChunksSpec =
  | number
  | 'auto'
  | ByteSize
  | readonly AxisChunks[]
  | { readonly [axis: number]: AxisChunks }

/** What the `chunks` argument may leave open. */
export interface ChunksDefaults {
  /** The dtype, on which the size of blocks in bytes depends. The default is float64. */
  readonly dtype?: Dtype | undefined
  /** The chunks of axes that stay as they are. By default such an axis is one chunk. */
  readonly kept?: Grid | undefined
  /** The most bytes of blocks with `'auto'`. The default is 16 MiB. */
  readonly limit?: number | undefined
  /** Whether chunks of nearly equal sizes are made, which may exceed the given size. */
  readonly balance?: boolean | undefined
}

/** The maximum size of blocks with 'auto', in bytes. */
const AUTO_BYTES = 16 * 2 ** 20

/** Returns the grid that a `chunks` argument describes: `[[4, 4, 2]]` for 4 and the shape `[10]`. */
export function normalizeChunks(
  chunks: ChunksSpec | undefined,
  shape: readonly number[],
  operation: string,
  defaults: ChunksDefaults = {},
): Grid {
  const { dtype = 'float64', kept, limit = AUTO_BYTES, balance = false } = defaults
  const entries = chunksPerAxis(chunks ?? 'auto', shape.length, operation)
  const spec = entries.map((entry, axis) => entry ?? kept?.[axis] ?? -1)
  const bytes = byteSizeOf(spec, operation) ?? limit
  const auto = autoSizes(spec, shape, bytes / dtypeInfo(dtype).bytes)
  return shape.map((n, axis) => {
    const entry = spec[axis]!
    if (isAuto(entry)) return balance ? equalSizes(n, Math.ceil(n / auto)) : evenSizes(n, auto)
    const sizes = sizesOfAxis(entry, n, axis, operation)
    return balance ? balancedSizes(n, largestSize(sizes)) : sizes
  })
}

/** Whether the chunks of an axis are left to this module. */
export function isAuto(entry: AxisChunks | undefined): entry is 'auto' | ByteSize {
  return typeof entry === 'string'
}

function sizesOfAxis(
  entry: number | readonly number[],
  n: number,
  axis: number,
  operation: string,
): readonly number[] {
  if (typeof entry !== 'number') return checkedSizes(entry, n, axis, operation)
  if (entry === -1) return [n]
  if (!Number.isInteger(entry) || entry < 1) {
    throw new RangeError(
      `${operation}: chunk size ${formatArgument(entry)} of axis ${axis} must be an integer of 1 or more, or -1 for the whole axis`,
    )
  }
  return evenSizes(n, entry)
}

/**
 * Returns nearly equal sizes near a given one: as many as whole chunks fit, or one more if those would exceed it by more than
 * half. `balancedSizes(1000, 400)` is `[500, 500]`.
 */
function balancedSizes(n: number, size: number): readonly number[] {
  if (n <= size) return [n]
  return equalSizes(n, Math.max(2, Math.ceil(n / size - 0.5)))
}

/** Returns the entry of each axis in a `chunks` argument; `null` for those that an object does not list. */
export function chunksPerAxis(
  chunks: ChunksSpec,
  ndim: number,
  operation: string,
): readonly AxisChunks[] {
  if (typeof chunks === 'number' || typeof chunks === 'string') {
    const entry = checkedEntry(chunks, 'chunks', operation) as number
    return new Array<AxisChunks>(ndim).fill(entry)
  }
  if (isPlainObject(chunks)) return entriesByAxis(chunks, ndim, operation)
  if (!Array.isArray(chunks)) {
    throw new RangeError(
      `${operation}: chunks must be one size, 'auto', a size in bytes such as '100MiB', a list with one entry per axis, or an object such as { 0: 1000 }; got ${formatArgument(chunks)}`,
    )
  }
  const list = chunks.map((entry: unknown, axis) =>
    checkedEntry(entry, `chunks of axis ${axis}`, operation),
  )
  if (list.length === ndim) return list
  // For an array with one axis, the list of its sizes is accepted as well.
  if (ndim === 1 && list.length > 0 && list.every((n) => typeof n === 'number')) return [list]
  throw new RangeError(
    `${operation}: chunks ${formatArgument(chunks)} are for ${list.length} axes, but the array has ${ndim}; give one size, one entry per axis, or an object such as { 0: 1000 }`,
  )
}

function entriesByAxis(
  chunks: Readonly<Record<string, unknown>>,
  ndim: number,
  operation: string,
): readonly AxisChunks[] {
  const entries = new Array<AxisChunks>(ndim).fill(null)
  const given = new Set<number>()
  for (const [key, entry] of Object.entries(chunks)) {
    if (!/^-?\d+$/.test(key)) {
      throw new RangeError(
        `${operation}: the key '${key}' of chunks is not an axis; write an object such as { 0: 1000, 1: -1 }`,
      )
    }
    const axis = normalizeAxis(Number(key), ndim, operation)
    if (given.has(axis)) throw new RangeError(`${operation}: chunks list axis ${axis} twice`)
    given.add(axis)
    entries[axis] = checkedEntry(entry, `chunks of axis ${key}`, operation)
  }
  return entries
}

function checkedEntry(entry: unknown, what: string, operation: string): AxisChunks {
  const fits =
    entry === null ||
    typeof entry === 'number' ||
    Array.isArray(entry) ||
    entry === 'auto' ||
    (typeof entry === 'string' && parseByteSize(entry) > 0)
  if (fits) return entry as AxisChunks
  throw new RangeError(
    `${operation}: ${what} must be a size, -1 for the whole axis, 'auto', a size in bytes such as '100MiB', null, or a list of sizes; got ${formatArgument(entry)}`,
  )
}

/** Returns the size of blocks, in bytes, that a `chunks` argument states. */
function byteSizeOf(spec: readonly AxisChunks[], operation: string): number | undefined {
  const texts = spec.filter((entry) => isAuto(entry) && entry !== 'auto') as readonly ByteSize[]
  const sizes = new Set(texts.map(parseByteSize))
  if (sizes.size > 1) {
    throw new RangeError(
      `${operation}: chunks state several sizes of a block, ${texts.map((text) => `'${text}'`).join(' and ')}; state one, and 'auto' for the other axes`,
    )
  }
  return [...sizes][0]
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function checkedSizes(
  sizes: unknown,
  n: number,
  axis: number,
  operation: string,
): readonly number[] {
  const list = sizes as readonly number[]
  if (!Array.isArray(sizes) || list.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new RangeError(
      `${operation}: chunks of axis ${axis} must be a size or a list of sizes; got ${formatArgument(sizes)}`,
    )
  }
  const sum = list.reduce((a, b) => a + b, 0)
  if (sum !== n || list.length === 0) {
    throw new RangeError(
      `${operation}: chunks [${list}] of axis ${axis} add up to ${sum}, but the axis has ${n}`,
    )
  }
  return [...list]
}

/** Returns the size of chunks along axes that are left open: short axes stay whole, long ones share the rest. */
function autoSizes(
  spec: readonly AxisChunks[],
  shape: readonly number[],
  elements: number,
): number {
  let budget = elements
  const open: number[] = []
  spec.forEach((entry, axis) => {
    if (isAuto(entry)) open.push(shape[axis]!)
    else if (typeof entry === 'number') budget /= entry === -1 ? Math.max(1, shape[axis]!) : entry
    else budget /= Math.max(1, largestSize(entry ?? []))
  })
  open.sort((a, b) => a - b)
  let left = open.length
  let side = 1
  for (const n of open) {
    side = Math.max(1, Math.floor(Math.max(1, budget) ** (1 / left)))
    if (n > side) break
    budget /= Math.max(1, n)
    left--
    side = Math.max(side, n)
  }
  return Math.max(1, side)
}
