/**
 * NDArray grids: how an array is divided into blocks. Integers only.
 *
 * A grid lists, for each axis, the sizes of its chunks, which add up to the size of the axis. Blocks
 * are numbered in row-major order of their coordinates in the grid.
 */

/** For each axis, the sizes of its chunks. */
export type Grid = readonly (readonly number[])[]

/** Divides an axis into chunks of one size, the last one smaller: `evenSizes(10, 4)` is `[4, 4, 2]`. */
export function evenSizes(n: number, size: number): number[] {
  if (n === 0) return [0]
  const sizes = new Array<number>(Math.ceil(n / size)).fill(size)
  if (n % size !== 0) sizes[sizes.length - 1] = n % size
  return sizes
}

/** Returns the shape of the array that a grid divides. */
export function gridShape(grid: Grid): number[] {
  return grid.map((sizes) => sizes.reduce((a, b) => a + b, 0))
}

/** Returns the number of blocks along each axis. */
export function numblocksOf(grid: Grid): number[] {
  return grid.map((sizes) => sizes.length)
}

/** Returns the number of elements of a block that has the largest size along each axis. */
export function largestBlock(grid: Grid): number {
  let elements = 1
  for (const sizes of grid) {
    let most = 0
    for (const size of sizes) if (size > most) most = size
    elements *= most
  }
  return elements
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

/** Returns whether two grids are equal. */
export function sameGrid(a: Grid, b: Grid): boolean {
  return a.length === b.length && a.every((sizes, axis) => sameSizes(sizes, b[axis]!))
}

/** Returns whether two axes have the same chunk sizes. */
function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/**
 * Returns the common grid of several arrays that broadcast to `shape`: it has every chunk boundary of
 * any of them. Axes of size 1 that repeat are ignored. `commonGrid([[[4, 4]], [[2, 6]]], [8])` is
 * `[[2, 2, 4]]`.
 */
export function commonGrid(grids: readonly Grid[], shape: readonly number[]): Grid {
  return shape.map((n, axis) => {
    const lists = grids.flatMap((grid) => {
      const own = grid[axis - (shape.length - grid.length)]
      return own === undefined || (gridShape([own])[0] === 1 && n !== 1) ? [] : [own]
    })
    const first = lists[0] ?? [n]
    if (lists.every((sizes) => sameSizes(sizes, first))) return first
    const edges = new Set(lists.flatMap((sizes) => chunkBounds(sizes)))
    const sorted = [...edges].sort((a, b) => a - b)
    return sorted.slice(1).map((edge, i) => edge - sorted[i]!)
  })
}

/** Returns the grid of an array after rechunking it to a common grid; axes that repeat keep their chunks. */
export function gridFor(grid: Grid, common: Grid): Grid {
  const lead = common.length - grid.length
  return grid.map((own, axis) => {
    const target = common[axis + lead]!
    return gridShape([own])[0] === gridShape([target])[0] ? target : own
  })
}
