/** Arrays and blocks that exceed the memory are refused before anything is allocated. */
import { totalmem } from 'node:os'
import { describe, expect, test } from 'vitest'
import {
  assertBlockFits,
  assertResultFits,
} from '../../../../collections/array/block/memory-check.js'
import * as da from '../../../../collections/array/index.js'
import { availableMemory, formatByteSize } from '../../../../core/base/available-memory.js'
import { getSync } from '../../../../core/run/get-sync.js'

const memory = availableMemory()

test('the available memory is at most that of the machine', () => {
  expect(memory).toBeGreaterThan(2 ** 28)
  expect(memory).toBeLessThanOrEqual(totalmem())
})

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [1_048_576, '1.05 MB'],
  [999_600_000, '1 GB'],
  [8e10, '80 GB'],
  [8e18, '8 EB'],
])('%d bytes are formatted as %s', (bytes, formatted) => {
  expect(formatByteSize(bytes)).toBe(formatted)
})

describe('the result of an array', () => {
  const side = Math.ceil(Math.sqrt(memory / 8)) * 2
  const x = da.ones([side, side])

  test.each(['compute', 'persist'] as const)(
    'is refused by %s if it exceeds the memory',
    async (operation) => {
      const failed = expect(x[operation]({ get: getSync })).rejects
      await failed.toThrow(RangeError)
      await expect(x[operation]()).rejects.toThrow(
        `${operation}: the result, float64 of shape [${side}, ${side}], takes ${formatByteSize(side * side * 8)}`,
      )
      await expect(x[operation]()).rejects.toThrow(
        `more than the memory of ${formatByteSize(memory)}; reduce it first, such as x.mean(0), compute a part, such as x.at('0:1000'), or store its blocks`,
      )
    },
  )

  test('may have any size if what is computed is small', async () => {
    expect(
      await x
        .at(-1, '2:4')
        .compute({ get: getSync })
        .then((c) => (c as da.NDArray).toArray()),
    ).toEqual([1, 1])
  })

  test('counts twice if it is joined from several blocks', () => {
    const most = Math.floor(memory / 8)
    const check = (operation: string, length: number, blocks: number) => () =>
      assertResultFits(operation, { dtype: 'float64', shape: [length], blocks })
    expect(check('compute', most, 1)).not.toThrow()
    expect(check('compute', Math.floor(most / 2), 9)).not.toThrow()
    expect(check('compute', most, 9)).toThrow(/and as much again while its 9 blocks are joined/)
    expect(check('persist', most, 9)).not.toThrow()
  })
})

test('a block that exceeds the memory is refused by the task that allocates it', async () => {
  const length = Math.ceil(memory / 8) + 1
  expect(() => assertBlockFits('uint8', 2 ** 30)).not.toThrow()
  await expect(
    da.random.normal(length, { chunks: -1 }).sum().compute({ get: getSync }),
  ).rejects.toThrow(
    `a block of ${length} elements of float64 takes ${formatByteSize(length * 8)}, more than the memory of ${formatByteSize(memory)}; use smaller blocks`,
  )
})
