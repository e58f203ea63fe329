/** Sorting, ranks and quantiles beside NumPy, over chunks of any sizes. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, tasks } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each([...callsOf('sorting'), ...callsOf('quantiles')])('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})

/** Numbers with many equal ones, NaN and infinities. */
function mixed(n: number, kinds: number): number[] {
  let state = 7
  return Array.from({ length: n }, (_, i) => {
    state = (state * 48271) % 2147483647
    return i % 97 === 0 ? NaN : i % 61 === 0 ? Infinity : (state % kinds) - kinds / 2
  })
}

const order = (a: number, b: number) =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a === b ? 0 : a - b

test.each([
  [3000, 5, [[1000, 1, 0, 999, 1000]]],
  [20000, 1e9, 3333],
  [20000, 3, 1500],
  [5000, 1, 700],
] as const)('%i elements of %i kinds are sorted over chunks %j', async (n, kinds, chunks) => {
  const values = mixed(n, kinds)
  const x = da.fromArray(values, { chunks: chunks as never })
  const sorted = da.sort(x)
  expect(sorted.chunks).toEqual(x.chunks)
  expect(await list(sorted)).toEqual(values.toSorted(order))
  const positions = values.map((_, i) => i).sort((i, j) => order(values[i]!, values[j]!) || i - j)
  expect(await list(da.argsort(x))).toEqual(positions.map(BigInt))
  const falling = (await list(da.sort(x, { descending: true }))) as number[]
  const numbers = values
    .filter((v) => !Number.isNaN(v))
    .sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  expect(falling.slice(0, numbers.length)).toEqual(numbers)
  expect(falling.slice(numbers.length).every(Number.isNaN)).toBe(true)
  const median = numbers.toReversed()
  const middle = (median[(numbers.length - 1) >> 1]! + median[numbers.length >> 1]!) / 2
  expect(await list(da.nanmedian(x))).toBe(middle)
  expect(await list(da.median(x))).toBeNaN()
})

test('a long vector is sorted in runs, and its quantiles are found in bins', async () => {
  const n = 200_000
  const values = Float64Array.from({ length: n }, (_, i) => ((i * 48271) % n) - 1000)
  const x = da.fromArray(values, { chunks: [[66_000, 1, 0, 66_001, 67_998]] })
  const expected = values.toSorted()
  const positions = new BigInt64Array(n)
  values.forEach((value, i) => {
    positions[value + 1000] = BigInt(i)
  })
  expect(tasks(da.sort(x)).some((layer) => layer.startsWith('sort-runs 3'))).toBe(true)
  const sorted = da.sort(x)
  expect(sorted.chunks).toEqual(x.chunks)
  const result = await sorted.compute({ get })
  expect(result.data.every((value, i) => value === expected[i])).toBe(true)
  const order = await da.argsort(x).compute({ get })
  expect(order.data.every((at, i) => at === positions[i])).toBe(true)
  const middle = da.percentile(x, [25, 50], { method: 'lower' })
  expect(tasks(middle).some((layer) => layer.startsWith('percentile-bins'))).toBe(true)
  expect(await list(middle)).toEqual([expected[49_999], expected[99_999]])
})

test('a vector in many small chunks is sorted in few tasks', async () => {
  const x = da.arange(500, { chunks: 1 })
  expect(da.sort(x).chunks).toEqual(x.chunks)
  expect(count(da.sort(x))).toBeLessThan(2000)
  expect(count(da.median(x))).toBeLessThan(1000)
  expect(await list(da.sort(x, { descending: true }))).toEqual(
    Array.from({ length: 500 }, (_, i) => 499 - i),
  )
})

const count = (x: da.ChunkedArray<da.Dtype, unknown>) =>
  tasks(x).reduce((sum, layer) => sum + Number(layer.split(' ')[1]), 0)

test('exact quantiles of data near a large number, and of one value', async () => {
  const values = Array.from({ length: 3000 }, (_, i) => 1e9 + ((i * 7919) % 3000) / 3000)
  const sorted = values.toSorted((a, b) => a - b)
  const x = da.fromArray(values, { chunks: 700 })
  expect(await list(da.quantile(x, [0, 0.1, 1], { method: 'lower' }))).toEqual([
    sorted[0],
    sorted[299],
    sorted[2999],
  ])
  const same = da.full([1000], 5, { chunks: 300 })
  expect(await list(da.percentile(same, [3, 50]))).toEqual([5, 5])
})

test('quantiles of elements whose number is not known are NaN if one of them is', async () => {
  const x = da.fromArray([5, 1, NaN, 3, 2], { chunks: 2 })
  const known = x.at(da.notEqual(x, 3))
  expect(await list(da.median(known))).toBeNaN()
  expect(await list(da.nanmedian(known))).toBe(2)
})

test('what makes no sense is refused at the call', () => {
  const x = da.ones([3, 3])
  expect(() => da.sort(x, { axis: 2 })).toThrow(/sort: axis 2 is not an axis/)
  expect(() => da.sort(x, { kind: 'quick' } as never)).toThrow(/no option 'kind'/)
  expect(() => da.sort(x, { descending: 1 as never })).toThrow(/descending must be true or false/)
  expect(() => x.topk(0.5)).toThrow(/k must be a whole number/)
  expect(() => da.quantile(x, 1.5)).toThrow(/expected numbers from 0 to 1; got 1.5/)
  expect(() => da.percentile(x, 101)).toThrow(/expected numbers from 0 to 100/)
  expect(() => da.quantile(x, 0.5, { method: 'cubic' as never })).toThrow(/method must be one of/)
  expect(() => da.median(x.astype('complex128'))).toThrow(/complex numbers have no order/)
})

test('one quantile along another axis than the first keeps its axis', async () => {
  const x = da.fromArray(
    [
      [3, 1, 2],
      [9, 7, 8],
    ],
    { chunks: 2 },
  )
  const middle = da.median(x, { axis: 1, keepdims: true })
  expect(middle.shape).toEqual([2, 1])
  expect(await list(middle)).toEqual([[2], [8]])
  expect(da.quantile(x, [0.5], { axis: 1, keepdims: true }).shape).toEqual([1, 2, 1])
})
