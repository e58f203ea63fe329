import { describe, expect, test } from 'vitest'
import { Chunk } from '../../../../collections/array/block/chunk.js'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import { assembleBlock } from '../../../../collections/array/kernels/assemble-block.js'
import {
  evenEdges,
  histogramBlock,
} from '../../../../collections/array/kernels/histogram-kernel.js'
import { matmulChunks } from '../../../../collections/array/kernels/matmul-kernel.js'
import {
  integersBlock,
  normalBlock,
  uniformBlock,
} from '../../../../collections/array/kernels/random-kernel.js'
import { parseFormula } from '../../../../collections/array/layers/formula-parser.js'
import { decode, encode } from '../../../../core/codec/index.js'

function counting<D extends Dtype>(dtype: D, shape: number[], start = 1): Chunk<D> {
  const chunk = Chunk.zeros(dtype, shape)
  const data = chunk.data as unknown as (number | bigint)[]
  for (let i = 0; i < chunk.size; i++) data[i] = dtype === 'int64' ? BigInt(start + i) : start + i
  return chunk
}

describe('chunks', () => {
  const x = counting('float64', [2, 3, 4])

  test('views share memory', () => {
    const view = x.transpose([2, 0, 1]).slice([
      { start: 3, step: -2, size: 2 },
      { start: 0, step: 1, size: 2 },
      { start: 1, step: 1, size: 1 },
    ])
    expect(view.data).toBe(x.data)
    expect(view.toArray()).toEqual([
      [[8], [20]],
      [[6], [18]],
    ])
    expect(view.contiguous().data).toHaveLength(4)
    expect(view.contiguous().toArray()).toEqual(view.toArray())
  })

  test('elements are read by coordinates, from the end too', () => {
    expect(x.item(1, -1, 0)).toBe(21)
    expect(() => x.item(0, 3, 0)).toThrow(/coordinate 3 is outside axis 1 of size 3/)
    expect(() => x.item(0)).toThrow(RangeError)
  })

  test('int64 comes out as bigints and bool as booleans', () => {
    expect(counting('int64', [2]).toArray()).toEqual([1n, 2n])
    expect(counting('bool', [2], 0).toArray()).toEqual([false, true])
    expect(counting('bool', [1, 1], 1).item()).toBe(true)
  })

  test('travel as bytes and back', () => {
    const back = decode(encode(x.transpose())) as Chunk
    expect(back).toBeInstanceOf(Chunk)
    expect(back.toArray()).toEqual(x.transpose().toArray())
  })

  test('are put together from parts', () => {
    const part = { start: 1, step: 1, size: 2 }
    const out = assembleBlock(
      [counting('int32', [3, 3]), counting('int32', [3, 3], 100)],
      'int32',
      [2, 4],
      [
        { source: 0, take: [part, part], to: [0, 0] },
        { source: 1, take: [part, part], to: [0, 2] },
      ],
    )
    expect(out.toArray()).toEqual([
      [5, 6, 104, 105],
      [8, 9, 107, 108],
    ])
  })
})

describe('matrix products', () => {
  function naive(a: Chunk, b: Chunk): (number | bigint)[][] {
    const [n, depth, m] = [a.shape[0]!, a.shape[1]!, b.shape[1]!]
    return Array.from({ length: n }, (_, i) =>
      Array.from({ length: m }, (_, j) => {
        let sum: number | bigint = a.dtype === 'int64' ? 0n : 0
        for (let k = 0; k < depth; k++) {
          const product = (a.item(i, k) as number) * (b.item(k, j) as number)
          sum = (sum as number) + product
        }
        return sum
      }),
    )
  }

  test.each([
    [1, 1, 1],
    [4, 4, 4],
    [3, 5, 7],
    [9, 300, 6],
    [70, 13, 515],
    [2, 0, 3],
  ])('%i by %i by %i', (n, depth, m) => {
    for (const dtype of ['float64', 'float32', 'int32', 'int64'] as const) {
      const a = counting(dtype, [n, depth])
      const b = counting(dtype, [m, depth], -3).transpose()
      const expected = naive(a, b)
      const got = matmulChunks([a], [b])
      expect(got.dtype).toBe(dtype)
      if (dtype === 'float32') {
        const flat = expected.flat()
        got.contiguous().data.forEach((v, i) => {
          expect(v).toBe(Math.fround(flat[i] as number))
        })
      } else expect(got.toArray()).toEqual(expected)
    }
  })

  test('wrap like the dtype, and bools are or-ed', () => {
    const a = Chunk.zeros('uint8', [1, 2])
    a.data.fill(200)
    expect(matmulChunks([a], [a.transpose()]).toArray()).toEqual([[(200 * 200 * 2) % 256]])
    const t = Chunk.zeros('bool', [2, 2])
    t.data.set([1, 1, 0, 0])
    expect(matmulChunks([t], [t.transpose()]).toArray()).toEqual([
      [true, false],
      [false, false],
    ])
  })

  test('stacks broadcast and several pairs add up', () => {
    const a = counting('float64', [2, 1, 2, 3])
    const b = counting('float64', [4, 3, 2])
    const got = matmulChunks([a, a], [b, b])
    expect(got.shape).toEqual([2, 4, 2, 2])
    const pick = (chunk: Chunk, at: number, rows: number, columns: number) =>
      new Chunk(chunk.dtype, chunk.data, [rows, columns], [columns, 1], at * rows * columns)
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 4; j++) {
        const expected = naive(pick(a, i, 2, 3), pick(b, j, 3, 2)).map((r) =>
          r.map((v) => 2 * Number(v)),
        )
        expect(pick(got, i * 4 + j, 2, 2).toArray()).toEqual(expected)
      }
    }
  })
})

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
  })

  test('are spread as they should be', () => {
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

  test('blocks of neighbouring positions have nothing to do with each other', () => {
    const n = 20_000
    const [a, b] = [normalBlock([n], 1, 0, 0, 1).data, normalBlock([n], 1, 1, 0, 1).data]
    let product = 0
    for (let i = 0; i < n; i++) product += a[i]! * b[i]!
    expect(Math.abs(product / n)).toBeLessThan(0.03)
  })
})

describe('histograms', () => {
  test('bins are half open but the last; NaN and outsiders are in none', () => {
    const x = Chunk.zeros('float64', [9])
    x.data.set([0, 0.5, 1, 1.5, 2, 2.5, NaN, -0.1, 3])
    expect(histogramBlock(x, [0, 1, 2, 2.5], false).toArray()).toEqual([2n, 2n, 2n])
    expect(histogramBlock(x, evenEdges(0, 3, 3), true).toArray()).toEqual([2n, 2n, 3n])
  })

  test('even bins count as their edges say', () => {
    for (let bins = 3; bins < 60; bins++) {
      const edges = evenEdges(-0.3, 0.7 + bins / 7, bins)
      const near = edges.flatMap((e) => [e, e * (1 - 2 ** -52), e * (1 + 2 ** -52)])
      const x = Chunk.zeros('float64', [near.length])
      x.data.set(near)
      expect(histogramBlock(x, edges, true).toArray()).toEqual(
        histogramBlock(x, edges, false).toArray(),
      )
    }
  })
})

describe('formulas', () => {
  const read = (text: string, names = ['x', 'y']) => parseFormula(text, names)

  test('are read into operations, repeated parts once', () => {
    const { operations } = read('sqrt(x^2 + y^2) / (x^2)')
    expect(operations.map(({ op }) => op)).toEqual(['power', 'power', 'add', 'sqrt', 'divide'])
  })

  test.each([
    ['x >= 1 and not (y < 2)', ['greaterEqual', 'less', 'logicalNot', 'logicalAnd']],
    ['x > 0 ? x : -y', ['greater', 'negative', 'where']],
    ['0 < x < 1', ['less', 'less', 'logicalAnd']],
    ['max(x, y, 3)', ['maximum', 'maximum']],
    ['log(x, 2)', ['log', 'log', 'divide']],
    ['mod(x, 3) + x % y', ['remainder', 'remainder', 'add']],
    ['2 * pi * x', ['multiply', 'multiply']],
    ['atan2(x, y) .* x', ['arctan2', 'multiply']],
    ['NaN + Infinity + x + -0', ['add', 'add', 'add']],
  ])('%s', (text, ops) => {
    expect(read(text).operations.map(({ op }) => op)).toEqual(ops)
  })

  test.each([
    ['x + zebra', /'zebra' is not a variable; the variables are: x, y \(at character 5\)/],
    ['foo(x)', /'foo' is not a function of arrays \(at character 1\)/],
    ['x +', /'x \+' is no expression.*line 1, column 4/],
    ['x[1]', /accessors are not for arrays/],
    ['x = 3', /assignments are not for arrays/],
    ['sqrt(x, y)', /sqrt takes 1 argument, not 2/],
    ["'a' + x", /"a" is not a number/],
    ['x!', /operator '!' is not for arrays/],
    ['', /must be a string/],
    ['__proto__ + x', /'__proto__' is not a variable/],
    ['constructor(x)', /'constructor' is not a function/],
  ])('%s is refused with its place', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})
