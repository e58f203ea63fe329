/**
 * Accumulators: what a loop over a partition's items adds them to. Each starts empty, takes items,
 * and has a plain value that other accumulators of its kind can take in.
 */

import { describeValue } from '../../base/describe-value.js'
import { assertComparable, compareItems } from './compare.js'

/** An item as a number: booleans count as 0 and 1. */
function numberOf(item: unknown, what: string): number {
  if (typeof item === 'number') return item
  if (typeof item === 'boolean') return Number(item)
  if (typeof item === 'bigint') return Number(item)
  throw new TypeError(`${what}: every item must be a number, got ${describeValue(item)}`)
}

/** The sum of numbers, or of bigints. */
export class Sum {
  total: number | bigint | undefined

  add(item: unknown): void {
    if (typeof item === 'number' && typeof this.total === 'number') this.total += item
    else this.addOther(item)
  }

  private addOther(item: unknown): void {
    const addend = typeof item === 'boolean' ? Number(item) : item
    if (typeof addend !== 'number' && typeof addend !== 'bigint') {
      throw new TypeError(
        `sum: every item must be a number or a bigint, got ${describeValue(item)}`,
      )
    }
    if (this.total === undefined) this.total = addend
    else if (typeof addend === 'bigint' && typeof this.total === 'bigint') this.total += addend
    else if (typeof addend === 'number' && typeof this.total === 'number') this.total += addend
    else throw new TypeError('sum: numbers and bigints cannot be added; map them to one of the two')
  }
}

/** How many items there are. */
export class Count {
  count = 0
  add(_item: unknown): void {
    this.count++
  }
}

/** The least (`sign` 1) or greatest (-1) item; NaN if any item is NaN, as with `Math.min`. */
export class Extreme {
  has = false
  item: unknown
  private readonly sign: 1 | -1
  private readonly what: string

  constructor(sign: 1 | -1) {
    this.sign = sign
    this.what = sign === 1 ? 'min' : 'max'
  }

  add(item: unknown): void {
    if (!this.has) {
      assertComparable(item, this.what)
      this.item = item
      this.has = true
    } else if (typeof item === 'number' && typeof this.item === 'number') {
      if (this.sign === 1 ? item < this.item : item > this.item) this.item = item
      else if (Number.isNaN(item)) this.item = item
    } else if (compareItems(item, this.item, this.what) * this.sign < 0) this.item = item
  }
}

/** Number, mean and sum of squared distances from it; numbers are read one by one, moments merged. */
export class Moments {
  count = 0
  mean = 0
  squares = 0
  private readonly what: string

  constructor(what: string) {
    this.what = what
  }

  /** Welford's update, which does not cancel. */
  add(item: unknown): void {
    const x = numberOf(item, this.what)
    this.count++
    const distance = x - this.mean
    this.mean += distance / this.count
    this.squares += distance * (x - this.mean)
  }

  /** Takes in the moments of other items (Chan's formula). */
  merge(other: MomentsValue): void {
    const [count, mean, squares] = other
    if (count === 0) return
    const all = this.count + count
    const distance = mean - this.mean
    this.mean += (distance * count) / all
    this.squares += squares + distance * distance * ((this.count * count) / all)
    this.count = all
  }

  value(): MomentsValue {
    return [this.count, this.mean, this.squares]
  }
}

/** Number, mean and sum of squared distances, as they travel. */
export type MomentsValue = readonly [count: number, mean: number, squares: number]

/** Number and sum, from which a mean is made. */
export class Mean {
  count = 0
  total = 0
  add(item: unknown): void {
    this.total += numberOf(item, 'mean')
    this.count++
  }
}

/** Whether some item is true (`found` when it meets one that counts as `looking`). */
export class Truth {
  found = false
  private readonly looking: boolean
  constructor(looking: boolean) {
    this.looking = looking
  }
  add(item: unknown): void {
    if (Boolean(item) === this.looking) this.found = true
  }
}

/** The `k` greatest items by a key, greatest first; of equal ones, those that came first. */
export class Top {
  private readonly k: number
  /** A heap with the least of the kept at its root. */
  private readonly heap: {
    readonly item: unknown
    readonly key: unknown
    readonly turn: number
  }[] = []
  private turn = 0

  constructor(k: number) {
    this.k = k
  }

  add(item: unknown, key: unknown): void {
    const { heap } = this
    const entry = { item, key, turn: this.turn++ }
    if (heap.length < this.k) {
      if (heap.length === 0) assertComparable(key, 'topk')
      heap.push(entry)
      this.rise(heap.length - 1)
    } else if (this.k > 0 && compareItems(key, heap[0]!.key, 'topk') > 0) {
      heap[0] = entry
      this.sink(0)
    }
  }

  /** The items kept and their keys, greatest first. */
  columns(): { keys: unknown[]; values: unknown[] } {
    const sorted = this.heap
      .slice()
      .sort((a, b) => compareItems(b.key, a.key, 'topk') || a.turn - b.turn)
    return { keys: sorted.map(({ key }) => key), values: sorted.map(({ item }) => item) }
  }

  /** Whether the entry at `a` goes before the one at `b`: the lesser, or of equals the later. */
  private below(a: number, b: number): boolean {
    const x = this.heap[a]!
    const y = this.heap[b]!
    const order = compareItems(x.key, y.key, 'topk')
    return order < 0 || (order === 0 && x.turn > y.turn)
  }

  private swap(a: number, b: number): void {
    const x = this.heap[a]!
    this.heap[a] = this.heap[b]!
    this.heap[b] = x
  }

  private rise(from: number): void {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1
      if (!this.below(at, above)) return
      this.swap(at, above)
      at = above
    }
  }

  private sink(from: number): void {
    for (let at = from; ; ) {
      let least = at
      for (const next of [2 * at + 1, 2 * at + 2]) {
        if (next < this.heap.length && this.below(next, least)) least = next
      }
      if (least === at) return
      this.swap(at, least)
      at = least
    }
  }
}
