/** Arrays like others, grids of positions, different elements, covariances and gradients beside NumPy. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, matrix } from '../array-support.js'
import { callsOf } from '../numpy-calls.js'

test.each(callsOf('construction'))('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})

test('unique of several blocks has one block of a size that is not known', async () => {
  const x = da.fromArray([3, 1, 3, NaN, 1, NaN], { chunks: 2 })
  const [values, counts] = da.unique(x, { returnCounts: true })
  expect(values.shape).toEqual([NaN])
  expect(await list(values)).toEqual([1, 3, NaN])
  expect(await list(counts)).toEqual([2n, 2n, 2n])
  const all = da.uniqueAll(x)
  expect(await list(all.values)).toEqual([1, 3, NaN, NaN])
  expect(await list(all.inverseIndices)).toEqual([1n, 0n, 1n, 2n, 0n, 3n])
  expect(await list(da.uniqueInverse(x).values)).toEqual([1, 3, NaN, NaN])
  expect(await list(da.uniqueCounts(x).counts)).toEqual([2n, 2n, 1n, 1n])
})

test('coarsen reduces groups of neighbours', async () => {
  const x = da.fromArray(matrix(4, 6), { chunks: [3, 4] })
  expect(await list(da.coarsen(da.sum as da.AxesReduction, x, { 0: 2, 1: 3 }))).toEqual([
    [24, 42],
    [96, 114],
  ])
  const means = da.coarsen(da.mean as da.AxesReduction, x, { 1: 4 }, { trimExcess: true })
  expect(await list(means)).toEqual([[1.5], [7.5], [13.5], [19.5]])
  expect(() => da.coarsen(da.sum as da.AxesReduction, x, { 1: 4 })).toThrow(
    /do not divide the shape/,
  )
})

test('positions, values and arrays become arrays', async () => {
  const sums = da.fromfunction((i, j) => i.mul(10).add(j), { shape: [2, 3], chunks: 2 })
  expect(await list(sums)).toEqual([
    [0, 1, 2],
    [10, 11, 12],
  ])
  expect(await list(da.asarray([1, 2], { dtype: 'int32' }))).toEqual([1, 2])
  const x = da.ones([2])
  expect(da.asarray(x).name).toBe(x.name)
  expect(da.array(new Int8Array(2)).dtype).toBe('int8')
  expect(await list(da.emptyLike(x, { shape: 3 }))).toEqual([0, 0, 0])
  expect(await list(da.empty([1]))).toEqual([0])
})

test('what makes no sense is refused at the call', () => {
  const x = da.ones([3])
  expect(() => da.unique(x, { counts: true } as never)).toThrow(/no option 'counts'/)
  expect(() => da.meshgrid(x, x, { indexing: 'yx' as never })).toThrow(/must be 'xy' or 'ij'/)
  expect(() => da.block([[x], x] as never)).toThrow(/one depth/)
  expect(() => da.asarray('a' as never)).toThrow(/expected an array/)
  expect(() => da.gradient(da.ones([1]))).toThrow(/fewer than two elements/)
  expect(() => da.cov(da.ones([2, 2, 2]))).toThrow(/one axis or two/)
})
