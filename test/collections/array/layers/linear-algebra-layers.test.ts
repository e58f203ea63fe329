/** Matrix products of arrays. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, matrix, tasks } from '../array-support.js'

describe('matrix products', () => {
  const a = matrix(5, 11)
  const b = matrix(11, 3)
  const expected = a.map((r) => [0, 1, 2].map((j) => r.reduce((s, v, k) => s + v * b[k]![j]!, 0)))

  test('are correct with any chunks', async () => {
    for (const [m, n] of [
      [2, 3],
      [1, 1],
      [11, 11],
      [
        [5, 2],
        [1, 3],
      ],
    ] as const) {
      const x = da.fromArray(a, { chunks: m })
      const y = da.fromArray(b, { chunks: n })
      expect(await list(x.matmul(y))).toEqual(expected)
      expect(await list(da.dot(x, y))).toEqual(expected)
    }
  })

  test('a task adds up a few pairs along the shared axis, which is never joined', () => {
    const x = da.ones([4, 20], { chunks: [4, 1] })
    expect(tasks(x.matmul(x.T)).filter((t) => /matmul|sum/.test(t))).toEqual([
      'matmul-partial 5',
      'sum 1',
    ])
  })

  test('vectors lose the added axis', async () => {
    const v = da.fromArray([1, 2, 3], { chunks: 2 })
    const m = da.fromArray(matrix(3, 3), { chunks: 2 })
    expect(await list(v.dot(v))).toBe(14)
    expect(await list(m.matmul(v))).toEqual([8, 26, 44])
    expect(await list(v.matmul(m))).toEqual([24, 30, 36])
    const stack = da.stack([m, m.add(1)])
    expect(await list(stack.matmul(v))).toEqual([
      [8, 26, 44],
      [14, 32, 50],
    ])
    expect((await stack.matmul(stack.T.transpose(2, 0, 1)).compute({ get })).shape).toEqual([
      2, 3, 3,
    ])
  })

  test('shapes that do not fit are refused', () => {
    expect(() => da.ones([2, 3]).matmul(da.ones([2, 3]))).toThrow(/\[2,3\] and \[2,3\] do not fit/)
    expect(() => da.ones([2]).matmul(da.ones([2]).sum())).toThrow(/without axes/)
    expect(() => da.ones([2]).dot('3' as never)).toThrow(TypeError)
  })
})
