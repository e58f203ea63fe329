/**
 * The kernel of histograms, with NumPy's rules: bins include their left edge, the last bin includes
 * its right edge too. NaN and values outside the edges are not counted.
 */
import { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk } from '../expressions/lazy-chunk.js'

/** Returns the edges of bins of equal width: `evenEdges(0, 1, 4)` is `[0, 0.25, 0.5, 0.75, 1]`. */
export function evenEdges(low: number, high: number, bins: number): number[] {
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins)
  edges[bins] = high
  return edges
}

/** Counts the elements of a block in each bin. `even` promises that the bins have equal width. */
export function histogramBlock(
  block: NDArray | LazyChunk,
  edges: readonly number[],
  even: boolean,
): NDArray<'int64'> {
  const { data } = (astype(block, 'float64').chunk() as NDArray<'float64'>).contiguous()
  const counts = new Float64Array(edges.length - 1)
  if (even) countEven(data, Float64Array.from(edges), counts)
  else countUneven(data, Float64Array.from(edges), counts)
  const result = NDArray.zeros('int64', [counts.length])
  counts.forEach((n, i) => {
    result.data[i] = BigInt(n)
  })
  return result
}

function countEven(data: Float64Array, edges: Float64Array, counts: Float64Array): void {
  const bins = counts.length
  const low = edges[0]!
  const high = edges[bins]!
  const scale = bins / (high - low)
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    if (!(value >= low && value <= high)) continue
    let bin = Math.min(bins - 1, Math.floor((value - low) * scale))
    // Rounding can be off by one bin at an edge.
    if (value < edges[bin]!) bin--
    else if (bin < bins - 1 && value >= edges[bin + 1]!) bin++
    counts[bin]!++
  }
}

function countUneven(data: Float64Array, edges: Float64Array, counts: Float64Array): void {
  const bins = counts.length
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    if (!(value >= edges[0]! && value <= edges[bins]!)) continue
    let low = 0
    let high = bins - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (edges[middle]! <= value) low = middle
      else high = middle - 1
    }
    counts[low]!++
  }
}
