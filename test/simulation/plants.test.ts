import { expect, test, vi } from 'vitest'
import { knownSeeds } from './known-seeds.js'
import { plants } from './plants.js'
import { play } from './play.js'
import { playAll } from './seeds.js'

vi.mock('../../distributed/zmq.js', () => import('./network.js'))
vi.mock('../../distributed/wire.js', () => import('./wire.js'))
vi.mock('../../distributed/worker/executors.js', () => import('./threads.js'))
vi.mock('../../distributed/storage/chest.js', () => import('./disk.js'))
vi.mock('../../distributed/storage/folder.js', () => import('./stand-ins.js'))
vi.mock('../../distributed/log.js', () => import('./stand-ins.js'))
vi.mock('node:crypto', async (original) => ({
  ...(await original<object>()),
  ...(await import('./stand-ins.js')),
}))

/** Seeds within which a planted bug must be found. */
const within = 300

test.each(Object.entries(plants))('the simulation finds a planted bug: %s', async (name, plant) => {
  const takeOut = plant()
  let found: string | undefined
  let seed = 0
  try {
    for (; seed < within && found === undefined; seed++) found = (await play(seed)).failure
  } finally {
    takeOut()
  }
  expect(found, `found within ${within} seeds`).toBeDefined()
  // It was the planted bug.
  expect((await play(seed - 1)).failure).toBeUndefined()
  console.log(`${name}: found with seed ${seed - 1}`)
})

test('a seed always plays the same', async () => {
  for (const seed of [6, 7]) {
    const [one, other] = [await play(seed, true), await play(seed, true)]
    expect(one.trace).toEqual(other.trace)
    expect(one.trace.length).toBeGreaterThan(50)
  }
})

test.each(knownSeeds)('seed %i failed once: %s', (seed) => playAll(seed, seed))
