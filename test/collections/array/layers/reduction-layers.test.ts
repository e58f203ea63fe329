/** Reductions of arrays: their trees, values and errors. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, matrix, tasks } from '../array-support.js'

describe('reductions', () => {
  const values = matrix(7, 5)
  const x = da.fromArray(values, { chunks: [3, 2] })

  test('var and std take any finite ddof', async () => {
    const values = [1, 2, 4, 8]
    const sum = values.reduce((total, v) => total + (v - 3.75) ** 2, 0)
    const y = da.fromArray(values, { chunks: 3 })
    for (const ddof of [0.5, -1, 1.5, 3]) {
      expect(await y.var({ ddof }).compute()).toBeCloseTo(sum / (4 - ddof), 12)
      expect(await y.std({ ddof }).compute()).toBeCloseTo(Math.sqrt(sum / (4 - ddof)), 12)
    }
    expect(await y.var({ ddof: 4 }).compute()).toBe(Infinity)
    expect(await y.std(0, { correction: 1 }).compute()).toBeCloseTo(Math.sqrt(sum / 3), 12)
    expect(() => y.std({ correction: 1, ddof: 1 })).toThrow(/two names of one option/)
  })

  test('of all elements are plain values', async () => {
    expect(await list(x.sum())).toBe(595)
    expect(await list(x.mean())).toBe(17)
    expect(await list(x.min())).toBe(0)
    expect(await list(x.max())).toBe(34)
    expect(await list(x.argmax())).toBe(34n)
    expect(await list(x.all())).toBe(false)
    expect(await list(x.any())).toBe(true)
    expect(await list(x.astype('int32').sum())).toBe(595n)
    expect(await list(x.var())).toBeCloseTo(102, 10)
    expect(await list(x.std({ ddof: 1 }))).toBeCloseTo(Math.sqrt(105), 10)
    expect(await list(x.at('1:3').prod())).toBe(5 * 6 * 7 * 8 * 9 * 10 * 11 * 12 * 13 * 14)
  })

  test('along an axis, from either end, as a number or in options', async () => {
    const columns = [0, 1, 2, 3, 4].map((j) => values.reduce((s, r) => s + r[j]!, 0))
    const rows = values.map((r) => r.reduce((a, b) => a + b))
    expect(await list(x.sum({ axis: 0 }))).toEqual(columns)
    expect(await list(x.sum(-1))).toEqual(rows)
    expect(await list(x.sum({ axis: -1, keepdims: true }))).toEqual(rows.map((v) => [v]))
    expect(await list(x.sum([0, 1]))).toBe(595)
    expect(await list(x.sum({ keepdims: true }))).toEqual([[595]])
    expect(await list(da.sum(x, { axis: 0 }))).toEqual(columns)
    expect(await list(x.argmin({ axis: 1, keepdims: true }))).toEqual(values.map(() => [0n]))
    expect(await list(x.T.argmax(0))).toEqual(values.map(() => 4n))
  })

  test('positions are those in the whole array, with any chunks', async () => {
    const data = [
      [3, 9, 1, 9],
      [9, 0, 0, 2],
      [5, 9, NaN, 0],
      [0, NaN, 1, 1],
    ]
    for (const chunks of [1, 2, 3, 4, [4, 1], [1, 4]]) {
      const y = da.fromArray(data, { chunks })
      expect(await list(y.argmax())).toBe(10n)
      expect(await list(y.argmin())).toBe(10n)
      expect(await list(y.at('0:2').argmax())).toBe(1n)
      expect(await list(y.at('0:2').argmin())).toBe(5n)
      expect(await list(y.argmax(0))).toEqual([1n, 3n, 2n, 0n])
      expect(await list(y.argmin(1))).toEqual([2n, 1n, 2n, 1n])
    }
  })

  test('are trees that merge splitEvery partial results at a time', async () => {
    const y = da.arange(20, { chunks: 1 })
    expect(tasks(y.sum())).toEqual(['sum-partial 20', 'sum-combine 3', 'sum 1'])
    expect(tasks(y.sum({ splitEvery: 2 }))).toEqual([
      'sum-partial 20',
      'sum-combine 10',
      'sum-combine 5',
      'sum-combine 3',
      'sum-combine 2',
      'sum 1',
    ])
    expect(tasks(y.sum({ splitEvery: false }))).toEqual(['sum-partial 20', 'sum 1'])
    const z = da.ones([8, 8], { chunks: 1 })
    expect(tasks(z.sum({ splitEvery: 4 }))).toEqual([
      'sum-partial 64',
      'sum-combine 16',
      'sum-combine 4',
      'sum 1',
    ])
    for (const splitEvery of [2, 3, 4, 7, false] as const) {
      expect(await list(z.mul(2).mean({ splitEvery }))).toBe(2)
      expect(await list(z.std({ axis: 1, splitEvery }))).toEqual(new Array(8).fill(0))
    }
  })

  test('an elementwise chain is part of the first step', () => {
    expect(tasks(da.ones([4], { chunks: 1 }).mul(3).add(1).max())).toEqual([
      'max-partial 4',
      'max 1',
    ])
  })

  test('of no elements are as in NumPy', async () => {
    const none = da.zeros([0, 3])
    expect(await list(none.sum())).toBe(0)
    expect(await list(none.prod(0))).toEqual([1, 1, 1])
    expect(await list(none.mean())).toBeNaN()
    expect(await list(none.any())).toBe(false)
    expect(await list(none.all(1))).toEqual([])
    expect(await list(none.max(1))).toEqual([])
    expect(() => none.max()).toThrow(/max: an axis of size 0/)
    expect(() => none.argmin(0)).toThrow(RangeError)
    expect(await list(da.fromArray([], { chunks: 1 }).std())).toBeNaN()
  })

  test('empty chunks are ignored', async () => {
    const y = da.fromArray([4, 2, 8], { chunks: [[0, 2, 0, 1]] })
    expect(await list(y.max())).toBe(8)
    expect(await list(y.argmin())).toBe(1n)
    expect(await list(y.var())).toBeCloseTo(56 / 9, 12)
  })

  test.each([
    [() => x.sum({ axis: 2 }), /sum: axis 2 is not an axis/],
    [() => x.sum({ axis: [0, 0] }), /names an axis twice/],
    [() => x.argmax({ axis: [0, 1] }), /give one axis, or none/],
    [() => x.sum({ splitEvery: 1 }), /splitEvery must be an integer of 2 or more/],
    [() => x.sum({ keepdims: 1 as never }), /keepdims must be true or false/],
    [() => x.std({ ddof: 'a' as never }), /ddof must be a finite number/],
    [() => x.sum('0' as never), /expected an axis such as 0, a list of axes, or options/],
    [() => da.sum(5 as never), /sum: expected an array; got 5/],
  ])('bad options throw at the call: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
