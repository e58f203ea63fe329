/**
 * The functions of `da` that count elements in bins, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { type HistogramOptions, histogramLayers } from '../layers/histogram-layers.js'
import { assertArray } from '../layers/operands.js'

/**
 * Counts the elements in each bin. Returns the counts and the edges of the bins. `bins` is a list of
 * edges, or a number of bins of equal width over `range`. Bins include their left edge; the last bin
 * includes its right edge too.
 * @throws RangeError for edges that are not ascending, or a number of bins without a range.
 * @example const [counts, edges] = da.histogram(x, { bins: 10, range: [0, 1] })
 */
export function histogram(
  x: AnyArray,
  options: HistogramOptions,
): readonly [counts: ChunkedArray<'int64'>, edges: readonly number[]] {
  checkArguments('histogram', arguments, 2, 'da.histogram(x, { bins, range })')
  assertArray(x, 'histogram')
  const [counts, edges] = histogramLayers(x, options)
  return [new ChunkedArray(counts), edges]
}
