/** Fourier transforms beside NumPy's, of several lengths, dtypes and chunks. */
import { describe, expect, test } from 'vitest'
import type { NDArray } from '../../../../collections/array/block/ndarray.js'
import * as da from '../../../../collections/array/index.js'
import { fftPlan } from '../../../../collections/array/kernels/fft-kernel.js'
import { get, list } from '../array-support.js'
import { fixture } from '../numpy-fixtures.js'

interface Case {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: da.Dtype
  readonly options: object
  readonly result: readonly number[]
  readonly resultDtype: string
  readonly values: readonly (number | readonly [number, number])[]
}

const transforms = da.fft as unknown as Readonly<
  Record<string, (x: da.ChunkedArray, options?: object) => da.ChunkedArray>
>

function input({ shape, dtype }: Case, chunks: da.ChunksSpec): da.ChunkedArray {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: size }, (_, i) => {
    const re = (((i * 37) % 101) - 50) / 32
    const im = (((i * 53) % 97) - 48) / 32
    return dtype.startsWith('complex') ? { re, im } : re
  })
  return da.fromArray(values as number[], { dtype, shape, chunks })
}

describe('fft', () => {
  test.each(fixture<Case[]>('fft'))('$name of $shape, $dtype, $options', async (own) => {
    const expected = own.values.flat() as number[]
    const single = own.resultDtype === 'complex64' || own.resultDtype === 'float32'
    const largest = Math.max(1, ...expected.map(Math.abs))
    for (const chunks of [-1, 2] as const) {
      const array = transforms[own.name]!(input(own, chunks), own.options)
      expect(array.shape).toEqual(own.result)
      expect(array.dtype).toBe(own.resultDtype)
      const { data } = (await array.compute({ get })) as NDArray
      const worst = expected.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - Number(data[i]))),
        0,
      )
      expect(worst / largest).toBeLessThan(single ? 1e-6 : 4e-15)
    }
  })

  test('of large lengths is undone by its inverse', () => {
    for (const n of [4096, 1000, 2187, 1009, 2 * 1013]) {
      const data = Float64Array.from({ length: 2 * n }, (_, i) => Math.cos(i ** 1.3))
      const spectrum = fftPlan(n, -1)
        .run(data.slice(), new Float64Array(2 * n), 1)
        .slice()
      const power = spectrum.reduce((sum, v) => sum + v * v, 0) / n
      expect(power / data.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 12)
      const back = fftPlan(n, 1).run(spectrum, new Float64Array(2 * n), 1)
      const worst = data.reduce((most, v, i) => Math.max(most, Math.abs(v - back[i]! / n)), 0)
      expect(worst, `length ${n}`).toBeLessThan(1e-13)
    }
  })

  test('frequencies and shifts', async () => {
    expect(await list(da.fft.fftfreq(5, { d: 0.1 }))).toEqual([0, 2, 4, -4, -2])
    expect(await list(da.fft.fftfreq(4, { chunks: 2 }))).toEqual([0, 0.25, -0.5, -0.25])
    expect(await list(da.fft.rfftfreq(5))).toEqual([0, 0.2, 0.4])
    const single = da.fft.rfftfreq(5, { dtype: 'float32' })
    expect([single.dtype, await list(single)]).toEqual(['float32', [0, 0.2, 0.4].map(Math.fround)])
    expect(() => da.fft.fftfreq(4, { dtype: 'int32' as never })).toThrow(
      /dtype must be 'float32' or 'float64'/,
    )
    const x = da.fromArray([0, 1, 2, -2, -1], { chunks: 2 })
    expect(await list(da.fft.fftshift(x))).toEqual([-2, -1, 0, 1, 2])
    expect(await list(da.fft.ifftshift(da.fft.fftshift(x)))).toEqual([0, 1, 2, -2, -1])
    const m = da.arange(6).reshape(2, 3)
    expect(await list(da.fft.fftshift(m, { axes: 1 }))).toEqual([
      [2, 0, 1],
      [5, 3, 4],
    ])
  })

  test('refuses what it cannot transform', () => {
    const x = da.ones([4])
    expect(() => da.fft.rfft(x.astype('complex128'))).toThrow('fft.rfft: the array must be real')
    expect(() => da.fft.fft(x, { n: 0 })).toThrow(/length of the transform must be an integer of 1/)
    expect(() => da.fft.fft(x, { axis: 1 })).toThrow(/axis 1 is not an axis/)
    expect(() => da.fft.fft(x, { norm: 'full' as never })).toThrow(/norm must be 'backward'/)
    expect(() => da.fft.fft2(da.ones([2, 2]), { s: [1, 2, 3] })).toThrow(/a length for each axis/)
    expect(() => da.fft.fftfreq(0)).toThrow(/expected an integer of 1 or more/)
  })
})
