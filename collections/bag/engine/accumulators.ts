/**
 * Accumulators: states that a loop adds a partition's items to, one by one. Their results are plain
 * values, which can be sent and merged.
 */
import { describeValue } from '../../../core/base/describe-value.js'
import { assertComparable, compareItems } from './compare-items.js'

/** Returns an item as a number. Booleans count as 0 and 1. */
function numberOf(item: unknown, operation: string): number {
  if (typeof item === 'number') return item
  if (typeof item === 'boolean') return Number(item)
  if (typeof item === 'bigint') return Number(item)
  throw new TypeError(`${operation}: every item must be a number, got ${describeValue(item)}`)
}

/** The sum of numbers or of bigints. Undefined if there are no items. */
export class SumAccumulator {
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

/** The number of items. */
export class CountAccumulator {
  count = 0
  add(_item: unknown): void {
    this.count++
  }
}

/** The smallest (`sign` 1) or greatest (-1) item. NaN if any item is NaN, as with `Math.min`. */
export class MinMaxAccumulator {
  has = false
  item: unknown
  private readonly sign: 1 | -1
  private readonly operation: string

  constructor(sign: 1 | -1) {
    this.sign = sign
    this.operation = sign === 1 ? 'min' : 'max'
  }

  add(item: unknown): void {
    if (!this.has) {
      assertComparable(item, this.operation)
      this.item = item
      this.has = true
    } else if (typeof item === 'number' && typeof this.item === 'number') {
      if (this.sign === 1 ? item < this.item : item > this.item) this.item = item
      else if (Number.isNaN(item)) this.item = item
    } else if (compareItems(item, this.item, this.operation) * this.sign < 0) this.item = item
  }
}

/** The count, mean and sum of squared deviations, from which a variance is made. */
export class MomentsAccumulator {
  count = 0
  mean = 0
  squares = 0
  private readonly operation: string

  constructor(operation: string) {
    this.operation = operation
  }

  /** Adds an item by Welford's update, which avoids cancellation. */
  add(item: unknown): void {
    const x = numberOf(item, this.operation)
    this.count++
    const distance = x - this.mean
    this.mean += distance / this.count
    this.squares += distance * (x - this.mean)
  }

  /** Merges the moments of other items, by Chan's formula. */
  merge(other: Moments): void {
    const [count, mean, squares] = other
    if (count === 0) return
    const all = this.count + count
    const distance = mean - this.mean
    this.mean += (distance * count) / all
    this.squares += squares + distance * distance * ((this.count * count) / all)
    this.count = all
  }

  value(): Moments {
    return [this.count, this.mean, this.squares]
  }
}

/** The moments of some items, as they are sent. */
export type Moments = readonly [count: number, mean: number, squares: number]

/** The count and the sum, from which a mean is made. */
export class MeanAccumulator {
  count = 0
  total = 0
  add(item: unknown): void {
    this.total += numberOf(item, 'mean')
    this.count++
  }
}

/** Whether any item is truthy (`wanted` true) or falsy (`wanted` false). */
export class TruthAccumulator {
  found = false
  private readonly wanted: boolean
  constructor(wanted: boolean) {
    this.wanted = wanted
  }
  add(item: unknown): void {
    if (Boolean(item) === this.wanted) this.found = true
  }
}

/** The `k` greatest items by a key, greatest first. Of equal ones, the first ones. */
export class TopkAccumulator {
  private readonly k: number
  /** No number up to this one is among the greatest, since `k` others are. NaN, so that none is, if that is not known. */
  private least = Number.NaN
  /** A binary heap with the smallest entry at its root. */
  private readonly heap: {
    readonly item: unknown
    readonly key: unknown
    readonly position: number
  }[] = []
  private position = 0

  constructor(k: number) {
    this.k = k
  }

  add(item: unknown, key: unknown): void {
    if (typeof key === 'number' && key <= this.least) return
    this.insert(item, key)
    const root = this.heap.length === this.k ? this.heap[0]?.key : undefined
    this.least = typeof root === 'number' ? root : Number.NaN
  }

  private insert(item: unknown, key: unknown): void {
    const { heap } = this
    const entry = { item, key, position: this.position++ }
    if (heap.length < this.k) {
      if (heap.length === 0) assertComparable(key, 'topk')
      heap.push(entry)
      this.siftUp(heap.length - 1)
    } else if (this.k > 0 && compareItems(key, heap[0]!.key, 'topk') > 0) {
      heap[0] = entry
      this.siftDown(0)
    }
  }

  /** Returns the items and their keys, greatest first. */
  columns(): { keys: unknown[]; values: unknown[] } {
    const sorted = this.heap
      .slice()
      .sort((a, b) => compareItems(b.key, a.key, 'topk') || a.position - b.position)
    return { keys: sorted.map(({ key }) => key), values: sorted.map(({ item }) => item) }
  }

  /** Whether the entry at `a` belongs above the one at `b`: it is smaller, or equal and later. */
  private precedes(a: number, b: number): boolean {
    const x = this.heap[a]!
    const y = this.heap[b]!
    const order = compareItems(x.key, y.key, 'topk')
    return order < 0 || (order === 0 && x.position > y.position)
  }

  private swap(a: number, b: number): void {
    const x = this.heap[a]!
    this.heap[a] = this.heap[b]!
    this.heap[b] = x
  }

  private siftUp(from: number): void {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1
      if (!this.precedes(at, above)) return
      this.swap(at, above)
      at = above
    }
  }

  private siftDown(from: number): void {
    for (let at = from; ; ) {
      let least = at
      for (const next of [2 * at + 1, 2 * at + 2]) {
        if (next < this.heap.length && this.precedes(next, least)) least = next
      }
      if (least === at) return
      this.swap(at, least)
      at = least
    }
  }
}
