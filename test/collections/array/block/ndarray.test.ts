/** Chunks: views, elements, encoding. */
import { describe, expect, test } from 'vitest'
import { DTYPES, type Dtype, isBig, toElement } from '../../../../collections/array/block/dtype.js'
import { copyInto, NDArray } from '../../../../collections/array/block/ndarray.js'
import { decode, encode } from '../../../../core/codec/index.js'

function counting<D extends Dtype>(dtype: D, shape: number[], start = 1): NDArray<D> {
  const chunk = NDArray.zeros(dtype, shape)
  const data = chunk.data as unknown as (number | bigint)[]
  for (let i = 0; i < chunk.size; i++) data[i] = isBig(dtype) ? BigInt(start + i) : start + i
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

  test('a copy of one repeated element has it everywhere', () => {
    for (const dtype of DTYPES) {
      for (const value of [0, 1]) {
        const own = toElement(value, dtype, 'test')
        const copy = NDArray.scalar(dtype, own).broadcastTo([2, 3]).contiguous()
        expect(copy.isContiguous).toBe(true)
        expect(copy.toArray()).toEqual([new Array(3).fill(own), new Array(3).fill(own)])
      }
    }
    const negative = NDArray.scalar('float64', -0).broadcastTo([2]).contiguous()
    expect(negative.toArray()).toEqual([-0, -0])
    expect(NDArray.scalar('float64', 1).broadcastTo([0, 2]).contiguous().toArray()).toEqual([])
  })

  test('elements are read by coordinates, also from the end', () => {
    expect(x.item(1, -1, 0)).toBe(21)
    expect(() => x.item(0, 3, 0)).toThrow(/coordinate 3 is outside axis 1 of size 3/)
    expect(() => x.item(0)).toThrow(RangeError)
  })

  test('elements of int64 are bigints and elements of bool booleans', () => {
    expect(counting('int64', [2]).toArray()).toEqual([1n, 2n])
    expect(counting('bool', [2], 0).toArray()).toEqual([false, true])
    expect(counting('bool', [1, 1], 1).item()).toBe(true)
  })

  test('are encoded and decoded', () => {
    const decoded = decode(encode(x.transpose())) as NDArray
    expect(decoded).toBeInstanceOf(NDArray)
    expect(decoded.toArray()).toEqual(x.transpose().toArray())
  })

  test.each(DTYPES)('few elements of %s are decoded exactly', (dtype) => {
    for (const values of [[], [1], [0, 1, 0]]) {
      const chunk = NDArray.zeros(dtype, [values.length])
      values.forEach((value, i) => {
        chunk.data[i] = (isBig(dtype) ? BigInt(value) : value) as never
      })
      const decoded = decode(encode(chunk)) as NDArray
      expect(decoded).toEqual(chunk)
      expect(decoded.data.constructor).toBe(chunk.data.constructor)
    }
  })

  test('few elements keep the sign of zero and the bits of NaN', () => {
    const bits = new BigUint64Array([0x8000000000000000n, 0xfff8000000000123n, 0x7ff8000000000000n])
    for (const own of [bits, bits.slice(0, 1)]) {
      const data = new Float64Array(own.buffer)
      const decoded = decode(encode(new NDArray('float64', data, [data.length]))) as NDArray
      expect(new BigUint64Array(new Float64Array(decoded.data as Float64Array).buffer)).toEqual(own)
    }
  })
})

describe('arguments of methods', () => {
  const x = counting('float64', [2, 3])
  const loose = x as unknown as Record<string, (...args: unknown[]) => unknown>

  test.each<[() => unknown, string]>([
    [() => loose.transpose!(1, 0), 'transpose takes one argument, as in chunk.transpose([1, 0])'],
    [
      () => loose.transpose!(1),
      'transpose: an NDArray takes one list, with one entry per axis; got 1',
    ],
    [() => loose.reshape!(3, 2), 'reshape takes one argument, as in chunk.reshape([2, 3])'],
    [() => x.reshape([5]), 'reshape: 6 elements do not fit shape [5]'],
    [() => loose.reshape!([3, 2], { order: 'F' }), "reshape: there is no option 'order' here"],
    [() => loose.slice!(0, 1), 'slice takes one argument'],
    [() => loose.broadcastTo!(2, 2, 3), 'broadcastTo takes one argument'],
    [() => loose.toArray!({ flat: true }), "toArray: there is no option 'flat' here"],
    [() => (NDArray.zeros as Function)('bool', [2], 3), 'zeros takes 2 arguments'],
    [() => loose.contiguous!(1), 'contiguous takes no arguments'],
  ])('are checked: %s', (call, message) => {
    expect(call).toThrow(message)
  })
})

test('rows that lie one after another are copied like any elements', () => {
  const source = NDArray.fromData(
    Float64Array.from({ length: 3 * 4 * 200 }, (_, i) => i),
    { shape: [3, 4, 200] },
  )
  const view = source.slice([
    { start: 2, step: -1, size: 3 },
    { start: 1, step: 2, size: 2 },
    { start: 50, step: 1, size: 100 },
  ])
  const target = NDArray.zeros('float64', [3, 2, 120])
  const into = target.slice(
    [0, 1, 2].map((axis) => ({ start: 0, step: 1, size: view.shape[axis]! })),
  )
  copyInto(into, view)
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 2; j++)
      for (let k = 0; k < 120; k++)
        expect(target.at(i, j, k)).toBe(k < 100 ? (2 - i) * 800 + (2 * j + 1) * 200 + 50 + k : 0)
})
