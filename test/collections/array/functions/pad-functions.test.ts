/** Padding beside NumPy, and functions of users along axes. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each(callsOf('padding'))('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})

test('pad keeps shapes with the mode empty, and refuses modes that do not exist', () => {
  const x = da.ones([2, 3])
  expect(da.pad(x, 1, { mode: 'empty' }).shape).toEqual([4, 5])
  expect(() => da.pad(x, 1, { mode: 'mirror' as never })).toThrow('mode must be one of')
  expect(() => da.pad(x, 1, { mode: 'reflect', reflectType: 'o' as never })).toThrow('reflectType')
  expect(() => da.pad(x, 1, { mode: 'mean', statLength: 0 })).toThrow('statLength')
})

const x = da.fromArray(
  [
    [1, 5, 2],
    [4, 3, 6],
  ],
  { chunks: [1, 2] },
)

test('applyAlongAxis replaces an axis by the axes of the results', async () => {
  const largest = da.applyAlongAxis((values) => Math.max(...values), 1, x)
  expect([largest.shape, largest.dtype]).toEqual([[2], 'float64'])
  expect(await list(largest)).toEqual([5, 6])
  const sorted = da.applyAlongAxis((values) => values.toSorted((a, b) => a - b), 0, x)
  expect(await list(sorted)).toEqual([
    [1, 3, 2],
    [4, 5, 6],
  ])
  const table = da.applyAlongAxis((values) => [[values[0]!, 0]], 0, x, {
    dtype: 'int32',
    shape: [1, 2],
  })
  expect([table.shape, table.dtype]).toEqual([[1, 2, 3], 'int32'])
  expect(await list(table)).toEqual([
    [
      [1, 5, 2],
      [0, 0, 0],
    ],
  ])
  const fails = () => {
    throw new Error('no')
  }
  expect(() => da.applyAlongAxis(fails, 0, x)).toThrow('give the dtype and the shape')
  expect(() => da.applyAlongAxis(fails, 2, x)).toThrow('axis 2')
})

test('applyOverAxes keeps the number of axes', async () => {
  const total = da.applyOverAxes((y, axis) => da.sum(y, axis), x, [0, -1])
  expect(total.shape).toEqual([1, 1])
  expect(await list(total)).toEqual([[21]])
  expect(() => da.applyOverAxes((y) => da.sum(y), x, 0)).toThrow('of 2 axes or one less')
})

test('frompyfunc makes functions of arrays of one of values', async () => {
  const power = da.frompyfunc((a: number, b: number) => a ** b, 2, 1)
  expect(await list(power(x, 2))).toEqual([
    [1, 25, 4],
    [16, 9, 36],
  ])
  const divide = da.frompyfunc((a: number, b: number) => [Math.floor(a / b), a % b], 2, 2)
  const [quotients, rests] = divide(x, da.fromArray([2, 2, 3]), { outputDtypes: 'int32' })
  expect(quotients!.dtype).toBe('int32')
  expect(await list(quotients!)).toEqual([
    [0, 2, 0],
    [2, 1, 2],
  ])
  expect(await list(rests!)).toEqual([
    [1, 1, 2],
    [0, 1, 0],
  ])
  expect(() => da.frompyfunc(null as never, 1, 1)).toThrow('expected a function')
})
