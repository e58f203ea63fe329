/** Complex arrays through the public functions: in and out, in blocks, on threads. */
import { afterAll, describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { closeThreads, getThreads } from '../../../core/index.js'
import { list } from './array-support.js'

afterAll(() => closeThreads())

const c = (re: number, im: number): da.Complex => ({ re, im })
const values = Array.from({ length: 12 }, (_, i) => c(i, 5 - i))
const z = da.fromArray(values, { chunks: 5 })
const matrix = z.reshape([3, 4]).rechunk([2, 3])

describe('complex arrays', () => {
  test('are made of objects, of typed arrays of pairs and of plain numbers', async () => {
    expect(await list(z)).toEqual(values)
    expect(await list(da.fromArray([1, c(0, 2)]))).toEqual([c(1, 0), c(0, 2)])
    const pairs = da.fromArray(Float32Array.of(1, 2, 3, 4), { dtype: 'complex64', shape: [2, 1] })
    expect(await list(pairs)).toEqual([[c(1, 2)], [c(3, 4)]])
    expect(await list(da.fromArray(Float64Array.of(1, 2), { dtype: 'complex128' }))).toEqual([
      c(1, 0),
      c(2, 0),
    ])
    expect(await list(da.full(2, c(0.1, 2), { dtype: 'complex64' }))).toEqual([
      c(Math.fround(0.1), 2),
      c(Math.fround(0.1), 2),
    ])
    expect(await list(da.eye(2, { dtype: 'complex128' }))).toEqual([
      [c(1, 0), c(0, 0)],
      [c(0, 0), c(1, 0)],
    ])
    expect(await list(da.arange(1, 3, { dtype: 'complex128' }))).toEqual([c(1, 0), c(2, 0)])
    expect([z.nbytes, (await z.compute()).data.length]).toEqual([192, 24])
  })

  test('the sign of 0 is 0, whatever the signs of its parts', async () => {
    const zeros = da.fromArray([c(-0, -0), c(0, -0), c(-0, 0)])
    expect(await list(da.sign(zeros))).toEqual([c(0, 0), c(0, 0), c(0, 0)])
  })

  test('keep their elements through views, rechunking and lists of positions', async () => {
    const at = (i: number, j: number) => values[4 * i + j]!
    expect(await list(matrix.T)).toEqual([0, 1, 2, 3].map((j) => [0, 1, 2].map((i) => at(i, j))))
    expect(await list(matrix.at('::-2', [3, 0]))).toEqual(
      [2, 0].map((i) => [3, 0].map((j) => at(i, j))),
    )
    expect(await list(z.at([7, 0, 7]))).toEqual([values[7], values[0], values[7]])
    expect(await list(da.concatenate([z.at('10:'), z.at(':1')]))).toEqual([
      ...values.slice(10),
      values[0],
    ])
    expect(await list(matrix.T.reshape([12]).rechunk(7))).toEqual(
      [0, 1, 2, 3].flatMap((j) => [0, 1, 2].map((i) => at(i, j))),
    )
  })

  test('are computed with, on threads too', async () => {
    const get = getThreads
    expect(await z.mul(z.conj()).sum().compute({ get })).toEqual(c(506 + 146, 0))
    expect(await z.real.sum().compute({ get })).toBe(66)
    expect(await z.imag.max().compute()).toBe(5)
    expect(await z.add(c(0, 1)).at(0).compute()).toEqual(c(0, 6))
    expect(await z.abs().at(2).compute()).toBeCloseTo(Math.sqrt(13), 14)
    expect(
      await da
        .angle(da.fromArray([c(0, 2), -1]), { deg: true })
        .compute()
        .then((b) => b.toArray()),
    ).toEqual([90, 180])
    expect(await z.argmax().compute({ get })).toBe(11n)
    expect(await list(matrix.dot(matrix.conj().T).at(0))).toEqual(
      [0, 1, 2].map((row) => {
        const products = [0, 1, 2, 3].map((j) => [values[j]!, values[4 * row + j]!] as const)
        return c(
          products.reduce((sum, [a, b]) => sum + a.re * b.re + a.im * b.im, 0),
          products.reduce((sum, [a, b]) => sum + a.im * b.re - a.re * b.im, 0),
        )
      }),
    )
    const root = await da
      .fromArray([c(-4, -0)])
      .sqrt()
      .compute()
    expect(root.item(0)).toEqual(c(0, -2))
  })

  test('become real only where that is asked for', async () => {
    expect(await list(z.at(':2').astype('float32'))).toEqual([0, 1])
    expect(await list(z.eq(c(3, 2)).astype('int8'))).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(() => z.astype('float64', { casting: 'same_kind' })).toThrow(/does not allow complex128/)
    expect(() => da.fromArray([c(1, 2)], { dtype: 'float64' })).toThrow(
      /{"re":1,"im":2} is complex and the dtype is float64/,
    )
  })

  test.each([
    ['floor', () => z.floor()],
    ['floorDivide', () => z.floorDivide(2)],
    ['hypot', () => da.hypot(z, z)],
    ['bitwiseAnd', () => z.and(1)],
    ['histogram', () => da.histogram(z, { bins: 2, range: [0, 1] })],
  ])('%s refuses them', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name}.*complex`))
    expect(call).toThrow(TypeError)
  })

  test('floor of real numbers refuses a complex operand', () => {
    expect(() => da.ones(2).mod(c(1, 1))).toThrow(/remainder does not work on complex numbers/)
  })
})
