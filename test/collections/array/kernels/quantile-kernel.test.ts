/** Quantiles of several blocks, by counts in bins, beside a plain sort. */
import { expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  candidatesInBins,
  countBins,
  mergeRanges,
  type Quantiles,
  quantilesOfCandidates,
  rangeOfBlock,
} from '../../../../collections/array/kernels/quantile-kernel.js'

/** Returns the quantiles of blocks as the layer does. */
function quantilesOf(blocks: readonly Float64Array[], quantiles: Quantiles): number[] {
  const chunks = blocks.map((block) => new NDArray('float64', block, [block.length]))
  const range = mergeRanges(chunks.map(rangeOfBlock))
  const bins = chunks.map((chunk) => countBins(chunk, range))
  const counts = NDArray.zeros('float64', bins[0]!.shape.slice(1))
  for (const { data } of bins) data.forEach((n, i) => void (counts.data[i]! += n))
  const candidates = chunks.map((chunk) => candidatesInBins(chunk, range, counts, quantiles))
  return quantilesOfCandidates(candidates, range, counts, quantiles).toArray() as number[]
}

const spread = (i: number) => ((i * 7919) % 3001) / 3001

test.each<[string, (i: number) => number]>([
  ['numbers around 0', (i) => spread(i) - 0.5],
  ['numbers near a large one', (i) => 1e9 + spread(i)],
  ['numbers of many sizes', (i) => (i % 2 === 0 ? 1 : -1) * 10 ** (600 * spread(i) - 300)],
  ['few different numbers', (i) => Math.floor(5 * spread(i))],
  ['one number', () => -2.5],
  ['numbers, NaN and infinities', (i) => (i % 5 === 0 ? NaN : i % 7 === 0 ? -Infinity : spread(i))],
])('quantiles of %s are exact', (_, numberAt) => {
  const values = Float64Array.from({ length: 3001 }, (_, i) => numberAt(i))
  const blocks = [0, 1, 1, 1200, 3001].map((start, k, starts) =>
    values.subarray(start, starts[k + 1] ?? 3001),
  )
  const sorted = [...values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const probabilities = [1, 0.5, 0.25, 0.9, 0, 0.999]
  const common = { probabilities, ignoresNaN: true, dtype: 'float64' } as const
  expect(quantilesOf(blocks, { ...common, method: 'lower' })).toEqual(
    probabilities.map((q) => sorted[Math.floor((sorted.length - 1) * q)]),
  )
  expect(quantilesOf(blocks, { ...common, method: 'higher' })).toEqual(
    probabilities.map((q) => sorted[Math.ceil((sorted.length - 1) * q)]),
  )
})
