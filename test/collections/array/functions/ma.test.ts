/** Masked arrays beside numpy.ma. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list } from '../array-support.js'
import { fixture } from '../numpy-fixtures.js'

interface Case {
  readonly dtype: da.Dtype
  readonly values: readonly (readonly number[])[]
  readonly fn: 'maskedGreater'
  readonly args: readonly [number]
  readonly out: unknown
  readonly results: readonly [how: 'sum', axis: number | null, expected: unknown][]
  readonly average: unknown
  readonly quotient: unknown
}

async function values(x: da.ma.MaskedArray<da.Dtype, unknown> | da.ChunkedArray): Promise<unknown> {
  const result = await x.compute({ get })
  const isBlock = typeof result === 'object' && result !== null && 'toArray' in result
  return plain(isBlock ? (result as da.ma.MaskedBlock).toArray() : result)
}

/** Numbers rounded to 12 digits in place of bigints and bools. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  return value === null ? null : Number(Number(value).toPrecision(12))
}

describe('da.ma', () => {
  test.each(fixture<Case[]>('masked'))('$fn($args) of $dtype', async (own) => {
    const { dtype, fn, args } = own
    for (const chunks of [-1, 2] as const) {
      const x = da.fromArray(own.values.flat(), { dtype, shape: [4, 5], chunks })
      const masked = da.ma[fn](x, ...args)
      expect(await values(masked)).toEqual(own.out)
      for (const [how, axis, expected] of own.results) {
        expect(await values(masked[how]({ axis })), `${how} ${axis}`).toEqual(plain(expected))
      }
      const weights = da.arange(1, 21).reshape(4, 5)
      expect(await values(da.ma.average(masked, { axis: 0, weights }))).toEqual(plain(own.average))
      expect(await values(da.ma.maskedLess(x, 4).div(masked))).toEqual(plain(own.quotient))
    }
  })

  test('masks, data and what replaces masked elements', async () => {
    const x = da.fromArray([1, NaN, 3, Infinity], { chunks: 2 })
    const masked = da.ma.maskedInvalid(x)
    expect(await list(da.ma.getmaskarray(masked))).toEqual([false, true, false, true])
    expect(await list(da.ma.getdata(masked))).toEqual([1, NaN, 3, Infinity])
    expect(await list(da.ma.filled(masked))).toEqual([1, 1e20, 3, 1e20])
    expect(await list(da.ma.filled(masked, { fillValue: 0 }))).toEqual([1, 0, 3, 0])
    expect(await list(da.ma.setFillValue(masked, 7).filled())).toEqual([1, 7, 3, 7])
    expect(await list(da.ma.count(masked))).toBe(2n)
    expect(await masked.mean().compute({ get })).toBe(2)
    const both = da.ma.maskedWhere([true, false, false, false], masked)
    expect((await both.compute({ get })).toArray()).toEqual([null, null, 3, null])
    const all = da.ma.maskedArray(x, { mask: true, fillValue: -1 })
    expect(await all.sum().compute({ get })).toBeNull()
    expect(await values(masked.add(da.ones([2, 1])))).toEqual([
      [2, null, 4, null],
      [2, null, 4, null],
    ])
  })

  test('refuses what is no mask and no array', () => {
    const x = da.arange(4)
    expect(() => da.ma.maskedArray(x, { mask: [true] })).toThrow(/shape \[4\].*got \[1\]/)
    expect(() => da.ma.maskedGreater([1] as never, 0)).toThrow(
      /ma\.maskedGreater: expected an array/,
    )
    expect(() => da.ma.maskedArray(x, { masks: true } as never)).toThrow(/masks/)
    expect(() => da.ma.setFillValue(x.astype('int8'), 1000)).toThrow(/1000/)
  })
})
