/** The functions of results that a worker does not keep in memory itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { bundles, cacheLimits } from '../../../../core/codec/index.js'
import { bundleItems, type StoredValue, store } from '../../../../core/graph/stored-value.js'
import {
  type ResultMapping,
  ResultStore,
} from '../../../../distributed/worker/results/result-store.js'

const stores: ResultStore[] = []
afterAll(async () => {
  for (const store of stores) await store.close()
})

/** Returns a value with a function that no cache keeps. */
function makeResult(): StoredValue {
  const table = new Uint8Array(2 * cacheLimits.bytes)
  return store({ read: (i: number) => table[i] }, { shared: true })
}

function copyOf(value: StoredValue): StoredValue {
  return structuredClone(value)
}

/** Fills the caches, and lets everything be collected that nothing holds. */
async function forgetOthers(): Promise<void> {
  store(() => cacheLimits)
  ;(bundles as unknown as { findable: Map<string, unknown> }).findable.clear()
  await sleep(1)
}

test('a result on disk keeps its functions', async () => {
  const written: number[] = []
  const results = new ResultStore(undefined, {
    directory: undefined,
    onSpilled: (task) => written.push(task),
  })
  stores.push(results)
  results.put(1, makeResult(), '')
  results.spill([1], [1])
  await expect.poll(() => written, { timeout: 60_000 }).toEqual([1])
  results.unload([1])
  await forgetOthers()
  expect(bundleItems([results.peek(1)])).toHaveLength(1)
  expect(bundleItems([results.get(1)])).toHaveLength(1)
})

test('a result in a mapping of the user keeps its functions', async () => {
  const data = new Map<string, StoredValue>()
  const copies: ResultMapping = {
    get: (key) => copyOf(data.get(key)),
    set: (key, value) => data.set(key, copyOf(value)),
    has: (key) => data.has(key),
    delete: (key) => data.delete(key),
  }
  const results = new ResultStore(copies, { directory: undefined, onSpilled: () => {} })
  stores.push(results)
  results.put(1, makeResult(), 'key')
  await forgetOthers()
  expect(bundleItems([results.get(1)])).toHaveLength(1)
  results.delete(1)
  expect(data.size).toBe(0)
})
