/** Positions, coordinates and parts of floats beside NumPy, over chunks of any sizes. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each(callsOf('positions'))('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})

test('resultType takes arrays, dtypes and plain values', () => {
  const x = da.ones([3], { dtype: 'int8' })
  expect(da.resultType(x, 2)).toBe('int8')
  expect(da.resultType(x, 'uint8')).toBe('int16')
  expect(da.resultType(x, 0.5)).toBe('float64')
  expect(da.resultType('float32', 0.5, 3n)).toBe('float32')
  expect(da.resultType(1, 2)).toBe('float64')
  expect(() => da.resultType()).toThrow('expected arrays, dtypes or values')
  expect(() => da.resultType('float16' as never)).toThrow('is not a dtype')
})

test('ndim and shape take arrays and values', () => {
  const x = da.ones([3, 4])
  expect([da.ndim(x), da.ndim(2), da.ndim([[1, 2]])]).toEqual([2, 0, 2])
  expect([da.shape(x), da.shape(2), da.shape([[1, 2]])]).toEqual([[3, 4], [], [1, 2]])
})

test('linspace returns the step with retstep', async () => {
  const [x, step] = da.linspace(0, 1, 5, { retstep: true })
  expect(step).toBe(0.25)
  expect(await list(x)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(da.linspace(0, 1, 5, { retstep: true, endpoint: false })[1]).toBe(0.2)
  expect(da.linspace(0, 1, 1, { retstep: true })[1]).toBeNaN()
  expect(() => da.linspace(0, 1, 1, { retstep: 1 as never })).toThrow('retstep must be')
})

test('positions must be integers, with as many axes as the array', () => {
  const x = da.ones([3, 4])
  expect(() => da.takeAlongAxis(x, [1, 2])).toThrow('expected an array of integers')
  expect(() => da.takeAlongAxis(x, [1n, 2n])).toThrow('equally many axes')
  expect(() => da.ravelMultiIndex([[1, 2]], [3, 4])).toThrow('each of 2 axes')
  expect(() => da.unravelIndex([0.5], [3, 4])).toThrow('expected an array of integers')
  expect(() => da.unravelIndex([1], [3, 4], { order: 'K' as never })).toThrow("'C' or 'F'")
})

test('lists of numbers are coordinates', async () => {
  expect(
    await list(
      da.ravelMultiIndex(
        [
          [1, 2],
          [3, 0],
        ],
        [3, 4],
      ),
    ),
  ).toEqual([7n, 8n])
  const [rows, columns] = da.unravelIndex([7, 8], [3, 4])
  expect([await list(rows!), await list(columns!)]).toEqual([
    [1n, 2n],
    [3n, 0n],
  ])
})
