/**
 * The second argument of `fold`: options, or the initial value itself.
 */
import { checkOptions } from '../base/argument-checks.js'
import type { SplitOptions } from './types.js'

/** What `fold` can be told. */
export interface FoldOptions<A> extends SplitOptions {
  /** Joins two totals; the folding function itself, if left out. */
  readonly combine?: ((a: A, b: A) => A | Promise<A>) | string | undefined
  /** Starts the total of every partition that has items, and is the result if none has. */
  readonly initial?: A | undefined
}

const names = ['combine', 'initial', 'splitEvery']

/** What an option's name may have been meant by, in small letters without underscores. */
const misspelt = new Set(['init', 'initialvalue', ...names.map((name) => name.toLowerCase())])

/**
 * An object that has an option's name is options; everything else is an initial value, but an
 * object all of whose names look like an option's is refused.
 */
export function foldOptions(given: unknown): {
  combine?: Function | string
  initial?: unknown
  splitEvery?: number | false
} {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { initial: given }
  const keys = Object.keys(given)
  if (Object.getPrototypeOf(given) !== Object.prototype) return { initial: given }
  if (keys.some((key) => names.includes(key))) {
    checkOptions(given, names, 'fold')
    return given
  }
  const wrong = (key: string): boolean => misspelt.has(key.toLowerCase().replaceAll('_', ''))
  if (keys.length > 0 && keys.every(wrong)) {
    throw new TypeError(
      `fold: there is no option '${keys[0]}'; the options are ${names.join(', ')}. If { ${keys.join(', ')} } is the initial value, give it as { initial: ... }`,
    )
  }
  return { initial: given }
}
