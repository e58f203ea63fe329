/** Broadcasting of shapes and grids. */
import { describe, expect, test } from 'vitest'
import { alignGrids, commonShape } from '../../../../collections/array/planning/broadcast.js'
import { commonGrid } from '../../../../collections/array/planning/chunk-grid.js'

describe('broadcasting', () => {
  test('aligns shapes at their ends', () => {
    expect(commonShape('add', [[3, 1], [4], []])).toEqual([3, 4])
    expect(commonShape('add', [[0], [1]])).toEqual([0])
    expect(() => commonShape('add', [[3], [0]])).toThrow(RangeError)
  })
  test('aligned grids have every chunk boundary of any of them', () => {
    expect(commonGrid([[[4, 4]], [[2, 6]]], [8])).toEqual([[2, 2, 4]])
    const { chunks, grids, axes } = alignGrids('add', [[[2, 2], [1]], [[3, 3]]])
    expect(chunks).toEqual([
      [2, 2],
      [3, 3],
    ])
    expect(grids).toEqual([[[2, 2], [1]], [[3, 3]]])
    expect(axes).toEqual([[0, -1], [1]])
  })

  test('many operands that are shifted against each other do not leave many small chunks', () => {
    const shifted = Array.from({ length: 6 }, (_, i) => {
      const first = 100 - 15 * i
      return [[first, ...new Array<number>(20).fill(100), 100 - first]]
    })
    const [sizes] = commonGrid(shifted, [2100])
    expect(sizes!.reduce((a, b) => a + b, 0)).toBe(2100)
    expect(sizes!.length).toBeLessThan(2 * 22)
    expect(Math.max(...sizes!)).toBeLessThanOrEqual(100)
    // Two operands keep all bounds: their parts are views of the blocks, not copies.
    expect(commonGrid(shifted.slice(0, 2), [2100])[0]!.length).toBeGreaterThan(30)
  })
})
