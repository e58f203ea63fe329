/** Dtypes and their promotion, against NumPy. */
import { describe, expect, test } from 'vitest'
import {
  DTYPES,
  type Dtype,
  promote,
  resultType,
  type Scalar,
  weak,
} from '../../../../collections/array/block/dtype.js'
import { astype, elementwise } from '../../../../collections/array/expressions/lazy-chunk.js'
import { chunkOf, differences, type Encoded, elements, fixture } from '../numpy-fixtures.js'

test('the dtypes, from the least to the most general', () => {
  expect(DTYPES.join(' ')).toBe(
    'bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128',
  )
})

describe('dtypes', () => {
  const dtypes = fixture<{
    promote: [Dtype, Dtype, Dtype][]
    weak: [Dtype, string, Dtype][]
    astype: { from: Dtype; to: Dtype; x: Encoded[]; values: Encoded[] }[]
  }>('dtypes')
  const scalars: Record<string, Scalar> = {
    true: true,
    '2': 2,
    '0.5': 0.5,
    nan: NaN,
    '2n': 2n,
    '1j': { re: 0, im: 1 },
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

  test('an integer that does not fit is refused, except in comparisons', () => {
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
