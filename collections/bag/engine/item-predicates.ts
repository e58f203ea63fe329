/**
 * Predicates that select items without a user's function: globs, regular expressions, and random
 * sampling.
 */
import { describeValue } from '../../../core/base/describe-value.js'
import { randomAt } from './random-numbers.js'

/** Decides which items pass. */
interface ItemPredicate {
  accepts(item: unknown): boolean
}

/**
 * Accepts strings that match a glob as a whole: `*` matches any string, `?` any character, `[a-z]` and
 * `[!a-z]` sets of characters.
 */
export function globPredicate(pattern: string): ItemPredicate {
  return patternPredicate(globToRegExp(pattern))
}

/** Accepts strings in which a regular expression finds a match. */
export function patternPredicate(pattern: RegExp): ItemPredicate {
  // With the flags g or y an expression would remember where its last match ended.
  const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
  return {
    accepts(item) {
      if (typeof item === 'string') return expression.test(item)
      throw new TypeError(`str.match: every item must be a string, got ${describeValue(item)}`)
    },
  }
}

function globToRegExp(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '*') source += '.*'
    else if (character === '?') source += '.'
    else if (character === '[') {
      // A `]` at the start of a set belongs to the set.
      const first = pattern[i + 1] === '!' ? i + 2 : i + 1
      const close = pattern.indexOf(']', first + 1)
      if (close < 0) source += '\\['
      else {
        const set = pattern.slice(first, close).replace(/[\\\]^[]/g, '\\$&')
        source += `[${pattern[i + 1] === '!' ? '^' : ''}${set}]`
        i = close
      }
    } else source += character.replace(/[.+^${}()|\]\\/]/, '\\$&')
  }
  return new RegExp(`^${source}$`, 'su')
}

/**
 * Accepts each item with a probability, from 0 to 1. The choice depends on the seed, the partition's
 * number and the item's position only.
 */
export function randomPredicate(probability: number, seed: number, block: number): ItemPredicate {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca77)) | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { accepts: () => next() < probability }
}

/**
 * Accepts each item with a probability, from 0 to 1. The choice depends on the seed and on the item's position in the
 * whole bag, which counts from `start`.
 */
export function positionPredicate(probability: number, seed: number, start: number): ItemPredicate {
  let position = start
  return { accepts: () => randomAt(seed, position++) < probability }
}
