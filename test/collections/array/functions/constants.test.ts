/** Constants, and the positions of triangles of arrays. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

test('the constants are those of NumPy', () => {
  expect([da.pi, da.e, da.eulerGamma, da.inf, da.nan]).toEqual([
    Math.acos(-1),
    Math.exp(1),
    0.5772156649015329,
    Infinity,
    NaN,
  ])
  expect(da.arange(3).at(':', da.newaxis).shape).toEqual([3, 1])
})

describe('positions of triangles', () => {
  const x = da.ones([2, 3], { chunks: 2 })

  test('are those of a matrix of the same shape', async () => {
    // numpy.tril_indices_from(x, 1) and numpy.triu_indices_from(x)
    const lower = da.trilIndicesFrom(x, { k: 1 })
    expect(await Promise.all(lower.map((each) => list(each)))).toEqual([
      [0n, 0n, 1n, 1n, 1n],
      [0n, 1n, 0n, 1n, 2n],
    ])
    const upper = da.triuIndicesFrom(x)
    expect(await Promise.all(upper.map((each) => list(each)))).toEqual([
      [0n, 0n, 0n, 1n, 1n],
      [0n, 1n, 2n, 1n, 2n],
    ])
  })

  test('need a matrix', () => {
    expect(() => da.trilIndicesFrom(da.ones(3))).toThrow(/expected a matrix .* shape \[3\]/)
    expect(() => da.triuIndicesFrom(x, { m: 3 } as object)).toThrow(/m/)
    expect(() => da.triuIndicesFrom(4 as never)).toThrow(/expected an array/)
  })
})
