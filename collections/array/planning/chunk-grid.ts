/**
 * Chunk sizes: how an array is cut into blocks. Integers only, no data.
 *
 * A grid is, for each axis, the list of chunk sizes along it; they add up to the axis. A block is a
 * position in the grid, counted in row-major order.
 */
import { collectionSummary } from '../../base/describe-value.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'

/** For each axis, the sizes of its chunks. */
export type Grid = readonly (readonly number[])[]

/**
 * Chunks as users give them: one size for every axis, or for each axis a size or a list of sizes.
 * -1 is the whole axis, 'auto' makes blocks of about 16 MiB.
 */
export type ChunksSpec = number | 'auto' | readonly (number | 'auto' | readonly number[])[]

/** The size of blocks that 'auto' aims at. */
const AUTO_BYTES = 16 * 2 ** 20

/** Fails unless the value is a list of sizes. */
export function assertShape(shape: unknown, operation: string): asserts shape is readonly number[] {
  const ok = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!ok) {
    throw new RangeError(
      `${operation}: the shape must be a list of integers of 0 or more, such as [100, 20]; got ${show(shape)}`,
    )
  }
}

/** A grid from what a user gave: `normalizeChunks(4, [10])` is `[[4, 4, 2]]`. */
export function normalizeChunks(
  chunks: ChunksSpec | undefined,
  shape: readonly number[],
  operation: string,
  dtype: Dtype = 'float64',
): Grid {
  const spec = perAxis(chunks ?? 'auto', shape, operation)
  const auto = autoSizes(spec, shape, dtype)
  return shape.map((n, axis) => {
    const given = spec[axis]!
    if (given === 'auto') return evenSizes(n, auto)
    if (typeof given !== 'number') return checkedSizes(given, n, axis, operation)
    if (given === -1) return [n]
    if (!Number.isInteger(given) || given < 1) {
      throw new RangeError(
        `${operation}: chunk size ${show(given)} of axis ${axis} must be an integer of 1 or more, or -1 for the whole axis`,
      )
    }
    return evenSizes(n, given)
  })
}

type AxisSpec = number | 'auto' | readonly number[]

function perAxis(
  chunks: ChunksSpec,
  shape: readonly number[],
  operation: string,
): readonly AxisSpec[] {
  if (chunks === 'auto' || typeof chunks === 'number') return shape.map(() => chunks)
  if (!Array.isArray(chunks)) {
    throw new RangeError(
      `${operation}: chunks must be one size, 'auto', or a list with one entry per axis; got ${show(chunks)}`,
    )
  }
  const list = chunks as readonly AxisSpec[]
  list.forEach((entry: unknown, axis) => {
    if (typeof entry === 'number' || entry === 'auto' || Array.isArray(entry)) return
    throw new RangeError(
      `${operation}: chunks of axis ${axis} must be a size, -1 for the whole axis, 'auto' or a list of sizes; got ${show(entry)}`,
    )
  })
  if (list.length === shape.length) return list
  // One axis: its list of sizes may stand alone.
  if (shape.length === 1 && list.length > 0 && list.every((n) => typeof n === 'number')) {
    return [list as readonly number[]]
  }
  throw new RangeError(
    `${operation}: chunks ${show(chunks)} are for ${list.length} axes, but the shape [${shape}] has ${shape.length}; give one size, or one entry per axis`,
  )
}

/** Chunks of one size along an axis, the last one smaller: `evenSizes(10, 4)` is `[4, 4, 2]`. */
export function evenSizes(n: number, size: number): number[] {
  if (n === 0) return [0]
  const sizes = new Array<number>(Math.ceil(n / size)).fill(size)
  if (n % size !== 0) sizes[sizes.length - 1] = n % size
  return sizes
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
      `${operation}: chunks of axis ${axis} must be a size or a list of sizes; got ${show(sizes)}`,
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

/** The size along the axes that say 'auto': short axes stay whole, the long ones share the rest. */
function autoSizes(spec: readonly AxisSpec[], shape: readonly number[], dtype: Dtype): number {
  let budget = AUTO_BYTES / dtypeInfo(dtype).bytes
  const open: number[] = []
  spec.forEach((given, axis) => {
    if (given === 'auto') open.push(shape[axis]!)
    else if (typeof given === 'number') budget /= given === -1 ? Math.max(1, shape[axis]!) : given
    else budget /= Math.max(1, ...given)
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

/** The shape that a grid cuts. */
export function gridShape(grid: Grid): number[] {
  return grid.map((sizes) => sizes.reduce((a, b) => a + b, 0))
}

/** How many blocks there are along each axis. */
export function numblocksOf(grid: Grid): number[] {
  return grid.map((sizes) => sizes.length)
}

/** Where each chunk of an axis begins, and, last, where the axis ends. */
export function bounds(sizes: readonly number[]): number[] {
  const edges = [0]
  for (const size of sizes) edges.push(edges.at(-1)! + size)
  return edges
}

/** The shape of the block at some coordinates. */
export function blockShape(grid: Grid, coordinates: readonly number[]): number[] {
  return coordinates.map((c, axis) => grid[axis]![c]!)
}

/** Calls `visit` with the coordinates of every block, in row-major order. */
export function forEachBlock(grid: Grid, visit: (coordinates: readonly number[]) => void): void {
  const at = new Array<number>(grid.length).fill(0)
  if (grid.some((sizes) => sizes.length === 0)) return
  for (;;) {
    visit(at)
    let axis = grid.length - 1
    while (axis >= 0 && ++at[axis]! === grid[axis]!.length) at[axis--] = 0
    if (axis < 0) return
  }
}

/** Whether two grids cut alike. */
export function sameGrid(a: Grid, b: Grid): boolean {
  return a.length === b.length && a.every((sizes, axis) => sameSizes(sizes, b[axis]!))
}

/** Whether two axes are cut alike. */
export function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/**
 * The grid in which several broadcast arrays meet: every cut that any of them has. An axis of size
 * 1 beside a longer one has no say. `commonGrid([[[4, 4]], [[2, 6]]], [8])` is `[[2, 2, 4]]`.
 */
export function commonGrid(grids: readonly Grid[], shape: readonly number[]): Grid {
  return shape.map((n, axis) => {
    const lists = grids.flatMap((grid) => {
      const own = grid[axis - (shape.length - grid.length)]
      return own === undefined || (gridShape([own])[0] === 1 && n !== 1) ? [] : [own]
    })
    const first = lists[0] ?? [n]
    if (lists.every((sizes) => sameSizes(sizes, first))) return first
    const edges = new Set(lists.flatMap((sizes) => bounds(sizes)))
    const sorted = [...edges].sort((a, b) => a - b)
    return sorted.slice(1).map((edge, i) => edge - sorted[i]!)
  })
}

/** The grid that one of several arrays must have to meet the others in `common`. */
export function gridFor(grid: Grid, common: Grid): Grid {
  const lead = common.length - grid.length
  return grid.map((own, axis) => {
    const target = common[axis + lead]!
    return gridShape([own])[0] === gridShape([target])[0] ? target : own
  })
}

/** The non-negative number of an axis that may be counted from the end. */
export function normalizeAxis(axis: unknown, ndim: number, operation: string): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new RangeError(
      `${operation}: axis ${show(axis)} is not an axis of an array with ${ndim}; use ${ndim === 0 ? 'none' : `${-ndim} to ${ndim - 1}`}`,
    )
  }
  return axis < 0 ? axis + ndim : axis
}

/** The axes to reduce along: all if none are given, sorted, each once. */
export function normalizeAxes(
  axis: number | readonly number[] | null | undefined,
  ndim: number,
  operation: string,
): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: ndim }, (_, i) => i)
  const list = (Array.isArray(axis) ? axis : [axis]).map((a) => normalizeAxis(a, ndim, operation))
  const unique = [...new Set(list)].sort((a, b) => a - b)
  if (unique.length !== list.length) {
    throw new RangeError(`${operation}: axis ${show(axis)} names an axis twice`)
  }
  return unique
}

/** A value as text for an error message. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || value === undefined) return String(value)
  const collection = collectionSummary(value)
  if (collection !== undefined) return collection
  const text = JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'bigint' ? `${v}n` : (collectionSummary(v) ?? v),
  )
  return text === undefined ? typeof value : text.length > 80 ? `${text.slice(0, 77)}...` : text
}
