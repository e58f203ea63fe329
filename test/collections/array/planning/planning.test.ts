import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alignGrids, broadcastShapes } from '../../../../collections/array/planning/broadcast.js'
import { commonGrid, forEachBlock } from '../../../../collections/array/planning/chunk-grid.js'
import { normalizeChunks } from '../../../../collections/array/planning/chunks-argument.js'
import { parseSlice } from '../../../../collections/array/planning/index-parser.js'
import { planAxis, planIndex } from '../../../../collections/array/planning/index-plan.js'
import { planMoves } from '../../../../collections/array/planning/rechunk-plan.js'
import { completeShape, planReshape } from '../../../../collections/array/planning/reshape-plan.js'
import {
  normalizeAxes,
  normalizeAxis,
} from '../../../../collections/array/planning/shape-arguments.js'

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

describe('broadcasting', () => {
  test('aligns shapes at their ends', () => {
    expect(broadcastShapes('add', [[3, 1], [4], []])).toEqual([3, 4])
    expect(broadcastShapes('add', [[0], [1]])).toEqual([0])
    expect(() => broadcastShapes('add', [[3], [0]])).toThrow(RangeError)
  })
  test('cuts everything where anything is cut', () => {
    expect(commonGrid([[[4, 4]], [[2, 6]]], [8])).toEqual([[2, 2, 4]])
    const { chunks, grids, axes } = alignGrids('add', [[[2, 2], [1]], [[3, 3]]])
    expect(chunks).toEqual([
      [2, 2],
      [3, 3],
    ])
    expect(grids).toEqual([[[2, 2], [1]], [[3, 3]]])
    expect(axes).toEqual([[0, -1], [1]])
  })
})

describe('slices', () => {
  const bound = fc.option(fc.integer({ min: -15, max: 15 }), { nil: undefined })
  const step = fc.option(
    fc.integer({ min: -4, max: 4 }).filter((n) => n !== 0),
    { nil: undefined },
  )

  /** Python's rule, spelled out element by element. */
  function picked(n: number, start?: number, stop?: number, by = 1): number[] {
    const from = start === undefined ? (by > 0 ? 0 : n - 1) : start < 0 ? start + n : start
    const to = stop === undefined ? (by > 0 ? n : -1) : stop < 0 ? Math.max(stop + n, -1) : stop
    const found: number[] = []
    let at = from
    if (by > 0) at = Math.max(0, at)
    else at = Math.min(n - 1, at)
    for (; by > 0 ? at < Math.min(to, n) : at > to; at += by) if (at >= 0 && at < n) found.push(at)
    return found
  }

  test('pick what Python picks, in whatever chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
        bound,
        bound,
        step,
        (sizes, start, stop, by) => {
          const n = sizes.reduce((a, b) => a + b, 0)
          const text = `${start ?? ''}:${stop ?? ''}${by === undefined ? '' : `:${by}`}`
          const expected = picked(n, start, stop, by)
          const slice = parseSlice(text, n)
          expect(
            Array.from({ length: slice.size }, (_, i) => slice.start + i * slice.step),
          ).toEqual(expected)
          const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
          const parts = planAxis({ kind: 'slice', ...slice }, sizes)
          const found = parts.flatMap(({ pieces, size }) => {
            expect(pieces).toHaveLength(1)
            const { block, take } = pieces[0]!
            const part = take as { start: number; step: number; size: number }
            expect(part.size).toBe(size)
            return Array.from(
              { length: size },
              (_, i) => starts[block]! + part.start + i * part.step,
            )
          })
          expect(found).toEqual(expected)
        },
      ),
      { numRuns: 500, seed: 7 },
    )
  })

  test('a list reads each source block once for a block of the result', () => {
    const [first, second] = planAxis({ kind: 'list', positions: [5, 0, 4, 1, 5] }, [3, 3])
    expect(first).toEqual({
      size: 3,
      pieces: [
        { block: 1, take: [2, 1], to: [0, 2] },
        { block: 0, take: [0], to: [1] },
      ],
    })
    expect(second!.size).toBe(2)
  })

  test.each([
    [['1:2:0'], /step of '1:2:0' must not be 0/],
    [['a:b'], /'a:b' is not a slice/],
    [[1.5], /1.5 is not an integer/],
    [[10], /10 is outside axis 0 of size 10/],
    [[-11], /-11 is outside/],
    [['...', '...'], /may appear once/],
    [[0, 0, 0], /3 indices for an array of 2 axes/],
    [[[1], [2]], /only one list/],
    [[{}], /is not an index/],
    [[[0, 99]], /99 is outside axis 0/],
  ] as const)('%j is refused', (items, message) => {
    expect(() => planIndex(items as never, [10, 4], [[10], [4]])).toThrow(message)
  })
})

describe('rechunk', () => {
  test('each new chunk lists the parts of old ones', () => {
    expect(planMoves([4, 4], [3, 5])).toEqual([
      [{ block: 0, take: { start: 0, step: 1, size: 3 }, to: 0 }],
      [
        { block: 0, take: { start: 3, step: 1, size: 1 }, to: 0 },
        { block: 1, take: { start: 0, step: 1, size: 4 }, to: 1 },
      ],
    ])
    expect(planMoves([0], [0])).toEqual([
      [{ block: 0, take: { start: 0, step: 1, size: 0 }, to: 0 }],
    ])
  })
})

describe('reshape', () => {
  test('completes one open size', () => {
    expect(completeShape([2, -1], 12)).toEqual([2, 6])
    expect(completeShape([-1], 0)).toEqual([0])
    for (const shape of [[5, -1], [-1, -1], [3], [-2, -6], [1.5, 8]]) {
      expect(() => completeShape(shape, 12)).toThrow(/12 elements do not fit shape/)
    }
  })

  test('needs no new cuts where rows stay rows', () => {
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

  test('leaves groups that do not change alone', () => {
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
