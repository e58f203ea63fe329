/** Transposing, reshaping, rechunking and joining of arrays. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, matrix } from '../array-support.js'
import { elements } from '../numpy-fixtures.js'

describe('shapes', () => {
  const values = matrix(6, 4)
  const x = da.fromArray(values, { chunks: [4, 3] })

  test('concatenate with the axis null flattens the arrays', async () => {
    const x = da.fromArray(
      [
        [1, 2],
        [3, 4],
      ],
      { chunks: 1 },
    )
    const joined = da.concatenate([x, da.fromArray([[5, 6, 7]])], { axis: null })
    expect(await list(joined)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await list(da.concatenate([x.T, x.at(0, 0)], null))).toEqual([1, 3, 2, 4, 1])
    expect(() => da.stack([x], { axis: null as never })).toThrow(/stack: the axis must be a number/)
  })

  test('transpose and T', async () => {
    expect(await list(x.T)).toEqual([0, 1, 2, 3].map((j) => values.map((r) => r[j])))
    const cube = da.arange(24, { chunks: 5 }).reshape(2, 3, 4)
    expect((await cube.transpose(2, 0, 1).compute({ get })).item(3, 1, 2)).toBe(23)
    expect(cube.transpose([-1, 0, 1]).shape).toEqual([4, 2, 3])
    expect(() => x.transpose(0, 0)).toThrow(/must name each of 2 axes once/)
  })

  test('reshape keeps row-major order with any chunks', async () => {
    for (const shape of [[24], [2, 12], [3, 8], [12, 2], [2, 3, 4], [-1, 1, 6], [1, 24], [4, 6]]) {
      for (const chunks of [1, 2, 5, [4, 3], [6, 1], [1, 4], -1]) {
        const y = da.fromArray(values, { chunks }).reshape(shape)
        const result = await y.compute({ get })
        expect(elements(result)).toEqual(values.flat())
        expect(result.shape).toEqual(shape.map((n) => (n === -1 ? 4 : n)))
      }
    }
    expect(() => x.reshape(5, 5)).toThrow(/24 elements do not fit shape \[5,5\]/)
    expect(await list(x.reshape(0 + 24, 1).ravel())).toEqual(values.flat())
    expect(await list(da.arange(1).reshape([]))).toBe(0)
    expect(await list(da.zeros([0, 3]).reshape(3, 0))).toEqual([[], [], []])
  })

  test('rechunk changes the blocks and nothing else', async () => {
    for (const chunks of [
      1,
      [6, 4],
      [
        [1, 5],
        [2, 2],
      ],
      [2, -1],
    ] as const) {
      const y = x.rechunk(chunks)
      expect(await list(y)).toEqual(values)
      expect(y.shape).toEqual([6, 4])
    }
    expect(x.rechunk([4, 3]).layer).toBe(x.layer)
    expect(() => x.rechunk([[1, 2], 4])).toThrow(/add up to 3/)
  })

  test('concatenate and stack', async () => {
    const y = da.fromArray(values, { chunks: [2, 4] })
    expect(await list(da.concatenate([x, y]))).toEqual([...values, ...values])
    expect(await list(da.concatenate([x, y], { axis: -1 }))).toEqual(
      values.map((r) => [...r, ...r]),
    )
    expect(await list(da.stack([x, y], { axis: 1 }))).toEqual(values.map((r) => [r, r]))
    expect(await list(da.stack([x.sum(), x.max(), x.min()]))).toEqual([276, 23, 0])
    const mixed = da.concatenate([x.astype('int32'), y.astype('float32')])
    expect(mixed.dtype).toBe('float64')
    expect(() => da.concatenate([x, da.ones([2, 3])])).toThrow(/array 1 has shape \[2,3\]/)
    expect(() => da.stack([x, x.T])).toThrow(/array 1 has shape \[4,6\]/)
    expect(() => da.concatenate([])).toThrow(/list of one array or more/)
    expect(() => da.concatenate([x.sum()])).toThrow(/use stack/)
  })
})
