/**
 * What array operations make of arguments at the edge: rounding integers, and calls that are
 * refused before anything is computed.
 */
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { list } from './support.js'

describe('round of integers', () => {
  const bytes = da.fromArray(Uint8Array.of(255, 100, 26, 25, 15, 0))
  const max = 2 ** 31 - 1

  test('to decimals changes nothing', async () => {
    for (const decimals of [0, 1, 20]) {
      expect(await list(bytes.round(decimals))).toEqual([255, 100, 26, 25, 15, 0])
    }
    const words = da.fromArray(Int32Array.of(max, -max)).round(2)
    expect([words.dtype, await list(words)]).toEqual(['int32', [max, -max]])
    const long = da.round(da.fromArray([2n ** 63n - 1n]), 3)
    expect([long.dtype, await list(long)]).toEqual(['int64', [2n ** 63n - 1n]])
  })

  test('to tens keeps the dtype, halves going to the even ten', async () => {
    const tens = bytes.round(-1)
    expect([tens.dtype, await list(tens)]).toEqual(['uint8', [260 & 255, 100, 30, 20, 20, 0]])
    expect(await list(bytes.round(-3))).toEqual([0, 0, 0, 0, 0, 0])
    const words = da.fromArray(Int32Array.of(-25, -35, 14, max, 1_500_000_000, -max))
    expect(await list(words.round(-1))).toEqual([
      -20,
      -40,
      10,
      2147483650 | 0,
      1_500_000_000,
      -2147483650 | 0,
    ])
    expect(await list(words.round(-9))).toEqual([0, 0, 0, 2e9, 2e9, -2e9])
    expect(await list(words.round(-400))).toEqual([0, 0, 0, 0, 0, 0])
    const long = da.fromArray([25n, -25n, -35n, 9_007_199_254_740_995n, -(10n ** 18n) - 6n])
    expect([long.round(-1).dtype, await list(long.round(-1))]).toEqual([
      'int64',
      [20n, -20n, -40n, 9_007_199_254_741_000n, -(10n ** 18n) - 10n],
    ])
    expect(await list(long.round(-30))).toEqual([0n, 0n, 0n, 0n, 0n])
  })

  test('of floats is as it was, and bools are refused', async () => {
    expect(await list(da.fromArray([1.25, -15]).round(1))).toEqual([1.2, -15])
    expect(await list(da.fromArray([1.25, -15]).round(-1))).toEqual([0, -20])
    expect(() => da.fromArray([true]).round(1)).toThrow(/round: bools have no decimals, got 1/)
    expect(() => da.fromArray([true]).round(-1)).toThrow(/round: bools/)
  })
})

describe('options nobody knows', () => {
  const x = da.ones([2, 3])
  const options = (wrong: object) => wrong as never
  const refused: readonly (readonly [call: () => unknown, name: string, known: string])[] = [
    [() => x.sum(options({ keepDims: true })), 'keepDims', 'axis, keepdims, splitEvery'],
    [() => x.sum(options({ axes: 0 })), 'axes', 'axis, keepdims, splitEvery'],
    [() => x.sum({ ddof: 1 }), 'ddof', 'axis, keepdims, splitEvery'],
    [() => da.var(x, options({ dof: 1 })), 'dof', 'axis, keepdims, splitEvery, ddof'],
    [() => da.ones(5, options({ chunk: 2 })), 'chunk', 'chunks, dtype'],
    [() => da.ones(5, options({ dtpye: 'int32' })), 'dtpye', 'chunks, dtype'],
    [() => da.full(5, 1, options({ type: 'int32' })), 'type', 'chunks, dtype'],
    [() => da.fromArray([1], options({ size: 1 })), 'size', 'chunks, dtype, shape'],
    [() => da.arange(5, options({ chunk: 1 })), 'chunk', 'chunks, dtype'],
    [() => da.linspace(0, 1, 5, options({ endPoint: 1 })), 'endPoint', 'chunks, dtype, endpoint'],
    [() => da.eye(5, options({ M: 1 })), 'M', 'chunks, dtype, columns, k'],
    [() => da.random.random(2, options({ sedd: 1 })), 'sedd', 'chunks, seed'],
    [() => da.random.uniform(2, options({ max: 1 })), 'max', 'chunks, seed, low, high'],
    [() => da.random.normal(2, options({ mean: 1 })), 'mean', 'chunks, seed, loc, scale'],
    [() => da.random.integers(2, options({ hi: 1 })), 'hi', 'chunks, seed, low, high'],
    [() => da.concatenate([x, x], options({ axes: 1 })), 'axes', 'axis'],
    [() => da.stack([x, x], options({ dim: 1 })), 'dim', 'axis'],
    [() => x.mapBlocks((b) => b, options({ type: 'bool' })), 'type', 'chunks, dtype'],
    [() => da.histogram(x, options({ bins: 2, rnage: [0, 1] })), 'rnage', 'bins, range'],
  ]

  test.each(refused)('%s: %s', (call, name, known) => {
    expect(call).toThrow(`there is no option '${name}'; the options are ${known}`)
  })

  test('ddof is as for bags, and the right options still do', async () => {
    expect(() => x.var({ ddof: -1 })).toThrow(/var: ddof must be a whole number of at least 0/)
    expect(await list(x.var({ ddof: 1, axis: 0, keepdims: true, splitEvery: 2 }))).toEqual([
      [0, 0, 0],
    ])
    expect(await list(da.stack([da.ones(1), da.zeros(1)], { axis: 1 }))).toEqual([[1, 0]])
  })
})
