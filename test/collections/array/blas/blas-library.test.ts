/** The BLAS library: how it is found, and what the wrapper of matrix products refuses. */
import { afterEach, describe, expect, test } from 'vitest'
import { blasGemm } from '../../../../collections/array/blas/blas-gemm.js'
import { blasInteger, findBlas, setBlas } from '../../../../collections/array/blas/blas-library.js'
import { NDArray } from '../../../../collections/array/block/ndarray.js'

const setting = process.env.SKEIN_BLAS
const library = findBlas()

afterEach(() => {
  if (setting === undefined) delete process.env.SKEIN_BLAS
  else process.env.SKEIN_BLAS = setting
  setBlas(undefined)
})

describe('the library', () => {
  test('is not used if the setting is off', () => {
    process.env.SKEIN_BLAS = 'off'
    setBlas(undefined)
    expect(findBlas()).toBeUndefined()
  })

  test('is refused if the setting names none', () => {
    process.env.SKEIN_BLAS = '/nowhere/libblas.so'
    setBlas(undefined)
    expect(() => findBlas()).toThrow(/SKEIN_BLAS is '\/nowhere\/libblas.so'.*npm install koffi/)
  })

  test('counts within 32 bits', () => {
    const narrow = { path: '', wide: false, routine: () => () => {} }
    expect(blasInteger(narrow, 7).get()).toBe(7)
    expect(() => blasInteger(narrow, 2 ** 31)).toThrow(/too large for BLAS/)
    expect(blasInteger({ ...narrow, wide: true }, 7).cell).toEqual(BigInt64Array.of(7n))
  })
})

describe.skipIf(library === undefined)('gemm (skipped without a BLAS library)', () => {
  const matrix = (values: number[], rows: number, columns: number) => {
    // Shared memory, from a position that is not its start.
    const data = new Float64Array(new SharedArrayBuffer(8 * (values.length + 3)))
    data.set(values, 3)
    return new NDArray('float64', data, [rows, columns], [columns, 1], 3)
  }

  test('reads shared memory, any strides, and adds to what is there', () => {
    const a = matrix([1, 2, 3, 4, 5, 6], 2, 3)
    const b = matrix([1, 0, 2, 0, 1, 3], 2, 3).transpose()
    const out = NDArray.zeros('float64', [2, 2])
    blasGemm(library!, out, a, b, false)
    expect(out.toArray()).toEqual([
      [7, 11],
      [16, 23],
    ])
    const reversed = a.slice([
      { start: 1, step: -1, size: 2 },
      { start: 0, step: 1, size: 3 },
    ])
    blasGemm(library!, out, reversed, b, true)
    expect(out.toArray()).toEqual([
      [23, 34],
      [23, 34],
    ])
  })

  test('refuses shapes, dtypes and memory that do not match', () => {
    const out = NDArray.zeros('float64', [2, 2])
    const a = NDArray.zeros('float64', [2, 2])
    expect(() => blasGemm(library!, out, a, NDArray.zeros('float32', [2, 2]), false)).toThrow(
      RangeError,
    )
    expect(() => blasGemm(library!, out, a, NDArray.zeros('float64', [3, 2]), false)).toThrow(
      RangeError,
    )
    const short = new NDArray('float64', new Float64Array(3), [2, 2])
    expect(() => blasGemm(library!, out, a, short, false)).toThrow(/exceeds its memory/)
  })
})
