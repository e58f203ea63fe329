/**
 * Functions with what they captured, one after another for a while: the memory of every process stays the same.
 * `SKEIN_SOAK_SECONDS=600` sets the seconds for each kind of use.
 */
import { expect, test } from 'vitest'
import { expectFlat, measureMemory } from '../fixtures/functions/measure-memory.js'

const seconds = Number(process.env.SKEIN_SOAK_SECONDS ?? 20)
const uses = ['built', 'graph', 'sync', 'threads', 'cluster']
const modes = ['large', 'small']
  .flatMap((size) => uses.map((use) => `${size}-${use}`))
  .concat('class-sync')

test.each(modes)(
  `${seconds} s of %s leave nothing`,
  async (mode) => {
    const samples = await measureMemory(mode, `${seconds}s`)
    expect(samples.length).toBeGreaterThan(3)
    expectFlat(samples)
  },
  1000 * seconds + 120_000,
)
