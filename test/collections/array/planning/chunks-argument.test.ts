/** The chunks argument and the grid it describes. */
import { describe, expect, test } from 'vitest'
import { forEachBlock } from '../../../../collections/array/planning/chunk-grid.js'
import { normalizeChunks } from '../../../../collections/array/planning/chunks-argument.js'

describe('chunks', () => {
  test.each([
    [4, [10], [[4, 4, 2]]],
    [-1, [10, 3], [[10], [3]]],
    [
      [2, 3],
      [4, 3],
      [[2, 2], [3]],
    ],
    [
      [[1, 3], -1],
      [4, 3],
      [[1, 3], [3]],
    ],
    [[3, 3, 4], [10], [[3, 3, 4]]],
    [[10], [10], [[10]]],
    [5, [0], [[0]]],
    [5, [], []],
    ['auto', [10, 10], [[10], [10]]],
    [[[2, 0, 2]], [4], [[2, 0, 2]]],
  ] as const)('%j of shape %j', (chunks, shape, expected) => {
    expect(normalizeChunks(chunks, shape, 'test')).toEqual(expected)
  })

  test('auto keeps short axes whole and blocks to 16 MiB', () => {
    const [rows, columns] = normalizeChunks('auto', [1e6, 100], 'test')
    expect(columns).toEqual([100])
    expect(rows![0]! * 100 * 8).toBeLessThanOrEqual(16 * 2 ** 20)
    expect(rows![0]! * 100 * 8).toBeGreaterThan(15 * 2 ** 20)
    const [bytes] = normalizeChunks('auto', [1e8], 'test', 'uint8')
    expect(bytes![0]).toBe(16 * 2 ** 20)
  })

  test.each([
    [0, [10], /chunk size 0 of axis 0 must be an integer of 1 or more/],
    [1.5, [10], /1.5/],
    [[2], [3, 3], /are for 1 axes, but the shape \[3,3\] has 2/],
    [[[2, 2], 1], [5, 1], /add up to 4, but the axis has 5/],
    [[[2, -2, 5], 1], [5, 1], /must be a size or a list of sizes/],
    [['x', 1], [5, 1], /axis 0/],
  ] as const)('%j of shape %j is refused', (chunks, shape, message) => {
    expect(() => normalizeChunks(chunks as never, shape, 'fromArray')).toThrow(message)
    expect(() => normalizeChunks(chunks as never, shape, 'fromArray')).toThrow(RangeError)
  })

  test('blocks are visited in row-major order', () => {
    const seen: string[] = []
    forEachBlock([[1, 1], [5], [1, 1]], (at) => seen.push(at.join('')))
    expect(seen).toEqual(['000', '001', '100', '101'])
    forEachBlock([], (at) => seen.push(`none${at.length}`))
    expect(seen.at(-1)).toBe('none0')
  })
})
