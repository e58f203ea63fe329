/** The stages of a rechunk: how many pieces they copy, and how much a task reads and makes. */
import { describe, expect, test } from 'vitest'
import {
  evenSizes,
  type Grid,
  gridShape,
  largestBlock,
} from '../../../../collections/array/planning/chunk-grid.js'
import { planStages, stageCost } from '../../../../collections/array/planning/rechunk-stages.js'

const even = (shape: readonly number[], sizes: readonly number[]): Grid =>
  shape.map((n, axis) => evenSizes(n, sizes[axis]!))

const itemsize = 8
const square = [10_000, 10_000]

/** Returns the pieces of all stages of a plan, and the most bytes that a task reads. */
function costOf(from: Grid, stages: readonly Grid[]) {
  const costs = stages.map((grid, i) => stageCost(stages[i - 1] ?? from, grid))
  return {
    pieces: costs.reduce((sum, { pieces }) => sum + pieces, 0),
    reads: Math.max(...costs.map(({ reads }) => reads)) * itemsize,
  }
}

describe('the cost of a stage', () => {
  test('counts pieces, blocks and the elements that a task reads', () => {
    const cost = stageCost(
      [[4, 4], [6]],
      [
        [3, 5],
        [2, 4],
      ],
    )
    // Of the two chunks of rows, the second one reads both old ones.
    expect(cost).toEqual({ pieces: 3 * 2, blocks: 4, reads: 8 * 6 })
    expect(stageCost([[2, 0, 2]], [[4]])).toEqual({ pieces: 3, blocks: 1, reads: 4 })
    expect(stageCost([[4]], [[0, 4]]).blocks).toBe(2)
  })
})

describe('a plan', () => {
  test.each([
    ['the same blocks, merged', [100, 10_000], [1000, 10_000]],
    ['blocks that are divided', [1000, 10_000], [100, 10_000]],
  ])('has one stage for %s', (_, before, after) => {
    const to = even(square, after)
    expect(planStages(even(square, before), to, { itemsize })).toEqual([to])
  })

  test('has one stage for large blocks of rows to columns only if a task may read all of them', () => {
    const [rows, columns] = [even(square, [1000, 10_000]), even(square, [10_000, 1000])]
    const blockSizeLimit = 2 ** 30
    expect(planStages(rows, columns, { itemsize, blockSizeLimit })).toEqual([columns])
    expect(planStages(rows, columns, { itemsize })).toEqual([even(square, [1000, 1000]), columns])
  })

  test.each([
    [100, 10_000, 2000],
    [10, 1_000_000, 5000],
    [1, 100_000_000, 50_000],
  ])(
    'from chunks of %d rows to as many columns makes %d pieces in one stage, and at most %d in several',
    (size, direct, most) => {
      const [from, to] = [even(square, [size, 10_000]), even(square, [10_000, size])]
      expect(stageCost(from, to).pieces).toBe(direct)
      const stages = planStages(from, to, { itemsize })
      expect(stages.at(-1)).toBe(to)
      expect(stages.length).toBeGreaterThan(1)
      expect(costOf(from, stages).pieces).toBeLessThanOrEqual(most)
      for (const grid of stages) {
        // Blocks in between are about as large as those before and after.
        expect(largestBlock(grid)).toBeLessThanOrEqual(2 * size * 10_000 + 2 ** 21)
      }
    },
  )

  test('of a million small blocks reads each of them once or twice', () => {
    const from = even(square, [10, 10])
    for (const after of [
      [10_000, 10],
      [10_000, 1],
      [1000, 1000],
    ]) {
      const { pieces } = costOf(from, planStages(from, even(square, after), { itemsize }))
      expect(pieces).toBeLessThan(1_200_000)
    }
  })

  test('keeps to the bytes that a task may read, if that is possible', () => {
    // 4 GB in blocks of 64 MB.
    const [from, to] = [even([64_000, 8000], [1000, 8000]), even([64_000, 8000], [64_000, 125])]
    expect(costOf(from, planStages(from, to, { itemsize })).reads).toBeLessThan(2 ** 30)
    const stages = planStages(from, to, { itemsize, blockSizeLimit: 2 ** 27 })
    expect(costOf(from, stages).reads).toBeLessThan(2 ** 27)
    expect(costOf(from, stages).pieces).toBeLessThan(10_000)
    // A task reads one block of 64 MB at least.
    const smallest = planStages(from, to, { itemsize, blockSizeLimit: 1000 })
    expect(costOf(from, smallest).reads).toBeLessThan(1.05 * 64e6)
  })

  test('has one stage if the pieces are few in relation to the blocks', () => {
    const [from, to] = [even(square, [10, 10_000]), even(square, [10_000, 10])]
    expect(planStages(from, to, { itemsize, threshold: 500 })).toEqual([to])
    expect(planStages(from, to, { itemsize, threshold: 499 }).length).toBeGreaterThan(1)
  })

  test('keeps shapes whatever the chunks are', () => {
    let seed = 1
    const random = (most: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % most
    }
    const cut = (n: number) => {
      const sizes: number[] = []
      for (let left = n; left > 0; left -= sizes.at(-1)!) {
        sizes.push(random(5) === 0 ? 0 : Math.min(left, 1 + random(n)))
      }
      return sizes.length === 0 ? [0] : sizes
    }
    for (let i = 0; i < 300; i++) {
      const shape = Array.from({ length: 1 + random(3) }, () => random(60))
      const [from, to] = [shape.map(cut), shape.map(cut)]
      const stages = planStages(from, to, { itemsize, blockSizeLimit: 1 + random(20_000) })
      for (const grid of stages) {
        expect(gridShape(grid)).toEqual(shape)
        expect(grid.every((sizes) => sizes.length > 0)).toBe(true)
      }
      expect(stages.at(-1)).toBe(to)
      const most = Math.max(costOf(from, [to]).reads, 1)
      expect(costOf(from, stages).reads).toBeLessThanOrEqual(most)
    }
  })

  test('takes a time that depends on the chunks along axes, not on the number of blocks', () => {
    const [from, to] = [
      even([1e6, 1e6, 1e6], [1e3, 1e3, 1e6]),
      even([1e6, 1e6, 1e6], [1e6, 1e3, 1e3]),
    ]
    const before = performance.now()
    planStages(from, to, { itemsize })
    expect(performance.now() - before).toBeLessThan(1000)
  })
})
