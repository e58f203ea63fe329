/** Which seeds are played, and what is said of one that fails. */
import { expect } from 'vitest'
import type { Outcome } from './play.js'
import { play } from './play.js'

/** Seeds that `npm test` plays; `npm run test:simulation` says how many in the environment. */
const usual = 300

/** How many seeds one test plays. */
const atOnce = 25

/** The part of the seeds that one of several files plays, in groups: `[first, last]`. */
export function seedGroups(part: number, parts: number): (readonly [number, number])[] {
  const first = Number(process.env.SKEIN_SEED_FROM ?? 0)
  const count = Number(process.env.SKEIN_SEEDS ?? usual)
  const groups: (readonly [number, number])[] = []
  for (let seed = first; seed < first + count; seed += atOnce)
    groups.push([seed, Math.min(seed + atOnce, first + count) - 1])
  return groups.filter((_, i) => i % parts === part)
}

/** Plays seeds one after another; fails at the first that fails, with its story. */
export async function playAll(first: number, last: number): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    const { failure } = await play(seed)
    if (failure !== undefined) expect.fail(storyOf(await play(seed, true)))
  }
}

/** What happened in the simulation of a seed, and how to see it again. */
export function storyOf({ seed, conditions, failure, events, took, trace }: Outcome): string {
  const told = trace.slice(process.env.SKEIN_TRACE === undefined ? -40 : 0)
  return [
    `seed ${seed} (${conditions.name}) failed after ${events} events and ${(took / 1000).toFixed(1)} s of virtual time: ${failure}`,
    `again, with all that happened: npm run test:simulation -- --seed ${seed}`,
    ...told,
  ].join('\n')
}
