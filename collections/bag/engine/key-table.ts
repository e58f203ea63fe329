/**
 * Tables of keys. Keys that are arrays, plain objects or dates are equal when their contents are; all
 * others are compared as in a Map, so NaN equals NaN and -0 equals 0.
 *
 * A table numbers its keys from 0 in the order in which they were added. What belongs to a key is in lists of the
 * table's user, at the key's number, so no object is made for a key. Integers of 32 bits are hashed into one typed
 * array.
 */
import { canonicalString } from './canonical-keys.js'

/** The number of slots of a new table: a power of two. Each slot is a key and its number plus 1. */
const FIRST_SLOTS = 16

/** Numbers keys in the order in which they are added. */
export class KeyTable {
  /** The first key that was added of each number, which is the one that users get. */
  readonly keys: unknown[] = []
  private slots = new Int32Array(2 * FIRST_SLOTS)
  /** The hash of an integer is shifted to the right by this many bits. */
  private shift = 28
  private integers = 0
  /** The numbers of keys that are neither integers of 32 bits nor objects. */
  private readonly others = new Map<unknown, number>()
  private composites: Map<string, number> | undefined

  /** The number of keys. */
  get size(): number {
    return this.keys.length
  }

  /** Returns the number of a key, or -1 if it was not added. */
  find(key: unknown): number {
    if (typeof key === 'number' && (key | 0) === key) {
      const { slots } = this
      const at = this.slotOf(key | 0)
      return slots[at + 1]! - 1
    }
    if (typeof key === 'object' && key !== null) {
      return this.composites?.get(canonicalString(key)) ?? -1
    }
    return this.others.get(key) ?? -1
  }

  /** Returns the number of a key, which is added if it is new. Throws a TypeError for a function or a symbol. */
  put(key: unknown): number {
    if (typeof key === 'number' && (key | 0) === key) {
      const at = this.slotOf(key | 0)
      const number = this.slots[at + 1]! - 1
      return number >= 0 ? number : this.addInteger(at, key | 0)
    }
    return typeof key === 'object' && key !== null ? this.putObject(key) : this.putOther(key)
  }

  /** Returns the position of the slot that has an integer, or of the empty one where it belongs. */
  private slotOf(integer: number): number {
    const { slots } = this
    const mask = slots.length - 2
    let at = (Math.imul(integer ^ (integer >>> 15), 0x9e3779b1) >>> this.shift) << 1
    while (slots[at + 1] !== 0 && slots[at] !== integer) at = (at + 2) & mask
    return at
  }

  private addInteger(at: number, integer: number): number {
    const number = this.keys.push(integer) - 1
    this.slots[at] = integer
    this.slots[at + 1] = number + 1
    if (4 * ++this.integers > this.slots.length) this.grow()
    return number
  }

  /** Doubles the number of slots, of which at most half are used. */
  private grow(): void {
    const old = this.slots
    this.slots = new Int32Array(2 * old.length)
    this.shift--
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue
      const at = this.slotOf(old[i]!)
      this.slots[at] = old[i]!
      this.slots[at + 1] = old[i + 1]!
    }
  }

  private putOther(key: unknown): number {
    const found = this.others.get(key)
    if (found !== undefined) return found
    if (typeof key === 'function' || typeof key === 'symbol') canonicalString(key)
    const own = typeof key === 'string' ? unslicedString(key) : key
    const number = this.keys.push(own) - 1
    this.others.set(own, number)
    return number
  }

  private putObject(key: object): number {
    this.composites ??= new Map()
    const string = canonicalString(key)
    const found = this.composites.get(string)
    if (found !== undefined) return found
    const number = this.keys.push(key) - 1
    this.composites.set(string, number)
    return number
  }
}

/** V8 makes substrings of at least this length slices, which keep the whole string alive. */
const MIN_SLICE_LENGTH = 13

/** Returns an equal string that does not keep a block of a text file alive. */
function unslicedString(string: string): string {
  return string.length < MIN_SLICE_LENGTH ? string : ` ${string}`.slice(1)
}
