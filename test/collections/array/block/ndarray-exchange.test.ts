/** Blocks to and from typed arrays and Arrow, their views, and their table in notebooks. */
import * as arrow from 'apache-arrow'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { DTYPES } from '../../../../collections/array/block/dtype.js'
import * as da from '../../../../collections/array/index.js'
import { chunkOf, elements } from '../numpy-fixtures.js'

const { NDArray } = da
const six = NDArray.fromData(Float64Array.of(0, 1, 2, 3, 4, 5), { shape: [2, 3] })

describe('typed arrays', () => {
  test('share the memory', () => {
    expectTypeOf(six).toEqualTypeOf<da.NDArray<'float64'>>()
    expect(six.toTypedArray()).toBe(six.data)
    expect(six.at(1, ':').toTypedArray().buffer).toBe(six.data.buffer)
    expect(six.at(1, ':').toTypedArray()).toEqual(Float64Array.of(3, 4, 5))
    expect(six.T.toTypedArray()).toEqual(Float64Array.of(0, 3, 1, 4, 2, 5))
    const flags = NDArray.fromData(Uint8Array.of(1, 0), { dtype: 'bool' })
    expect(flags.toArray()).toEqual([true, false])
    expectTypeOf(flags).toEqualTypeOf<da.NDArray<'bool'>>()
    const pairs = NDArray.fromData(Float32Array.of(1, 2, 3, 4), { dtype: 'complex64' })
    expect(pairs.at(-1)).toEqual({ re: 3, im: 4 })
    expect(pairs.at(':1').toTypedArray()).toEqual(Float32Array.of(1, 2))
  })

  test('of another size or type are refused', () => {
    expect(() => NDArray.fromData(Float64Array.of(1), { shape: [2] })).toThrow(
      /1 elements do not fit/,
    )
    expect(() => NDArray.fromData(Float64Array.of(1), { dtype: 'int32' })).toThrow(
      'fromData: elements of int32 are in a Int32Array; got a Float64Array',
    )
    expect(() => NDArray.fromData([1] as never)).toThrow(/expected a typed array/)
    expect(() => NDArray.fromData(Float64Array.of(1), { size: 1 } as never)).toThrow(
      /no option 'size'/,
    )
  })
})

describe('views', () => {
  test('iterate over the first axis', () => {
    expect([...six].map(String)).toEqual(['[0. 1. 2.]', '[3. 4. 5.]'])
    expect([...six.at(1, ':')]).toEqual([3, 4, 5])
    expect(() => [...NDArray.scalar('float64', 1)]).toThrow(/without axes/)
  })

  test('take one open size, and axes once', () => {
    expect(six.reshape([-1, 2]).shape).toEqual([3, 2])
    expect(() => six.reshape([-1, 4])).toThrow('reshape: 6 elements do not fit shape [-1, 4]')
    expect(() => six.reshape([-1, -1])).toThrow(/do not fit/)
    expect(NDArray.zeros('int8', [0, 3]).reshape([-1, 3]).shape).toEqual([0, 3])
    expect(() => six.transpose([0, 0])).toThrow(/must name each of 2 axes once/)
    expect(six.at('::-1', [2, 0]).toArray()).toEqual([
      [5, 3],
      [2, 0],
    ])
    expect(six.at(1, 2)).toBe(5)
  })
})

describe('Arrow', () => {
  test('keeps the elements of every dtype', () => {
    for (const dtype of DTYPES) {
      const shape = [2, 2, 3]
      const values = Array.from({ length: 12 }, (_, i) => {
        return dtype === 'bool' ? i % 3 === 0 : dtype.startsWith('complex') ? [i, -i] : i
      })
      const block = chunkOf(dtype, values as never, shape)
      const back = NDArray.fromArrow(block.toArrow())
      if (dtype.startsWith('complex')) {
        expect([back.shape, [...back.toTypedArray()]]).toEqual([[...shape, 2], [...block.data]])
      } else
        expect([dtype, back.dtype, back.shape, elements(back)]).toEqual([
          dtype,
          dtype,
          shape,
          elements(block),
        ])
      if (dtype !== 'bool') expect(back.data.buffer).toBe(block.data.buffer)
    }
  })

  test('reads tables, slices and several chunks', () => {
    const table = arrow.tableFromArrays({ a: Float64Array.of(1, 2, 3), b: ['x', 'y', 'z'] })
    const a = table.getChild('a')!
    expect(NDArray.fromArrow(a).toArray()).toEqual([1, 2, 3])
    expect(NDArray.fromArrow(a.slice(1)).toArray()).toEqual([2, 3])
    expect(NDArray.fromArrow(a.concat(a.slice(0, 1))).toArray()).toEqual([1, 2, 3, 1])
    expect(NDArray.fromArrow(six.toArrow().slice(1, 2)).toArray()).toEqual([[3, 4, 5]])
    const flags = NDArray.fromData(Uint8Array.of(1, 0, 1), { dtype: 'bool' }).toArrow()
    expect([...flags]).toEqual([true, false, true])
    expect(NDArray.fromArrow(flags.slice(1)).toArray()).toEqual([false, true])
    expect(six.toArrow().get(1)!.toArray()).toEqual(Float64Array.of(3, 4, 5))
    expect(() => NDArray.fromArrow(table.getChild('b')!)).toThrow(
      /expected numbers or booleans; got Dictionary/,
    )
    const nulls = arrow.vectorFromArray([1, null, 3], new arrow.Float64())
    expect(() => NDArray.fromArrow(nulls)).toThrow(/has nulls/)
    expect(() => NDArray.scalar('int8', 1).toArrow()).toThrow(/without axes/)
  })
})

describe('the table in notebooks', () => {
  const shown = (block: da.NDArray) =>
    (block as unknown as Record<symbol, () => Record<string, string>>)[
      Symbol.for('Jupyter.display')
    ]!()

  test('shows one or two axes, and the edges of long ones', () => {
    expect(shown(six.at(':', ':2'))).toEqual({
      'text/plain': '[[0. 1.]\n [3. 4.]]',
      'text/html':
        '<table><caption>NDArray(float64, [2, 2])</caption><thead><tr><th></th><th>0</th><th>1</th></tr></thead>' +
        '<tbody><tr><th>0</th><td>0</td><td>1</td></tr><tr><th>1</th><td>3</td><td>4</td></tr></tbody></table>',
    })
    const long = shown(NDArray.fromData(Int32Array.from({ length: 100 }, (_, i) => i)))[
      'text/html'
    ]!
    expect(long.match(/<tr>/g)).toHaveLength(18)
    expect(long).toContain('<tr><th>99</th><td>99</td></tr>')
    expect(shown(NDArray.zeros('int8', [1, 1, 1]))).toEqual({ 'text/plain': '[[[0]]]' })
  })
})
