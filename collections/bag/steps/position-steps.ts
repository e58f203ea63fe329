/**
 * The steps of operations by the positions of items in the whole bag: numbering, random samples, windows, and
 * the last items.
 */
import { operations } from '../../../core/base/operations.js'
import { positionPredicate } from '../engine/item-predicates.js'
import { type MaybePromise, whenReady } from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { RandomSequence } from '../engine/random-numbers.js'

/** Returns the position of the first item of each partition, and the number of all items at the end. */
export function offsetsStep(lengths: readonly (readonly number[])[]): readonly number[] {
  const offsets = [0]
  for (const [length] of lengths) offsets.push(offsets.at(-1)! + length!)
  return offsets
}

/** Pairs every item with its number, which stands first or last. */
export function numberStep(
  partition: Partition,
  offsets: readonly number[],
  block: number,
  start: number,
  numberFirst: boolean,
): PartitionStream {
  const fn = numberFirst ? numberAndItem : itemAndNumber
  const open = () => [{ next: start + offsets[block]! }]
  return PartitionStream.of(partition).with({ kind: 'map', fn, detail: 'v' }, open)
}

function numberAndItem(item: unknown, counter: { next: number }): unknown[] {
  return [counter.next++, item]
}

function itemAndNumber(item: unknown, counter: { next: number }): unknown[] {
  return [item, counter.next++]
}

/** Selects items at random. The choice depends on the seed and on positions in the whole bag. */
export function sampleByPositionStep(
  partition: Partition,
  offsets: readonly number[],
  block: number,
  probability: number,
  seed: number,
): PartitionStream {
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'sample' }, () =>
    positionPredicate(probability, seed, offsets[block]!),
  )
}

/** The draws of one partition: the position of each item in the partition, and the number of its draw. */
interface Draws {
  readonly positions: readonly number[]
  readonly draws: readonly number[]
}

/**
 * Draws `k` positions at random, with or without replacement, and returns those of each partition in the order
 * of the items.
 */
export function drawStep(
  offsets: readonly number[],
  k: number,
  seed: number,
  operation: 'sample' | 'choices',
): readonly Draws[] {
  const total = offsets.at(-1)!
  if (operation === 'sample' && k > total) {
    throw new RangeError(`sample: k is ${k}, but the bag has only ${total} items`)
  }
  if (total === 0 && k > 0) throw new RangeError(`${operation}: the bag has no items`)
  const random = new RandomSequence(seed)
  const drawn =
    operation === 'choices'
      ? Array.from({ length: k }, () => random.below(total))
      : distinctNumbers(k, total, random)
  const order = drawn.map((position, draw) => ({ position, draw }))
  order.sort((a, b) => a.position - b.position || a.draw - b.draw)
  const partitions = offsets.slice(1).map(() => ({ positions: [], draws: [] }) as MutableDraws)
  let at = 0
  for (const { position, draw } of order) {
    while (position >= offsets[at + 1]!) at++
    partitions[at]!.positions.push(position - offsets[at]!)
    partitions[at]!.draws.push(draw)
  }
  return partitions
}

type MutableDraws = { -readonly [K in keyof Draws]: number[] }

/** Returns `k` different numbers below `limit` in random order: the beginning of a Fisher-Yates shuffle. */
function distinctNumbers(k: number, limit: number, random: RandomSequence): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: k }, (_, i) => {
    const at = i + random.below(limit - i)
    const found = moved.get(at) ?? at
    moved.set(at, moved.get(i) ?? i)
    return found
  })
}

/** Items with the numbers of their draws. */
interface DrawnItems {
  readonly items: readonly unknown[]
  readonly draws: readonly number[]
}

/** Returns the drawn items of one partition. */
export function drawnPart(
  partition: Partition,
  all: readonly Draws[],
  block: number,
): MaybePromise<DrawnItems> {
  const { positions, draws } = all[block]!
  if (draws.length === 0) return { items: [], draws }
  return whenReady(PartitionStream.of(partition).finish(), (items) => {
    return { items: positions.map((position) => items[position]), draws }
  })
}

/** Returns the drawn items of all partitions in the order of their draws. */
export function drawnMerge(parts: readonly DrawnItems[]): readonly unknown[] {
  const result: unknown[] = new Array(parts.reduce((sum, { draws }) => sum + draws.length, 0))
  for (const { items, draws } of parts) {
    for (let i = 0; i < draws.length; i++) result[draws[i]!] = items[i]
  }
  return result
}

/** Returns the first `size` items of a partition and what follows it, for the windows of the partition before. */
export function followersStep(
  head: readonly unknown[],
  size: number,
  followers: readonly unknown[] = [],
): readonly unknown[] {
  return head.length >= size ? head : [...head, ...followers].slice(0, size)
}

/** Returns the windows of `size` items that start in a partition; the last ones end among its followers. */
export function windowsStep(
  partition: Partition,
  size: number,
  followers: readonly unknown[] = [],
): MaybePromise<readonly (readonly unknown[])[]> {
  return whenReady(PartitionStream.of(partition).finish(), (items) => {
    const all = [...items, ...followers]
    const count = Math.max(0, Math.min(items.length, all.length - size + 1))
    return Array.from({ length: count }, (_, i) => all.slice(i, i + size))
  })
}

/** Returns the last `k` items of a partition. */
export function tailPart(partition: Partition, k: number): MaybePromise<readonly unknown[]> {
  const stream = PartitionStream.of(partition)
  if (k === 0) return []
  if (stream.asynchronous) return whenReady(stream.finish(), (items) => items.slice(-k))
  let last: readonly unknown[] = []
  for (const batch of stream.collected()) {
    last = batch.length >= k ? batch.slice(-k) : [...last, ...batch].slice(-k)
  }
  return last
}

/** Returns the last `k` items of concatenated lists. */
export function tailMerge(parts: readonly (readonly unknown[])[], k: number): readonly unknown[] {
  return k === 0 ? [] : parts.flat(1).slice(-k)
}

operations('collections/bag/steps/position-steps', {
  offsetsStep,
  numberStep,
  sampleByPositionStep,
  drawStep,
  drawnPart,
  drawnMerge,
  followersStep,
  windowsStep,
  tailPart,
  tailMerge,
})
