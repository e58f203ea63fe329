/** What functions captured is released in every process, wherever the functions are used. */
import { expect, test } from 'vitest'
import { expectFlat, measureMemory } from '../fixtures/functions/measure-memory.js'

test.concurrent.each(['large-built', 'large-sync', 'large-threads'])(
  '%s: functions of 1 MB, one after another, leave nothing',
  async (mode) => expectFlat(await measureMemory(mode, '80')),
  180_000,
)

test('a cluster keeps nothing of functions of 1 MB, and counts those that it has', async () => {
  const samples = await measureMemory('large-cluster', '80')
  expectFlat(samples)
  const functions = samples.map((sample) => sample.functions!)
  expect(Math.max(...functions)).toBeGreaterThan(1e6)
})
