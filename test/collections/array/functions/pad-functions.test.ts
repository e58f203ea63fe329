/** Padding beside NumPy, and functions of users along axes. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
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

test('pad takes a function, which is applied along one axis after the other', async () => {
  // np.pad(np.arange(6).reshape(2, 3), ((1, 1), (0, 2)), fn), where fn adds 10 and 20 to the first and last elements.
  const expected = [
    [10, 10, 10, 30, 30],
    [0, 1, 2, 20, 20],
    [3, 4, 5, 20, 20],
    [20, 20, 20, 40, 40],
  ]
  const add = (vector: da.Scalar[], [before, after]: readonly [number, number], axis: number) => {
    if (axis > 1) throw new Error('no such axis')
    for (let i = 0; i < before; i++) vector[i] = Number(vector[i]) + 10
    for (let i = 1; i <= after; i++) vector[vector.length - i] = Number(vector.at(-i)) + 20
  }
  for (const chunks of [-1, 2] as const) {
    const y = da.arange(6).reshape(2, 3).rechunk(chunks).astype('int32')
    const padded = da.pad(
      y,
      [
        [1, 1],
        [0, 2],
      ],
      { mode: add },
    )
    expect([padded.dtype, padded.shape]).toEqual(['int32', [4, 5]])
    expect(await list(padded)).toEqual(expected)
    expect((await padded.compute({ get: getThreads })).toArray()).toEqual(expected)
  }
  const last = da.pad(da.arange(3), [2, 0], { mode: (v) => v.map((e) => Number(e) * 2) })
  expect(await list(last)).toEqual([0, 0, 0, 2, 4])
  const wrong = da.pad(da.arange(3), 1, { mode: () => [1] })
  await expect(list(wrong)).rejects.toThrow()
  expect(() => da.pad(x, 1, { mode: add, constantValues: 1 })).toThrow(/no option 'constantValues'/)
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
