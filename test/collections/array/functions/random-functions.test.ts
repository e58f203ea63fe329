/** Random arrays: distributions beside SciPy's, the same numbers whatever the chunks, and arguments. */
import { describe, expect, test } from 'vitest'
import type { NDArray } from '../../../../collections/array/block/ndarray.js'
import * as da from '../../../../collections/array/index.js'
import { get, list } from '../array-support.js'
import { fixture } from '../numpy-fixtures.js'

interface Case {
  readonly name: string
  readonly parameters: Readonly<Record<string, number>>
  readonly points: readonly number[]
  readonly cdf: readonly number[]
  readonly mean: number | null
  readonly variance: number | null
}

type Draw = (
  shape: number | readonly number[],
  options: object,
) => da.ChunkedArray<'float64' | 'int64'>
const random = da.random as unknown as Readonly<Record<string, Draw>>

const numbersOf = async (array: da.ChunkedArray): Promise<Float64Array> => {
  const { data } = (await array.compute({ get })) as NDArray
  return Float64Array.from(data as Float64Array, Number)
}

describe('distributions', () => {
  test.each(fixture<Case[]>('distributions'))('$name $parameters agree with SciPy', async (own) => {
    const n = 40_000
    const x = await numbersOf(random[own.name]!(n, { ...own.parameters, seed: 7, chunks: 9_999 }))
    // The limit that the largest difference of Kolmogorov and Smirnov exceeds once in 3,000 samples.
    const limit = 2.1 / Math.sqrt(n)
    own.points.forEach((point, i) => {
      const below = x.filter((v) => v <= point).length / n
      expect(Math.abs(below - own.cdf[i]!), `P(X <= ${point})`).toBeLessThan(limit)
    })
    if (own.mean === null || own.variance === null || own.name === 'zipf') return
    const mean = x.reduce((a, b) => a + b, 0) / n
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / n
    expect(Math.abs(mean - own.mean)).toBeLessThan(4 * Math.sqrt(own.variance / n))
    expect(variance / own.variance).toBeGreaterThan(0.8)
    expect(variance / own.variance).toBeLessThan(1.25)
  })

  test.each(fixture<Case[]>('distributions'))(
    '$name $parameters do not depend on the chunks',
    async (own) => {
      const draw = (chunks: da.ChunksSpec) =>
        random[own.name]!([7, 5, 4], { ...own.parameters, seed: 3, chunks })
      const expected = await list(draw(-1))
      for (const chunks of [[3, -1, -1], [-1, 2, -1], [2, 3, 3], 1] as const) {
        expect(await list(draw(chunks))).toEqual(expected)
      }
    },
  )
})

describe('random arrays', () => {
  test('take arrays as parameters, which broadcast', async () => {
    const scale = da.fromArray([0, 1000], { chunks: 1 })
    const x = (await list(
      da.random.normal([50, 2], { loc: [5, 0], scale, seed: 1, chunks: [20, -1] }),
    )) as number[][]
    expect(x.every(([a]) => a === 5)).toBe(true)
    expect(Math.max(...x.map(([, b]) => b!))).toBeGreaterThan(500)
    const rng = da.random.defaultRng(1)
    expect(rng.poisson([1, 2, 3]).shape).toEqual([3])
    expect(() => da.random.normal([3], { loc: [1, 2] })).toThrow(/do not broadcast/)
  })

  test('of a generator differ from call to call, and are repeated after the same seed', async () => {
    const draw = () => {
      const rng = da.random.defaultRng(5)
      return [rng.normal(1, 2, { size: [2, 3] }), rng.normal({ loc: 1, scale: 2, size: [2, 3] })]
    }
    const [[a, b], [c, d]] = [draw(), draw()]
    expect(await list(a!)).toEqual(await list(c!))
    expect(await list(b!)).toEqual(await list(d!))
    expect(await list(a!)).not.toEqual(await list(b!))
    expect(await list(a!)).toEqual(
      await list(da.random.normal([2, 3], { loc: 1, scale: 2, seed: 5 })),
    )
    const rng = da.random.defaultRng(5)
    expect(rng.random([4, 2]).shape).toEqual([4, 2])
    expect(rng.standardNormal({ size: 3, chunks: 2 }).chunks).toEqual([[2, 1]])
    expect(rng.integers(1, 7, { size: 5 }).dtype).toBe('int64')
    expect(typeof (await rng.uniform().compute({ get }))).toBe('number')
  })

  test('integers have every value, and nothing else', async () => {
    const dice = (await list(da.random.randint(1, 7, { size: 6000, seed: 5 }))) as bigint[]
    expect(new Set(dice)).toEqual(new Set([1n, 2n, 3n, 4n, 5n, 6n]))
    const below = (await list(da.random.randint(3, { size: 100, seed: 5 }))) as bigint[]
    expect(new Set(below)).toEqual(new Set([0n, 1n, 2n]))
    const closed = da.random.defaultRng(1).integers(0, 1, { endpoint: true, size: 100 })
    expect(new Set((await list(closed)) as bigint[])).toEqual(new Set([0n, 1n]))
  })

  test('choice draws with and without replacement, and with probabilities', async () => {
    const letters = da.fromArray([10, 20, 30, 40], { chunks: 2 })
    const drawn = (await list(
      da.random.choice(letters, { size: 4000, seed: 1, chunks: 999 }),
    )) as number[]
    for (const value of [10, 20, 30, 40]) {
      expect(drawn.filter((v) => v === value).length / 4000).toBeCloseTo(0.25, 1)
    }
    const p = [0.7, 0, 0.1, 0.2]
    const weighted = (await list(da.random.choice(4, { size: 4000, p, seed: 1 }))) as bigint[]
    p.forEach((share, i) => {
      expect(weighted.filter((v) => Number(v) === i).length / 4000).toBeCloseTo(share, 1)
    })
    const distinct = (await list(
      da.random.choice(50, { size: [5, 10], replace: false, seed: 1, chunks: 3 }),
    )) as bigint[][]
    expect(new Set(distinct.flat()).size).toBe(50)
    const few = (await list(
      da.random.choice(4, { size: 3, replace: false, p, seed: 1 }),
    )) as bigint[]
    expect([...few].sort()).toEqual([0n, 2n, 3n])
  })

  test('permutations have every element once', async () => {
    const order = (await list(da.random.permutation(20, { seed: 1, chunks: 6 }))) as bigint[]
    expect(order.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    const x = da.arange(20, { chunks: 7 }).reshape(10, 2)
    const rows = (await list(da.random.permutation(x, { seed: 1 }))) as number[][]
    expect(rows.map(([a]) => a!).sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
    expect(rows.every(([a, b]) => b === a! + 1)).toBe(true)
  })

  test('rows of multinomial distributions add up', async () => {
    const x = da.random.multinomial([2000], { n: 12, pvals: [0.5, 0.2, 0.3], seed: 1, chunks: 300 })
    expect(x.shape).toEqual([2000, 3])
    const rows = ((await list(x)) as bigint[][]).map((row) => row.map(Number))
    expect(rows.every((row) => row.reduce((a, b) => a + b) === 12)).toBe(true)
    expect(rows.reduce((sum, row) => sum + row[0]!, 0) / 2000).toBeCloseTo(6, 0)
    const colors = da.random.defaultRng(1).multivariateHypergeometric([5, 3, 2], 10, { size: 4 })
    expect(await list(colors)).toEqual(Array.from({ length: 4 }, () => [5n, 3n, 2n]))
  })

  test('refuse parameters out of range, by name', () => {
    expect(() => da.random.gamma([2], {} as never)).toThrow(
      'random.gamma: give the parameter shape',
    )
    expect(() => da.random.normal([2], { scale: -1 })).toThrow(/scale must be a finite number of 0/)
    expect(() => da.random.binomial([2], { n: 2.5, p: 0.1 })).toThrow(/n must be an integer of 0/)
    expect(() => da.random.poisson([2], { mu: 1 } as never)).toThrow(/there is no option 'mu'/)
    expect(() => da.random.triangular([2], { left: 3, mode: 1, right: 2 })).toThrow(/left <= mode/)
    expect(() => da.random.choice(3, { size: 4, replace: false })).toThrow(
      /cannot draw 4 different/,
    )
    expect(() => da.random.choice(3, { p: [0.5, 0.1, 0.1] })).toThrow(/add up to 1/)
    expect(() => da.random.defaultRng(-1)).toThrow(/the seed must be an integer of 0 or more/)
    expect(() => da.random.defaultRng(1).normal(1, { loc: 2 })).toThrow(/loc is given twice/)
    expect(() => da.random.defaultRng(1).beta(1, 2, 3)).toThrow(/random.beta takes 2 arguments/)
  })
})
