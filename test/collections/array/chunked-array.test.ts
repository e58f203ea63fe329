/**
 * Arrays as users see them: the graph that is built, the value it gives, and what is refused.
 */
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { loadOperations } from '../../../core/base/operations.js'
import { decode, encode } from '../../../core/codec/index.js'
import { describeCollection, reviveCollection } from '../../../core/graph/descriptor.js'
import { getSync } from '../../../core/run/get-sync.js'
import { get, list, matrix, tasks } from './support.js'

describe('creation', () => {
  test('fromArray cuts nested lists and typed arrays', async () => {
    const x = da.fromArray(matrix(5, 4), { chunks: [2, 3] })
    expect(x.chunks).toEqual([
      [2, 2, 1],
      [3, 1],
    ])
    expect([x.shape, x.ndim, x.size, x.nbytes, x.numblocks, x.npartitions, x.dtype]).toEqual([
      [5, 4],
      2,
      20,
      160,
      [3, 2],
      6,
      'float64',
    ])
    expect(await list(x)).toEqual(matrix(5, 4))
    const flat = da.fromArray(Int32Array.from(matrix(5, 4).flat()), { shape: [5, 4], chunks: 2 })
    expect(flat.dtype).toBe('int32')
    expect(await list(flat)).toEqual(matrix(5, 4))
  })

  test('the dtype follows the values unless it is given', async () => {
    expect(da.fromArray([true, false]).dtype).toBe('bool')
    expect(da.fromArray([1n]).dtype).toBe('int64')
    expect(da.fromArray([1, 2]).dtype).toBe('float64')
    expect(da.fromArray(new Int16Array(2)).dtype).toBe('int32')
    expect(da.fromArray(new Uint32Array([2 ** 32 - 1])).dtype).toBe('int64')
    expect(await list(da.fromArray([1, 2], { dtype: 'int64' }))).toEqual([1n, 2n])
    expect(await list(da.fromArray([], { chunks: 3 }))).toEqual([])
    expect(await list(da.fromArray(5))).toBe(5)
  })

  test('values are taken when the array is made', async () => {
    const data = Float64Array.of(1, 2, 3)
    const x = da.fromArray(data, { chunks: 2 })
    data.fill(0)
    expect(await list(x)).toEqual([1, 2, 3])
  })

  test('arange, linspace, ones, zeros, full, eye', async () => {
    expect(await list(da.arange(7, { chunks: 3 }))).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await list(da.arange(5, 0, -2))).toEqual([5, 3, 1])
    expect(await list(da.arange(1n, 7n, 2n, { chunks: 2 }))).toEqual([1n, 3n, 5n])
    expect(await list(da.arange(2, 5, { dtype: 'int32' }))).toEqual([2, 3, 4])
    expect(await list(da.arange(3, 3))).toEqual([])
    expect(await list(da.linspace(0, 1, 5, { chunks: 2 }))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(await list(da.linspace(0, 1, 4, { endpoint: false }))).toEqual([0, 0.25, 0.5, 0.75])
    expect(await list(da.linspace(3, 9, 1))).toEqual([3])
    expect(await list(da.ones([2, 3], { chunks: 2, dtype: 'int32' }))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(await list(da.zeros(2, { dtype: 'bool' }))).toEqual([false, false])
    expect(await list(da.full([3], 7n, { chunks: 2 }))).toEqual([7n, 7n, 7n])
    expect(await list(da.eye(3, { chunks: 2, k: 1 }))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ])
    expect(await list(da.eye(2, { columns: 3, k: -1, dtype: 'int64' }))).toEqual([
      [0n, 0n, 0n],
      [1n, 0n, 0n],
    ])
  })

  test('random arrays are named by their seed', async () => {
    const options = { chunks: 3, seed: 5 }
    const [a, b] = [da.random.normal([4, 4], options), da.random.normal([4, 4], options)]
    expect(a.name).toBe(b.name)
    expect(await list(a)).toEqual(await list(b))
    expect(da.random.random(10).name).not.toBe(da.random.random(10).name)
    expect(da.random.random([4, 4], options).name).not.toBe(a.name)
    const [low, high] = [await list(da.random.uniform(99, { low: 2, high: 3, seed: 1 }).min()), 3]
    expect(low).toBeGreaterThanOrEqual(2)
    expect(low).toBeLessThan(high)
    expect(da.random.integers([2], { high: 5, seed: 1 }).dtype).toBe('int64')
  })

  test.each([
    [() => da.fromArray([[1, 2], [3]]), /lists must be equally long/],
    [() => da.fromArray([1, 'a'] as never), /"a" is not a number/],
    [() => da.fromArray([1, 2n] as never), /several kinds \(number, bigint\)/],
    [() => da.fromArray([1.5], { dtype: 'int32' }), /1.5 is not an integer and the dtype is int32/],
    [() => da.fromArray([300], { dtype: 'uint8' }), /300 does not fit dtype uint8/],
    [() => da.fromArray([1], { dtype: 'float' as never }), /"float" is not a dtype; use one of/],
    [() => da.fromArray(new Float64Array(4), { shape: [3] }), /4 values do not fill shape \[3\]/],
    [() => da.fromArray([1], 3 as never), /options must be an object/],
    [() => da.fromArray(new DataView(new ArrayBuffer(8)) as never), /DataView/],
    [() => da.ones(-1), /must be a list of integers of 0 or more/],
    [() => da.ones([2], { chunks: 0 }), /chunk size 0/],
    [() => da.full([2], 'x' as never), /to fill with/],
    [() => da.arange(0, 5, 0), /step must not be 0/],
    [() => da.arange(Number.NaN), /expected finite numbers/],
    [() => da.linspace(0, 1, -2), /must be a list of integers/],
    [() => da.random.normal(3, { scale: -1 }), /must not be negative/],
    [() => da.random.random(3, { seed: 1.5 }), /seed must be an integer/],
    [() => da.random.integers(3, { high: 0 }), /low < high/],
  ])('bad arguments throw at the call: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('elementwise', () => {
  const x = da.fromArray(matrix(3, 4), { chunks: 2 })

  test('a chain is one task a block', async () => {
    const y = x.mul(x).add(1).sqrt().sub(x)
    // The data has two readers, so it stays apart.
    expect(tasks(y)).toEqual(['array 4', 'subtract 4'])
    expect(tasks(da.ones([4], { chunks: 2 }).add(1).mul(2).exp())).toEqual(['exp 2'])
    expect(await list(y)).toEqual(matrix(3, 4).map((r) => r.map((v) => Math.sqrt(v * v + 1) - v)))
  })

  test('two equal arrays have one name, others another', () => {
    expect(x.add(1).name).toBe(da.fromArray(matrix(3, 4), { chunks: 2 }).add(1).name)
    expect(x.add(1).name).not.toBe(x.add(2).name)
    expect(x.add(1).name).not.toBe(x.add(true).name)
    expect(x.sub(x.T.T).name).not.toBe(x.add(x).name)
  })

  test('operands that are cut otherwise are cut alike first', async () => {
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

  test('functions have NumPy names, and take the plain value first too', async () => {
    expect(await list(da.subtract(10, x))).toEqual(matrix(3, 4).map((r) => r.map((v) => 10 - v)))
    expect(await list(da.where(x.gt(5), x, 0))).toEqual(
      matrix(3, 4).map((r) => r.map((v) => (v > 5 ? v : 0))),
    )
    expect(await list(da.logicalNot(x))).toEqual(matrix(3, 4).map((r) => r.map((v) => v === 0)))
    expect(await list(da.clip(x, 2, 4))).toEqual(
      matrix(3, 4).map((r) => r.map((v) => Math.min(4, Math.max(2, v)))),
    )
    expect(await list(da.fromArray([0.125, 0.375, 2.5, -0.5]).round(2))).toEqual([
      0.12, 0.38, 2.5, -0.5,
    ])
    expect(await list(da.fromArray([15, 25]).round(-1))).toEqual([20, 20])
  })

  test('comparisons join into masks', async () => {
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
    [() => x.clip(null), TypeError, /limit/],
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

describe('collections', () => {
  test('persist keeps the name and computes once', async () => {
    const x = da.random.random([6], { chunks: 2, seed: 3 }).add(1)
    const kept = await x.persist({ get })
    expect(kept.name).toBe(x.name)
    expect(await list(kept)).toEqual(await list(x))
    expect(await list(kept.sub(x).abs().max())).toBe(0)
  })

  test('come back from their description', async () => {
    const x = da.random.random([4, 3], { chunks: 2, seed: 3 }).sum({ axis: 0 })
    await loadOperations('collections/array/steps/creation-steps')
    await loadOperations('collections/array/steps/elementwise-steps')
    await loadOperations('collections/array/steps/reduction-steps')
    const back = (await reviveCollection(
      decode(encode(x[describeCollection]())) as never,
    )) as typeof x
    expect(back).toBeInstanceOf(da.ChunkedArray)
    expect(back.name).toBe(x.name)
    expect(await list(back)).toEqual(await list(x))
  })

  test('the result is contiguous and its own', async () => {
    const result = await da.arange(6).reshape(2, 3).T.compute({ get })
    expect([...result.data]).toEqual([0, 3, 1, 4, 2, 5])
    expect(result.shape).toEqual([3, 2])
    expect(result.dtype).toBe('float64')
  })
})
