/** Comparisons with a tolerance, and replacement of NaN and infinities; expected values are NumPy's. */
import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

const x = da.fromArray([1, 1 + 1e-6, NaN, Infinity, -Infinity, 0, 1e-9, 100], { chunks: 3 })
const y = da.fromArray([1, 1, NaN, Infinity, Infinity, 1e-9, 0, 101], { chunks: 4 })

test('isclose follows the tolerances, infinities and NaN of NumPy', async () => {
  const near = [true, true, false, true, false, true, true, false]
  expect(await list(da.isclose(x, y))).toEqual(near)
  expect(await list(da.isclose(x, y, { equalNan: true }))).toEqual(near.with(2, true))
  expect(await list(da.isclose(x, y, { rtol: 0, atol: 0 }))).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    false,
    false,
  ])
  expect(await list(da.isclose(x, y, { rtol: 0.01 }))).toEqual(near.with(7, true))
  expect(await list(da.isclose(x.at(':3'), NaN, { equalNan: true }))).toEqual([false, false, true])
  expect(await list(da.isclose(1, x.at(':2')))).toEqual([true, true])
  const bytes = da.fromArray([0, 255], { dtype: 'uint8' })
  expect(await list(da.isclose(bytes, bytes.at('::-1'), { atol: 300 }))).toEqual([true, true])
  expect(await list(da.isclose(bytes, bytes.at('::-1'), { atol: 3 }))).toEqual([false, false])
  const z = da.fromArray([{ re: 1, im: 1 }])
  expect(await list(da.isclose(z, { re: 1, im: 1 + 1e-9 }))).toEqual([true])
})

test('allclose is one lazy boolean', async () => {
  expect(await da.allclose(x, y).compute()).toBe(false)
  expect(await da.allclose(x.at([0, 1, 3]), y.at([0, 1, 3])).compute()).toBe(true)
  expect(await da.allclose(x.at(':2'), 1).compute()).toBe(true)
})

test('nanToNum replaces what is not finite', async () => {
  const values = da.fromArray([NaN, Infinity, -Infinity, 2])
  expect(await list(da.nanToNum(values))).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 2])
  expect(await list(da.nanToNum(values, { nan: -1, posinf: 5, neginf: -5 }))).toEqual([
    -1, 5, -5, 2,
  ])
  const single = da.nanToNum(values.astype('float32'))
  expect([single.dtype, ((await list(single)) as number[])[1]]).toEqual([
    'float32',
    3.4028234663852886e38,
  ])
  expect(await list(da.nanToNum(da.fromArray([{ re: NaN, im: Infinity }]), { posinf: 1 }))).toEqual(
    [{ re: 0, im: 1 }],
  )
  const whole = da.fromArray([1n])
  expect(da.nanToNum(whole).name).toBe(whole.name)
})

test('divmod and other names', async () => {
  const [quotient, rest] = da.divmod(da.fromArray([7, -7]), 3)
  expect([await list(quotient), await list(rest)]).toEqual([
    [2, -3],
    [1, 2],
  ])
  expect(await list(da.notnull(x.at('1:4')))).toEqual([true, false, true])
  expect(await list(da.around(da.fromArray([0.25, 0.35]), 1))).toEqual([0.2, 0.4])
})

test('what makes no sense is refused at the call', () => {
  expect(() => da.isclose(1, 2 as never)).toThrow(/isclose: at least one operand must be an array/)
  expect(() => da.isclose(x, y, { rtol: -1 })).toThrow(
    /rtol must be a number of at least 0; got -1/,
  )
  expect(() => da.allclose(x, y, { tol: 1 } as never)).toThrow(/no option 'tol'/)
  expect(() => da.isclose(x, y, { equalNan: 1 as never })).toThrow(/equalNan must be true or false/)
  expect(() => da.nanToNum(x, { nan: '0' as never })).toThrow(/nan must be a number; got "0"/)
  expect(() => da.isposinf(da.fromArray([{ re: 1, im: 1 }]))).toThrow(
    /isposinf does not work on complex/,
  )
  expect(() => da.leftShift(x, 1)).toThrow(/leftShift works on bool and integers/)
})
