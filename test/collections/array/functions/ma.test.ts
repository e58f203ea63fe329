/** Masked arrays beside numpy.ma. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { compute, persist } from '../../../../collections/base/compute-together.js'
import { delayed } from '../../../../collections/base/delayed.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
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

  test('values about equal, invalid ones, choices and likes, as numpy.ma has them', async () => {
    const big = 1e20
    const flat = [1, 2, NaN, 4, 0, big]
    const x = da.fromArray(flat, { shape: [2, 3], chunks: 2 })
    const bools = (rows: readonly (readonly number[])[]) => da.fromArray(rows).astype('bool')
    const m = da.ma.maskedArray(x, {
      mask: bools([
        [0, 1, 0],
        [0, 0, 0],
      ]),
    })
    const near = da.ma.maskedValues(x, 2.00001)
    expect([await values(near), near.fillValue]).toEqual([
      [
        [1, null, NaN],
        [4, 0, big],
      ],
      2.00001,
    ])
    expect(await values(da.ma.maskedValues(x, 2.01, { rtol: 0, atol: 0.1 }))).toEqual(
      await values(near),
    )
    expect(await values(da.ma.maskedValues(m, 4))).toEqual([
      [1, null, NaN],
      [null, 0, big],
    ])
    const ints = da.fromArray([1, 2, 1], { dtype: 'int64' })
    expect(await values(da.ma.maskedValues(ints, 1))).toEqual([null, 2, null])

    const fixed = da.ma.fixInvalid(m)
    expect(await values(fixed)).toEqual([
      [1, null, null],
      [4, 0, big],
    ])
    expect(await values(fixed.data)).toEqual([
      [1, 2, big],
      [4, 0, big],
    ])
    expect(await values(da.ma.fixInvalid(x, { fillValue: -1 }).data)).toEqual([
      [1, 2, -1],
      [4, 0, big],
    ])

    const unsure = da.ma.maskedArray(x.gt(1.5), {
      mask: bools([
        [0, 0, 0],
        [1, 0, 0],
      ]),
    })
    expect(await values(da.ma.where(unsure, m, -1))).toEqual([
      [-1, null, -1],
      [null, -1, big],
    ])
    const column = da.fromArray([[1], [2]])
    expect(await values(da.ma.where(da.fromArray([1, 0, 1]).astype('bool'), column, m))).toEqual([
      [1, null, 1],
      [2, 0, 2],
    ])
    const positions = da.ma.nonzero(m)
    expect(await Promise.all(positions.map(values))).toEqual([
      [0, 0, 1, 1],
      [0, 2, 0, 2],
    ])
    expect(await values(da.ma.zerosLike(m))).toEqual([
      [0, null, 0],
      [0, 0, 0],
    ])
    expect(await values(da.ma.onesLike(m))).toEqual([
      [1, null, 1],
      [1, 1, 1],
    ])
    expect(await values(da.ma.emptyLike(x).count())).toBe(6)
    expect(() => da.ma.maskedValues(x, 'a' as never)).toThrow(/expected numbers/)
    expect(() => da.ma.maskedValues(x, 1, { tol: 1 } as never)).toThrow(/no option 'tol'/)
    expect(() => (da.ma.where as (...args: unknown[]) => unknown)(x, 1, 2, 3)).toThrow(/surplus/)
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

  // The expected values are those of NumPy 2.4.
  test('masks what is not finite in quotients and powers, and keeps the fill value', async () => {
    const x = da.fromArray([4, -1, 0, 9], { chunks: 3 })
    const masked = da.ma.maskedArray(x, { mask: [false, false, false, true], fillValue: 7 })
    const root = masked.pow(0.5)
    expect(await values(root)).toEqual([2, null, 0, null])
    expect(await values(masked.pow(-1))).toEqual([0.25, -1, null, null])
    expect(await values(masked.div(da.fromArray([2, Infinity, 0, 1])))).toEqual([2, 0, null, null])
    expect(await values(da.ma.maskedArray(da.fromArray([Infinity, 1])).div(2))).toEqual([null, 0.5])
    expect([root, masked.add(1), masked.div(2)].map(({ fillValue }) => fillValue)).toEqual([
      7, 7, 7,
    ])
    expect(masked.sum({ axis: 0 }).fillValue).toBe(1e20)
    expect(da.ma.maskedArray(da.arange(3)).div(2).fillValue).toBe(1e20)
    expect(da.ma.maskedEqual(x, 9).fillValue).toBe(9)
  })

  test('compute, persist and tasks take masked arrays as other collections', async () => {
    const x = da.arange(6, { dtype: 'float64', chunks: 4 })
    const masked = da.ma.maskedGreater(x, 3)
    const lists = [0, 1, 2, 3, null, null]
    for (const get of [getSync, getThreads]) {
      const [sum, block, nested] = await compute(x.sum(), masked, [masked.sum()], { get })
      expectTypeOf(block).toEqualTypeOf<da.ma.MaskedBlock<'float64'>>()
      expect([sum, block.toArray(), nested]).toEqual([15, lists, [6]])
      const [kept] = await persist(masked, { get })
      expect(kept).toBeInstanceOf(da.ma.MaskedArray)
      expect(kept.fillValue).toBe(masked.fillValue)
      const own = await masked.persist({ get })
      for (const persisted of [kept, own]) {
        expect((await persisted.compute({ get })).toArray()).toEqual(lists)
        expect(await persisted.mean().compute({ get })).toBe(1.5)
        expect(await list(persisted.mask)).toEqual([false, false, false, false, true, true])
      }
      const first = delayed((b: da.ma.MaskedBlock<'float64'>) => b)(masked)
      const same = await first.compute({ get })
      expect(same).toBeInstanceOf(da.ma.MaskedBlock)
      expect(same.toArray()).toEqual(lists)
    }
    expect(await masked.visualize({ format: 'dot' })).toContain('masked')
    expect(() => x.add(masked as never)).toThrow(/of a masked array write x\.filled\(value\)/)
    expect(() => `${masked}`).toThrow(/a masked array cannot be used as a string/)
    expect(masked.toString()).toBe('MaskedArray<float64, shape [6], chunks [[4, 2]]>')
  })

  test('chunks of operands that differ, and sizes that are not known', async () => {
    const x = da.fromArray([1, 2, 3, 4, 5], { chunks: 2 })
    const masked = da.ma.maskedGreater(x, 4)
    const y = da.fromArray([[1], [2]], { chunks: 1 })
    const product = masked.mul(da.fromArray([1, 2, 3, 4, 5], { chunks: 3 })).add(y)
    expect(await values(product)).toEqual([
      [2, 5, 10, 17, null],
      [3, 6, 11, 18, null],
    ])
    const open = da.ma.maskedLess(x.at(x.gt(1)), 3)
    expect(await values(open.add(1))).toEqual([null, 4, 5, 6])
    expect(await values((await open.persist({ get })).sum())).toBe(12)
    expect(await values(open.add(open))).toEqual([null, 6, 8, 10])
  })

  test('refuses what is no mask and no array', () => {
    const x = da.arange(4)
    expect(() => da.ma.maskedArray(x, { mask: [true] })).toThrow(/shape \[4\].*got \[1\]/)
    expect(() => da.ma.maskedGreater([1] as never, 0)).toThrow(
      /ma\.maskedGreater: expected an array/,
    )
    expect(() => da.ma.maskedArray(x, { masks: true } as never)).toThrow(/masks/)
    expect(() => da.ma.maskedGreater(x, da.ones([3, 4]))).toThrow(/shape \[4\].*got \[3,4\]/)
    expect(() => da.ma.maskedInside(x, '1' as never, 2)).toThrow(/numbers; got "1"/)
    expect(() => da.ma.maskedOutside(x, 1, undefined as never)).toThrow(/expected numbers/)
    const masked = da.ma.maskedGreater(x, 2)
    expect(() => masked.sum({ axes: 0 } as never)).toThrow(/^sum: there is no option 'axes'/)
    expect(() => (masked.add as Function).call(masked, 1, 2)).toThrow(/^add takes one argument/)
    expect(() => new da.ma.MaskedArray([1] as never, x)).toThrow(/da\.ma\.maskedArray/)
    expect(() => da.ma.setFillValue(x.astype('int8'), 1000)).toThrow(/1000/)
  })
})
