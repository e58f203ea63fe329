/**
 * The `chunks` argument of array operations, and the grid that it describes.
 */
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { evenSizes, type Grid } from './chunk-grid.js'

/**
 * NDArray sizes as users give them: one size for every axis, or for each axis a size or a list of
 * sizes. -1 is the whole axis; 'auto' makes blocks of at most 16 MiB.
 */
export type ChunksSpec = number | 'auto' | readonly (number | 'auto' | readonly number[])[]

/** The maximum size of blocks with 'auto', in bytes. */
const AUTO_BYTES = 16 * 2 ** 20

/** Returns the grid that a `chunks` argument describes: `[[4, 4, 2]]` for 4 and the shape `[10]`. */
export function normalizeChunks(
  chunks: ChunksSpec | undefined,
  shape: readonly number[],
  operation: string,
  dtype: Dtype = 'float64',
): Grid {
  const spec = perAxis(chunks ?? 'auto', shape, operation)
  const auto = autoSizes(spec, shape, dtype)
  return shape.map((n, axis) => {
    const entry = spec[axis]!
    if (entry === 'auto') return evenSizes(n, auto)
    if (typeof entry !== 'number') return checkedSizes(entry, n, axis, operation)
    if (entry === -1) return [n]
    if (!Number.isInteger(entry) || entry < 1) {
      throw new RangeError(
        `${operation}: chunk size ${formatArgument(entry)} of axis ${axis} must be an integer of 1 or more, or -1 for the whole axis`,
      )
    }
    return evenSizes(n, entry)
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
      `${operation}: chunks must be one size, 'auto', or a list with one entry per axis; got ${formatArgument(chunks)}`,
    )
  }
  const list = chunks as readonly AxisSpec[]
  list.forEach((entry: unknown, axis) => {
    if (typeof entry === 'number' || entry === 'auto' || Array.isArray(entry)) return
    throw new RangeError(
      `${operation}: chunks of axis ${axis} must be a size, -1 for the whole axis, 'auto' or a list of sizes; got ${formatArgument(entry)}`,
    )
  })
  if (list.length === shape.length) return list
  // For an array with one axis, the list of its sizes is accepted as well.
  if (shape.length === 1 && list.length > 0 && list.every((n) => typeof n === 'number')) {
    return [list as readonly number[]]
  }
  throw new RangeError(
    `${operation}: chunks ${formatArgument(chunks)} are for ${list.length} axes, but the shape [${shape}] has ${shape.length}; give one size, or one entry per axis`,
  )
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

/** Returns the size of chunks along 'auto' axes: short axes stay whole, long ones share the rest. */
function autoSizes(spec: readonly AxisSpec[], shape: readonly number[], dtype: Dtype): number {
  let budget = AUTO_BYTES / dtypeInfo(dtype).bytes
  const open: number[] = []
  spec.forEach((entry, axis) => {
    if (entry === 'auto') open.push(shape[axis]!)
    else if (typeof entry === 'number') budget /= entry === -1 ? Math.max(1, shape[axis]!) : entry
    else budget /= Math.max(1, ...entry)
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
