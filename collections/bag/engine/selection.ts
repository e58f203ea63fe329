/**
 * Choosing items without a user's function: texts by a glob, and items by chance.
 */
import { describeValue } from '../../base/describe-value.js'

/** Says which items stay. */
export interface Acceptor {
  accepts(item: unknown): boolean
}

/** Texts that match a glob: `*` is any text, `?` any one character, `[a-z]` and `[!a-z]` sets. */
export function globTest(pattern: string): Acceptor {
  return patternTest(globExpression(pattern))
}

/** Texts in which a regular expression finds something. */
export function patternTest(pattern: RegExp): Acceptor {
  // Without the flags that make an expression remember where it was.
  const expression = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
  return {
    accepts(item) {
      if (typeof item === 'string') return expression.test(item)
      throw new TypeError(`str.match: every item must be a string, got ${describeValue(item)}`)
    },
  }
}

function globExpression(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '*') source += '.*'
    else if (character === '?') source += '.'
    else if (character === '[') {
      // A `]` that comes first belongs to the set.
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

/** Lets each item pass with a probability, by numbers that depend on the seed and the partition. */
export function sampler(probability: number, seed: number, block: number): Acceptor {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca77)) | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { accepts: () => next() < probability }
}
