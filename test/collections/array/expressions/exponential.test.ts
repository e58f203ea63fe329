/** The exponential function, compared with a series of exact fractions. */
import { expect, test } from 'vitest'
import { exponential } from '../../../../collections/array/expressions/exponential.js'

const SCALE = 300n
const ONE = 1n << SCALE

/** Returns a number as an integer times `2 ** -SCALE`; exact down to `2 ** -SCALE`. */
function exactly(x: number): bigint {
  let [number, shift] = [x, 0n]
  while (!Number.isInteger(number)) {
    number *= 2
    shift++
  }
  return (BigInt(number) << SCALE) >> shift
}

/** Returns e to the power of a number, times `2 ** SCALE`, with 200 binary digits or more. */
function exactExponential(x: number): bigint {
  const halvings = 12n
  const r = exactly(x) >> halvings
  let term = ONE
  let sum = ONE
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = (term * r) / (n << SCALE)
    sum += term
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) >> SCALE
  return sum
}

test('is off by less than an ulp', () => {
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
  let worst = 0
  for (let i = 0; i < 600; i++) {
    const x = (random() - 0.5) * [2, 20, 150][i % 3]!
    const exact = exactExponential(x)
    const error = exactly(exponential(x)) - exact
    const ulp = 2 ** (Math.floor(Math.log2(exponential(x))) - 52)
    worst = Math.max(
      worst,
      Math.abs(Number((error << 60n) / exact) / 2 ** 60) * (exponential(x) / ulp),
    )
  }
  expect(worst).toBeLessThan(0.6)
})

test('is that of Math.exp within an ulp where numbers are large, and exact where they are special', () => {
  for (let x = -745; x < 709.5; x += 0.37) {
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThanOrEqual(2 ** -52)
  }
  for (const x of [0, -0, NaN, Infinity, -Infinity, 710, -746, 5e-324]) {
    expect(exponential(x)).toBe(Math.exp(x))
  }
})
