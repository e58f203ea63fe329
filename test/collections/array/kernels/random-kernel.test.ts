/** Blocks of random numbers: reproducible, and the same whatever the block. */
import { describe, expect, test } from 'vitest'
import {
  integersBlock,
  normalBlock,
  randomKey,
  sampledBlock,
  uniformBlock,
} from '../../../../collections/array/kernels/random-kernel.js'

const vector = (n: number, from = 0, size = n - from) => ({
  array: [n],
  start: [from],
  shape: [size],
})

describe('random numbers', () => {
  test('depend on the key and the position alone', () => {
    const key = randomKey(42, 0, 'uniform')
    const whole = uniformBlock(vector(10_000), key, 0, 1).toArray()
    expect(uniformBlock(vector(10_000, 4097, 5001), key, 0, 1).toArray()).toEqual(
      whole.slice(4097, 9098),
    )
    const normal = normalBlock(vector(10_000), key, 0, 1).toArray()
    expect(normalBlock(vector(10_000, 3, 9000), key, 0, 1).toArray()).toEqual(normal.slice(3, 9003))
    const gamma = (from: number, size: number) =>
      sampledBlock(vector(10_000, from, size), key, 'gamma', [0.5, 1], 'float64').toArray()
    expect(gamma(2050, 100)).toEqual(gamma(0, 10_000).slice(2050, 2150))
  })

  test('differ by seed, stream and distribution', () => {
    const keys = [
      randomKey(42, 0, 'uniform'),
      randomKey(43, 0, 'uniform'),
      randomKey(42 + 2 ** 32, 0, 'uniform'),
      randomKey(42, 1, 'uniform'),
      randomKey(42, 0, 'normal'),
    ]
    const first = keys.map((key) => uniformBlock(vector(1), key, 0, 1).item())
    expect(new Set(first).size).toBe(keys.length)
  })

  test('keep their values from version to version', () => {
    const key = randomKey(1, 0, 'uniform')
    expect(uniformBlock(vector(3), key, 0, 1).toArray()).toMatchInlineSnapshot(`
      [
        0.8430593867794802,
        0.07005792080701312,
        0.683133430712568,
      ]
    `)
    expect(normalBlock(vector(3), key, 0, 1).toArray()).toMatchInlineSnapshot(`
      [
        2.3529122935039317,
        -0.16189602605448797,
        0.5037338555106837,
      ]
    `)
    const integers = [
      [0, 10],
      [-7, 2 ** 31],
      [-(2 ** 40), 2 ** 40 + 1],
      [0, 2 ** 53 - 1],
      [-(2 ** 52), 2 ** 52],
    ].map((range) => sampledBlock(vector(2), key, 'integers', range, 'int64').toArray())
    expect(integers).toMatchInlineSnapshot(`
      [
        [
          5n,
          7n,
        ],
        [
          268971113n,
          1194514375n,
        ],
        [
          -66280951408n,
          37706262478n,
        ],
        [
          6771825834524055n,
          1388720892144197n,
        ],
        [
          2268226207153559n,
          -3114878735226299n,
        ],
      ]
    `)
  })

  test('neighbouring seeds are uncorrelated', () => {
    const n = 20_000
    const [a, b] = [1, 2].map(
      (seed) => normalBlock(vector(n), randomKey(seed, 0, 'normal'), 0, 1).data,
    )
    let product = 0
    for (let i = 0; i < n; i++) product += a![i]! * b![i]!
    expect(Math.abs(product / n)).toBeLessThan(0.03)
  })
})

test.each([
  [0, 100],
  [-7, 5],
  [-(2 ** 40), 2 ** 33 + 1],
  // Half of the draws are rejected.
  [0, 2 ** 52 + 1],
])('integers from %d to %d are those of any other way to draw them', (low, high) => {
  const place = { array: [50, 70], start: [3, 5], shape: [40, 60] }
  const key = randomKey(7, 0, 'integers')
  const lows = new Float64Array(2400).fill(low)
  const drawn = integersBlock(place, key, low, high)
  expect(drawn.data).toEqual(sampledBlock(place, key, 'integers', [lows, high], 'int64').data)
})
