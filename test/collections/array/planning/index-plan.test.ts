/** Parsing and planning of indices, against Python. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIndex, parseSlice } from '../../../../collections/array/block/index-parser.js'
import { planAxis } from '../../../../collections/array/planning/index-plan.js'

describe('slices', () => {
  const bound = fc.option(fc.integer({ min: -15, max: 15 }), { nil: undefined })
  const step = fc.option(
    fc.integer({ min: -4, max: 4 }).filter((n) => n !== 0),
    { nil: undefined },
  )

  /** Selects elements by Python's rule, one at a time. */
  function selected(n: number, start?: number, stop?: number, by = 1): number[] {
    const from = start === undefined ? (by > 0 ? 0 : n - 1) : start < 0 ? start + n : start
    const to = stop === undefined ? (by > 0 ? n : -1) : stop < 0 ? Math.max(stop + n, -1) : stop
    const found: number[] = []
    let at = from
    if (by > 0) at = Math.max(0, at)
    else at = Math.min(n - 1, at)
    for (; by > 0 ? at < Math.min(to, n) : at > to; at += by) if (at >= 0 && at < n) found.push(at)
    return found
  }

  test('select what Python selects, with any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
        bound,
        bound,
        step,
        (sizes, start, stop, by) => {
          const n = sizes.reduce((a, b) => a + b, 0)
          const pythonSlice = `${start ?? ''}:${stop ?? ''}${by === undefined ? '' : `:${by}`}`
          const expected = selected(n, start, stop, by)
          const slice = parseSlice(pythonSlice, n)
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
    [
      [
        [1, 2],
        [0, 1, 2],
      ],
      /do not broadcast/,
    ],
    [[[true, false]], /does not fit the axes/],
    [[[true, 1]], /integers or booleans, not both/],
    [[{}], /is not an index/],
    [[[0, 99]], /99 is outside axis 0/],
  ] as const)('%j is refused', (items, message) => {
    expect(() => parseIndex(items as never, [10, 4])).toThrow(message)
  })
})
