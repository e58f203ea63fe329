/** Functions that make arrays: values, dtypes and errors. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, matrix } from '../array-support.js'

describe('creation', () => {
  test('fromArray divides nested lists and typed arrays into chunks', async () => {
    const x = da.fromArray(matrix(5, 4), { chunks: [2, 3] })
    expect(x.chunks).toEqual([
      [2, 2, 1],
      [3, 1],
    ])
    expect([x.shape, x.ndim, x.size, x.nbytes, x.numblocks, x.npartitions, x.dtype]).toEqual([
      [5, 4],
      2,
      20,
      160,
      [3, 2],
      6,
      'float64',
    ])
    expect(await list(x)).toEqual(matrix(5, 4))
    const flat = da.fromArray(Int32Array.from(matrix(5, 4).flat()), { shape: [5, 4], chunks: 2 })
    expect(flat.dtype).toBe('int32')
    expect(await list(flat)).toEqual(matrix(5, 4))
  })

  test('the dtype follows the values unless it is given', async () => {
    expect(da.fromArray([true, false]).dtype).toBe('bool')
    expect(da.fromArray([1n]).dtype).toBe('int64')
    expect(da.fromArray([1, 2]).dtype).toBe('float64')
    expect(da.fromArray(new Int16Array(2)).dtype).toBe('int16')
    expect(da.fromArray(new BigUint64Array([2n ** 64n - 1n])).dtype).toBe('uint64')
    expect(da.fromArray(new Uint8ClampedArray(2)).dtype).toBe('uint8')
    expect(await list(da.fromArray([1, 2], { dtype: 'int64' }))).toEqual([1n, 2n])
    expect(await list(da.fromArray([], { chunks: 3 }))).toEqual([])
    expect(await list(da.fromArray(5))).toBe(5)
  })

  test('values are copied when the array is made', async () => {
    const data = Float64Array.of(1, 2, 3)
    const x = da.fromArray(data, { chunks: 2 })
    data.fill(0)
    expect(await list(x)).toEqual([1, 2, 3])
  })

  test.each([
    [-5n, 7n, 3n],
    [7n, -9n, -4n],
    [2n ** 31n - 2n, 2n ** 31n + 3n, 1n],
    [2n ** 32n - 2n, 2n ** 32n + 3n, 1n],
    [-(2n ** 32n) - 3n, -(2n ** 32n) + 3n, 1n],
    [2n ** 53n - 4n, 2n ** 53n + 4n, 1n],
    [-(2n ** 53n) + 1n, 2n ** 53n, 2n ** 51n + 1n],
    [-(2n ** 63n), -(2n ** 63n) + 4n, 1n],
    [2n ** 63n - 4n, 2n ** 63n - 1n, 1n],
  ])('arange of int64 from %d to %d by %d is exact', async (start, stop, step) => {
    const expected: bigint[] = []
    for (let x = start; step > 0n ? x < stop : x > stop; x += step) expected.push(x)
    expect(await list(da.arange(start, stop, step, { chunks: 3 }))).toEqual(expected)
  })

  test('arange, linspace, ones, zeros, full, eye', async () => {
    expect(await list(da.arange(7, { chunks: 3 }))).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await list(da.arange(5, 0, -2))).toEqual([5, 3, 1])
    expect(await list(da.arange(1n, 7n, 2n, { chunks: 2 }))).toEqual([1n, 3n, 5n])
    expect(await list(da.arange(2, 5, { dtype: 'int32' }))).toEqual([2, 3, 4])
    expect(await list(da.arange(3, 3))).toEqual([])
    expect(await list(da.linspace(0, 1, 5, { chunks: 2 }))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(await list(da.linspace(0, 1, 4, { endpoint: false }))).toEqual([0, 0.25, 0.5, 0.75])
    expect(await list(da.linspace(3, 9, 1))).toEqual([3])
    expect(await list(da.linspace(0, 0.7, 8, { chunks: 3 }))).toEqual(
      Array.from({ length: 8 }, (_, i) => (i === 7 ? 0.7 : i * (0.7 / 7))),
    )
    expect(await list(da.ones([2, 3], { chunks: 2, dtype: 'int32' }))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(await list(da.zeros(2, { dtype: 'bool' }))).toEqual([false, false])
    expect(await list(da.full([3], 7n, { chunks: 2 }))).toEqual([7n, 7n, 7n])
    expect(await list(da.eye(3, { chunks: 2, k: 1 }))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ])
    expect(await list(da.eye(1, 3, { k: 1 }))).toEqual([[0, 1, 0]])
    expect(await list(da.eye(1, null))).toEqual([[1]])
    expect(await list(da.eye(2, { columns: 3, k: -1, dtype: 'int64' }))).toEqual([
      [0n, 0n, 0n],
      [1n, 0n, 0n],
    ])
  })

  test('random arrays are named by their seed', async () => {
    const options = { chunks: 3, seed: 5 }
    const [a, b] = [da.random.normal([4, 4], options), da.random.normal([4, 4], options)]
    expect(a.name).toBe(b.name)
    expect(await list(a)).toEqual(await list(b))
    expect(da.random.random(10).name).not.toBe(da.random.random(10).name)
    expect(da.random.random([4, 4], options).name).not.toBe(a.name)
    const [low, high] = [await list(da.random.uniform(99, { low: 2, high: 3, seed: 1 }).min()), 3]
    expect(low).toBeGreaterThanOrEqual(2)
    expect(low).toBeLessThan(high)
    expect(da.random.integers([2], { high: 5, seed: 1 }).dtype).toBe('int64')
  })

  test.each([
    [() => da.fromArray([[1, 2], [3]]), /lists must be equally long/],
    [() => da.fromArray([1, 'a'] as never), /"a" is not a number/],
    [() => da.fromArray([1, 2n] as never), /several kinds \(number, bigint\)/],
    [() => da.fromArray([1.5], { dtype: 'int32' }), /1.5 is not an integer and the dtype is int32/],
    [() => da.fromArray([300], { dtype: 'uint8' }), /300 does not fit dtype uint8/],
    [() => da.fromArray([1], { dtype: 'float' as never }), /"float" is not a dtype; use one of/],
    [() => da.fromArray(new Float64Array(4), { shape: [3] }), /4 values do not fill shape \[3\]/],
    [() => da.fromArray([1], 3 as never), /options must be an object/],
    [() => da.fromArray(new DataView(new ArrayBuffer(8)) as never), /DataView/],
    [() => da.ones(-1), /must be a list of integers of 0 or more/],
    [() => da.ones([2], { chunks: 0 }), /chunk size 0/],
    [() => da.full([2], 'x' as never), /to fill with/],
    [() => da.arange(0, 5, 0), /step must not be 0/],
    [() => da.arange(Number.NaN), /expected finite numbers/],
    [() => da.linspace(0, 1, -2), /linspace: count must be a whole number of at least 0, got -2/],
    [
      () => da.random.normal(3, { scale: -1 }),
      /scale must be a finite number of 0 or more; got -1/,
    ],
    [() => da.random.random(3, { seed: 1.5 }), /seed must be an integer/],
    [() => da.random.integers(3, { high: 0 }), /low < high/],
    [() => da.random.integers(3, { low: -(2 ** 53 - 1), high: 2 ** 53 - 1 }), /at most 2 \*\* 53/],
  ])('bad arguments throw at the call: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})
