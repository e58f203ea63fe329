/**
 * Quantiles of lanes, by selection of the order statistics they need; and the steps of exact selection among
 * several blocks: counts in bins between the extremes, and the elements in the bins that hold what is looked for.
 */

import { type Dtype, isBigData, type TypedArray } from '../block/dtype.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { astype } from '../expressions/lazy-chunk.js'
import {
  type Interpolation,
  interpolate,
  interpolationOf,
  isDiscrete,
  type QuantileMethod,
} from './quantile-methods.js'
import {
  BINS,
  type BinScale,
  countsInBins,
  joinNumbers,
  numbersInBins,
  rangeOf,
} from './quantile-wasm.js'
import { radixOrder } from './radix-order.js'
import { sortNumbers } from './radix-sort.js'
import { lanesOf } from './sort-kernel.js'

/** Which quantiles are computed, and how. */
export interface Quantiles {
  readonly probabilities: readonly number[]
  readonly method: QuantileMethod
  readonly ignoresNaN: boolean
  readonly dtype: Dtype
}

/** Returns the quantiles along an axis of a block. They are the last axis. */
export function quantilesOfBlock(block: NDArray, axis: number, quantiles: Quantiles): NDArray {
  const { chunk, length } = lanesOf(block, axis)
  const { probabilities, dtype, method } = quantiles
  const keepsElements = isBigData(chunk.data) && isDiscrete(method)
  // Selection reorders the elements, which `lanesOf` has copied.
  const own = keepsElements ? chunk.data : astype(chunk, 'float64').chunk().contiguous().data
  const outer = chunk.shape.slice(0, -1)
  const out = NDArray.zeros(keepsElements ? chunk.dtype : 'float64', [
    ...outer,
    probabilities.length,
  ])
  const lanes = sizeOf(outer)
  for (let lane = 0; lane < lanes; lane++) {
    const values = own.subarray(lane * length, (lane + 1) * length)
    quantilesOfLane(values, quantiles).forEach((value, i) => {
      out.data[lane * probabilities.length + i] = value as never
    })
  }
  return astype(out, dtype).finish()
}

/** Returns the quantiles of elements, which are reordered. */
function quantilesOfLane(lane: TypedArray, quantiles: Quantiles): (number | bigint)[] {
  const { probabilities, method, ignoresNaN } = quantiles
  if (isBigData(lane)) {
    lane.sort()
    return probabilities.map((q) => lane[interpolationOf(method, lane.length, q).low]!)
  }
  const numbers = partitionNaN(lane as Float64Array)
  const n = numbers.length
  if (n === 0 || (!ignoresNaN && n < lane.length)) return probabilities.map(() => NaN)
  let [sortedTo, from] = [0, 0]
  const order = probabilities.map((_, i) => i).sort((i, j) => probabilities[i]! - probabilities[j]!)
  const results = new Array<number>(probabilities.length)
  for (const i of order) {
    const between = interpolationOf(method, n, probabilities[i]!)
    // All before `from` is not greater than all after it.
    if (between.low >= sortedTo) {
      select(numbers, from, n - 1, between.low)
      from = between.low
      sortedTo = between.low + 1
    }
    if (between.high >= sortedTo) {
      select(numbers, sortedTo, n - 1, between.high)
      from = between.high
      sortedTo = between.high + 1
    }
    results[i] = valueBetween(numbers, between)
  }
  return results
}

function valueBetween(sorted: ArrayLike<number>, { low, high, weight }: Interpolation): number {
  return interpolate(sorted[low]!, sorted[high]!, weight)
}

/** Moves NaN to the end. Returns the other elements. */
function partitionNaN(values: Float64Array): Float64Array {
  let end = values.length
  for (let i = 0; i < end; i++) {
    if (!Number.isNaN(values[i])) continue
    while (end > i + 1 && Number.isNaN(values[end - 1])) end--
    end--
    values[i] = values[end]!
    values[end] = NaN
  }
  return values.subarray(0, end)
}

/** Places the element of a rank, with none greater before it and none less after it: C. A. R. Hoare's selection. */
function select(values: Float64Array, start: number, stop: number, rank: number): void {
  let [left, right] = [start, stop]
  while (left < right) {
    const middle = (left + right) >> 1
    const pivot = medianOf(values[left]!, values[middle]!, values[right]!)
    let [i, j] = [left, right]
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swapped = values[i]!
      values[i] = values[j]!
      values[j] = swapped
      i++
      j--
    }
    if (rank <= j) right = j
    else if (rank >= i) left = i
    else return
  }
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** Where the bins of a pass lie: between the least and the greatest number. */
export interface BinRange {
  readonly low: number
  readonly high: number
  /** The number of elements that are not NaN. */
  readonly count: number
  /** The number of all elements. */
  readonly size: number
}

/** Returns the range of a float64 block. */
export function rangeOfBlock(block: NDArray): BinRange {
  const values = block.contiguous().data as Float64Array
  return { ...rangeOf(values), size: values.length }
}

/** Returns the range of several blocks. */
export function mergeRanges(ranges: readonly BinRange[]): BinRange {
  return ranges.reduce((a, b) => ({
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    count: a.count + b.count,
    size: a.size + b.size,
  }))
}

const scratch = new Float64Array(1)
const words = new Int32Array(scratch.buffer)
const LOW_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

/** Returns an integer of 53 bits that orders floats as their values do; the lowest 11 bits of a float do not count. */
function orderedKey(low: number, high: number): number {
  const mask = high >> 31
  return ((high ^ (mask | 0x80000000)) >>> 0) * 2 ** 21 + ((low ^ mask) >>> 11)
}

function keyOf(value: number): number {
  // -0 and 0 are equal.
  scratch[0] = value + 0
  return orderedKey(words[LOW_WORD]!, words[1 - LOW_WORD]!)
}

function binScale({ low, high }: BinRange): BinScale {
  const least = keyOf(low)
  return { least, scale: (BINS - 1) / Math.max(1, keyOf(high) - least) }
}

/** Counts the elements of a float64 block in each bin, with a first axis of size 1. */
export function countBins(block: NDArray, range: BinRange): NDArray<'float64'> {
  if (range.count === 0) return NDArray.zeros('float64', [1, BINS])
  const counts = countsInBins(block.contiguous().data as Float64Array, binScale(range))
  return new NDArray('float64', counts, [1, BINS])
}

/** Different elements in order, and how often each occurs. */
export interface Candidates {
  readonly values: Float64Array
  readonly counts: Float64Array
}

/** For each bin that holds an element of one of the ranks, the number of elements in the bins before it. */
function binsOfRanks(counts: Float64Array, ranks: ReadonlySet<number>): Map<number, number> {
  const sorted = [...ranks].sort((a, b) => a - b)
  const found = new Map<number, number>()
  let [before, next] = [0, 0]
  for (let bin = 0; bin < counts.length && next < sorted.length; bin++) {
    const after = before + counts[bin]!
    while (next < sorted.length && sorted[next]! < after) {
      found.set(bin, before)
      next++
    }
    before = after
  }
  return found
}

function ranksOf({ probabilities, method }: Quantiles, n: number): Set<number> {
  return new Set(
    probabilities.flatMap((q) => {
      const { low, high } = interpolationOf(method, n, q)
      return [low, high]
    }),
  )
}

/** Returns the elements of a float64 block in the bins that hold what is looked for. */
export function candidatesInBins(
  block: NDArray,
  range: BinRange,
  counts: NDArray,
  quantiles: Quantiles,
): Candidates {
  const none = { values: new Float64Array(0), counts: new Float64Array(0) }
  if (range.count === 0) return none
  const bins = binsOfRanks(
    counts.contiguous().data as Float64Array,
    ranksOf(quantiles, range.count),
  )
  const values = block.contiguous().data as Float64Array
  const found = numbersInBins(values, binScale(range), bins.keys())
  sortNumbers(found)
  return countDifferent(found)
}

/** Counts equal neighbours. */
function countDifferent(sorted: Float64Array): Candidates {
  const values: number[] = []
  const counts: number[] = []
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) counts[counts.length - 1]!++
    else {
      values.push(sorted[i]!)
      counts.push(1)
    }
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) }
}

/**
 * Returns the quantiles of all blocks, given the elements of each in the bins that hold what is looked for. They are
 * NaN if an element is NaN that is not ignored.
 */
export function quantilesOfCandidates(
  parts: readonly Candidates[],
  range: BinRange,
  counts: NDArray,
  quantiles: Quantiles,
): NDArray {
  const { probabilities, method, ignoresNaN, dtype } = quantiles
  const out = NDArray.zeros('float64', [probabilities.length])
  if (range.count === 0 || (!ignoresNaN && range.count < range.size)) out.data.fill(NaN)
  else {
    const known = statisticsOf(parts, range, counts, quantiles)
    probabilities.forEach((q, i) => {
      const { low, high, weight } = interpolationOf(method, range.count, q)
      out.data[i] = interpolate(known.get(low)!, known.get(high)!, weight)
    })
  }
  return astype(out, dtype).finish()
}

/** Returns the order statistics that are looked for, by rank. */
function statisticsOf(
  parts: readonly Candidates[],
  range: BinRange,
  counts: NDArray,
  quantiles: Quantiles,
): Map<number, number> {
  const ranks = ranksOf(quantiles, range.count)
  const starts = binsOfRanks(counts.contiguous().data as Float64Array, ranks)
  const values = joinNumbers(parts.map((part) => part.values))
  const often = joinNumbers(parts.map((part) => part.counts))
  const order = new Int32Array(values.length)
  radixOrder(values, order, false)
  const { least, scale } = binScale(range)
  const known = new Map<number, number>()
  const sorted = [...ranks].sort((a, b) => a - b)
  let [next, before, bin] = [0, 0, -1]
  for (const at of order) {
    const value = values[at]!
    const own = Math.trunc((keyOf(value) - least) * scale)
    if (own !== bin) {
      bin = own
      before = starts.get(bin)!
    }
    const after = before + often[at]!
    while (next < sorted.length && sorted[next]! < after) known.set(sorted[next++]!, value)
    before = after
  }
  return known
}
