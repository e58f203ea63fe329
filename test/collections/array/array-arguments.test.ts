/**
 * What array operations make of arguments at the edge: rounding integers, and calls that are
 * refused before anything is computed.
 */
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
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

describe('refused at the call', () => {
  const x = da.ones([2, 3], { dtype: 'int32' })

  test.each([
    [() => x.rechunk({ 0: 1 } as never), /rechunk: chunks must be one size.*got \{"0":1\}/],
    [() => x.rechunk([undefined, 1] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk([undefined] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk(undefined as never), /rechunk: say how/],
    [() => x.rechunk('big' as never), /rechunk: chunks must be one size.*got "big"/],
    [() => x.pow(-1), /power: an integer to a negative integer power \(-1\) is not/],
    [() => x.astype('uint8').pow(-2), /negative integer power \(-2\)/],
    [() => da.power(5n, x).add(x.pow(-1n)), /negative integer power \(-1\)/],
    [() => da.evaluate('x^-1', { x }), /negative integer power \(-1\)/],
    [() => da.evaluate('2 + x^n', { x, n: -3 }), /negative integer power \(-3\)/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })

  test('other powers are as they were', async () => {
    expect(await list(da.fromArray([2]).pow(-1))).toEqual([0.5])
    expect(await list(da.full(1, 4n).pow(-0.5))).toEqual([0.5])
    expect(await list(da.power(-1, da.full(2, 3n)))).toEqual([-1n, -1n])
  })

  test('messages show an array in short', () => {
    const y = da.ones([9, 3], { chunks: [2, -1] })
    expect(String(y)).toBe('ChunkedArray<float64, shape [9, 3], chunks [[2, 2, 2, ... (5)], [3]]>')
    expect(inspect({ y })).toContain('ChunkedArray<float64')
    expect(() => db.range(2).product(x as never)).toThrow(
      'got ChunkedArray<int32, shape [2, 3], chunks [[2], [3]]>',
    )
    expect(() => x.add(db.range(2) as never)).toThrow(
      /add: Bag<range-\w+, 2 partitions> is neither/,
    )
    expect(() => x.add([x] as never)).toThrow('add: ["ChunkedArray<int32,')
  })
})

test('at takes typed arrays of integers as lists', async () => {
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
  expect(() => da.eye(2).at(two, two)).toThrow(/only one list/)
})
