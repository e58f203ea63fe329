/** Arrays that are indexed, shaped, joined, multiplied, mapped. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { getSync } from '../../../core/run/get-sync.js'
import { chunkOf, elements, fixture, type Outcome } from './fixtures.js'
import { get, list, matrix, tasks } from './support.js'

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

  test('may change the block they get', async () => {
    const sorted = x.mapBlocks((block) => block.data.sort((a, b) => b - a))
    expect(((await list(sorted)) as number[][])[0]).toEqual([7, 6, 8])
    expect(await list(x)).toEqual(matrix(4, 3))
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
