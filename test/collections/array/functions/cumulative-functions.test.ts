/** Cumulative sums and products beside NumPy, their graphs and errors. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, tasks } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each(callsOf('cumulative'))('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})

test('totals of blocks are added one after another, or as a tree', async () => {
  const x = da.ones([1000], { chunks: 1 })
  const count = (array: da.ChunkedArray) =>
    tasks(array).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  expect(count(x.cumsum(0))).toBeLessThan(4100)
  expect(count(x.cumsum({ axis: 0, method: 'blelloch' }))).toBeLessThan(7200)
  for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 31]) {
    const expected = Array.from({ length: n }, (_, i) => i + 1)
    for (const method of ['sequential', 'blelloch'] as const) {
      expect(await list(x.at(`:${n}`).cumsum({ axis: 0, method }))).toEqual(expected)
    }
  }
})

test('sums of integers wrap, and stay exact beyond the integers of floats', async () => {
  const x = da.fromArray([2n ** 62n, 2n ** 62n, 1n], { chunks: 2 })
  expect(await list(x.cumsum(0))).toEqual([2n ** 62n, -(2n ** 63n), -(2n ** 63n) + 1n])
  const y = da.fromArray([2n ** 60n + 1n, 1n], { chunks: 1 })
  expect(await list(y.cumsum(0))).toEqual([2n ** 60n + 1n, 2n ** 60n + 2n])
})

test('what makes no sense is refused at the call', () => {
  const x = da.ones([2, 2])
  expect(() => x.cumsum(2)).toThrow(/cumsum: axis 2 is not an axis/)
  expect(() => x.cumsum({ method: 'fast' as never })).toThrow(/'sequential' or 'blelloch'/)
  expect(() => da.cumprod(x, { axes: 0 } as never)).toThrow(/no option 'axes'/)
  expect(() => da.cumulativeSum(x)).toThrow(/give the axis of an array with 2 axes/)
})
