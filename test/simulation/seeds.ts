/** The seeds to play, and the report of one that fails. */
import { expect } from 'vitest'
import type { Outcome } from './play.js'
import { play } from './play.js'

/** How many seeds `npm test` plays; `npm run test:simulation` sets another number in the environment. */
const usual = 300

/** How many seeds one test plays. */
const atOnce = 25

/** Returns the seeds that one of several files plays, in groups: `[first, last]`. */
export function seedGroups(part: number, parts: number): (readonly [number, number])[] {
  const first = Number(process.env.SKEIN_SEED_FROM ?? 0)
  const count = Number(process.env.SKEIN_SEEDS ?? usual)
  const groups: (readonly [number, number])[] = []
  for (let seed = first; seed < first + count; seed += atOnce)
    groups.push([seed, Math.min(seed + atOnce, first + count) - 1])
  return groups.filter((_, i) => i % parts === part)
}

/** Plays seeds one after another; fails at the first that fails, with its trace. */
export async function playAll(first: number, last: number): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    const { failure } = await play(seed)
    if (failure !== undefined) expect.fail(storyOf(await play(seed, true)))
  }
}

/** Describes what happened in the simulation of a seed, and how to repeat it. */
export function storyOf({ seed, conditions, failure, events, took, trace }: Outcome): string {
  const shown = trace.slice(process.env.SKEIN_TRACE === undefined ? -40 : 0)
  return [
    `seed ${seed} (${conditions.name}) failed after ${events} events and ${(took / 1000).toFixed(1)} s of virtual time: ${failure}`,
    `again, with all that happened: npm run test:simulation -- --seed ${seed}`,
    ...shown,
  ].join('\n')
}
