/** Random numbers that depend on a seed only: a sequence of them, and one for each position. */

const scale = 2 ** -53

/** Returns the random number of a seed and a position, from 0 to below 1. Positions may be in any order. */
export function randomAt(seed: number, position: number): number {
  const high = scramble(lowWord(seed), highWord(seed), lowWord(position), highWord(position))
  const low = scramble(high ^ 0x5bd1e995, lowWord(seed), highWord(position), lowWord(position))
  return ((high >>> 11) * 0x1_0000_0000 + (low >>> 0)) * scale
}

/** A sequence of random numbers that a seed decides. */
export class RandomSequence {
  private position = 0
  constructor(private readonly seed: number) {}

  /** Returns a whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(randomAt(this.seed, this.position++) * limit)
  }
}

function lowWord(n: number): number {
  return n | 0
}

function highWord(n: number): number {
  return Math.floor(n / 0x1_0000_0000) | 0
}

function scramble(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(0x9e3779b9 ^ a) ^ b) ^ c) ^ d)
}

/** The last steps of MurmurHash3, after which every bit depends on every other one. */
function mix(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) + 0x9e3779b9
}
