/** Elementwise operations on arrays: graphs, values and errors. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { list, matrix, tasks } from '../array-support.js'

describe('elementwise', () => {
  const x = da.fromArray(matrix(3, 4), { chunks: 2 })

  test('signbit and copysign see the sign of NaN', async () => {
    const bits = new BigUint64Array([0x7ff8n << 48n, 0xfff8n << 48n, 1n << 63n, 0n])
    const y = da.fromArray(new Float64Array(bits.buffer))
    expect(await list(da.signbit(y))).toEqual([false, true, true, false])
    expect(await list(da.copysign(2, y))).toEqual([2, -2, -2, 2])
  })

  test('a chain is one task per block', async () => {
    const y = x.mul(x).add(1).sqrt().sub(x)
    expect(tasks(y)).toEqual(['subtract 4'])
    expect(tasks(da.ones([4], { chunks: 2 }).add(1).mul(2).exp())).toEqual(['exp 2'])
    expect(await list(y)).toEqual(matrix(3, 4).map((r) => r.map((v) => Math.sqrt(v * v + 1) - v)))
  })

  test('equal arrays have the same name, different arrays different names', () => {
    expect(x.add(1).name).toBe(da.fromArray(matrix(3, 4), { chunks: 2 }).add(1).name)
    expect(x.add(1).name).not.toBe(x.add(2).name)
    expect(x.add(1).name).not.toBe(x.add(true).name)
    expect(x.sub(x.T.T).name).not.toBe(x.add(x).name)
  })

  test('operands with different chunks are rechunked first', async () => {
    const y = da.fromArray(matrix(3, 4), { chunks: [3, 3] })
    const sum = x.add(y)
    expect(sum.chunks).toEqual([
      [2, 1],
      [2, 1, 1],
    ])
    expect(await list(sum)).toEqual(matrix(3, 4).map((r) => r.map((v) => 2 * v)))
  })

  test('rows, columns and single values broadcast over blocks', async () => {
    const row = da.fromArray([10, 20, 30, 40], { chunks: 3 })
    const column = da.fromArray([[1], [2], [3]], { chunks: 1 })
    expect(await list(x.add(row).mul(column))).toEqual(
      matrix(3, 4).map((r, i) => r.map((v, j) => (v + 10 * (j + 1)) * (i + 1))),
    )
    expect(await list(row.add(column))).toEqual(
      [0, 1, 2].map((i) => [0, 1, 2, 3].map((j) => 10 * (j + 1) + i + 1)),
    )
    expect(await list(x.sub(x.mean()))).toEqual(matrix(3, 4).map((r) => r.map((v) => v - 5.5)))
  })

  test('functions have NumPy names and accept a plain value first', async () => {
    expect(await list(da.subtract(10, x))).toEqual(matrix(3, 4).map((r) => r.map((v) => 10 - v)))
    expect(await list(da.where(x.gt(5), x, 0))).toEqual(
      matrix(3, 4).map((r) => r.map((v) => (v > 5 ? v : 0))),
    )
    expect(await list(da.logicalNot(x))).toEqual(matrix(3, 4).map((r) => r.map((v) => v === 0)))
    expect([x.clip().name, da.clip(x, null).name]).toEqual([x.name, x.name])
    expect(await list(da.clip(x, 2, 4))).toEqual(
      matrix(3, 4).map((r) => r.map((v) => Math.min(4, Math.max(2, v)))),
    )
    expect(await list(da.fromArray([0.125, 0.375, 2.5, -0.5]).round(2))).toEqual([
      0.12, 0.38, 2.5, -0.5,
    ])
    expect(await list(da.fromArray([15, 25]).round(-1))).toEqual([20, 20])
  })

  test('comparisons combine into masks', async () => {
    expect(await list(x.ge(3).and(x.lt(6)).sum())).toBe(3n)
    expect(await list(x.lt(1).or(x.eq(11)).xor(true).not().any())).toBe(true)
  })

  test('mod, pow and integers behave as in NumPy', async () => {
    const i = da.fromArray(Int32Array.of(-7, 7, 2 ** 31 - 1), { chunks: 2 })
    expect(await list(i.mod(3))).toEqual([2, 1, 1])
    expect(await list(i.add(1))).toEqual([-6, 8, -(2 ** 31)])
    expect(await list(i.div(0))).toEqual([-Infinity, Infinity, Infinity])
    expect(await list(i.mod(0))).toEqual([0, 0, 0])
    expect(await list(i.pow(2))).toEqual([49, 49, 1])
    expect(i.mul(0.5).dtype).toBe('float64')
    expect(i.mul(2n).dtype).toBe('int32')
    expect(i.astype('uint8').add(i.astype('bool')).dtype).toBe('uint8')
  })

  test('long chains stay cheap to build and to run', async () => {
    let y = da.ones([2])
    for (let i = 0; i < 5000; i++) y = y.add(1)
    expect(tasks(y)).toEqual(['add 1'])
    expect(await list(y)).toEqual([5001, 5001])
  })

  test.each([
    [() => x.add('1' as never), TypeError, /add: "1" is neither an array nor a number/],
    [() => x.add([1, 2] as never), TypeError, /da.fromArray/],
    [() => x.add(da.ones([5])), RangeError, /\[3,4\] and \[5\] do not broadcast/],
    [() => x.and(1), TypeError, /bitwiseAnd works on bool and integers, not float64/],
    [() => x.gt(1).neg(), TypeError, /negative does not work on bool/],
    [() => x.astype('uint8').add(256), RangeError, /256 does not fit dtype uint8/],
    [() => x.astype('int' as never), TypeError, /not a dtype/],
    [() => x.round(0.5), TypeError, /decimals must be an integer/],
    [() => da.add(1, 2), TypeError, /at least one operand must be an array/],
    [() => da.sqrt([1] as never), TypeError, /da.fromArray/],
    [() => (da.add as Function)(x), TypeError, /add takes 2 operands, got 1/],
  ])('bad operands throw at the call: %#', (make, type, message) => {
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })

  test('a failing task names the operation', () => {
    const i = da.fromArray(Int32Array.of(2, -1))
    const broken = i.pow(i).add(1)
    expect(() => getSync(broken.optimize(), broken.keys)).toThrow(
      /failed in power.*negative integer power/,
    )
  })
})

describe('round of integers', () => {
  const bytes = da.fromArray(Uint8Array.of(255, 100, 26, 25, 15, 0))
  const max = 2 ** 31 - 1

  test('to decimals changes nothing', async () => {
    for (const decimals of [0, 1, 20]) {
      expect(await list(bytes.round(decimals))).toEqual([255, 100, 26, 25, 15, 0])
    }
    const ints = da.fromArray(Int32Array.of(max, -max)).round(2)
    expect([ints.dtype, await list(ints)]).toEqual(['int32', [max, -max]])
    const long = da.round(da.fromArray([2n ** 63n - 1n]), 3)
    expect([long.dtype, await list(long)]).toEqual(['int64', [2n ** 63n - 1n]])
  })

  test('to tens keeps the dtype, halves going to the even ten', async () => {
    const tens = bytes.round(-1)
    expect([tens.dtype, await list(tens)]).toEqual(['uint8', [260 & 255, 100, 30, 20, 20, 0]])
    expect(await list(bytes.round(-3))).toEqual([0, 0, 0, 0, 0, 0])
    const ints = da.fromArray(Int32Array.of(-25, -35, 14, max, 1_500_000_000, -max))
    expect(await list(ints.round(-1))).toEqual([
      -20,
      -40,
      10,
      2147483650 | 0,
      1_500_000_000,
      -2147483650 | 0,
    ])
    expect(await list(ints.round(-9))).toEqual([0, 0, 0, 2e9, 2e9, -2e9])
    expect(await list(ints.round(-400))).toEqual([0, 0, 0, 0, 0, 0])
    const long = da.fromArray([25n, -25n, -35n, 9_007_199_254_740_995n, -(10n ** 18n) - 6n])
    expect([long.round(-1).dtype, await list(long.round(-1))]).toEqual([
      'int64',
      [20n, -20n, -40n, 9_007_199_254_741_000n, -(10n ** 18n) - 10n],
    ])
    expect(await list(long.round(-30))).toEqual([0n, 0n, 0n, 0n, 0n])
  })

  test('of floats is unaffected, and bools are refused', async () => {
    expect(await list(da.fromArray([1.25, -15]).round(1))).toEqual([1.2, -15])
    expect(await list(da.fromArray([1.25, -15]).round(-1))).toEqual([0, -20])
    expect(() => da.fromArray([true]).round(1)).toThrow(/round: bools have no decimals, got 1/)
    expect(() => da.fromArray([true]).round(-1)).toThrow(/round: bools/)
  })
})
