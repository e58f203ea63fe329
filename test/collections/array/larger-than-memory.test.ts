/** Arrays whose chunks do not fit in the memory that results may take: they go over the disk. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { closeThreads, getThreads } from '../../../core/index.js'

const { writeSync } = fs
let written = 0

beforeAll(async () => {
  await closeThreads()
  // Two fifths of it are for results: 26 MB.
  process.env.SKEIN_MEMORY_LIMIT = '64MB'
  fs.writeSync = ((...args: Parameters<typeof writeSync>) => {
    const count = writeSync(...args)
    written += count
    return count
  }) as typeof writeSync
  syncBuiltinESMExports()
})
beforeEach(() => {
  written = 0
})
afterAll(async () => {
  await closeThreads()
  delete process.env.SKEIN_MEMORY_LIMIT
  fs.writeSync = writeSync
  syncBuiltinESMExports()
})

test('a rechunk from rows to columns', async () => {
  const [rows, columns] = [2500, 2000]
  const x = da
    .arange(rows * columns, { chunks: 50 * columns, dtype: 'float64' })
    .reshape([rows, columns])
  const y = x.rechunk({ 0: -1, 1: 50 }, { threshold: 1e9 })
  expect(y.chunks[0]).toEqual([rows])
  // Sums of columns, from the middle of each.
  const sums = da
    .arange(columns)
    .add(((rows - 1) / 2) * columns)
    .mul(rows)
  const off = await y.sum(0).sub(sums).abs().max().compute({ get: getThreads })
  expect(off).toBe(0)
  expect(written).toBeGreaterThan(10e6)
})

test('a sort', async () => {
  const n = 4_000_000
  const numbers = da.arange(n, { chunks: 200_000, dtype: 'float64' })
  const x = numbers.mul(7919).mod(n)
  const off = await da.sort(x).sub(numbers).abs().max().compute({ get: getThreads })
  expect(off).toBe(0)
  expect(written).toBeGreaterThan(5e6)
})

test('a result that is larger', async () => {
  const x = da.arange(5_000_000, { chunks: 250_000, dtype: 'float64' })
  const { data } = await x.add(1).compute({ get: getThreads })
  expect(data.length).toBe(5_000_000)
  expect((data as Float64Array).every((value, i) => value === i + 1)).toBe(true)
})

test('generated data that has two readers is made again, not kept', async () => {
  const n = 8_000_000
  const x = da.arange(n, { chunks: 500_000, dtype: 'float64' })
  const spread = await x.sub(x.mean()).abs().mean().compute({ get: getThreads })
  expect(spread).toBe(n / 4)
  expect(written).toBe(0)
})
