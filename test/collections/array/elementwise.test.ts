import { describe, expect, test } from 'vitest'
import { Chunk } from '../../../collections/array/block/chunk.js'
import {
  DTYPES,
  type Dtype,
  promote,
  resultType,
  weak,
} from '../../../collections/array/block/dtype.js'
import {
  astype,
  elementwise,
  LazyChunk,
  lazy,
  MAX_NODES,
} from '../../../collections/array/expressions/lazy-chunk.js'
import {
  OPERATORS,
  type OperatorName,
} from '../../../collections/array/expressions/operator-table.js'
import { chunkOf, differences, type Encoded, elements, fixture, type Outcome } from './fixtures.js'

interface Table {
  values: Record<Dtype, Encoded[]>
  unary: { op: string; dtype: Dtype; out: Outcome }[]
  binary: { op: string; a: Dtype; b: Dtype; x: Encoded[]; y: Encoded[]; out: Outcome }[]
}

const table = fixture<Table>('elementwise')
const camel = (op: string) => op.replace(/_(.)/g, (_, c: string) => c.toUpperCase()) as OperatorName
/** Functions whose last digits depend on the C library: a few units in the last place may differ. */
const exact = new Set(
  `negative absolute sign square reciprocal sqrt floor ceil trunc rint round isnan isfinite isinf invert
  logicalNot signbit add subtract multiply divide floorDivide remainder minimum maximum fmin fmax copysign
  equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr logicalXor bitwiseAnd bitwiseOr
  bitwiseXor`.split(/\s+/),
)
/** Where NumPy gives a dtype that we lack. */
const ours: Record<string, Dtype> = { float16: 'float64', int8: 'uint8' }

function check(op: OperatorName, out: Outcome, run: () => LazyChunk): void {
  if (out.error !== undefined) {
    expect(run).toThrow(TypeError)
    return
  }
  const result = run().finish()
  expect(result.dtype).toBe(ours[out.dtype] ?? out.dtype)
  const got = elements(result)
  const zeroSign = op === 'minimum' || op === 'maximum' || op === 'fmin' || op === 'fmax'
  const plain = (v: Encoded) => (zeroSign && v === '-0' ? 0 : v)
  const values = zeroSign ? got.map((v) => (v === 0 ? 0 : v)) : got
  const ulps = exact.has(op) && out.dtype !== 'float16' ? 0 : 4
  expect(differences(values, out.values.map(plain), out.dtype, ulps)).toEqual([])
}

describe('against NumPy', () => {
  test.each(table.unary)('$op of $dtype', ({ op, dtype, out }) => {
    check(camel(op), out, () => elementwise(camel(op), chunkOf(dtype, table.values[dtype])))
  })

  test.each(table.binary)('$op of $a and $b', ({ op, a, b, x, y, out }) => {
    const left = chunkOf(a, x, [x.length, 1])
    const right = chunkOf(b, y, [1, y.length])
    check(camel(op), out, () => elementwise(camel(op), left, right))
  })

  test('every operator of NumPy but where is in the tables', () => {
    const tested = new Set([...table.unary, ...table.binary].map(({ op }) => camel(op)))
    expect(OPERATORS.filter((op) => !tested.has(op))).toEqual(['roundTens', 'where'])
  })
})

describe('dtypes', () => {
  const dtypes = fixture<{
    promote: [Dtype, Dtype, Dtype][]
    weak: [Dtype, string, Dtype][]
    astype: { from: Dtype; to: Dtype; x: Encoded[]; values: Encoded[] }[]
  }>('dtypes')
  const scalars: Record<string, number | bigint | boolean> = {
    true: true,
    '2': 2,
    '0.5': 0.5,
    nan: NaN,
    '2n': 2n,
  }

  test('arrays promote as in NumPy', () => {
    for (const [a, b, expected] of dtypes.promote)
      expect([a, b, promote(a, b)]).toEqual([a, b, expected])
  })

  test('plain values are weak, as in NumPy 2', () => {
    for (const [dtype, name, expected] of dtypes.weak) {
      expect([dtype, name, resultType(dtype, weak(scalars[name]!))]).toEqual([
        dtype,
        name,
        expected,
      ])
    }
  })

  test.each(dtypes.astype)('$from as $to', ({ from, to, x, values }) => {
    expect(differences(elements(astype(chunkOf(from, x), to).finish()), values, to, 0)).toEqual([])
  })

  test('an integer that does not fit is refused, but may be compared with', () => {
    const x = chunkOf('uint8', [1, 255])
    expect(() => elementwise('add', x, 300)).toThrow(/300 does not fit dtype uint8/)
    expect(() => elementwise('add', x, -1n)).toThrow(RangeError)
    expect(elementwise('less', x, 300).finish().toArray()).toEqual([true, true])
    expect(
      elementwise('equal', chunkOf('int64', ['5']), 2n ** 70n)
        .finish()
        .toArray(),
    ).toEqual([false])
  })
})

describe('expressions', () => {
  const range = (shape: number[]) => {
    const chunk = Chunk.zeros('float64', shape)
    chunk.data.forEach((_, i) => {
      chunk.data[i] = i + 1
    })
    return chunk
  }

  test('a chain is one expression that reads a shared input once', () => {
    const x = range([4])
    const chain = elementwise('sqrt', elementwise('add', elementwise('multiply', x, x), 3))
    expect(chain).toBeInstanceOf(LazyChunk)
    expect(chain.expression.nodes).toBe(3)
    expect(chain.finish().toArray()).toEqual([1, 2, 3, 4].map((v) => Math.sqrt(v * v + 3)))
  })

  test('where takes the dtype of its branches', () => {
    const x = range([3])
    const out = elementwise('where', elementwise('greater', x, 1), x, chunkOf('int32', [7, 8, 9]))
    expect(out.dtype).toBe('float64')
    expect(out.finish().toArray()).toEqual([7, 2, 3])
    expect(elementwise('where', x, 1, 0).dtype).toBe('float64')
  })

  test('broadcasts rows, columns and scalars in any layout', () => {
    const x = range([2, 3])
    const row = range([3])
    const column = range([2, 1])
    const expected = [0, 1].map((i) => [0, 1, 2].map((j) => i * 3 + j + 1 + (j + 1) * (i + 1)))
    const sum = elementwise('add', x, elementwise('multiply', row, column))
    expect(sum.finish().toArray()).toEqual(expected)
    const flipped = elementwise(
      'add',
      x.transpose(),
      elementwise('multiply', row.reshape([3, 1]), column.transpose()),
    )
    expect(flipped.finish().transpose().toArray()).toEqual(expected)
  })

  test('a transposed input gives a result in its own memory order', () => {
    const out = elementwise('negative', range([2, 3, 4]).transpose([2, 0, 1])).finish()
    expect(out.shape).toEqual([4, 2, 3])
    expect(out.strides).toEqual([1, 12, 4])
    expect(out.item(3, 1, 2)).toBe(-24)
  })

  test('views with negative and wide steps', () => {
    const view = range([7]).slice([{ start: 6, step: -2, size: 4 }])
    expect(elementwise('add', view, 0.5).finish().toArray()).toEqual([7.5, 5.5, 3.5, 1.5])
  })

  test('a finished view has memory of its own, unless it is all of a block', () => {
    const x = range([100])
    expect(lazy(x.slice([{ start: 5, step: 1, size: 2 }])).finish().data).toHaveLength(2)
    expect(lazy(range([2, 3]).transpose()).finish().strides).toEqual([1, 3])
    expect(lazy(x).finish()).toBe(x)
  })

  test('shapes that do not meet are refused with both named', () => {
    expect(() => elementwise('add', range([3]), range([4]))).toThrow(
      /\[3\] and \[4\] do not broadcast/,
    )
  })

  test('empty and zero-dimensional blocks', () => {
    expect(
      elementwise('add', range([0, 3]), 1)
        .finish()
        .toArray(),
    ).toEqual([])
    expect(elementwise('add', Chunk.scalar('float64', 2), 1).finish().item()).toBe(3)
  })

  test('a chain longer than one kernel is computed in parts', () => {
    let x = lazy(range([3]))
    for (let i = 0; i < 10 * MAX_NODES; i++) x = elementwise('add', x, 1)
    expect(x.expression.nodes).toBeLessThanOrEqual(MAX_NODES)
    expect(x.finish().toArray()).toEqual([641, 642, 643])
  })

  test('doubling over and over stays bounded', () => {
    let x = lazy(range([2]))
    for (let i = 0; i < 40; i++) x = elementwise('add', x, x)
    expect(x.finish().toArray()).toEqual([2 ** 40, 2 ** 41])
  })

  test('powers by plain values are what they come down to', () => {
    const x = chunkOf('float64', [4, 0.25, -2])
    const power = (exponent: number | bigint) =>
      elementwise('power', x, exponent).finish().toArray()
    expect(power(2)).toEqual([16, 0.0625, 4])
    expect(power(2n)).toEqual([16, 0.0625, 4])
    expect(power(0.5)).toEqual([2, 0.5, NaN])
    expect(power(-1)).toEqual([0.25, 4, -0.5])
    expect(power(3)).toEqual([64, 0.015625, -8])
    const i = chunkOf('int32', [3, 65536])
    expect(elementwise('power', i, 2).finish().toArray()).toEqual([9, 0])
    expect(elementwise('power', i, 0.5).dtype).toBe('float64')
    expect(() => elementwise('power', i, -1).finish()).toThrow()
    expect(elementwise('power', chunkOf('bool', [true]), 2).dtype).toBe('int64')
  })

  test('an integer to a negative power names the step that added it', () => {
    const x = chunkOf('int32', [2, 3])
    const power = elementwise('power', x, elementwise('subtract', x, 4))
    expect(() => elementwise('sqrt', power).finish()).toThrow(
      expect.objectContaining({ step: 0, cause: expect.any(RangeError) }),
    )
  })
})

test('there are six dtypes', () => {
  expect(DTYPES).toEqual(['bool', 'uint8', 'int32', 'int64', 'float32', 'float64'])
})
