import './mocks.js'
import { expect, test } from 'vitest'
import { knownSeeds } from './known-seeds.js'
import { plantedBugs } from './planted-bugs.js'
import { play } from './play.js'
import { playAll } from './seeds.js'

/** Seeds within which a planted bug must be found. */
const within = 300

test.each(Object.entries(plantedBugs))(
  'the simulation finds a planted bug: %s',
  async (name, plant) => {
    const removeBug = plant()
    let found: string | undefined
    let seed = 0
    try {
      for (; seed < within && found === undefined; seed++) found = (await play(seed)).failure
    } finally {
      removeBug()
    }
    expect(found, `found within ${within} seeds`).toBeDefined()
    // Without the planted bug the seed passes.
    expect((await play(seed - 1)).failure).toBeUndefined()
    console.log(`${name}: found with seed ${seed - 1}`)
  },
)

test('a seed always plays the same, whatever was played before', async () => {
  const seeds = Array.from({ length: 32 }, (_, seed) => seed)
  const playedIn = async (order: readonly number[]): Promise<Map<number, string>> => {
    const traces = new Map<number, string>()
    for (const seed of order) {
      const { trace, events } = await play(seed, true)
      expect(trace.length).toBeGreaterThan(50)
      traces.set(seed, `${events} events\n${trace.join('\n')}`)
    }
    return traces
  }
  // The first seeds import modules and leave garbage behind, which must not influence the others.
  const first = await playedIn(seeds)
  const again = await playedIn(seeds.reverse())
  for (const seed of seeds) expect(again.get(seed)).toBe(first.get(seed))
})

test.each(knownSeeds)('seed %i failed once: %s', (seed) => playAll(seed, seed))
