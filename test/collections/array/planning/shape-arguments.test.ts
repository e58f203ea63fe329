/** Axes that users pass. */
import { describe, expect, test } from 'vitest'
import {
  normalizeAxes,
  normalizeAxis,
} from '../../../../collections/array/planning/shape-arguments.js'

describe('axes', () => {
  test('may be counted from the end', () => {
    expect(normalizeAxis(-1, 3, 'sum')).toBe(2)
    expect(normalizeAxes([-1, 0], 3, 'sum')).toEqual([0, 2])
    expect(normalizeAxes(undefined, 2, 'sum')).toEqual([0, 1])
  })
  test('outside the array, or twice, are refused', () => {
    expect(() => normalizeAxis(3, 3, 'sum')).toThrow(/sum: axis 3 is not an axis.*use -3 to 2/)
    expect(() => normalizeAxes([0, -3], 3, 'sum')).toThrow(/twice/)
    expect(() => normalizeAxes('0' as never, 3, 'sum')).toThrow(RangeError)
  })
})
