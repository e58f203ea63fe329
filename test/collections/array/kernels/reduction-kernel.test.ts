/** Accuracy and loop orders of the kernels of reductions. */
import { describe, expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import { elementwise, lazy } from '../../../../collections/array/expressions/lazy-chunk.js'
import { aggregate, reduceBlock } from '../../../../collections/array/kernels/partial-reductions.js'
import { chunkOf, elements } from '../numpy-fixtures.js'

describe('kernels', () => {
  const wave = (n: number) => {
    const chunk = NDArray.zeros('float64', [n])
    for (let i = 0; i < n; i++) chunk.data[i] = Math.sin(i) * 1e3 + 1e8
    return chunk
  }

  test.each([0, 1, 7, 8, 9, 511, 512, 513, 520, 1031])('sums %i elements', (n) => {
    const x = NDArray.zeros('float64', [n])
    for (let i = 0; i < n; i++) x.data[i] = i + 1
    expect((reduceBlock(x, 'sum', [0]) as NDArray).item(0)).toBe((n * (n + 1)) / 2)
  })

  test('the error of a long sum does not grow with its length', () => {
    const n = 300_000
    const x = wave(n)
    let exact = 0n
    for (const v of x.data) exact += BigInt(Math.round(v * 2 ** 24))
    const got = (reduceBlock(x, 'sum', [0]) as NDArray).item(0) as number
    expect(Math.abs(got - Number(exact) / 2 ** 24) / got).toBeLessThan(4e-16)
  })

  test('small blocks are not lost beside a large sum', () => {
    const x = NDArray.zeros('float64', [512 * 1001])
    x.data.fill(5 / 512, 512)
    x.data[0] = 1e17
    expect((reduceBlock(x, 'sum', [0]) as NDArray).item(0)).toBe(1e17 + 5000)
  })

  test('infinities and overflow add up as in IEEE arithmetic', () => {
    const x = NDArray.zeros('float64', [2000])
    x.data[700] = Infinity
    expect((reduceBlock(x, 'sum', [0]) as NDArray).item(0)).toBe(Infinity)
    x.data[1900] = -Infinity
    expect((reduceBlock(x, 'sum', [0]) as NDArray).item(0)).toBeNaN()
    x.data.fill(1e306)
    expect((reduceBlock(x, 'sum', [0]) as NDArray).item(0)).toBe(Infinity)
  })

  test('an expression is reduced without being stored', () => {
    const x = wave(1000)
    const squares = elementwise('multiply', x, x)
    const sum = reduceBlock(squares, 'sum', [0]) as NDArray
    expect(squares.expression.kind).toBe('apply')
    const expected = x.data.reduce((s, v) => s + v * v, 0)
    expect((sum.item(0) as number) / expected).toBeCloseTo(1, 12)
  })

  test('int64 sums wrap and wide integer sums stay exact', () => {
    const big = chunkOf('int64', [String(2n ** 63n - 1n), '1'])
    expect((reduceBlock(big, 'sum', [0]) as NDArray).item(0)).toBe(-(2n ** 63n))
    const many = NDArray.zeros('int32', [2 ** 21 + 9])
    many.data.fill(2147483647)
    expect((reduceBlock(many, 'sum', [0]) as NDArray).item(0)).toBe(
      2147483647n * BigInt(2 ** 21 + 9),
    )
  })

  test('rows are updated together in any memory layout', () => {
    const x = NDArray.zeros('float64', [7, 3, 20])
    x.data.forEach((_, i) => {
      x.data[i] = Math.cos(i)
    })
    const views = [x, x.transpose([2, 0, 1]), x.transpose([1, 0, 2]), x.transpose()]
    for (const view of views) {
      for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2]]) {
        for (const name of ['sum', 'max', 'any'] as const) {
          const got = elements(reduceBlock(lazy(view), name, axes) as NDArray)
          const want = elements(reduceBlock(view.contiguous(), name, axes) as NDArray)
          got.forEach((v, i) => {
            if (typeof v === 'number') expect(v).toBeCloseTo(want[i] as number, 10)
            else expect(v).toBe(want[i])
          })
        }
      }
    }
  })

  test('variance does not cancel', () => {
    const x = chunkOf('float64', [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    const how = { name: 'var', dtype: 'float64', axes: [0], keepdims: false, count: 4 } as const
    const parts = [0, 2].map((start) =>
      reduceBlock(x.slice([{ start, step: 1, size: 2 }]), 'var', [0]),
    )
    expect(
      aggregate(parts, { ...how, ddof: 0 })
        .finish()
        .item(),
    ).toBe(22.5)
    expect(
      aggregate(parts, { ...how, ddof: 1 })
        .finish()
        .item(),
    ).toBe(30)
  })
})
