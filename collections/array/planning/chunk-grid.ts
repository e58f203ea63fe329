/**
 * Grids of chunks: how an array is divided into blocks. Integers only.
 *
 * A grid lists, for each axis, the sizes of its chunks, which add up to the size of the axis. Blocks
 * are numbered in row-major order of their coordinates in the grid.
 *
 * The sizes along an axis are NaN if they depend on values that are not computed yet, as those of `x.at(mask)` do.
 * Two axes are known to be divided alike only if they have the same list of sizes.
 */

import { blockNumber } from '../../../core/base/keys.js'

/** For each axis, the sizes of its chunks. */
export type Grid = readonly (readonly number[])[]

/** Divides an axis into chunks of one size, the last one smaller: `evenSizes(10, 4)` is `[4, 4, 2]`. */
export function evenSizes(n: number, size: number): number[] {
  if (n === 0) return [0]
  const sizes = new Array<number>(Math.ceil(n / size)).fill(size)
  if (n % size !== 0) sizes[sizes.length - 1] = n % size
  return sizes
}

/** Divides an axis into a number of chunks whose sizes differ by one at most: `equalSizes(10, 4)` is `[3, 3, 2, 2]`. */
export function equalSizes(n: number, count: number): number[] {
  if (n === 0) return [0]
  const size = Math.floor(n / count)
  return Array.from({ length: count }, (_, chunk) => (chunk < n % count ? size + 1 : size))
}

/** Returns the shape of the array that a grid divides. */
export function gridShape(grid: Grid): number[] {
  return grid.map((sizes) => sizes.reduce((a, b) => a + b, 0))
}

/** Returns the number of blocks along each axis. */
export function numblocksOf(grid: Grid): number[] {
  return grid.map((sizes) => sizes.length)
}

/** Whether the sizes of chunks along an axis are not known. */
export function isUnknown(sizes: readonly number[]): boolean {
  return Number.isNaN(sizes[0])
}

/** Whether the sizes of chunks along any axis are not known. */
export function hasUnknown(grid: Grid): boolean {
  return grid.some(isUnknown)
}

/** Returns the number of elements of a block that has the largest size along each axis; NaN if it is not known. */
export function largestBlock(grid: Grid): number {
  return grid.reduce((elements, sizes) => elements * largestSize(sizes), 1)
}

/** Returns the largest of the sizes of chunks, of which there may be many; 0 if there are none. */
export function largestSize(sizes: readonly number[]): number {
  let most = 0
  for (const size of sizes) most = Math.max(most, size)
  return most
}

/** The bounds of axes of many chunks, each of whose tasks reads them. */
const knownBounds = new WeakMap<readonly number[], readonly number[]>()

/** Returns the start of each chunk of an axis, followed by the end of the axis. */
export function chunkBounds(sizes: readonly number[]): readonly number[] {
  const known = knownBounds.get(sizes)
  if (known !== undefined) return known
  const edges = new Array<number>(sizes.length + 1)
  edges[0] = 0
  for (let i = 0; i < sizes.length; i++) edges[i + 1] = edges[i]! + sizes[i]!
  if (sizes.length > 8) knownBounds.set(sizes, edges)
  return edges
}

/** Returns the shape of the block at some coordinates. */
export function blockShape(grid: Grid, coordinates: readonly number[]): number[] {
  return coordinates.map((c, axis) => grid[axis]![c]!)
}

/** Returns the shape of the block at a row-major position. */
export function blockShapeAt(grid: Grid, position: number): number[] {
  let rest = position
  const shape = grid.map(() => 0)
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const sizes = grid[axis]!
    shape[axis] = sizes[rest % sizes.length]!
    rest = Math.floor(rest / sizes.length)
  }
  return shape
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

/** Returns the grid of blocks with the given shapes, in row-major order. Throws a RangeError unless they fit together. */
export function gridOfShapes(shapes: readonly (readonly number[])[], grid: Grid): Grid {
  const numblocks = numblocksOf(grid)
  const sizes = grid.map((list, axis) => {
    return list.map((_, i) => {
      const first = numblocks.map((_, a) => (a === axis ? i : 0))
      return shapes[blockNumber(first, numblocks)]![axis]!
    })
  })
  let at = 0
  forEachBlock(sizes, (coordinates) => {
    const shape = shapes[at++]!
    if (shape.every((n, axis) => n === sizes[axis]![coordinates[axis]!])) return
    throw new RangeError(
      `blocks of shapes [${shape}] and [${shapes[0]}] do not fit together; the arrays were joined as if their sizes, which were not known, were equal`,
    )
  })
  return sizes
}

/** Returns whether two grids are equal. */
export function sameGrid(a: Grid, b: Grid): boolean {
  return a.length === b.length && a.every((sizes, axis) => sameSizes(sizes, b[axis]!))
}

/** Returns whether two axes have the same chunk sizes. */
export function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/**
 * Returns the common grid of several arrays that broadcast to `shape`: it has the chunk boundaries of
 * all of them, except where tiny chunks would be left. Axes of size 1 that repeat are ignored. `commonGrid([[[4, 4]], [[2, 6]]], [8])` is
 * `[[2, 2, 4]]`.
 */
export function commonGrid(grids: readonly Grid[], shape: readonly number[]): Grid {
  return shape.map((n, axis) => {
    const lists = grids.flatMap((grid) => {
      const own = grid[axis - (shape.length - grid.length)]
      return own === undefined || (gridShape([own])[0] === 1 && n !== 1) ? [] : [own]
    })
    const first = lists.find((sizes) => !isUnknown(sizes)) ?? lists[0] ?? [n]
    if (lists.some(isUnknown)) return first
    if (lists.every((sizes) => sameSizes(sizes, first))) return first
    const edges = new Set(lists.flatMap((sizes) => chunkBounds(sizes)))
    const sorted = [...edges].sort((a, b) => a - b)
    const sizes = sorted.slice(1).map((edge, i) => edge - sorted[i]!)
    return mergeShared(sizes, lists)
  })
}

/** Joins small chunks among those that several divisions of an axis have in common. */
function mergeShared(
  sizes: readonly number[],
  lists: readonly (readonly number[])[],
): readonly number[] {
  const limit = largestSize(lists.map(largestSize))
  const merged = mergeSmall(sizes, limit)
  // Many operands that are shifted against each other divide all chunks into pieces of some size.
  const most = 2 * Math.max(...lists.map((list) => list.length))
  return merged.length <= most ? merged : mergeSmall(sizes, limit, 1 / 2)
}

/** By default, chunks smaller than this part of the largest one are joined to their neighbours. */
const SMALL = 1 / 8

/**
 * Joins small chunks of an axis to their neighbours, as long as they do not exceed `limit`: `mergeSmall([99, 1, 99, 1], 100)`
 * is `[100, 100]`. Chunks below the given part of the limit are small. Returns the same list if there are none.
 */
export function mergeSmall(
  sizes: readonly number[],
  limit: number,
  part: number = SMALL,
): readonly number[] {
  const small = limit * part
  if (!sizes.some((size) => size < small)) return sizes
  const merged: number[] = []
  for (const size of sizes) {
    const last = merged.length - 1
    const joins = last >= 0 && (merged[last]! < small || size < small)
    if (joins && merged[last]! + size <= limit) merged[last]! += size
    else merged.push(size)
  }
  return merged.length === sizes.length ? sizes : merged
}

/**
 * Joins neighbouring chunks of an axis until each has at least `least` elements: `joinChunks([1, 2, 3, 1], 3)` is
 * `[3, 4]`. Returns the same list if all have.
 */
export function joinChunks(sizes: readonly number[], least: number): readonly number[] {
  if (sizes.every((size) => size >= least)) return sizes
  const joined: number[] = []
  let current = 0
  for (const size of sizes) {
    current += size
    if (current < least) continue
    joined.push(current)
    current = 0
  }
  if (joined.length === 0) return [current]
  joined[joined.length - 1]! += current
  return joined
}

/** Returns the grid of an array after rechunking it to a common grid; axes that repeat keep their chunks. */
export function gridFor(grid: Grid, common: Grid): Grid {
  const lead = common.length - grid.length
  return grid.map((own, axis) => {
    const target = common[axis + lead]!
    return gridShape([own])[0] === gridShape([target])[0] ? target : own
  })
}
