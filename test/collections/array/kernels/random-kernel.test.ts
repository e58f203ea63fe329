/** Blocks of random numbers: reproducible, and of the right distribution. */
import { describe, expect, test } from 'vitest'
import {
  integersBlock,
  normalBlock,
  uniformBlock,
} from '../../../../collections/array/kernels/random-kernel.js'

describe('random numbers', () => {
  test('depend on the seed and the block alone', () => {
    const a = uniformBlock([5], 42, 3, 0, 1).toArray()
    expect(uniformBlock([5], 42, 3, 0, 1).toArray()).toEqual(a)
    expect(uniformBlock([5], 42, 4, 0, 1).toArray()).not.toEqual(a)
    expect(uniformBlock([5], 43, 3, 0, 1).toArray()).not.toEqual(a)
    expect(uniformBlock([5], 42 + 2 ** 32, 3, 0, 1).toArray()).not.toEqual(a)
  })

  test('keep their values from version to version', () => {
    expect(uniformBlock([3], 1, 0, 0, 1).toArray()).toMatchInlineSnapshot(`
      [
        0.16270869862415205,
        0.4968140503880214,
        0.6437524428184648,
      ]
    `)
    const normal = normalBlock([2], 1, 0, 0, 1).toArray() as number[]
    expect(normal[0]).toBeCloseTo(-1.254721357676567, 12)
    expect(normal[1]).toBeCloseTo(-0.011851710987875371, 12)
    const ranges = [
      [0, 10],
      [-7, 2 ** 31],
      [-(2 ** 40), 2 ** 40 + 1],
      [0, 2 ** 53 - 1],
      [-(2 ** 52), 2 ** 52],
    ] as const
    const integers = ranges.map(([low, high]) => integersBlock([3], 1, 0, low, high).toArray())
    expect(integers).toMatchInlineSnapshot(`
      [
        [
          9n,
          0n,
          9n,
        ],
        [
          1596116237n,
          326431038n,
          938712247n,
        ],
        [
          -99330838735n,
          990330977262n,
          681709926685n,
        ],
        [
          1465549668987339n,
          4474903144399840n,
          5798406523192169n,
        ],
        [
          -3038049958383157n,
          -28696482970656n,
          1294806895821673n,
        ],
      ]
    `)
  })

  test('have the expected distribution', () => {
    const n = 200_000
    const { data } = uniformBlock([n], 5, 0, -1, 3)
    const bins = new Array<number>(16).fill(0)
    for (const v of data) bins[Math.floor((v + 1) * 4)]!++
    const chi = bins.reduce((sum, c) => sum + (c - n / 16) ** 2 / (n / 16), 0)
    expect(chi).toBeLessThan(40)
    const normal = normalBlock([n], 5, 0, 10, 2).data
    const mean = normal.reduce((a, b) => a + b, 0) / n
    const variance = normal.reduce((a, b) => a + (b - mean) ** 2, 0) / n
    expect(mean).toBeCloseTo(10, 1)
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1)
    const within = normal.filter((v) => Math.abs(v - 10) < 2).length / n
    expect(within).toBeCloseTo(0.6827, 2)
    const dice = integersBlock([6000], 5, 0, 1, 7).toArray() as bigint[]
    expect(new Set(dice)).toEqual(new Set([1n, 2n, 3n, 4n, 5n, 6n]))
  })

  test('blocks of neighbouring positions are uncorrelated', () => {
    const n = 20_000
    const [a, b] = [normalBlock([n], 1, 0, 0, 1).data, normalBlock([n], 1, 1, 0, 1).data]
    let product = 0
    for (let i = 0; i < n; i++) product += a[i]! * b[i]!
    expect(Math.abs(product / n)).toBeLessThan(0.03)
  })
})
