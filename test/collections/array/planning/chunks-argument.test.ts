/** The chunks argument and the grid it describes. */
import { describe, expect, test } from 'vitest'
import { evenSizes, forEachBlock } from '../../../../collections/array/planning/chunk-grid.js'
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
    [{ 0: 2 }, [4, 3], [[2, 2], [3]]],
    [
      { [-1]: 2, 0: [1, 3] },
      [4, 3],
      [
        [1, 3],
        [2, 1],
      ],
    ],
    [
      [null, 2],
      [4, 3],
      [[4], [2, 1]],
    ],
    ['800 B', [300], [[100, 100, 100]]],
    ['1kiB', [200], [[128, 72]]],
    [{ 1: '800B' }, [5, 100], [[5], [20, 20, 20, 20, 20]]],
    [
      [1, '800B'],
      [2, 100],
      [[1, 1], [100]],
    ],
    [
      ['auto', '800B'],
      [100, 100],
      [evenSizes(100, 10), evenSizes(100, 10)],
    ],
    ['1e3 MB', [10], [[10]]],
  ] as const)('%j of shape %j', (chunks, shape, expected) => {
    expect(normalizeChunks(chunks, shape, 'test')).toEqual(expected)
  })

  test('auto keeps short axes whole and blocks to 16 MiB', () => {
    const [rows, columns] = normalizeChunks('auto', [1e6, 100], 'test')
    expect(columns).toEqual([100])
    expect(rows![0]! * 100 * 8).toBeLessThanOrEqual(16 * 2 ** 20)
    expect(rows![0]! * 100 * 8).toBeGreaterThan(15 * 2 ** 20)
    const [bytes] = normalizeChunks('auto', [1e8], 'test', { dtype: 'uint8' })
    expect(bytes![0]).toBe(16 * 2 ** 20)
  })

  test.each([
    [0, [10], /chunk size 0 of axis 0 must be an integer of 1 or more/],
    [1.5, [10], /1.5/],
    [[2], [3, 3], /are for 1 axes, but the array has 2/],
    [[[2, 2], 1], [5, 1], /add up to 4, but the axis has 5/],
    [[[2, -2, 5], 1], [5, 1], /must be a size or a list of sizes/],
    [['x', 1], [5, 1], /axis 0/],
    ['all', [5], /chunks must be a size, .*'100MiB'.*; got "all"/],
    ['0 B', [5], /got "0 B"/],
    [['1MB', '2MB'], [5, 5], /several sizes of a block, '1MB' and '2MB'/],
    [{ 2: 1 }, [5, 5], /fromArray: axis 2/],
    [{ rows: 1 }, [5, 5], /the key 'rows' of chunks is not an axis/],
    [{ 0: 1, [-2]: 1 }, [5, 5], /list axis 0 twice/],
    [{ 0: 1.5 }, [5, 5], /1.5/],
    [{ 0: undefined }, [5, 5], /chunks of axis 0 must be/],
    [new Map([[0, 1]]), [5, 5], /chunks must be one size/],
    [true, [5], /got true/],
  ] as const)('%j of shape %j is refused', (chunks, shape, message) => {
    expect(() => normalizeChunks(chunks as never, shape, 'fromArray')).toThrow(message)
    expect(() => normalizeChunks(chunks as never, shape, 'fromArray')).toThrow(RangeError)
  })

  test.each([
    // The numbers of chunks are those of Dask, whose sizes are less even.
    [1000, 400, [500, 500]],
    [799, 400, [400, 399]],
    [10, 3, [4, 3, 3]],
    [14, 3, [3, 3, 3, 3, 2]],
    [100, 30, [34, 33, 33]],
    [100, 60, [50, 50]],
    [9, 4, [5, 4]],
    [5, 2, [3, 2]],
    [3, 2, [2, 1]],
    [7, 5, [4, 3]],
    [1049, 100, [...Array<number>(9).fill(105), 104]],
    [1051, 100, [...Array<number>(6).fill(96), ...Array<number>(5).fill(95)]],
    [0, 3, [0]],
    [5, -1, [5]],
  ] as const)('%d elements in balanced chunks of about %d', (n, size, expected) => {
    expect(normalizeChunks(size, [n], 'test', { balance: true })).toEqual([expected])
  })

  test('balanced chunks do not exceed a number of bytes', () => {
    expect(normalizeChunks('80B', [25], 'test', { balance: true })).toEqual([[9, 8, 8]])
    expect(normalizeChunks([[7, 2, 1]], [10], 'test', { balance: true })).toEqual([[5, 5]])
  })

  test('axes that are not named keep their chunks, if there are any', () => {
    const kept = [
      [1, 3],
      [2, 1],
    ]
    expect(normalizeChunks({ 0: 2 }, [4, 3], 'test', { kept })).toEqual([
      [2, 2],
      [2, 1],
    ])
    expect(normalizeChunks([null, -1], [4, 3], 'test', { kept })).toEqual([[1, 3], [3]])
    // A block of 3 rows has room for 2 columns of 8 bytes.
    expect(normalizeChunks([null, '48B'], [4, 3], 'test', { kept })).toEqual(kept)
    expect(normalizeChunks([null, 'auto'], [4, 3], 'test', { kept, limit: 24 })).toEqual([
      [1, 3],
      [1, 1, 1],
    ])
  })

  test('blocks are visited in row-major order', () => {
    const seen: string[] = []
    forEachBlock([[1, 1], [5], [1, 1]], (at) => seen.push(at.join('')))
    expect(seen).toEqual(['000', '001', '100', '101'])
    forEachBlock([], (at) => seen.push(`none${at.length}`))
    expect(seen.at(-1)).toBe('none0')
  })
})
