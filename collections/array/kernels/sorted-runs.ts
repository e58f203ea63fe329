/**
 * Sorting of an axis with several chunks. Each block becomes a sorted run. Samples of all runs bound where
 * each run has to be cut so that the parts between cuts have the sizes of the chunks; the elements within those
 * bounds decide the cuts exactly; and the parts of all runs are merged. So no task holds more than a few chunks.
 *
 * The samples are those of H. Shi, J. Schaeffer, "Parallel sorting by regular sampling", Journal of Parallel and
 * Distributed Computing 14 (1992); the cuts are exact as in P. J. Varman et al., "Merging multiple lists on
 * hierarchical-memory multiprocessors", Journal of Parallel and Distributed Computing 12 (1991).
 */

import { type Dtype, isComplex, type TypedArray } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { sortNumbers } from './radix-sort.js'
import { comparisonOf, orderOfLanes } from './sort-kernel.js'

/** Sorted elements, and for argsort their positions in the axis. */
export interface SortedRun {
  readonly values: NDArray
  readonly positions?: NDArray<'float64'>
}

/** Elements of a run at regular distances. */
export interface RunSamples {
  readonly values: NDArray
  readonly size: number
  readonly step: number
}

/** For each cut, the least and the greatest position in each run. */
export interface CutBounds {
  readonly low: readonly Int32Array[]
  readonly high: readonly Int32Array[]
}

/** Sorts a vector; with `start`, the position of its first element in the axis, also the positions. */
export function sortRun(vector: NDArray, descending: boolean, start?: number): SortedRun {
  const n = vector.shape[0]!
  if (start === undefined && !isComplex(vector.dtype)) {
    const values = NDArray.zeros(vector.dtype, [n])
    ;(values.data as Float64Array).set(vector.contiguous().data as Float64Array)
    sortNumbers(values.data)
    if (descending) values.data.subarray(0, countNumbers(values.data)).reverse()
    return { values }
  }
  const chunk = vector.contiguous()
  const order = orderOfLanes({ chunk, count: n === 0 ? 0 : 1, length: n }, descending)
  const values = takeElements(chunk, order)
  if (start === undefined) return { values }
  const positions = NDArray.zeros('float64', [n])
  for (let i = 0; i < n; i++) positions.data[i] = start + order[i]!
  return { values, positions }
}

/** Returns the number of sorted elements that are not NaN. */
function countNumbers(sorted: TypedArray): number {
  let end = sorted.length
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--
  return end
}

function takeElements({ dtype, data }: NDArray, order: Int32Array): NDArray {
  const taken = NDArray.zeros(dtype, [order.length])
  const [from, to] = [data as Float64Array, taken.data as Float64Array]
  if (isComplex(dtype)) {
    for (let i = 0; i < order.length; i++) {
      to[2 * i] = from[2 * order[i]!]!
      to[2 * i + 1] = from[2 * order[i]! + 1]!
    }
  } else for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!
  return taken
}

/** Returns a copy of elements `start` to `stop` of a vector. */
function part<D extends Dtype>(
  vector: NDArray<D>,
  start: number,
  stop: number,
  step = 1,
): NDArray<D> {
  const size = Math.max(0, Math.ceil((stop - start) / step))
  const view = vector.slice([{ start, step, size }])
  const copy = NDArray.zeros(vector.dtype, [size])
  ;(copy.data as Float64Array).set(view.contiguous().data as Float64Array)
  return copy
}

/** Takes samples of a run: about `count` elements at regular distances. */
export function sampleRun({ values }: SortedRun, count: number): RunSamples {
  const size = values.shape[0]!
  const step = Math.max(1, Math.floor(size / count))
  return { values: part(values, 0, size, step), size, step }
}

/** The elements of several runs in order: the run of each, and the index in the samples or candidates of its run. */
interface MergedElements {
  readonly runs: Int32Array
  readonly indices: Int32Array
}

/** Returns the order of the elements of several sorted vectors; equal ones are in the order of the vectors. */
function mergedElements(vectors: readonly NDArray[], descending: boolean): MergedElements {
  const chunk = joined(vectors)
  const length = chunk.shape[0]!
  const order = orderOfLanes({ chunk, count: length === 0 ? 0 : 1, length }, descending)
  const [run, index] = [new Int32Array(length), new Int32Array(length)]
  let at = 0
  for (const [own, { shape }] of vectors.entries()) {
    for (let i = 0; i < shape[0]!; i++) {
      run[at] = own
      index[at++] = i
    }
  }
  return { runs: order.map((from) => run[from]!), indices: order.map((from) => index[from]!) }
}

/** Returns a vector of the elements of several. */
function joined(vectors: readonly NDArray[]): NDArray {
  const { dtype } = vectors[0]!
  const all = NDArray.zeros(dtype, [vectors.reduce((sum, { size }) => sum + size, 0)])
  let at = 0
  for (const vector of vectors) {
    const own = vector.contiguous().data as Float64Array
    ;(all.data as Float64Array).set(own, at)
    at += own.length
  }
  return all
}

/** Bounds where runs have to be cut so that `ranks[k]` elements come before cut `k`. */
export function boundCuts(
  samples: readonly RunSamples[],
  ranks: readonly number[],
  descending: boolean,
): CutBounds {
  const merged = mergedElements(
    samples.map(({ values }) => values),
    descending,
  )
  const sizes = samples.map(({ size }) => size)
  // Of each run, at least and at most so many elements come before the current sample.
  const least = new Int32Array(sizes.length)
  const most = new Int32Array(sizes.length)
  const total = { least: 0, most: 0 }
  const low: Int32Array[] = []
  const high: Int32Array[] = []
  for (const [i, run] of merged.runs.entries()) {
    const { step, size } = samples[run]!
    const at = merged.indices[i]! * step
    total.most += at - most[run]!
    most[run] = at
    // The sample before this one is the last that surely comes before the cut.
    while (low.length < ranks.length && total.most > ranks[low.length]!) low.push(least.slice())
    total.least += at - least[run]!
    least[run] = at
    while (high.length < ranks.length && total.least >= ranks[high.length]!) high.push(most.slice())
    const next = Math.min(size, at + step)
    total.most += next - at
    most[run] = next
  }
  while (low.length < ranks.length) low.push(least.slice())
  while (high.length < ranks.length) high.push(Int32Array.from(sizes))
  return { low, high }
}

/** Returns the elements of a run within the bounds of each cut. */
export function candidatesOf({ values }: SortedRun, run: number, bounds: CutBounds): NDArray[] {
  return bounds.low.map((low, k) => part(values, low[run]!, bounds.high[k]![run]!))
}

/** Returns, for each cut, the position in each run. */
export function cutRuns(
  candidates: readonly (readonly NDArray[])[],
  bounds: CutBounds,
  ranks: readonly number[],
  descending: boolean,
): Int32Array[] {
  return ranks.map((rank, k) => {
    const positions = bounds.low[k]!.slice()
    const missing = rank - positions.reduce((sum, n) => sum + n, 0)
    const merged = mergedElements(
      candidates.map((pieces) => pieces[k]!),
      descending,
    )
    for (const run of merged.runs.subarray(0, missing)) positions[run]!++
    return positions
  })
}

/** Returns the part of a run between two cuts. */
export function partOfRun(
  { values, positions }: SortedRun,
  start: number,
  stop: number,
): SortedRun {
  const own = { values: part(values, start, stop) }
  return positions === undefined ? own : { ...own, positions: part(positions, start, stop) }
}

/** Merges sorted runs to one; equal elements stay in the order of the runs. */
export function mergeRuns(runs: readonly SortedRun[], descending: boolean): SortedRun {
  let level = runs.filter(({ values }) => values.size > 0)
  if (level.length === 0) return runs[0]!
  const [first] = level as [SortedRun]
  if (first.positions === undefined && !isComplex(first.values.dtype)) {
    // A radix sort takes less time than merging two by two.
    return sortRun(joined(level.map(({ values }) => values)), descending)
  }
  while (level.length > 1) {
    const next: SortedRun[] = []
    for (let i = 0; i + 1 < level.length; i += 2) {
      next.push(mergePair(level[i]!, level[i + 1]!, descending))
    }
    if (level.length % 2 === 1) next.push(level.at(-1)!)
    level = next
  }
  return level[0]!
}

function mergePair(a: SortedRun, b: SortedRun, descending: boolean): SortedRun {
  const { dtype } = a.values
  const size = a.values.size + b.values.size
  const values = NDArray.zeros(dtype, [size])
  const positions = a.positions === undefined ? undefined : NDArray.zeros('float64', [size])
  const [x, y] = [a.values.contiguous().data, b.values.contiguous().data]
  const compare = comparisonOf(dtype, descending)
  const width = isComplex(dtype) ? 2 : 1
  let [i, j] = [0, 0]
  for (let k = 0; k < size; k++) {
    const first = j === b.values.size || (i < a.values.size && compare(x, i, y, j) <= 0)
    const [run, at] = first ? [x, i] : [y, j]
    for (let w = 0; w < width; w++) values.data[k * width + w] = run[at * width + w] as never
    if (positions !== undefined) {
      positions.data[k] = (first ? a : b).positions!.data[at]!
    }
    if (first) i++
    else j++
  }
  return positions === undefined ? { values } : { values, positions }
}
