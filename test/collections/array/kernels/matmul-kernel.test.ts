/** Kernels of matrix products, against naive products. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setBlas } from '../../../../collections/array/blas/blas-library.js'
import { DTYPES, type Dtype, isBig, isComplex } from '../../../../collections/array/block/dtype.js'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import { matmulChunks } from '../../../../collections/array/kernels/matmul-kernel.js'

function counting<D extends Dtype>(dtype: D, shape: number[], start = 1): NDArray<D> {
  const chunk = NDArray.zeros(dtype, shape)
  const data = chunk.data as unknown as (number | bigint)[]
  for (let i = 0; i < chunk.size; i++) data[i] = isBig(dtype) ? BigInt(start + i) : start + i
  return chunk
}

describe.each(['with BLAS, if there is one', 'without BLAS'])('matrix products %s', (title) => {
  const withoutBlas = title.startsWith('without')
  beforeEach(() => setBlas(withoutBlas ? null : undefined))
  afterEach(() => setBlas(undefined))

  function naive(a: NDArray, b: NDArray): (number | bigint)[][] {
    const [n, depth, m] = [a.shape[0]!, a.shape[1]!, b.shape[1]!]
    return Array.from({ length: n }, (_, i) =>
      Array.from({ length: m }, (_, j) => {
        let sum: number | bigint = isBig(a.dtype) ? 0n : 0
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
    const few = ['float64', 'float32', 'int32', 'int64'] as const
    const dtypes =
      n * depth * m > 1000 ? few : DTYPES.filter((dtype) => dtype !== 'bool' && !isComplex(dtype))
    for (const dtype of dtypes) {
      const a = counting(dtype, [n, depth])
      const b = counting(dtype, [m, depth], -3).transpose()
      const expected = naive(a, b)
      const got = matmulChunks([a], [b])
      expect(got.dtype).toBe(dtype)
      // A typed array rounds and wraps as the dtype does.
      const elements = (got.contiguous().data as Float64Array).slice()
      elements.set(expected.flat() as number[])
      if (dtype === 'float32' && !withoutBlas) {
        // BLAS adds up in float32.
        const data = got.contiguous().data as Float32Array
        data.forEach((v, at) => {
          expect(Math.abs(v - elements[at]!)).toBeLessThanOrEqual(1e-5 * Math.abs(v))
        })
      } else expect(got.contiguous().data).toEqual(elements)
    }
  })

  test.each(['complex64', 'complex128'] as const)(
    'of %s are sums of products of parts',
    (dtype) => {
      const data = dtype === 'complex64' ? Float32Array : Float64Array
      const a = new NDArray(dtype, data.from([1, 2, -3, 0.5, 0, 1, 2, 2]), [2, 2])
      const b = new NDArray(dtype, data.from([0, 1, 1, 1, 4, -2, 0.5, 3]), [2, 2]).transpose()
      // numpy: a @ b
      expect(matmulChunks([a], [b]).toArray()).toEqual([
        [
          { re: -5.5, im: -1.5 },
          { re: 5, im: -2.75 },
        ],
        [
          { re: -1, im: 4 },
          { re: -3, im: 11 },
        ],
      ])
      const real = new NDArray('float64', Float64Array.of(2, 0, 0, 2), [2, 2])
      expect(matmulChunks([a], [real]).dtype).toBe('complex128')
      expect(matmulChunks([real], [a]).item(1, 1)).toEqual({ re: 4, im: 4 })
    },
  )

  test('wrap as their dtype does, and bools are or-ed', () => {
    const a = NDArray.zeros('uint8', [1, 2])
    a.data.fill(200)
    expect(matmulChunks([a], [a.transpose()]).toArray()).toEqual([[(200 * 200 * 2) % 256]])
    const t = NDArray.zeros('bool', [2, 2])
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
    const pick = (chunk: NDArray, at: number, rows: number, columns: number) =>
      new NDArray(chunk.dtype, chunk.data, [rows, columns], [columns, 1], at * rows * columns)
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
