/** The memory limit that users set, and its thresholds. */
import { availableParallelism, totalmem } from 'node:os'
import { expect, test } from 'vitest'
import {
  memoryThresholds,
  readMemoryLimit,
} from '../../../../distributed/worker/results/memory-limit.js'

test('a limit is bytes, a string, a fraction, or none', () => {
  const read = (limit: unknown, nthreads = 1) => readMemoryLimit(limit, nthreads, 'x')
  expect(read(5e6)).toBe(5e6)
  expect(read('2GB')).toBe(2e9)
  expect(read('1.5 GiB')).toBe(1.5 * 2 ** 30)
  expect(read('1e9')).toBe(1e9)
  expect([read(0), read('0'), read(Number.POSITIVE_INFINITY)]).toEqual(
    Array(3).fill(Number.POSITIVE_INFINITY),
  )
  expect(read(0.5)).toBeLessThanOrEqual(totalmem() / 2)
  expect(read(undefined, availableParallelism())).toBe(read('auto', 1024))
  for (const wrong of ['', 'x', '-1', null, true, {}, Number.NaN, -5]) {
    expect(() => read(wrong)).toThrow('x: memoryLimit is a number of bytes')
  }
  // Bytes are rarely meant: '2' is 2 GB, and nothing fits into 2 bytes.
  for (const small of [1, 10, '2', '10KB', '0.05 MB', 63_999]) {
    expect(() => read(small)).toThrow(/^x: memoryLimit is .* bytes; the smallest limit is 64 kB/)
  }
  expect(read('64kB')).toBe(64e3)
})

test('thresholds are fractions of the limit, or none', () => {
  expect(memoryThresholds(1000, {}, 'x')).toEqual({
    limit: 1000,
    target: 600,
    spill: 700,
    pause: 800,
  })
  expect(memoryThresholds(1000, { memoryTarget: false, memoryPause: 0.9 }, 'x')).toMatchObject({
    target: Number.POSITIVE_INFINITY,
    pause: 900,
  })
})
