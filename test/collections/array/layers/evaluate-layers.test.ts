/** Formulas over arrays. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, tasks } from '../array-support.js'

describe('evaluate', () => {
  const x = da.fromArray([3, 6, 9], { chunks: 2 })
  const y = da.fromArray([4, 8, 12], { chunks: 2 })

  test('is one task per block', async () => {
    const r = da.evaluate('sqrt(x^2 + y^2)', { x, y })
    expect(await list(r)).toEqual([5, 10, 15])
    expect(tasks(r.sum())).toEqual(['sum-partial 2', 'sum 1'])
  })

  test('accepts plain values and constants', async () => {
    expect(await list(da.evaluate('a * x + 2 / 4', { a: 10, x }))).toEqual([30.5, 60.5, 90.5])
    expect(await list(da.evaluate('x > 4 and y < 10 ? x : -1', { x, y }))).toEqual([-1, 6, -1])
    expect(await list(da.evaluate('x', { x }))).toEqual([3, 6, 9])
    expect(await list(da.evaluate('(-7 + 0 * x) % 3', { x }))).toEqual([2, 2, 2])
  })

  test('mistakes are errors with their position', () => {
    expect(() => da.evaluate('x + z', { x })).toThrow(
      /'z' is not a variable; the variables are: x \(at character 5\)/,
    )
    expect(() => da.evaluate('2 * 3', { x })).toThrow(/uses no array/)
    expect(() => da.evaluate('x + y', { x, y: 'a' as never })).toThrow(/variable 'y'/)
    expect(() => da.evaluate('x and', { x })).toThrow(SyntaxError)
    expect(() => da.evaluate('x + y', { x, y: da.ones([4]) })).toThrow(/do not broadcast/)
  })
})
