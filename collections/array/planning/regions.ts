/**
 * Regions: the part of an array that a task reads or writes, one range for each axis. Integers only.
 */
import { formatArgument } from '../block/format-argument.js'
import { chunkBounds, type Grid } from './chunk-grid.js'

/** Elements `start` up to, but not including, `stop` of an axis. */
export interface AxisRange {
  /** The index of the first element. */
  readonly start: number
  /** The index after the last element. */
  readonly stop: number
}

/** A part of an array: one range for each axis. */
export type Region = readonly AxisRange[]

/** A region as users write it: for each axis a slice such as `'10:20'`, or a range. */
export type RegionSpec = readonly (string | AxisRange)[]

/** Returns the shape of a region. */
export function regionShape(region: Region): number[] {
  return region.map(({ start, stop }) => stop - start)
}

/** Returns the region that is a whole array. */
export function wholeRegion(shape: readonly number[]): Region {
  return shape.map((n) => ({ start: 0, stop: n }))
}

/** Returns the region of the block at a row-major position, moved by `starts`. */
export function blockRegion(grid: Grid, position: number, starts?: readonly number[]): Region {
  let rest = position
  const region = new Array<AxisRange>(grid.length)
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const sizes = grid[axis]!
    const at = rest % sizes.length
    const start = chunkBounds(sizes)[at]! + (starts?.[axis] ?? 0)
    region[axis] = { start, stop: start + sizes[at]! }
    rest = Math.floor(rest / sizes.length)
  }
  return region
}

/**
 * Parses a region of an array of a shape, which may be unknown: `['2:4', ':']` of `[10, 3]` is rows 2 and 3.
 * @throws RangeError for a region outside the shape, or with steps.
 */
export function parseRegion(
  spec: unknown,
  shape: readonly number[] | undefined,
  operation: string,
): Region {
  const axes = shape?.length
  if (!Array.isArray(spec) || (axes !== undefined && spec.length !== axes)) {
    const expected = axes === undefined ? 'one entry per axis' : `${axes} entries, one per axis`
    throw new RangeError(
      `${operation}: a region must be a list of ${expected}, such as ['0:10', ':']; got ${formatArgument(spec)}`,
    )
  }
  return spec.map((entry: unknown, axis) => parseRange(entry, shape?.[axis], axis, operation))
}

function parseRange(
  entry: unknown,
  size: number | undefined,
  axis: number,
  operation: string,
): AxisRange {
  const range = typeof entry === 'string' ? rangeOfSlice(entry, size) : (entry as AxisRange | null)
  const { start, stop } = range ?? {}
  // A range beyond the end is an error, unlike that of a slice that is read: elements would be lost.
  if (isIndex(start) && isIndex(stop) && start <= stop && stop <= (size ?? stop)) {
    return { start, stop }
  }
  const within = size === undefined ? '' : ` within the ${size} elements of the axis`
  throw new RangeError(
    `${operation}: axis ${axis} of a region must be a slice without a step, such as '0:10', or { start, stop }${within}; got ${formatArgument(entry)}`,
  )
}

/** Returns the range of a slice such as `'2:'` or `'-3:-1'`; undefined for other strings. */
function rangeOfSlice(slice: string, size: number | undefined): Partial<AxisRange> | undefined {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*$/.exec(slice)
  if (match === null) return undefined
  const index = (part: string | undefined, otherwise: number | undefined) => {
    if (part === undefined) return otherwise
    return Number(part) < 0 ? Number(part) + (size ?? Number.NaN) : Number(part)
  }
  const [start, stop] = [index(match[1], 0), index(match[2], size)]
  return start === undefined || stop === undefined ? undefined : { start, stop }
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/**
 * Returns the chunk sizes of an axis such that no two of them write to one chunk of a target whose chunks have
 * `chunk` elements; the axis begins at element `start` of the target. Sizes that fit already are kept:
 * `alignSizes([5, 5], 4, 0)` is `[4, 4, 2]`, `alignSizes([8, 2], 4, 0)` is `[8, 2]`.
 */
export function alignSizes(
  sizes: readonly number[],
  chunk: number,
  start: number,
): readonly number[] {
  const bounds = chunkBounds(sizes)
  const n = bounds.at(-1)!
  if (bounds.every((edge) => edge === 0 || edge === n || (edge + start) % chunk === 0)) return sizes
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0)
  const unit = Math.max(1, Math.round(largest / chunk)) * chunk
  const aligned: number[] = []
  for (let at = 0; at < n; ) {
    const edge = Math.min(n, Math.floor((at + start) / unit) * unit + unit - start)
    aligned.push(edge - at)
    at = edge
  }
  return aligned
}
