/** Blockwise reshapes, compared with Dask's. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

interface Case {
  readonly shape: number[]
  readonly chunks: number[][]
  readonly target: number | number[]
  readonly resultChunks?: number[][]
  readonly result?: unknown
  readonly error?: string
}
const cases = JSON.parse(
  readFileSync(new URL('../../../fixtures/array/reshape-blockwise.json', import.meta.url), 'utf8'),
) as Case[]

test.each(cases)(
  '$shape in chunks of $chunks becomes $target as in Dask, and back',
  async (own) => {
    const { shape, chunks, target, resultChunks, result, error } = own
    const size = shape.reduce((a, b) => a * b, 1)
    const x = da.arange(size).reshape(shape).rechunk(chunks)
    if (error !== undefined) {
      expect(() => da.reshapeBlockwise(x, target)).toThrow(/^reshapeBlockwise: /)
      return
    }
    const y = da.reshapeBlockwise(x, target)
    expect(y.chunks).toEqual(resultChunks)
    expect(await list(y)).toEqual(result)
    if (y.ndim === x.ndim) return
    const back = da.reshapeBlockwise(y, shape, { chunks })
    expect(back.chunks).toEqual(chunks)
    expect(await list(back)).toEqual(await list(x))
  },
)

test('arguments of blockwise reshapes are checked at the call', async () => {
  const x = da.arange(24, { chunks: 12 }).reshape(4, 6)
  expect(da.reshapeBlockwise(x, [4, 6]).name).toBe(x.name)
  expect(da.reshapeBlockwise(x, [4, 6], { chunks: x.chunks }).name).toBe(x.name)
  expect(da.reshapeBlockwise(x, [-1, 1]).chunks).toEqual([[12, 12], [1]])
  expect(da.reshapeBlockwise(da.zeros([0, 3]), [3, 0]).shape).toEqual([3, 0])
  const none = da.zeros([2, 0, 3], { chunks: [1, 1, 2] })
  const { chunks } = none
  expect(da.reshapeBlockwise(da.reshapeBlockwise(none, 0), [2, 0, 3], { chunks }).chunks).toEqual(
    chunks,
  )
  expect(await list(da.reshapeBlockwise(da.ones([1, 1]), []))).toBe(1)
  expect(() => da.reshapeBlockwise(x, [2, 3, 4])).toThrow(
    'reshapeBlockwise: a shape with more axes needs the option chunks',
  )
  expect(() => da.reshapeBlockwise(x, [2, 3, 4], { chunks: 1 })).toThrow(
    'the chunks must make as many blocks as the array has, 2; got 24',
  )
  expect(() => da.reshapeBlockwise(x, [2, 3, 4], { chunks: [-1, [1, 2], -1] })).toThrow(
    'block 0 has shape [2,6], and would get [2,1,4]',
  )
  expect(() => da.reshapeBlockwise(x, [24], { chunks: 24 })).toThrow('leave chunks out')
  expect(() => da.reshapeBlockwise(x, [6, 4])).toThrow('does not join neighbouring axes')
  expect(() => da.reshapeBlockwise(x, [23])).toThrow(
    'reshapeBlockwise: 24 elements do not fit shape [23]',
  )
  expect(() => da.reshapeBlockwise(x, [24], { chunk: 2 } as never)).toThrow("'chunk'")
  expect(() => (da.reshapeBlockwise as (...args: unknown[]) => unknown)(x, [24], {}, 1)).toThrow(
    'da.reshapeBlockwise(x, [6, -1], { chunks })',
  )
  expect(() => da.reshapeBlockwise(x.at(x.gt(3)) as da.ChunkedArray, -1)).toThrow(
    'reshapeBlockwise: the size of axis 0 is not known',
  )
})
