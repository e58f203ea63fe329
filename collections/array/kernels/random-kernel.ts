/**
 * Blocks of random numbers. The generator is seeded by the seed of the array and the position of the
 * block, so a block has the same values wherever and whenever it is made.
 *
 * The generator is xoshiro128++ by Blackman and Vigna (public domain), on 32-bit words.
 */

import { fillExact } from '../block/int64-elements.js'
import type { NDArray } from '../block/ndarray.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'

/** The random number generator of one block. */
class Generator {
  private a = 0
  private b = 0
  private c = 0
  private d = 0

  constructor(seed: number, block: number) {
    const words = [
      seed >>> 0,
      Math.floor(seed / 2 ** 32) >>> 0,
      block >>> 0,
      Math.floor(block / 2 ** 32) >>> 0,
    ]
    let state = 0x9e3779b9
    const next = () => {
      for (const word of words) state = scramble((state ^ word) + 0x6d2b79f5)
      return state
    }
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next() | 1
  }

  private word(): number {
    const sum = (this.a + this.d) | 0
    const result = (((sum << 7) | (sum >>> 25)) + this.a) | 0
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }

  /** Returns a number in [0, 1), a multiple of 2 ** -53. */
  uniform(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992
  }

  /** Returns an integer from 0 to n - 1, all equally likely. */
  below(n: number): number {
    // Values above the last multiple of n would make small results more likely.
    const limit = 2 ** 53 - (2 ** 53 % n)
    for (;;) {
      const value = (this.word() >>> 5) * 67108864 + (this.word() >>> 6)
      if (value < limit) return remainder(value, n)
    }
  }
}

/** Returns `value % n`, which V8 computes in a slow loop. Both are integers up to 2 ** 53. */
function remainder(value: number, n: number): number {
  // Beyond 2 ** 53 the product would be rounded.
  if (value + n > 2 ** 53) return value % n
  const rest = value - Math.floor(value / n) * n
  return rest < 0 ? rest + n : rest
}

/** Mixes 32 bits, so that neighbouring inputs have unrelated outputs. */
function scramble(word: number): number {
  let x = word | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** Makes a block of uniform numbers in [low, high). */
export function uniformBlock(
  shape: readonly number[],
  seed: number,
  block: number,
  low: number,
  high: number,
): NDArray<'float64'> {
  const chunk = borrowChunk('float64', shape)
  const { data } = chunk
  const generator = new Generator(seed, block)
  const width = high - low
  for (let i = 0; i < data.length; i++) data[i] = low + width * generator.uniform()
  return chunk
}

/** Makes a block of normally distributed numbers, by Marsaglia's polar method. */
export function normalBlock(
  shape: readonly number[],
  seed: number,
  block: number,
  mean: number,
  deviation: number,
): NDArray<'float64'> {
  const chunk = borrowChunk('float64', shape)
  const { data } = chunk
  const generator = new Generator(seed, block)
  for (let i = 0; i < data.length; i += 2) {
    let x: number
    let y: number
    let square: number
    do {
      x = 2 * generator.uniform() - 1
      y = 2 * generator.uniform() - 1
      square = x * x + y * y
    } while (square >= 1 || square === 0)
    const factor = Math.sqrt((-2 * Math.log(square)) / square)
    data[i] = mean + deviation * x * factor
    if (i + 1 < data.length) data[i + 1] = mean + deviation * y * factor
  }
  return chunk
}

/** Makes a block of integers from `low` to before `high`. */
export function integersBlock(
  shape: readonly number[],
  seed: number,
  block: number,
  low: number,
  high: number,
): NDArray<'int64'> {
  const chunk = borrowChunk('int64', shape)
  const generator = new Generator(seed, block)
  const range = high - low
  fillExact(chunk.data, () => low + generator.below(range))
  return chunk
}
