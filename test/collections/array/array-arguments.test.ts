/** Arguments that are refused when an operation is called. */

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
import { list } from './array-support.js'

describe('unknown options are refused', () => {
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

  test('ddof is checked, and valid options are accepted', async () => {
    expect(() => x.var({ ddof: -1 })).toThrow(/var: ddof must be a whole number of at least 0/)
    expect(await list(x.var({ ddof: 1, axis: 0, keepdims: true, splitEvery: 2 }))).toEqual([
      [0, 0, 0],
    ])
    expect(await list(da.stack([da.ones(1), da.zeros(1)], { axis: 1 }))).toEqual([[1, 0]])
  })
})

describe('invalid arguments are refused at the call', () => {
  const x = da.ones([2, 3], { dtype: 'int32' })

  test.each([
    [() => x.rechunk({ 0: 1 } as never), /rechunk: chunks must be one size.*got \{"0":1\}/],
    [() => x.rechunk([undefined, 1] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk([undefined] as never), /rechunk: chunks of axis 0 must be.*got undefined/],
    [() => x.rechunk(undefined as never), /rechunk: give the chunks/],
    [() => x.rechunk('big' as never), /rechunk: chunks must be one size.*got "big"/],
    [() => x.pow(-1), /power: an integer to a negative integer power \(-1\) is not/],
    [() => x.astype('uint8').pow(-2), /negative integer power \(-2\)/],
    [() => da.power(5n, x).add(x.pow(-1n)), /negative integer power \(-1\)/],
    [() => da.evaluate('x^-1', { x }), /negative integer power \(-1\)/],
    [() => da.evaluate('2 + x^n', { x, n: -3 }), /negative integer power \(-3\)/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })

  test('other powers are accepted', async () => {
    expect(await list(da.fromArray([2]).pow(-1))).toEqual([0.5])
    expect(await list(da.full(1, 4n).pow(-0.5))).toEqual([0.5])
    expect(await list(da.power(-1, da.full(2, 3n)))).toEqual([-1n, -1n])
  })

  test('messages summarize arrays', () => {
    const y = da.ones([9, 3], { chunks: [2, -1] })
    expect(y.toString()).toBe(
      'ChunkedArray<float64, shape [9, 3], chunks [[2, 2, 2, ... (5)], [3]]>',
    )
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
