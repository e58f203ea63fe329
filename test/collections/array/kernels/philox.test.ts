/** Philox4x32-10: known answers, and bulk words equal to single ones. */
import { describe, expect, test } from 'vitest'
import { BULK, bulkPhilox, philox } from '../../../../collections/array/kernels/philox.js'

const wordsOf = (
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
) => {
  const out = new Uint32Array(4)
  philox(out, counter, key)
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ')
}

describe('Philox4x32-10', () => {
  // kat_vectors of Random123, the library of the authors.
  test.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1, -1, -1, -1], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ] as const)('gives the known answer for counter %j', (counter, key, expected) => {
    expect(wordsOf(counter, key)).toBe(expected)
  })

  test('gives the same words in bulk', () => {
    const { words, numbers, fillWords, fillNumbers } = bulkPhilox()
    const key = [0x9abcdef0, 77] as const
    const single = new Uint32Array(4)
    fillWords(0xfffff000 | 0, 9, 5, key, BULK)
    for (let i = 0; i < BULK; i += 7) {
      philox(single, [(0xfffff000 + i) | 0, 9, 5, 0], key)
      expect([...words.subarray(4 * i, 4 * i + 4)]).toEqual([...single])
    }
    fillNumbers(40, 1, key, 9, -2, 8)
    for (let i = 0; i < 9; i++) {
      philox(single, [40 + i, 1, 0, 0], key)
      const expected = [0, 2].map((at) => {
        return -2 + 8 * ((single[at + 1]! * 2 ** 20 + (single[at]! >>> 12)) / 2 ** 52)
      })
      expect([...numbers.subarray(2 * i, 2 * i + 2)]).toEqual(expected)
    }
  })
})
