/** Programs that never wait: V8 keeps targets of weak references until the event loop turns. */
import { expect, test } from 'vitest'
import { fromSequence } from '../../../collections/bag/index.js'
import { bundles } from '../../../core/codec/index.js'
import { getSync } from '../../../core/run/get-sync.js'

test('computing one thing after another lets the event loop turn after many functions', async () => {
  const bag = fromSequence([1, 2], { npartitions: 1 })
  let turns = 0
  const immediate = setImmediate(() => turns++)
  for (let i = 0; i < 100; i++) await bag.compute({ get: getSync })
  expect(turns).toBe(0)
  for (let i = 0; i < 3000; i++)
    bundles.add(`long-turn-${i}`, { head: new Uint8Array(9), buffers: [], bundles: [] })
  expect(await bag.compute({ get: getSync })).toEqual([1, 2])
  expect(turns).toBe(1)
  clearImmediate(immediate)
})
