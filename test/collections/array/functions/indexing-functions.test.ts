/** Functions that choose, search and replace elements: what the tables of NumPy do not cover. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list } from '../array-support.js'

const x = da.arange(12, { chunks: 5 })
const table = da.arange(12, { chunks: 12 }).reshape(3, 4).rechunk([2, 3])

describe('choosing', () => {
  test('by numbers, conditions and functions', async () => {
    const kinds = da.fromArray(Int8Array.of(0, 2, 1, 0), { chunks: 3 })
    const [a, b] = [da.fromArray([1, 2, 3, 4]), da.fromArray([10, 20, 30, 40], { chunks: 2 })]
    expect(await list(da.choose(kinds, [a, b, -1]))).toEqual([1, -1, 30, 4])
    expect(await list(kinds.choose([a, b, -1]))).toEqual([1, -1, 30, 4])
    expect(await list(da.choose(kinds.mul(0), [a]))).toEqual([1, 2, 3, 4])
    await expect(da.choose(kinds, [a, b]).compute({ get })).rejects.toThrow(
      /no choice 2; there are 2/,
    )
    expect(() => da.choose(a, [a, b])).toThrow(/expected an array of integers; got float64/)
    expect(await list(da.select([a.lt(2), a.lt(4)], [a.neg(), b]))).toEqual([-1, 20, 30, 0])
    expect(await list(da.select([a.lt(2)], [b], { default: a }))).toEqual([10, 2, 3, 4])
    expect(() => da.select([a.lt(2)], [a, b])).toThrow(/as many values/)
    const pieces = da.piecewise(a, [a.lt(2), a.gt(3)], [(v) => v.neg(), 7, (v) => v.mul(2)])
    expect(await list(pieces)).toEqual([-1, 4, 6, 7])
    expect(await list(da.piecewise(a, [a.ge(1), a.gt(3)], [1, 2]))).toEqual([1, 1, 1, 2])
    expectTypeOf(da.choose(kinds, [a, b])).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(pieces).toEqualTypeOf<da.ChunkedArray<'float64'>>()
  })

  test('where with a condition alone is nonzero', async () => {
    const [rows, columns] = da.where(table.gt(8))
    expect([await list(rows!), await list(columns!)]).toEqual([
      [2n, 2n, 2n],
      [1n, 2n, 3n],
    ])
    expect(await list(da.where(x.gt(9), x, 0).sum())).toBe(21)
    expect(() => da.nonzero(x.sum())).toThrow(/has no axes/)
    const rest = x.at(x.gt(8))
    expect(await list(da.flatnonzero(rest.gt(9)))).toEqual([1n, 2n])
    expect(await list(da.argwhere(table.at(da.fromArray([true, false, true])).gt(8)))).toEqual([
      [1n, 1n],
      [1n, 2n],
      [1n, 3n],
    ])
  })

  test('NaN is sorted last and equal to nothing', async () => {
    const values = da.fromArray([NaN, 1, 3], { chunks: 2 })
    expect(await list(da.searchsorted(da.fromArray([1, 2, NaN]), values))).toEqual([2n, 0n, 2n])
    expect(await list(da.isin(values, [NaN, 3]))).toEqual([false, false, true])
    expect(await list(da.isin(values, da.fromArray([[1], [2]], { chunks: 1 })))).toEqual([
      false,
      true,
      false,
    ])
    expect(() => da.digitize(values, [0, 2, 1])).toThrow(/must increase or decrease/)
  })
})

describe('replacing', () => {
  test('by masks, and of what the array becomes', async () => {
    expect(await list(x.set(x.gt(2), -1))).toEqual([0, 1, 2, ...new Array(9).fill(-1)])
    expect(await list(x.set(x.gt(8), [7, 8, 9]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 8, 9])
    await expect(x.set(x.gt(8), [7, 8]).compute({ get })).rejects.toThrow(
      /values of shape \[2\] for a selection of shape \[3\]/,
    )
    expect(await list(table.set([table.sum(1).gt(20)], 0).sum(1))).toEqual([6, 0, 0])
    expect(await list(table.set([':', [true, false, true, true]], 0))).toEqual([
      [0, 1, 0, 0],
      [0, 5, 0, 0],
      [0, 9, 0, 0],
    ])
    expect(await list(x.set([[3, 3, 3]], [1, 2, 9]).at(3))).toBe(9)
    expect(await list(x.set(0, 5).at(0))).toBe(5)
    expect(await list(x.at(x.gt(9)).set(x.at(x.gt(9)).gt(10), 0))).toEqual([10, 0])
    expect(x.set(':3', 0).dtype).toBe('float64')
    expect(() => x.astype('int32').set(0, 1.5)).toThrow(/1.5 is not an integer/)
    expect(() => x.set([':3'], [1, 2])).toThrow(/cannot be repeated to fill \[3\]/)
    expect(() => x.at(x.gt(2)).set(0, 1)).toThrow(/await x\.computeChunkSizes\(\)/)
    expect(() => x.set(99, 1)).toThrow(/set: 99 is outside axis 0/)
  })

  test('copies only the blocks that change', () => {
    const y = da.arange(40, { chunks: 10 })
    expect(y.set(['12:15'], 0).layer.node(0).recipe.steps).toEqual([])
    expect(y.set(['12:15'], 0).layer.node(1).recipe.steps).toHaveLength(1)
  })
})

describe('blocks', () => {
  test('are selected by their positions', async () => {
    expect(await list(x.blocks.at(-1))).toEqual([10, 11])
    expect(await list(x.partitions.at('::-2'))).toEqual([10, 11, 0, 1, 2, 3, 4])
    expect(await list(table.blocks.at(0, 1))).toEqual([[3], [7]])
    expect(await list(table.blocks.at([1, 0]))).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ])
    expect(() => table.blocks.at(2)).toThrow(/blocks: 2 is outside axis 0 of size 2/)
    expect(() => table.blocks.at([0], [1])).toThrow(/one list at most/)
  })
})

describe('small chunks', () => {
  test('are joined', async () => {
    const long = da.arange(1000, { chunks: 100 })
    const average = long.at('2:').add(long.at('1:-1')).add(long.at(':-2')).div(3)
    expect(average.numblocks).toEqual([10])
    expect(await list(average.at(-1))).toBe(998)
    expect(long.at('::50').numblocks).toEqual([1])
    expect(await list(long.at('::-50').sum())).toBe(10480)
    expect(long.at('::4').numblocks).toEqual([10])
    expect(da.insert(long, [5, 500], [1, 2]).numblocks[0]).toBeLessThan(14)
  })
})
