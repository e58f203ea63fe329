/** Elementwise expressions and the kernels that compute them. */
import { describe, expect, test } from 'vitest'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  elementwise,
  LazyChunk,
  lazy,
  MAX_NODES,
} from '../../../../collections/array/expressions/lazy-chunk.js'
import { chunkOf } from '../numpy-fixtures.js'

describe('expressions', () => {
  const range = (shape: number[]) => {
    const chunk = NDArray.zeros('float64', shape)
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

  test('where has the common dtype of its branches', () => {
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

  test('the result of a transposed input has the memory order of the input', () => {
    const out = elementwise('negative', range([2, 3, 4]).transpose([2, 0, 1])).finish()
    expect(out.shape).toEqual([4, 2, 3])
    expect(out.strides).toEqual([1, 12, 4])
    expect(out.item(3, 1, 2)).toBe(-24)
  })

  test('views may have negative and wide steps', () => {
    const view = range([7]).slice([{ start: 6, step: -2, size: 4 }])
    expect(elementwise('add', view, 0.5).finish().toArray()).toEqual([7.5, 5.5, 3.5, 1.5])
  })

  test('a finished view has memory of its own, unless it is all of a block', () => {
    const x = range([100])
    expect(lazy(x.slice([{ start: 5, step: 1, size: 2 }])).finish().data).toHaveLength(2)
    expect(lazy(range([2, 3]).transpose()).finish().strides).toEqual([1, 3])
    expect(lazy(x).finish()).toBe(x)
  })

  test('shapes that do not broadcast are refused, and both are named', () => {
    expect(() => elementwise('add', range([3]), range([4]))).toThrow(
      /\[3\] and \[4\] do not broadcast/,
    )
  })

  test('blocks may be empty or have no axes', () => {
    expect(
      elementwise('add', range([0, 3]), 1)
        .finish()
        .toArray(),
    ).toEqual([])
    expect(elementwise('add', NDArray.scalar('float64', 2), 1).finish().item()).toBe(3)
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

  test('powers with plain exponents become cheaper operations', () => {
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
