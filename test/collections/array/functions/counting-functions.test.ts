/** Counts, histograms, repeats and gradients beside NumPy, over chunks of any sizes. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each([...callsOf('counting'), ...callsOf('histograms'), ...callsOf('gradients')])(
  '%s is as in NumPy',
  async (_, run) => {
    expect(await run()).toEqual([])
  },
)

test('histograms return the edges along each axis', async () => {
  const x = da.fromArray([0, 1, 2, 3], { chunks: 3 })
  const y = da.fromArray([3, 2, 1, 0], { chunks: 2 })
  const [counts, xs, ys] = da.histogram2d(x, y, { bins: [2, [0, 1, 4]], range: [[0, 4], null] })
  expect([xs, ys]).toEqual([
    [0, 2, 4],
    [0, 1, 4],
  ])
  expect(await list(counts)).toEqual([
    [0, 2],
    [1, 1],
  ])
  const [, edges] = da.histogramdd([x, y], { bins: Float64Array.of(0, 2, 4) })
  expect(edges).toEqual([
    [0, 2, 4],
    [0, 2, 4],
  ])
})

test('wrong arguments of counts and histograms are refused', () => {
  const x = da.fromArray([0, 1, 2, 3])
  expect(() =>
    da.histogram2d(x, da.ones([3]), {
      bins: [
        [0, 1],
        [0, 1],
      ],
    }),
  ).toThrow('one shape')
  expect(() => da.histogram2d(x, da.ones([2, 2]), { bins: 1 })).toThrow('arrays with one axis')
  expect(() => da.histogramdd(x, { bins: 1 })).toThrow('a matrix whose rows are points')
  expect(() => da.histogramdd([x], { bins: 2, range: [0, 1] as never })).toThrow('[low, high]')
  expect(() => da.histogram(x, { bins: [0, 1], density: 1 as never })).toThrow('density must be')
  expect(() => da.histogram(x, { bins: [0, 1], weights: da.ones([3]) })).toThrow('one shape')
  expect(() => da.bincount(x)).toThrow('expected an array of integers')
  expect(() => da.bincount(da.ones([2, 2], { dtype: 'int8' }))).toThrow('one axis')
})
