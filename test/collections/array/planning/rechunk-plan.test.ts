/** The moves of a rechunk along an axis. */
import { describe, expect, test } from 'vitest'
import { planMoves } from '../../../../collections/array/planning/rechunk-plan.js'

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
