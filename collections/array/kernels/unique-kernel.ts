/**
 * Different elements of vectors, in order, with the position of the first and the number of each.
 */

import { isComplex } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { comparisonOf, orderOfLanes } from './sort-kernel.js'

/** Different elements in order. */
export interface UniqueElements {
  readonly values: NDArray
  /** The position of the first of each in the whole vector. */
  readonly index: NDArray<'float64'>
  readonly counts: NDArray<'float64'>
}

/** Finds the different elements of a vector; those of a part of the whole are at `positions` and occur `counts` times. */
export function uniqueElements(
  vector: NDArray,
  equalNaN: boolean,
  positionOf: (i: number) => number,
  countOf: (i: number) => number,
): UniqueElements {
  const chunk = vector.contiguous()
  const { dtype, data } = chunk
  const n = chunk.size
  const order = orderOfLanes({ chunk, count: n === 0 ? 0 : 1, length: n }, false)
  const compare = comparisonOf(dtype, false)
  const width = isComplex(dtype) ? 2 : 1
  const isAbsent = (i: number) =>
    Number.isNaN(data[i * width]) || (width === 2 && Number.isNaN(data[i * width + 1]))
  const first: number[] = []
  const index: number[] = []
  const counts: number[] = []
  for (let k = 0; k < n; k++) {
    const at = order[k]!
    const before = first.at(-1)
    const isNew =
      before === undefined ||
      (isAbsent(at) ? !equalNaN || !isAbsent(before) : compare(data, before, data, at) !== 0)
    if (isNew) {
      first.push(at)
      index.push(positionOf(at))
      counts.push(countOf(at))
    } else {
      counts[counts.length - 1]! += countOf(at)
      index[index.length - 1] = Math.min(index.at(-1)!, positionOf(at))
    }
  }
  const values = NDArray.zeros(dtype, [first.length])
  first.forEach((at, i) => {
    for (let w = 0; w < width; w++) values.data[i * width + w] = data[at * width + w] as never
  })
  const size = [first.length]
  return {
    values,
    index: new NDArray('float64', Float64Array.from(index), size),
    counts: new NDArray('float64', Float64Array.from(counts), size),
  }
}

/** Returns the position of each element of a vector among the different elements. */
export function inverseOf(
  vector: NDArray,
  { values, index }: UniqueElements,
  equalNaN: boolean,
  start: number,
): NDArray<'float64'> {
  const compare = comparisonOf(values.dtype, false)
  const [own, found] = [vector.contiguous(), values.contiguous()]
  const out = NDArray.zeros('float64', [own.size])
  // Where NaN differs from NaN, each is found by its position.
  const byPosition = new Map(Array.from(index.data, (at, i) => [at, i]))
  for (let i = 0; i < own.size; i++) {
    let low = 0
    let high = found.size - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(found.data, middle, own.data, i) < 0) low = middle + 1
      else high = middle
    }
    out.data[i] = equalNaN ? low : (byPosition.get(start + i) ?? low)
  }
  return out
}
