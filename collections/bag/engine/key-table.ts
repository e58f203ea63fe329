/**
 * Tables by key, where keys that are arrays, plain objects or dates are equal when their contents
 * are, and all others as in a Map (so NaN equals NaN, and -0 equals 0).
 *
 * Each group remembers the first key that made it, which is what users get back.
 */
import { canonicalText } from './canonical-keys.js'

/** One group of a table. */
export interface Cell<Total> {
  readonly key: unknown
  total: Total
}

/** Groups by key, in the order in which they were first met. */
export class KeyTable<Total> {
  /** The groups of keys that are not objects; loops read it directly. */
  readonly simple = new Map<unknown, Cell<Total>>()
  private composite: Map<string, Cell<Total>> | undefined
  private readonly order: Cell<Total>[] = []

  /** How many groups there are. */
  get size(): number {
    return this.order.length
  }

  /** The group of a key, if there is one. */
  find(key: unknown): Cell<Total> | undefined {
    if (typeof key === 'object' && key !== null) return this.composite?.get(canonicalText(key))
    return this.simple.get(key)
  }

  /** Makes the group of a key that has none. */
  insert(key: unknown, total: Total): Cell<Total> {
    if (typeof key === 'object' && key !== null) {
      const cell = { key, total }
      this.composite ??= new Map()
      this.composite.set(canonicalText(key), cell)
      this.order.push(cell)
      return cell
    }
    if (typeof key === 'function' || typeof key === 'symbol') canonicalText(key)
    const own = typeof key === 'string' ? ownText(key) : key === 0 ? 0 : key
    const cell = { key: own, total }
    this.simple.set(own, cell)
    this.order.push(cell)
    return cell
  }

  /** The groups, in the order in which they were first met. */
  cells(): readonly Cell<Total>[] {
    return this.order
  }
}

/** V8 lets a long enough piece of a text keep the whole text alive; shorter ones are copies. */
const SLICED_FROM = 13

/** The same text, without the block of a file that it may be a piece of. */
function ownText(text: string): string {
  return text.length < SLICED_FROM ? text : ` ${text}`.slice(1)
}
