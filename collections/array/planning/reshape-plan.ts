/**
 * Plans a row-major reshape, as NumPy's: the grid that the source is rechunked to, so that every block
 * of the result is one block of the source with another shape. Integers only.
 *
 * Axes are divided into the smallest groups of equal product. In a group that changes, every block
 * must be a run of the flattened group: all its axes after the first divided one are whole. If the
 * runs of the source do not match the result, the flattened array is rechunked in between.
 */

import { formatArgument } from '../block/format-argument.js'
import { rowMajor, sizeOf } from '../block/ndarray.js'
import { evenSizes, type Grid, gridShape } from './chunk-grid.js'
import { unknownShapeAdvice } from './known-sizes.js'

/** Rechunk to `before`, reshape to `flat`, rechunk to `between`, reshape to `after`. */
interface ReshapePlan {
  readonly before: Grid
  readonly flat: Grid
  readonly between: Grid
  readonly after: Grid
}

/** Neighbouring axes of the source and of the result, with equal products of sizes. */
interface AxisGroup {
  readonly from: readonly [number, number]
  readonly into: readonly [number, number]
}

/**
 * Replaces one -1 in a shape: `completeShape([2, -1], 12)` is `[2, 6]`. Throws if it does not fit. With NaN, a number of
 * elements that is not known, only the sizes themselves are checked.
 */
export function completeShape(
  shape: readonly number[],
  size: number,
  operation = 'reshape',
): readonly number[] {
  const open = shape.filter((n) => n === -1).length
  const known = sizeOf(shape.filter((n) => n !== -1))
  const valid = shape.every((n) => Number.isSafeInteger(n) && n >= -1)
  if (Number.isNaN(size) && valid && open <= 1) return shape
  const full = shape.map((n) => (n === -1 ? size / (known || 1) : n))
  if (!valid || open > 1 || sizeOf(full) !== size || full.some((n) => !Number.isInteger(n))) {
    throw new RangeError(
      `${operation}: ${size} elements do not fit shape ${formatArgument(shape)}; sizes must be 0 or more, multiply to ${size}, and one may be -1${unknownShapeAdvice(shape)}`,
    )
  }
  return full
}

/** Plans a reshape of an array with a grid to a complete shape. */
export function planReshape(grid: Grid, shape: readonly number[]): ReshapePlan {
  const source = gridShape(grid)
  if (sizeOf(source) === 0) return wholePlan(source, shape)
  const before: (readonly number[])[] = []
  const flat: (readonly number[])[] = []
  const between: (readonly number[])[] = []
  const after: (readonly number[])[] = []
  for (const { from, into } of groupAxes(source, shape)) {
    const cuts = grid.slice(...from)
    const sizes = shape.slice(...into)
    if (cuts.length === 1 && sizes.length === 1) {
      for (const list of [before, flat, between, after]) list.push(cuts[0]!)
      continue
    }
    const runs = runsOf(cuts)
    before.push(...runs.grid)
    flat.push(runs.lengths)
    const target = fitRuns(runs.lengths, sizes)
    between.push(target.lengths)
    after.push(...target.grid)
  }
  return { before, flat, between, after }
}

function wholePlan(source: readonly number[], shape: readonly number[]): ReshapePlan {
  const whole = (sizes: readonly number[]) => sizes.map((n) => [n])
  return { before: whole(source), flat: [[0]], between: [[0]], after: whole(shape) }
}

/** Returns the smallest groups of neighbouring axes with equal products of sizes. */
function groupAxes(source: readonly number[], shape: readonly number[]): AxisGroup[] {
  const groups: AxisGroup[] = []
  let i = 0
  let j = 0
  while (i < source.length || j < shape.length) {
    const start = [i, j] as const
    let left = i < source.length ? source[i++]! : 1
    let right = j < shape.length ? shape[j++]! : 1
    while (left !== right) {
      if (left < right) left *= source[i++]!
      else right *= shape[j++]!
    }
    groups.push({ from: [start[0], i], into: [start[1], j] })
  }
  return groups
}

/**
 * Returns the grid of an array whose neighbouring axes are joined to those of a shape, block by block: its blocks have the
 * order and the numbers of elements of the source's. `joinAxes([[1, 2], [3, 1]], [12])` is `[[3, 1, 6, 2]]`.
 *
 * @returns undefined if a new axis is no product of neighbouring axes.
 */
export function joinAxes(grid: Grid, shape: readonly number[]): Grid | undefined {
  const joined: (readonly number[])[] = []
  for (const { from, into } of groupAxes(gridShape(grid), shape)) {
    const sizes = shape.slice(...into)
    if (sizes.filter((n) => n !== 1).length > 1) return undefined
    const products = grid
      .slice(...from)
      .reduce<readonly number[]>((all, cuts) => all.flatMap((n) => cuts.map((m) => n * m)), [1])
    const axis = sizes.findIndex((n) => n !== 1)
    if (axis < 0 && products.length > 1) return undefined
    joined.push(...sizes.map((_, a) => (a === axis ? products : [1])))
  }
  return joined
}

/** A grid of a group of axes whose blocks are runs of the flattened group. */
interface Runs {
  readonly grid: Grid
  /** The lengths of the runs of the flattened group. */
  readonly lengths: readonly number[]
}

/**
 * Divides a group of axes so that every block is a run of the flattened group, no larger than the
 * largest block of the source: one axis is divided, those before it into single elements, those
 * after it not at all.
 */
function runsOf(cuts: Grid): Runs {
  if (cuts.length === 0) return { grid: [], lengths: [1] }
  const shape = gridShape(cuts)
  const cut = cuts.findLastIndex((sizes) => sizes.length > 1)
  const alreadyRuns = cuts.slice(0, Math.max(0, cut)).every((sizes) => sizes.every((n) => n === 1))
  if (alreadyRuns) return runs(cuts, Math.max(0, cut))
  const limit = sizeOf(cuts.map((sizes) => Math.max(...sizes)))
  return divideIntoRuns(shape, limit)
}

/** Divides the axes of the result so that its blocks are runs as close to the given ones as possible. */
function fitRuns(lengths: readonly number[], shape: readonly number[]): Runs {
  if (shape.length === 0) return { grid: [], lengths: [1] }
  const first = Math.max(
    0,
    shape.findIndex((n) => n > 1),
  )
  const stride = rowMajor(shape)[first]!
  const longest = Math.max(...lengths)
  if (stride > longest) return divideIntoRuns(shape, longest)
  const rows: number[] = []
  let end = 0
  let done = 0
  for (const length of lengths) {
    end += length
    const edge = Math.round(end / stride)
    if (edge > done) rows.push(edge - done)
    done = Math.max(done, edge)
  }
  return runs(
    shape.map((n, axis) => (axis === first ? rows : [n])),
    first,
  )
}

/** Divides axes into runs of at most `limit` elements. */
function divideIntoRuns(shape: readonly number[], limit: number): Runs {
  const strides = rowMajor(shape)
  const cut = strides.findIndex((stride) => stride <= limit)
  const size = Math.max(1, Math.floor(limit / strides[cut]!))
  const grid = shape.map((n, axis) =>
    axis < cut ? evenSizes(n, 1) : axis === cut ? evenSizes(n, size) : [n],
  )
  return runs(grid, cut)
}

/** Returns the runs of a grid that is divided along axis `cut`, and into single elements before it. */
function runs(grid: Grid, cut: number): Runs {
  const stride = sizeOf(gridShape(grid.slice(cut + 1)))
  const rows = grid[cut]!.map((n) => n * stride)
  const repeats = sizeOf(grid.slice(0, cut).map((sizes) => sizes.length))
  return { grid, lengths: Array.from({ length: repeats }, () => rows).flat() }
}
