/** Sorting of numbers, compared with that of typed arrays. */
import { expect, test } from 'vitest'
import { sortNumbers } from '../../../../collections/array/kernels/radix-sort.js'

let state = 1

function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0
  return (state >>> 0) / 2 ** 32
}

/** Returns the first index at which two arrays differ, or -1. */
function firstDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return i
  return -1
}

/** Numbers by what they are like; `i` is the index. */
const kinds: Readonly<Record<string, (i: number) => number>> = {
  'in [0, 1)': random,
  'of both signs': () => (random() - 0.5) * 10,
  integers: () => Math.floor(random() * 100),
  'near 1, and a large one': (i) => (i === 0 ? 1e300 : 1 + random() * 1e-9),
  'that differ in their lowest bits, and two large ones': (i) =>
    i < 2 ? (i - 0.5) * 1e300 : 1 + Math.floor(random() * 2 ** 20) * 2 ** -52,
  'and NaN': (i) => (i % 3 === 0 ? NaN : random()),
  'and infinities': (i) => (i % 5 > 0 ? random() - 0.5 : i % 2 === 0 ? Infinity : -Infinity),
  '0 and -0': () => (random() < 0.5 ? 0 : -0),
  denormal: () => random() * 1e-310,
  'in order': (i) => i,
  'in falling order': (i) => -i,
  'all equal': () => 5,
}

test.each(Object.entries(kinds))('numbers %s are sorted as by typed arrays', (_, number) => {
  for (const Numbers of [Float64Array, Float32Array, Int32Array, Uint16Array]) {
    for (const n of [0, 1, 2100, 5000]) {
      const data = new Numbers(n).map((_, i) => number(i))
      const sorted = data.slice().sort()
      sortNumbers(data)
      expect(firstDifference(data, sorted)).toBe(-1)
    }
  }
})

test('NaN with a sign comes last', () => {
  const data = new Float64Array(3000).map(random)
  new Uint32Array(data.buffer).set([1, 0xfff80000], 20)
  sortNumbers(data)
  expect(data.findIndex(Number.isNaN)).toBe(2999)
})

test.each([BigInt64Array, BigUint64Array])('64 bits are sorted: %o', (Numbers) => {
  const words = new Uint32Array(10_000).map(() => random() * 2 ** 32)
  const data = new Numbers(words.buffer)
  const sorted = data.slice().sort()
  sortNumbers(data)
  expect(firstDifference(data, sorted)).toBe(-1)
})

test('more than a million numbers are sorted in parts', () => {
  const data = new Float64Array(2 ** 21 + 12_345).map((_, i) => (i % 1000 === 0 ? NaN : random()))
  const sorted = data.slice().sort()
  sortNumbers(data)
  expect(firstDifference(data, sorted)).toBe(-1)
})
