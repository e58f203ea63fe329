/**
 * The kernel of `bincount`: how often each number occurs, or the sum of the weights of its elements.
 */
import { formatArgument } from '../block/format-argument.js'
import { fillExact } from '../block/int64-elements.js'
import { NDArray } from '../block/ndarray.js'
import { astype } from '../expressions/lazy-chunk.js'

/** The counts of numbers 0, 1, ... in a vector; with weights, sums of these. */
export type BinCounts = Float64Array

/** Counts the numbers of a block. Throws a RangeError for negative ones. */
export function countNumbers(block: NDArray, weights: NDArray | undefined): BinCounts {
  const numbers = floatsOf(block)
  const own = weights === undefined ? undefined : floatsOf(weights)
  let largest = -1
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!
    if (number < 0) {
      throw new RangeError(`bincount: numbers must not be negative; got ${formatArgument(number)}`)
    }
    if (number > largest) largest = number
  }
  const counts = new Float64Array(largest + 1)
  if (own === undefined) for (let i = 0; i < numbers.length; i++) counts[numbers[i]!]!++
  else for (let i = 0; i < numbers.length; i++) counts[numbers[i]!]! += own[i]!
  return counts
}

function floatsOf(block: NDArray): Float64Array {
  return (astype(block, 'float64').chunk() as NDArray<'float64'>).contiguous().data
}

/** Adds up counts of blocks, of any lengths. */
export function addCounts(parts: readonly BinCounts[]): BinCounts {
  const sums = new Float64Array(Math.max(0, ...parts.map(({ length }) => length)))
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) sums[i] = sums[i]! + part[i]!
  }
  return sums
}

/** Returns counts as a block with at least `minimum` elements, of int64 unless they are sums of weights. */
export function countsBlock(counts: BinCounts, minimum: number, isWeighted: boolean): NDArray {
  const size = Math.max(counts.length, minimum)
  const result = NDArray.zeros(isWeighted ? 'float64' : 'int64', [size])
  if (isWeighted) (result.data as Float64Array).set(counts)
  else {
    let at = 0
    fillExact(result.data as BigInt64Array, () => counts[at++] ?? 0)
  }
  return result
}
