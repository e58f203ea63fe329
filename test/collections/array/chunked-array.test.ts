/**
 * Arrays as users see them: the graph that is built, the value it gives, and what is refused.
 */
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { decode, encode } from '../../../core/codec/index.js'
import { describeCollection, reviveCollection } from '../../../core/descriptor.js'
import { getSync } from '../../../core/get-sync.js'
import { countTasks } from '../../../core/layer.js'
import { loadOperations } from '../../../core/operation.js'
import { chunkOf, elements, fixture, type Outcome } from './fixtures.js'

const get = getSync

/** The operations of the optimized graph with how many tasks each has. */
function tasks(array: da.ChunkedArray<da.Dtype, unknown>): string[] {
  return array
    .optimize()
    .layers.map((layer) => `${layer.name.replace(/-[0-9a-f]{24}$/, '')} ${countTasks([layer])}`)
}

async function list(array: da.ChunkedArray<da.Dtype, unknown>): Promise<unknown> {
  const result = await array.compute({ get })
  return result instanceof da.Chunk ? result.toArray() : result
}

const matrix = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => i * columns + j))

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

describe('reductions', () => {
  const values = matrix(7, 5)
  const x = da.fromArray(values, { chunks: [3, 2] })

  test('of everything are plain values', async () => {
    expect(await list(x.sum())).toBe(595)
    expect(await list(x.mean())).toBe(17)
    expect(await list(x.min())).toBe(0)
    expect(await list(x.max())).toBe(34)
    expect(await list(x.argmax())).toBe(34n)
    expect(await list(x.all())).toBe(false)
    expect(await list(x.any())).toBe(true)
    expect(await list(x.astype('int32').sum())).toBe(595n)
    expect(await list(x.var())).toBeCloseTo(102, 10)
    expect(await list(x.std({ ddof: 1 }))).toBeCloseTo(Math.sqrt(105), 10)
    expect(await list(x.at('1:3').prod())).toBe(5 * 6 * 7 * 8 * 9 * 10 * 11 * 12 * 13 * 14)
  })

  test('along an axis, from either end, as a number or in options', async () => {
    const columns = [0, 1, 2, 3, 4].map((j) => values.reduce((s, r) => s + r[j]!, 0))
    const rows = values.map((r) => r.reduce((a, b) => a + b))
    expect(await list(x.sum({ axis: 0 }))).toEqual(columns)
    expect(await list(x.sum(-1))).toEqual(rows)
    expect(await list(x.sum({ axis: -1, keepdims: true }))).toEqual(rows.map((v) => [v]))
    expect(await list(x.sum([0, 1]))).toBe(595)
    expect(await list(x.sum({ keepdims: true }))).toEqual([[595]])
    expect(await list(da.sum(x, { axis: 0 }))).toEqual(columns)
    expect(await list(x.argmin({ axis: 1, keepdims: true }))).toEqual(values.map(() => [0n]))
    expect(await list(x.T.argmax(0))).toEqual(values.map(() => 4n))
  })

  test('places are those of the whole array, whatever the chunks', async () => {
    const data = [
      [3, 9, 1, 9],
      [9, 0, 0, 2],
      [5, 9, NaN, 0],
      [0, NaN, 1, 1],
    ]
    for (const chunks of [1, 2, 3, 4, [4, 1], [1, 4]]) {
      const y = da.fromArray(data, { chunks })
      expect(await list(y.argmax())).toBe(10n)
      expect(await list(y.argmin())).toBe(10n)
      expect(await list(y.at('0:2').argmax())).toBe(1n)
      expect(await list(y.at('0:2').argmin())).toBe(5n)
      expect(await list(y.argmax(0))).toEqual([1n, 3n, 2n, 0n])
      expect(await list(y.argmin(1))).toEqual([2n, 1n, 2n, 1n])
    }
  })

  test('are trees of splitEvery', async () => {
    const y = da.arange(20, { chunks: 1 })
    expect(tasks(y.sum())).toEqual(['sum-partial 20', 'sum-combine 3', 'sum 1'])
    expect(tasks(y.sum({ splitEvery: 2 }))).toEqual([
      'sum-partial 20',
      'sum-combine 10',
      'sum-combine 5',
      'sum-combine 3',
      'sum-combine 2',
      'sum 1',
    ])
    expect(tasks(y.sum({ splitEvery: false }))).toEqual(['sum-partial 20', 'sum 1'])
    const z = da.ones([8, 8], { chunks: 1 })
    expect(tasks(z.sum({ splitEvery: 4 }))).toEqual([
      'sum-partial 64',
      'sum-combine 16',
      'sum-combine 4',
      'sum 1',
    ])
    for (const splitEvery of [2, 3, 4, 7, false] as const) {
      expect(await list(z.mul(2).mean({ splitEvery }))).toBe(2)
      expect(await list(z.std({ axis: 1, splitEvery }))).toEqual(new Array(8).fill(0))
    }
  })

  test('an elementwise chain is part of the first step', () => {
    expect(tasks(da.ones([4], { chunks: 1 }).mul(3).add(1).max())).toEqual([
      'max-partial 4',
      'max 1',
    ])
  })

  test('of nothing are as in NumPy', async () => {
    const none = da.zeros([0, 3])
    expect(await list(none.sum())).toBe(0)
    expect(await list(none.prod(0))).toEqual([1, 1, 1])
    expect(await list(none.mean())).toBeNaN()
    expect(await list(none.any())).toBe(false)
    expect(await list(none.all(1))).toEqual([])
    expect(await list(none.max(1))).toEqual([])
    expect(() => none.max()).toThrow(/max: an axis of size 0/)
    expect(() => none.argmin(0)).toThrow(RangeError)
    expect(await list(da.fromArray([], { chunks: 1 }).std())).toBeNaN()
  })

  test('chunks without elements do not matter', async () => {
    const y = da.fromArray([4, 2, 8], { chunks: [[0, 2, 0, 1]] })
    expect(await list(y.max())).toBe(8)
    expect(await list(y.argmin())).toBe(1n)
    expect(await list(y.var())).toBeCloseTo(56 / 9, 12)
  })

  test.each([
    [() => x.sum({ axis: 2 }), /sum: axis 2 is not an axis/],
    [() => x.sum({ axis: [0, 0] }), /names an axis twice/],
    [() => x.argmax({ axis: [0, 1] }), /give one axis, or none/],
    [() => x.sum({ splitEvery: 1 }), /splitEvery must be an integer of 2 or more/],
    [() => x.sum({ keepdims: 1 as never }), /keepdims must be true or false/],
    [() => x.std({ ddof: 'a' as never }), /ddof must be a number/],
    [() => x.sum('0' as never), /options must be an object/],
    [() => da.sum(5 as never), /sum: expected an array; got 5/],
  ])('bad options throw at the call: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('indexing', () => {
  const { shape, cases } = fixture<{
    shape: number[]
    cases: { index: da.IndexItem[]; out: Outcome }[]
  }>('slices')
  const values = matrix(shape[0]!, shape[1]!)

  test.each([[[7, 5]], [[3, 2]], [[1, 1]], [[2, 4]]])(
    'is as in NumPy, in chunks of %j',
    async (chunks) => {
      const x = da.fromArray(values, { chunks, dtype: 'int64' })
      for (const { index, out } of cases) {
        const got = x.at(...index)
        expect([index, got.shape]).toEqual([index, out.shape])
        const result = await got.compute({ get })
        const flat = result instanceof da.Chunk ? elements(result) : [result]
        expect([index, flat]).toEqual([index, elements(chunkOf('int64', out.values))])
      }
    },
  )

  test('is one task a block of the result, of the blocks it needs only', () => {
    const x = da.fromArray(values, { chunks: [3, 2] })
    expect(tasks(x.at('1:3', '0:2'))).toEqual(['array 9', 'getitem 1'])
    expect(x.at('::-1').chunks[0]).toEqual([1, 3, 3])
    expect(x.at('::2').chunks[0]).toEqual([2, 1, 1])
  })

  test('a view of a small part does not hold on to the block', async () => {
    const x = da.ones([1000], { chunks: 1000 })
    const part = await x.at('5:7').compute({ get })
    expect(part.data).toHaveLength(2)
  })

  test('bad indices throw at the call', () => {
    const x = da.fromArray(values)
    expect(() => x.at(7)).toThrow(/7 is outside axis 0 of size 7/)
    expect(() => x.at('1:2:3:4')).toThrow(/not a slice/)
    expect(() => x.at(0, 0, 0)).toThrow(/3 indices for an array of 2 axes/)
  })
})

describe('shapes', () => {
  const values = matrix(6, 4)
  const x = da.fromArray(values, { chunks: [4, 3] })

  test('transpose and T', async () => {
    expect(await list(x.T)).toEqual([0, 1, 2, 3].map((j) => values.map((r) => r[j])))
    const cube = da.arange(24, { chunks: 5 }).reshape(2, 3, 4)
    expect((await cube.transpose(2, 0, 1).compute({ get })).item(3, 1, 2)).toBe(23)
    expect(cube.transpose([-1, 0, 1]).shape).toEqual([4, 2, 3])
    expect(() => x.transpose(0, 0)).toThrow(/must name each of 2 axes once/)
  })

  test('reshape keeps row-major order through any cuts', async () => {
    for (const shape of [[24], [2, 12], [3, 8], [12, 2], [2, 3, 4], [-1, 1, 6], [1, 24], [4, 6]]) {
      for (const chunks of [1, 2, 5, [4, 3], [6, 1], [1, 4], -1]) {
        const y = da.fromArray(values, { chunks }).reshape(shape)
        const result = await y.compute({ get })
        expect(elements(result)).toEqual(values.flat())
        expect(result.shape).toEqual(shape.map((n) => (n === -1 ? 4 : n)))
      }
    }
    expect(() => x.reshape(5, 5)).toThrow(/24 elements do not fit shape \[5,5\]/)
    expect(await list(x.reshape(0 + 24, 1).ravel())).toEqual(values.flat())
    expect(await list(da.arange(1).reshape([]))).toBe(0)
    expect(await list(da.zeros([0, 3]).reshape(3, 0))).toEqual([[], [], []])
  })

  test('rechunk changes the blocks and nothing else', async () => {
    for (const chunks of [
      1,
      [6, 4],
      [
        [1, 5],
        [2, 2],
      ],
      [2, -1],
    ] as const) {
      const y = x.rechunk(chunks)
      expect(await list(y)).toEqual(values)
      expect(y.shape).toEqual([6, 4])
    }
    expect(x.rechunk([4, 3]).layer).toBe(x.layer)
    expect(() => x.rechunk([[1, 2], 4])).toThrow(/add up to 3/)
  })

  test('concatenate and stack', async () => {
    const y = da.fromArray(values, { chunks: [2, 4] })
    expect(await list(da.concatenate([x, y]))).toEqual([...values, ...values])
    expect(await list(da.concatenate([x, y], { axis: -1 }))).toEqual(
      values.map((r) => [...r, ...r]),
    )
    expect(await list(da.stack([x, y], { axis: 1 }))).toEqual(values.map((r) => [r, r]))
    expect(await list(da.stack([x.sum(), x.max(), x.min()]))).toEqual([276, 23, 0])
    const mixed = da.concatenate([x.astype('int32'), y.astype('float32')])
    expect(mixed.dtype).toBe('float64')
    expect(() => da.concatenate([x, da.ones([2, 3])])).toThrow(/array 1 has shape \[2,3\]/)
    expect(() => da.stack([x, x.T])).toThrow(/array 1 has shape \[4,6\]/)
    expect(() => da.concatenate([])).toThrow(/list of one array or more/)
    expect(() => da.concatenate([x.sum()])).toThrow(/use stack/)
  })
})

describe('matrix products', () => {
  const a = matrix(5, 11)
  const b = matrix(11, 3)
  const expected = a.map((r) => [0, 1, 2].map((j) => r.reduce((s, v, k) => s + v * b[k]![j]!, 0)))

  test('whatever the chunks', async () => {
    for (const [m, n] of [
      [2, 3],
      [1, 1],
      [11, 11],
      [
        [5, 2],
        [1, 3],
      ],
    ] as const) {
      const x = da.fromArray(a, { chunks: m })
      const y = da.fromArray(b, { chunks: n })
      expect(await list(x.matmul(y))).toEqual(expected)
      expect(await list(da.dot(x, y))).toEqual(expected)
    }
  })

  test('the shared axis is added up by tasks of a few pairs, never joined', () => {
    const x = da.ones([4, 20], { chunks: [4, 1] })
    expect(tasks(x.matmul(x.T)).filter((t) => /matmul|sum/.test(t))).toEqual([
      'matmul-partial 5',
      'sum 1',
    ])
  })

  test('vectors lose the axis they were given', async () => {
    const v = da.fromArray([1, 2, 3], { chunks: 2 })
    const m = da.fromArray(matrix(3, 3), { chunks: 2 })
    expect(await list(v.dot(v))).toBe(14)
    expect(await list(m.matmul(v))).toEqual([8, 26, 44])
    expect(await list(v.matmul(m))).toEqual([24, 30, 36])
    const stack = da.stack([m, m.add(1)])
    expect(await list(stack.matmul(v))).toEqual([
      [8, 26, 44],
      [14, 32, 50],
    ])
    expect((await stack.matmul(stack.T.transpose(2, 0, 1)).compute({ get })).shape).toEqual([
      2, 3, 3,
    ])
  })

  test('shapes that do not fit are refused', () => {
    expect(() => da.ones([2, 3]).matmul(da.ones([2, 3]))).toThrow(/\[2,3\] and \[2,3\] do not fit/)
    expect(() => da.ones([2]).matmul(da.ones([2]).sum())).toThrow(/without axes/)
    expect(() => da.ones([2]).dot(3 as never)).toThrow(/expected an array/)
  })
})

describe('functions of blocks', () => {
  const x = da.fromArray(matrix(4, 3), { chunks: [3, 2] })

  test('get a block and give one', async () => {
    const double = x.mapBlocks((block) => block.data.map((v) => v * 2))
    expect(await list(double)).toEqual(matrix(4, 3).map((r) => r.map((v) => 2 * v)))
    const shapes = x.mapBlocks((block) => [[block.shape[0]!, block.shape[1]!]], {
      chunks: [1, 2],
      dtype: 'int32',
    })
    expect(await list(shapes)).toEqual([
      [3, 2, 3, 1],
      [1, 2, 1, 1],
    ])
    const both = da.mapBlocks((a, b) => a.data.map((v, i) => v + b.data[i]!), [x, x.add(1)])
    expect(await list(both)).toEqual(matrix(4, 3).map((r) => r.map((v) => 2 * v + 1)))
  })

  test('of the wrong shape are refused by name', () => {
    const wrong = x.mapBlocks(() => [1, 2])
    expect(() => getSync(wrong.optimize(), wrong.keys)).toThrow(
      /mapBlocks: the function gave a block of shape \[2\], expected \[3,2\]/,
    )
    expect(() => x.mapBlocks(5 as never)).toThrow(/expected a function/)
    expect(() => x.mapBlocks(() => 1, { chunks: [1] })).toThrow(/one entry per axis/)
  })
})

describe('evaluate', () => {
  const x = da.fromArray([3, 6, 9], { chunks: 2 })
  const y = da.fromArray([4, 8, 12], { chunks: 2 })

  test('is one task a block', async () => {
    const r = da.evaluate('sqrt(x^2 + y^2)', { x, y })
    expect(await list(r)).toEqual([5, 10, 15])
    expect(tasks(r.sum())).toEqual(['sum-partial 2', 'sum 1'])
  })

  test('takes plain values and constants', async () => {
    expect(await list(da.evaluate('a * x + 2 / 4', { a: 10, x }))).toEqual([30.5, 60.5, 90.5])
    expect(await list(da.evaluate('x > 4 and y < 10 ? x : -1', { x, y }))).toEqual([-1, 6, -1])
    expect(await list(da.evaluate('x', { x }))).toEqual([3, 6, 9])
    expect(await list(da.evaluate('(-7 + 0 * x) % 3', { x }))).toEqual([2, 2, 2])
  })

  test('mistakes are errors that say where', () => {
    expect(() => da.evaluate('x + z', { x })).toThrow(
      /'z' is not a variable; the variables are: x \(at character 5\)/,
    )
    expect(() => da.evaluate('2 * 3', { x })).toThrow(/uses no array/)
    expect(() => da.evaluate('x + y', { x, y: 'a' as never })).toThrow(/variable 'y'/)
    expect(() => da.evaluate('x and', { x })).toThrow(SyntaxError)
    expect(() => da.evaluate('x + y', { x, y: da.ones([4]) })).toThrow(/do not broadcast/)
  })
})

test('histogram gives counts and edges', async () => {
  const x = da.fromArray([0, 1, 1, 2, 5, 9, 10, NaN], { chunks: 3 })
  const [counts, edges] = da.histogram(x, { bins: 2, range: [0, 10] })
  expect(await list(counts)).toEqual([4n, 3n])
  expect(edges).toEqual([0, 5, 10])
  expect(await list(da.histogram(x, { bins: [0, 1, 2, 11] })[0])).toEqual([1n, 2n, 4n])
  expect(() => da.histogram(x, { bins: 3 })).toThrow(/range must be/)
  expect(() => da.histogram(x, { bins: [3, 2] })).toThrow(/do not fall/)
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
    await loadOperations('collections/array/steps')
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

describe('types', () => {
  const f = da.fromArray([1, 2])
  const i = da.fromArray(new Int32Array(2))
  const flags = f.gt(1)

  test('dtypes are followed through operations', () => {
    expectTypeOf(f).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(i.add(i)).toEqualTypeOf<da.ChunkedArray<'int32'>>()
    expectTypeOf(i.add(f)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(i.div(2)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(flags).toEqualTypeOf<da.ChunkedArray<'bool'>>()
    expectTypeOf(da.subtract(1, f)).toEqualTypeOf<da.ChunkedArray<'float64'>>()
    expectTypeOf(
      da.fromArray([1], { dtype: 'uint8' }).astype('float32').sqrt().dtype,
    ).toEqualTypeOf<'float32'>()
    expectTypeOf(da.ones([2], { dtype: 'int64' }).dtype).toEqualTypeOf<'int64'>()
    expectTypeOf(da.arange(3n).dtype).toEqualTypeOf<'int64'>()
    expectTypeOf(da.full([2], true).dtype).toEqualTypeOf<'bool'>()
  })

  test('full reductions compute to plain values, others to blocks', () => {
    expectTypeOf(f.sum().compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(i.sum().compute).returns.resolves.toEqualTypeOf<bigint>()
    expectTypeOf(flags.any().compute).returns.resolves.toEqualTypeOf<boolean>()
    expectTypeOf(da.mean(i).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sum({ axis: 0 }).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.mean().div(f.std().mul(2)).compute).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(f.sub(f.mean()).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.at('1:').compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'>>()
    expectTypeOf(f.at(0).compute).returns.resolves.toEqualTypeOf<da.Chunk<'float64'> | number>()
    expectTypeOf<Awaited<ReturnType<typeof i.compute>>['data']>().toEqualTypeOf<Int32Array>()
  })

  test('arrays of some dtype pass for arrays of any', () => {
    const correlate = (x: da.ChunkedArray, y: da.ChunkedArray) =>
      x.sub(x.mean()).mul(y.sub(y.mean())).mean().div(x.std().mul(y.std()))
    expectTypeOf(correlate(f, i).compute).returns.resolves.toEqualTypeOf<number>()
  })
})
