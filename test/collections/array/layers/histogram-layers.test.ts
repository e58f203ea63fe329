/** Histograms of arrays. */

import { describe, expect, expectTypeOf, test } from 'vitest'
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

  test('along several axes', async () => {
    const y = da.fromArray([1, 2, 3, 4, 5, 6, 7, 8, 9, 11], { chunks: 4 })
    // The numbers are NumPy's.
    const [counts, xEdges, yEdges] = da.histogram2d(x, y, { bins: [2, [0, 5, 12]] })
    expect(await list(xEdges)).toEqual([-1.25, 3.25, 7.75])
    expect(yEdges).toEqual([0, 5, 12])
    expect(await list(counts)).toEqual([
      [2, 4],
      [2, 2],
    ])
    const other = da.histogram2d(x, y, { bins: [2, [0, 9, 12]] })[0]
    expect(await list(other)).toEqual([
      [5, 1],
      [3, 1],
    ])
    const lazily = da.histogram2d(x, y, {
      bins: [da.fromArray([-2, 3.25, 8]), 2],
      range: [null, [y.min(), 11]],
    })
    expect(await list(lazily[2])).toEqual([1, 6, 11])
    const points = da.stack([x, y], { axis: 1 })
    const [inAll, edges] = da.histogramdd(points, { bins: 2, density: true })
    expect(await Promise.all(edges.map((each) => list(each)))).toEqual([
      [-1.25, 3.25, 7.75],
      [1, 6, 11],
    ])
    const cells = ((await list(inAll)) as number[][]).flat()
    expect(cells.reduce((sum, cell) => sum + cell * 4.5 * 5, 0)).toBeCloseTo(1, 14)
    await expect(list(da.histogram2d(x, da.full([10], NaN), { bins: 2 })[0])).rejects.toThrow(
      'histogram2d: the range must be two finite numbers',
    )
    expect(() => da.histogram2d(x, y, { bins: da.arange(3), range: [[0, 1], null] })).toThrow(
      'histogram2d: range is for a number of bins; with edges, leave it out',
    )
  })

  test('the types tell whether edges are lazy', () => {
    type Known = readonly number[]
    type Lazy = da.ChunkedArray<'float64'>
    const two = da.histogram2d(x, x, { bins: [3, [0, 1]] })
    expectTypeOf(two[1]).toEqualTypeOf<Lazy>()
    expectTypeOf(two[2]).toEqualTypeOf<Known>()
    const mixed = da.histogram2d(x, x, { bins: 3, range: [[0, 1], null] })
    expectTypeOf(mixed[1]).toEqualTypeOf<Known>()
    expectTypeOf(mixed[2]).toEqualTypeOf<Lazy>()
    expectTypeOf(da.histogram2d(x, x, { bins: [0, 1, 2] })[1]).toEqualTypeOf<Known>()
    const numbers: number[] = [1, 2]
    expectTypeOf(da.histogram2d(x, x, { bins: numbers })[1]).toEqualTypeOf<Known | Lazy>()
    expectTypeOf(da.histogramdd([x], { bins: 3 })[1]).toEqualTypeOf<readonly Lazy[]>()
    const known = da.histogramdd([x], { bins: 3, range: [[0, 1]] })
    expectTypeOf(known[1]).toEqualTypeOf<readonly Known[]>()
  })
})
