/**
 * Arguments that give a value for each side of each axis, as those of `pad` do.
 */
import { formatArgument } from '../block/format-argument.js'

/** The values before and after an axis. */
export type SidePair<T> = readonly [before: T, after: T]

/** One value for all sides, one before and one after each axis, or a list of such entries for each axis. */
export type PerSide<T> = T | readonly T[] | readonly (readonly T[])[]

/**
 * Returns the values before and after each axis: `sidePairs(1, 2)` is `[[1, 1], [1, 1]]`, `sidePairs([1, 2], 2)` is
 * `[[1, 2], [1, 2]]`. Throws a RangeError for lists of other lengths.
 */
export function sidePairs<T>(given: PerSide<T>, ndim: number, what: string): SidePair<T>[] {
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given]
  const isNested = list.some(Array.isArray)
  const entries = isNested ? list.map((item) => [item].flat()) : [list]
  const isValid =
    (entries.length === 1 || entries.length === ndim) &&
    entries.every((entry) => entry.length === 1 || entry.length === 2)
  if (!isValid) {
    throw new RangeError(
      `pad: ${what} must be one value, [before, after], or a list with one of these for each of ${ndim} axes; got ${formatArgument(given)}`,
    )
  }
  return Array.from({ length: ndim }, (_, axis) => {
    const entry = entries.length === 1 ? entries[0]! : entries[axis]!
    return [entry[0], entry.at(-1)] as unknown as SidePair<T>
  })
}

/** Where an element beyond an axis of `n` elements comes from: its position, and how often the axis was passed. */
export interface MirroredPosition {
  readonly position: number
  /** Whether it is a reflection. */
  readonly isReversed: boolean
  /** The number of periods, of two lengths each, that it is away. */
  readonly periods: number
}

/** Reflects a position into an axis of `n` elements. `repeatsEdge` says whether edges occur twice, as in `'symmetric'`. */
export function mirror(at: number, n: number, repeatsEdge: boolean): MirroredPosition {
  const period = repeatsEdge ? 2 * n : 2 * (n - 1)
  const periods = Math.floor(at / period)
  const inside = at - periods * period
  const isReversed = inside >= n
  return {
    position: isReversed ? period - inside - (repeatsEdge ? 1 : 0) : inside,
    isReversed,
    periods,
  }
}
