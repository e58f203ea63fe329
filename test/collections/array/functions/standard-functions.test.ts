/** Functions that the Array API standard has besides NumPy's. */
import { describe, expect, test } from 'vitest'
import { da } from '../../../../index.js'

describe('dtypes', () => {
  test('isdtype', () => {
    expect(da.isdtype('int32', 'int32')).toBe(true)
    expect(da.isdtype('int32', 'signed integer')).toBe(true)
    expect(da.isdtype('int32', 'unsigned integer')).toBe(false)
    expect(da.isdtype('uint8', 'integral')).toBe(true)
    expect(da.isdtype('float32', 'numeric')).toBe(true)
    expect(da.isdtype('bool', ['numeric', 'complex64'])).toBe(false)
    expect(da.isdtype('bool', 'bool')).toBe(true)
    expect(da.isdtype('complex64', ['real floating', 'complex floating'])).toBe(true)
    expect(() => da.isdtype('int32', 'integer' as never)).toThrow(
      'isdtype: expected a dtype or one of the kinds bool, signed integer, unsigned integer, integral, real floating, complex floating, numeric; got "integer"',
    )
    expect(() => da.isdtype('int' as never, 'bool')).toThrow('is not a dtype')
  })

  test('canCast', () => {
    expect(da.canCast('int32', 'float64')).toBe(true)
    expect(da.canCast(da.ones([2]), 'float32')).toBe(false)
    expect(da.canCast('float64', 'float32', 'same_kind')).toBe(true)
    expect(() => da.canCast('float64', 'text' as never)).toThrow('is not a dtype')
  })
})

test('astype', async () => {
  const x = da.astype(da.fromArray([1.5, -2.5]), 'int8')
  expect(x.dtype).toBe('int8')
  expect((await x.compute()).toArray()).toEqual([1, -2])
  expect(() => da.astype(da.ones([2]), 'int8', { casting: 'safe' })).toThrow(TypeError)
})

test('broadcastShapes', () => {
  expect(da.broadcastShapes([3, 1], [4], [])).toEqual([3, 4])
  expect(da.broadcastShapes()).toEqual([])
  expect(() => da.broadcastShapes([3], [2])).toThrow(RangeError)
  expect(() => da.broadcastShapes([3], 2 as never)).toThrow('the shape must be a list')
})

test('unstack is the inverse of stack', async () => {
  const x = da.arange(12, { chunks: 5 }).reshape(3, 4)
  const columns = da.unstack(x, { axis: -1 })
  expect(columns.map(({ shape }) => shape)).toEqual([[3], [3], [3], [3]])
  expect((await columns[1]!.compute()) as unknown).toMatchObject({ shape: [3] })
  expect((await da.stack(columns, 1).compute()).toArray()).toEqual((await x.compute()).toArray())
  expect(da.unstack(x)).toHaveLength(3)
  expect(() => da.unstack(x, { axis: 2 })).toThrow('unstack: axis 2 is not an axis')
})

test('mT swaps the last two axes', () => {
  expect(da.ones([2, 3, 4]).mT.shape).toEqual([2, 4, 3])
  expect(() => da.ones([2]).mT).toThrow(RangeError)
})
