/** Indexing of arrays, against NumPy. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, matrix, tasks } from '../array-support.js'
import { chunkOf, elements, fixture, type Outcome } from '../numpy-fixtures.js'

describe('indexing', () => {
  const { shape, cases } = fixture<{
    shape: number[]
    cases: { index: da.IndexItem[]; out: Outcome }[]
  }>('slices')
  const values = matrix(shape[0]!, shape[1]!)

  test.each([[[7, 5]], [[3, 2]], [[1, 1]], [[2, 4]]])(
    'is as in NumPy, in chunks of %j',
    async (chunks) => {
      const x = da.fromArray(values, { chunks, dtype: 'int64' })
      for (const { index, out } of cases) {
        const got = x.at(...index)
        expect([index, got.shape]).toEqual([index, out.shape])
        const result = await got.compute({ get })
        const flat = result instanceof da.NDArray ? elements(result) : [result]
        expect([index, flat]).toEqual([index, elements(chunkOf('int64', out.values))])
      }
    },
  )

  test('is one task per block of the result, and reads only the blocks it needs', () => {
    const x = da.fromArray(values, { chunks: [3, 2] })
    expect(tasks(x.at('1:3', '0:2'))).toEqual(['array 9', 'getitem 1'])
    expect(x.at('::-1').chunks[0]).toEqual([1, 3, 3])
    expect(x.at('::2').chunks[0]).toEqual([2, 1, 1])
  })

  test('a view of a small part does not keep the whole block in memory', async () => {
    const x = da.ones([1000], { chunks: 1000 })
    const part = await x.at('5:7').compute({ get })
    expect(part.data).toHaveLength(2)
  })

  test('bad indices throw at the call', () => {
    const x = da.fromArray(values)
    expect(() => x.at(7)).toThrow(/7 is outside axis 0 of size 7/)
    expect(() => x.at('1:2:3:4')).toThrow(/not a slice/)
    expect(() => x.at(0, 0, 0)).toThrow(/3 indices for an array of 2 axes/)
  })

  test('accepts typed arrays of integers as lists', async () => {
    const x = da.fromArray([10, 11, 12, 13], { chunks: 3 })
    for (const index of [
      Int32Array.of(3, 0, -1),
      Int8Array.of(3, 0, -1),
      BigInt64Array.of(3n, 0n, -1n),
    ]) {
      expect(await list(x.at(index))).toEqual([13, 10, 13])
    }
    expect(await list(x.at(Uint8Array.of(2)))).toEqual([12])
    expect(() => x.at(Float64Array.of(1) as never)).toThrow(/is not an index/)
    expect(() => x.at(Uint8Array.of(4))).toThrow(/4 is outside axis 0 of size 4/)
    const two = Uint8Array.of(0)
    expect(await list(da.eye(2).at(two, two))).toEqual([1])
  })

  test('booleans without axes select all or nothing', async () => {
    const y = da.fromArray([1, 2, 3], { chunks: 2 })
    expect(await list(y.at(y.sum().gt(0)))).toEqual([[1, 2, 3]])
    expect(await list(y.at(y.sum().lt(0)))).toEqual([])
    expect(await list(y.sum().at(y.sum().gt(0)))).toEqual([6])
    expect(await list(y.set(y.sum().gt(0), 7))).toEqual([7, 7, 7])
    expect(await list(y.sum().set(y.sum().lt(0), 7))).toBe(6)
  })
})
