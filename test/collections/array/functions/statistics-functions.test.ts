/** Reductions by functions of the user, and arguments of statistics. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, matrix, tasks } from '../array-support.js'

const x = da.fromArray(matrix(7, 5), { chunks: [3, 2] })

test('reduction joins partial results along the axes', async () => {
  const sum = (
    block: da.NDArray,
    { axis, keepdims }: { axis: readonly number[]; keepdims: boolean },
  ) => {
    const rows = block.toArray() as number[][]
    const whole = axis.length === 2
    const totals = whole
      ? [[rows.flat().reduce((a, b) => a + b, 0)]]
      : [rows.reduce((a, row) => a.map((v, j) => v + row[j]!), new Array(rows[0]!.length).fill(0))]
    return keepdims ? totals : whole ? totals[0]![0]! : totals[0]!
  }
  expect(await list(da.reduction(x, sum, sum))).toBe(595)
  expect(await list(da.reduction(x, sum, sum, { axis: 0 }))).toEqual([105, 112, 119, 126, 133])
  expect(await list(da.reduction(x, sum, sum, { axis: 0, keepdims: true, splitEvery: 2 }))).toEqual(
    [[105, 112, 119, 126, 133]],
  )
  const longest = da.arange(20, { chunks: 1 })
  const last = (block: da.NDArray) => [(block.data as Float64Array).at(-1)!]
  const reduced = da.reduction(longest, last, last, { splitEvery: 4, dtype: 'int32' })
  expect([reduced.dtype, await list(reduced)]).toEqual(['int32', 19])
  expect(tasks(reduced)).toEqual([
    'reduction-partial 20',
    'reduction 5',
    'reduction 2',
    'reduction 1',
  ])
})

test('combine merges before the last partial results', async () => {
  const partial = (block: da.NDArray) => [block.size]
  const add = (block: da.NDArray) => [(block.data as Float64Array).reduce((a, b) => a + b, 0)]
  const half = (block: da.NDArray) => [add(block)[0]! / 2]
  const y = da.arange(20, { chunks: 1 })
  const options = { combine: add, splitEvery: 2 }
  expect(await list(da.reduction(y, partial, half, options))).toBe(10)
})

test('what makes no sense is refused', async () => {
  expect(() => da.reduction(x, 5 as never, () => 0)).toThrow(/expected functions that reduce/)
  expect(() => da.average(x, { weights: [1, 2] })).toThrow(/weights must have the shape/)
  expect(() => da.average(x, { weight: [1] } as never)).toThrow(/no option 'weight'/)
  expect(() => da.moment(x, -1)).toThrow(/order must be a whole number/)
  expect(() => x.max({ dtype: 'int8' })).toThrow(/no option 'dtype'/)
  expect(() => x.sum({ dtype: 'number' as never })).toThrow(/not a dtype/)
  expect(() => da.trace(x, { axis1: 1 })).toThrow(/axis1 and axis2 must differ/)
  expect(() => da.tril(da.arange(3))).toThrow(/two axes or more/)
  expect(() => da.diag(x, 0.5)).toThrow(/a diagonal is a whole number/)
  await expect(
    list(
      da.reduction(
        x,
        () => [1, 2],
        () => 0,
      ),
    ),
  ).rejects.toThrow(/returned a block of shape/)
  await expect(list(da.nanargmin(da.fromArray([NaN])))).rejects.toThrow(/all elements of a slice/)
})

test('facts about arrays', () => {
  expect([x.itemsize, x.chunksize, x.copy()]).toEqual([8, [3, 2], x])
  const sum: da.ChunkedArray<'float32', number> = x.sum({ dtype: 'float32' })
  expect(sum.dtype).toBe('float32')
})
