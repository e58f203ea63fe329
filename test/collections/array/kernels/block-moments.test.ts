/** Variances of data whose spread is far smaller than its mean, beside exact arithmetic. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

/** Returns the variance of floats as exact fractions have it, rounded once at the end. */
function exactVariance(values: readonly number[]): number {
  // Floats near 1e9 are whole multiples of 2 ** -23; of smaller ones, those here are too.
  const scaled = values.map((v) => BigInt(v * 2 ** 23))
  const n = BigInt(scaled.length)
  const total = scaled.reduce((a, b) => a + b)
  const squares = scaled.reduce((sum, v) => sum + (n * v - total) ** 2n, 0n)
  const digits = 10n ** 40n
  return Number((squares * digits) / n ** 3n) / 1e40 / 2 ** 46
}

function near(mean: number, spread: number, n: number): number[] {
  let state = 1
  return Array.from({ length: n }, () => {
    state = (state * 48271) % 2147483647
    return mean + spread * (state / 2147483647 - 0.5)
  })
}

test.each([1e3, 1, 1e-1, 1e-3, 1e-5, 1e-6, 5e-7, 1e-9, 1e-12])(
  'data near 1e9 with spread %d has the right variance under every chunking',
  async (spread) => {
    const values = near(1e9, spread, 1000)
    const exact = exactVariance(values)
    for (const chunks of [1000, 999, 500, 333, 100, 64, 7, 1]) {
      const x = da.fromArray(values, { chunks })
      for (const got of [x.var(), da.nanvar(x), x.var({ splitEvery: 2 })]) {
        const variance = (await list(got)) as number
        expect(Math.abs(variance - exact)).toBeLessThanOrEqual(2e-14 * exact)
      }
      const deviation = (await list(x.std())) as number
      expect(Math.abs(deviation - Math.sqrt(exact))).toBeLessThanOrEqual(2e-14 * exact ** 0.5)
    }
  },
)

test('along axes, of several results and of complex numbers', async () => {
  const columns = [1e-6, 1, 1e3].map((spread, i) => near(i === 2 ? -1e9 : 1e9, spread, 60))
  const rows = columns[0]!.map((_, i) => columns.map((column) => column[i]!))
  const exact = columns.map(exactVariance)
  for (const chunks of [100, 7, [13, 1], [1, 2]]) {
    const x = da.fromArray(rows, { chunks })
    for (const y of [x.var(0), x.T.var(1)]) {
      const got = (await list(y)) as number[]
      for (const [i, v] of got.entries()) {
        expect(Math.abs(v - exact[i]!)).toBeLessThanOrEqual(2e-14 * exact[i]!)
      }
    }
    const z = x.add(x.mul({ re: 0, im: 1 }))
    const complex = (await list(z.var(0))) as number[]
    for (const [i, v] of complex.entries()) expect(v / exact[i]! / 2).toBeCloseTo(1, 13)
  }
})

test('NaN stays out of blocks that have nothing else', async () => {
  const x = da.fromArray([NaN, NaN, 1e9, 1e9 + 1, NaN, 1e9 + 3], { chunks: 2 })
  expect(await list(da.nanvar(x, { ddof: 1 }))).toBeCloseTo(7 / 3, 12)
  expect(await list(da.nanmean(x))).toBe(1e9 + 4 / 3)
  expect(await list(da.nanvar(x.at(':2')))).toBeNaN()
  expect(await list(da.nanvar(x.at(':3'), { ddof: 1 }))).toBeNaN()
  expect(await list(x.var())).toBeNaN()
})
