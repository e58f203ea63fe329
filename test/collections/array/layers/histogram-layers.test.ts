/** Histograms of arrays. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

test('histogram returns counts and edges', async () => {
  const x = da.fromArray([0, 1, 1, 2, 5, 9, 10, NaN], { chunks: 3 })
  const [counts, edges] = da.histogram(x, { bins: 2, range: [0, 10] })
  expect(await list(counts)).toEqual([4n, 3n])
  expect(edges).toEqual([0, 5, 10])
  expect(await list(da.histogram(x, { bins: [0, 1, 2, 11] })[0])).toEqual([1n, 2n, 4n])
  expect(() => da.histogram(x, { bins: [3, 2] })).toThrow(/in ascending order/)
})

describe('edges that are computed', () => {
  const values = [3.5, -1.25, 0.5, 7.75, 2, 2, -0.5, 6, 4.25, 1]
  const x = da.fromArray(values, { chunks: 3 })
  const weights = da.arange(10, { chunks: 4 }).div(2)

  // The numbers are NumPy's.
  test('a number of bins alone is from the least to the greatest element', async () => {
    const [counts, edges] = da.histogram(x, { bins: 4 })
    expect(await list(edges)).toEqual([-1.25, 1, 3.25, 5.5, 7.75])
    expect(await list(counts)).toEqual([3n, 3n, 2n, 2n])
    const [density] = da.histogram(x, { bins: 4, density: true })
    const [first, , last] = (await list(density)) as number[]
    expect(first).toBeCloseTo(0.13333333333333333, 15)
    expect(last).toBeCloseTo(0.08888888888888889, 15)
    expect(await list(da.histogram(x, { bins: 4, weights })[0])).toEqual([4.5, 9, 4, 5])
  })

  test('of one value, of none and of integers', async () => {
    const [counts, edges] = da.histogram(da.fromArray([5, 5, 5]), { bins: 2 })
    expect([await list(counts), await list(edges)]).toEqual([
      [0n, 3n],
      [4.5, 5, 5.5],
    ])
    const [none, unit] = da.histogram(da.zeros([0]), { bins: 2 })
    expect([await list(none), await list(unit)]).toEqual([
      [0n, 0n],
      [0, 0.5, 1],
    ])
    const whole = da.fromArray([1, 4, 9, 9, 2], { dtype: 'int64', chunks: 2 })
    expect(await list(da.histogram(whole, { bins: 3 })[0])).toEqual([2n, 1n, 2n])
  })

  test('ranges and edges may be lazy', async () => {
    const [counts] = da.histogram(x, { bins: 3, range: [x.min(), 6] })
    expect(await list(counts)).toEqual([4n, 3n, 2n])
    const edges = da.fromArray([-1, 0.5, 4, 8], { chunks: 2 })
    const [byEdges, own] = da.histogram(x, { bins: edges })
    expect(await list(byEdges)).toEqual([1n, 5n, 3n])
    expect(await list(own)).toEqual([-1, 0.5, 4, 8])
    const density = (await list(da.histogram(x, { bins: edges, density: true })[0])) as number[]
    expect(density[0]).toBeCloseTo(1 / 9 / 1.5, 15)
    const [weighted] = da.histogram(x, { bins: edges, weights })
    expect(await list(weighted)).toEqual([3, 10, 9])
  })

  test('errors', async () => {
    await expect(list(da.histogram(da.fromArray([1, NaN]), { bins: 2 })[0])).rejects.toThrow(
      /two finite numbers/,
    )
    await expect(list(da.histogram(x, { bins: da.fromArray([2, 1]) })[0])).rejects.toThrow(
      /not in ascending order/,
    )
    expect(() => da.histogram(x, { bins: da.fromArray([2]) })).toThrow(/two or more/)
    expect(() => da.histogram(x, { bins: da.arange(3), range: [0, 1] })).toThrow(/leave it out/)
    expect(() => da.histogram(x, { bins: 2, range: [x, 1] })).toThrow(/arrays of one/)
  })
})
