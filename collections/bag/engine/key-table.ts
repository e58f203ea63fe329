/**
 * Tables by key. Keys that are arrays, plain objects or dates are equal when their contents are; all
 * others are compared as in a Map, so NaN equals NaN and -0 equals 0.
 *
 * Each group keeps the first key that was inserted for it, which is the one that users get.
 */
import { canonicalString } from './canonical-keys.js'

/** One group of a table. */
export interface KeyGroup<Total> {
  readonly key: unknown
  total: Total
}

/** Groups by key, in the order of insertion. */
export class KeyTable<Total> {
  /** The groups of keys that are no objects. Generated loops read it directly. */
  readonly simple = new Map<unknown, KeyGroup<Total>>()
  private composite: Map<string, KeyGroup<Total>> | undefined
  private readonly order: KeyGroup<Total>[] = []

  /** The number of groups. */
  get size(): number {
    return this.order.length
  }

  /** Returns the group of a key, or undefined if there is none. */
  find(key: unknown): KeyGroup<Total> | undefined {
    if (typeof key === 'object' && key !== null) return this.composite?.get(canonicalString(key))
    return this.simple.get(key)
  }

  /** Adds the group of a key that has none. Throws a TypeError for a function or a symbol. */
  insert(key: unknown, total: Total): KeyGroup<Total> {
    if (typeof key === 'object' && key !== null) {
      const group = { key, total }
      this.composite ??= new Map()
      this.composite.set(canonicalString(key), group)
      this.order.push(group)
      return group
    }
    if (typeof key === 'function' || typeof key === 'symbol') canonicalString(key)
    const own = typeof key === 'string' ? unslicedString(key) : key === 0 ? 0 : key
    const group = { key: own, total }
    this.simple.set(own, group)
    this.order.push(group)
    return group
  }

  /** Returns the groups, in the order of insertion. */
  groups(): readonly KeyGroup<Total>[] {
    return this.order
  }
}

/** V8 makes substrings of at least this length slices, which keep the whole string alive. */
const MIN_SLICE_LENGTH = 13

/** Returns an equal string that does not keep a block of a text file alive. */
function unslicedString(string: string): string {
  return string.length < MIN_SLICE_LENGTH ? string : ` ${string}`.slice(1)
}
