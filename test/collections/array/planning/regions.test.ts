/** Regions of arrays, and the alignment of chunks to those of a target. */
import { describe, expect, test } from 'vitest'
import {
  alignSizes,
  blockRegion,
  parseRegion,
} from '../../../../collections/array/planning/regions.js'

describe('alignSizes', () => {
  test.each([
    ['sizes that fit stay', [8, 2], 4, 0, [8, 2]],
    ['sizes that do not fit become the nearest multiple', [5, 5], 4, 0, [4, 4, 2]],
    ['large chunks stay large', [30, 30, 30], 7, 0, [28, 28, 28, 6]],
    ['small chunks become whole ones', [1, 1, 1, 1, 1], 3, 0, [3, 2]],
    ['the start of the region counts', [4, 4], 4, 2, [2, 4, 2]],
    ['a region that fits at its start stays', [2, 4, 2], 4, 2, [2, 4, 2]],
    ['an empty axis stays', [0], 4, 0, [0]],
  ])('%s', (_, sizes, chunk, start, expected) => {
    expect(alignSizes(sizes, chunk, start)).toEqual(expected)
  })

  test('never lets two chunks share one of the target', () => {
    for (let n = 1; n < 30; n++)
      for (let size = 1; size <= n; size++)
        for (const [chunk, start] of [
          [1, 0],
          [3, 0],
          [3, 2],
          [7, 5],
          [40, 3],
        ] as const) {
          const sizes = Array.from({ length: Math.ceil(n / size) }, (_, i) =>
            Math.min(size, n - i * size),
          )
          const aligned = alignSizes(sizes, chunk, start)
          expect(aligned.reduce((a, b) => a + b, 0)).toBe(n)
          let edge = start
          for (const part of aligned.slice(0, -1)) {
            edge += part
            expect(part > 0 && edge % chunk === 0).toBe(true)
          }
        }
  })
})

test('blocks have regions in row-major order', () => {
  const grid = [
    [2, 1],
    [3, 4],
  ]
  expect(blockRegion(grid, 2, [10, 0])).toEqual([
    { start: 12, stop: 13 },
    { start: 0, stop: 3 },
  ])
  expect(blockRegion([], 0)).toEqual([])
})

describe('parseRegion', () => {
  test('takes slices and ranges', () => {
    expect(parseRegion(['1:', { start: 0, stop: 2 }], [4, 3], 'store')).toEqual([
      { start: 1, stop: 4 },
      { start: 0, stop: 2 },
    ])
    expect(parseRegion(['-3:-1'], [10], 'store')).toEqual([{ start: 7, stop: 9 }])
    expect(parseRegion(['2:5'], undefined, 'store')).toEqual([{ start: 2, stop: 5 }])
  })

  test.each([
    [['0:5'], [4, 3], /a list of 2 entries/],
    [['0:5', ':'], [4, 3], /axis 0 .* within the 4 elements/],
    [['0:4:2', ':'], [4, 3], /without a step/],
    [[3, ':'], [4, 3], /got 3/],
    [[null, ':'], [4, 3], /got null/],
    [['3:1', ':'], [4, 3], /axis 0/],
    [[':'], undefined, /axis 0/],
    [['-3:-1'], undefined, /axis 0/],
    ['0:4', [4], /a list of 1 entries/],
  ])('refuses %j of %j', (spec, shape, message) => {
    expect(() => parseRegion(spec, shape, 'store')).toThrow(message)
  })
})
