/** Counts of a block in bins. */
import { describe, expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  evenEdges,
  histogramBlock,
} from '../../../../collections/array/kernels/histogram-kernel.js'

describe('histograms', () => {
  test('bins include their left edge, the last its right edge too; NaN and values outside are not counted', () => {
    const x = NDArray.zeros('float64', [9])
    x.data.set([0, 0.5, 1, 1.5, 2, 2.5, NaN, -0.1, 3])
    expect(histogramBlock(x, { edges: [0, 1, 2, 2.5], even: false }).toArray()).toEqual([
      2n,
      2n,
      2n,
    ])
    expect(histogramBlock(x, { edges: evenEdges(0, 3, 3), even: true }).toArray()).toEqual([
      2n,
      2n,
      3n,
    ])
  })

  test('bins of equal width count as their edges do', () => {
    for (let bins = 3; bins < 60; bins++) {
      const edges = evenEdges(-0.3, 0.7 + bins / 7, bins)
      const near = edges.flatMap((e) => [e, e * (1 - 2 ** -52), e * (1 + 2 ** -52)])
      const x = NDArray.zeros('float64', [near.length])
      x.data.set(near)
      expect(histogramBlock(x, { edges, even: true }).toArray()).toEqual(
        histogramBlock(x, { edges, even: false }).toArray(),
      )
    }
  })
})
