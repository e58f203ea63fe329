/**
 * The kernel of histograms, with NumPy's rules: bins include their left edge, the last bin includes
 * its right edge too. NaN and values outside the edges are not counted.
 */
import { fillExact } from '../block/int64-elements.js'
import { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'

/** The edges of the bins along an axis; `even` promises that the bins have equal width. */
export interface BinEdges {
  readonly edges: readonly number[]
  readonly even: boolean
}

/** Returns the edges of bins of equal width: `evenEdges(0, 1, 4)` is `[0, 0.25, 0.5, 0.75, 1]`. */
export function evenEdges(low: number, high: number, bins: number): number[] {
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins)
  edges[bins] = high
  return edges
}

/** Counts the elements of a block in each bin. */
export function histogramBlock(block: NDArray | LazyChunk, bins: BinEdges): NDArray<'int64'> {
  const counts = countInBins([block], [bins], undefined)
  const result = NDArray.zeros('int64', [counts.length])
  let at = 0
  fillExact(result.data, () => counts[at++]!)
  return result
}

/**
 * Adds up weights, each 1 by default, in bins of several axes. The first block holds the coordinates on the first
 * axis. Returns the sums in row-major order.
 */
export function countInBins(
  coordinates: readonly (NDArray | LazyChunk)[],
  bins: readonly BinEdges[],
  weights: NDArray | LazyChunk | undefined,
): Float64Array {
  const lists = coordinates.map(floatsOf)
  const size = lists[0]!.length
  const total = bins.reduce((product, { edges }) => product * (edges.length - 1), 1)
  const positions = new Float64Array(size)
  lists.forEach((data, axis) => {
    const edges = Float64Array.from(bins[axis]!.edges)
    addBins(positions, data, edges, bins[axis]!.even ? evenBin : unevenBin)
  })
  const counts = new Float64Array(total)
  const own = weights === undefined ? undefined : floatsOf(weights)
  for (let i = 0; i < size; i++) {
    const at = positions[i]!
    if (at >= 0) counts[at] = counts[at]! + (own === undefined ? 1 : own[i]!)
  }
  return counts
}

function floatsOf(block: NDArray | LazyChunk): Float64Array {
  return (astype(block, 'float64').chunk() as NDArray<'float64'>).contiguous().data
}

/** Multiplies positions by the number of bins and adds the bin of each value; -1 for those outside. */
function addBins(
  positions: Float64Array,
  data: Float64Array,
  edges: Float64Array,
  binOf: (value: number, edges: Float64Array) => number,
): void {
  const bins = edges.length - 1
  const low = edges[0]!
  const high = edges[bins]!
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    const before = positions[i]!
    const inside = before >= 0 && value >= low && value <= high
    positions[i] = inside ? before * bins + binOf(value, edges) : -1
  }
}

function evenBin(value: number, edges: Float64Array): number {
  const bins = edges.length - 1
  const low = edges[0]!
  const bin = Math.min(bins - 1, Math.floor((value - low) * (bins / (edges[bins]! - low))))
  // Rounding can be off by one bin at an edge.
  if (value < edges[bin]!) return bin - 1
  return bin < bins - 1 && value >= edges[bin + 1]! ? bin + 1 : bin
}

function unevenBin(value: number, edges: Float64Array): number {
  let low = 0
  let high = edges.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
