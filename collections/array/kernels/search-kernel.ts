/**
 * Searches values in sorted ones, and in sets.
 */
import type { TypedArray } from '../block/dtype.js'
import { fillExact } from '../block/int64-elements.js'
import { NDArray } from '../block/ndarray.js'

/** Whether a value is placed before its equals, or after them. */
export type SearchSide = 'left' | 'right'

/**
 * Returns where each value would be inserted into sorted values of the same dtype, so that they stay sorted. NaN comes
 * after all numbers.
 */
export function searchSorted(
  sorted: NDArray,
  values: NDArray,
  side: SearchSide,
  count: (position: number) => number = (position) => position,
): NDArray<'int64'> {
  const [list, wanted] = [sorted.contiguous(), values.contiguous()]
  const own = list.data.subarray(list.offset, list.offset + list.size)
  const result = NDArray.zeros('int64', values.shape)
  let i = wanted.offset
  const find = side === 'left' ? firstNotBefore : firstAfter
  fillExact(result.data, () => count(find(own, wanted.data[i++]!)))
  return result
}

function firstNotBefore(sorted: TypedArray, value: number | bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(sorted[middle]!, value)) low = middle + 1
    else high = middle
  }
  return low
}

function firstAfter(sorted: TypedArray, value: number | bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(value, sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Whether a value comes before another one: NaN is the largest. */
function isBefore(a: number | bigint, b: number | bigint): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a))
}

/** Returns whether each element is among some values of the same dtype, or is not. NaN is among none. */
export function areIn(elements: NDArray, values: NDArray, invert: boolean): NDArray<'bool'> {
  const [own, list] = [elements.contiguous(), values.contiguous()]
  const set = new Set<number | bigint>(
    list.data.subarray(list.offset, list.offset + list.size) as Iterable<number | bigint>,
  )
  set.delete(Number.NaN)
  const result = NDArray.zeros('bool', elements.shape)
  const { data } = result
  const yes = invert ? 0 : 1
  for (let i = 0; i < data.length; i++) {
    data[i] = set.has(own.data[own.offset + i]!) ? yes : 1 - yes
  }
  return result
}
