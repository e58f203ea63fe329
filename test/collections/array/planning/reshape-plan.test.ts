/** The grids of a reshape. */
import { describe, expect, test } from 'vitest'
import { forEachBlock } from '../../../../collections/array/planning/chunk-grid.js'
import { normalizeChunks } from '../../../../collections/array/planning/chunks-argument.js'
import { completeShape, planReshape } from '../../../../collections/array/planning/reshape-plan.js'

describe('reshape', () => {
  test('completes one open size', () => {
    expect(completeShape([2, -1], 12)).toEqual([2, 6])
    expect(completeShape([-1], 0)).toEqual([0])
    for (const shape of [[5, -1], [-1, -1], [3], [-2, -6], [1.5, 8]]) {
      expect(() => completeShape(shape, 12)).toThrow(/12 elements do not fit shape/)
    }
  })

  test('needs no rechunking where rows stay rows', () => {
    const plan = planReshape([[2, 2], [3]], [12])
    expect(plan).toEqual({
      before: [[2, 2], [3]],
      flat: [[6, 6]],
      between: [[6, 6]],
      after: [[6, 6]],
    })
    const split = planReshape([[6, 6]], [4, 3])
    expect(split.before).toEqual([[6, 6]])
    expect(split.after).toEqual([[2, 2], [3]])
  })

  test('does not rechunk groups of axes that do not change', () => {
    const plan = planReshape([[1, 2], [2, 2], [3]], [3, 12])
    expect(plan.before[0]).toEqual([1, 2])
    expect(plan.after[0]).toEqual([1, 2])
  })

  test('never makes blocks much larger than they were', () => {
    const plan = planReshape([new Array(10).fill(100), new Array(10).fill(100)], [1e6])
    expect(Math.max(...plan.flat[0]!)).toBeLessThanOrEqual(10_000)
    const halves = planReshape([new Array(100).fill(1000)], [2, 50_000])
    expect(halves.after[0]).toEqual([1, 1])
    expect(Math.max(...halves.after[1]!)).toBeLessThanOrEqual(1000)
  })

  test('every block of the result is a run of the source', () => {
    const shapes = [
      [24],
      [2, 12],
      [4, 6],
      [2, 3, 4],
      [1, 24, 1],
      [6, 4],
      [3, 8],
      [2, 2, 6],
      [4, 1, 6],
    ]
    for (const from of shapes) {
      for (const into of shapes) {
        for (const size of [1, 2, 3, 5, 24]) {
          const plan = planReshape(normalizeChunks(size, from, 'test'), into)
          const count = (grid: readonly (readonly number[])[]) => {
            const sizes: number[] = []
            forEachBlock(grid, (at) => sizes.push(at.reduce((n, c, a) => n * grid[a]![c]!, 1)))
            return sizes
          }
          expect(count(plan.before)).toEqual(count(plan.flat))
          expect(count(plan.between)).toEqual(count(plan.after))
          expect(plan.after.map((sizes) => sizes.reduce((a, b) => a + b, 0))).toEqual(into)
        }
      }
    }
  })
})
