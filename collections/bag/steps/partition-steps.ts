/**
 * The steps that change how items are spread over partitions, or bring partitions of two bags
 * together.
 */
import { operations } from '../../../core/base/operations.js'
import { KeyTable } from '../engine/key-table.js'
import type { FoldState } from '../engine/program.js'
import { BATCH_SIZE, type Source } from '../engine/source.js'
import { type Partition, PartitionStream } from '../engine/stream.js'
import { type KeyArgument, keyOf } from './group-steps.js'
import { after, countPart, type Eventual, freshInitial, type Maybe } from './reduction-steps.js'

/** One partition of `count` numbers from `start` on, `step` apart. */
export function rangeStep(
  partition: number,
  {
    start,
    step,
    count,
    npartitions,
  }: {
    readonly start: number
    readonly step: number
    readonly count: number
    readonly npartitions: number
  },
): PartitionStream {
  const border = (i: number): number => Math.floor((count * i) / npartitions)
  const first = border(partition)
  return PartitionStream.from(
    new RangeSource(start + first * step, border(partition + 1) - first, step),
  )
}

class RangeSource implements Source {
  readonly replayable = true
  private readonly start: number
  private readonly count: number
  private readonly step: number

  constructor(start: number, count: number, step: number) {
    this.start = start
    this.count = count
    this.step = step
  }

  *batches(): Iterable<readonly unknown[]> {
    for (let done = 0; done < this.count; ) {
      const batch = new Array<number>(Math.min(BATCH_SIZE, this.count - done))
      for (let i = 0; i < batch.length; i++) batch[i] = this.start + (done + i) * this.step
      done += batch.length
      yield batch
    }
  }
}

/** Partitions end to end, as one. */
export function concatStep(parts: readonly (readonly unknown[])[]): readonly unknown[] {
  return parts.length === 1 ? parts[0]! : parts.flat(1)
}

/** The `index`-th of `count` even pieces of a partition. */
export function pieceStep(
  items: readonly unknown[],
  piece: readonly [index: number, count: number],
): readonly unknown[] {
  const [index, count] = piece
  const at = (i: number): number => Math.floor((items.length * i) / count)
  return items.slice(at(index), at(index + 1))
}

/** The items from one place to another of several partitions taken end to end. */
export function windowStep(
  parts: readonly (readonly unknown[])[],
  window: readonly [from: number, to: number],
): readonly unknown[] {
  return parts.flat(1).slice(window[0], window[1])
}

/** The first `k` items of a partition; no more of it is made than needed. */
export function takePart(partition: Partition, k: number): Eventual<readonly unknown[]> {
  const stream = PartitionStream.of(partition)
  if (stream.asynchronous) return after(stream.finish(), (items) => items.slice(0, k))
  const items: unknown[] = []
  if (k === 0) return items
  for (const batch of stream.collected(Math.min(k, BATCH_SIZE))) {
    for (const item of batch) {
      items.push(item)
      if (items.length === k) return items
    }
  }
  return items
}

/** The first `k` items of lists taken end to end. */
export function takeMerge(parts: readonly (readonly unknown[])[], k: number): readonly unknown[] {
  return parts.flat(1).slice(0, k)
}

/** How many items a partition has, as a partition of that one number. */
export function lengthStep(partition: Partition): Eventual<readonly number[]> {
  return after(countPart(partition), (count) => [count])
}

/** Every pair of an item of one partition and an item of another. */
export function productStep(partition: Partition, other: Partition): Eventual<PartitionStream> {
  return after(PartitionStream.of(other).finish(), (others) =>
    PartitionStream.of(partition)
      .with({ kind: 'map', fn: pairsWith, detail: 'v' }, () => [others])
      .with({ kind: 'flatten' }),
  )
}

function pairsWith(item: unknown, others: readonly unknown[]): unknown[] {
  return others.map((other) => [item, other])
}

const tables = new WeakMap<object, Map<KeyArgument, KeyTable<unknown[]>>>()

/** For every item, a pair `[other, item]` with each of the others that has the same key. */
export function joinStep(
  partition: Partition,
  others: Iterable<unknown>,
  onOther: KeyArgument,
  onSelf: KeyArgument,
): PartitionStream {
  const table = tableOf(others, onOther)
  return PartitionStream.of(partition)
    .with({ kind: 'map', fn: matches, detail: 'vv' }, () => [table, onSelf])
    .with({ kind: 'flatten' })
}

function matches(item: unknown, table: KeyTable<unknown[]>, key: KeyArgument): unknown[] {
  const group = table.find(keyOf(item, key))
  return group === undefined ? [] : group.total.map((other) => [other, item])
}

/** The others by key; kept as long as they are, since many partitions meet the same ones. */
function tableOf(items: Iterable<unknown>, key: KeyArgument): KeyTable<unknown[]> {
  let byKey = tables.get(items)
  if (byKey === undefined) tables.set(items, (byKey = new Map()))
  let table = byKey.get(key)
  if (table === undefined) {
    byKey.set(key, (table = new KeyTable()))
    for (const item of items) {
      const value = keyOf(item, key)
      const cell = table.find(value)
      if (cell === undefined) table.insert(value, [item])
      else cell.total.push(item)
    }
  }
  return table
}

/** A running total: each item folded into what came before, the partition's start being `carry`. */
export function accumulateStep(
  partition: Partition,
  carry: Maybe<unknown>,
  fn: Function,
  emitCarry: boolean,
): Eventual<readonly unknown[]> {
  const start = (): FoldState => ({ has: carry.length === 1, total: freshInitial(carry[0]) })
  const stream = PartitionStream.of(partition).with({ kind: 'scan', fn }, start)
  const head = emitCarry ? carry : []
  return after(stream.finish(), (items) => (head.length === 0 ? items : [...head, ...items]))
}

/** What the first running total starts from: an initial value, or nothing. */
export function startStep(carry: Maybe<unknown>): Maybe<unknown> {
  return carry
}

/** What a running total hands on to the next partition. */
export function carryStep(items: readonly unknown[], carry: Maybe<unknown>): Maybe<unknown> {
  return items.length > 0 ? [items[items.length - 1]] : carry
}

/** The items that a delayed call gave, as a partition. */
export function listStep(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value
  if (isList) return [...(value as Iterable<unknown>)]
  throw new TypeError(
    `fromDelayed: a partition must be a list or another iterable of items, got ${value === null ? 'null' : typeof value}`,
  )
}

operations('collections/bag/steps/partition-steps', {
  listStep,
  rangeStep,
  concatStep,
  pieceStep,
  windowStep,
  takePart,
  takeMerge,
  lengthStep,
  productStep,
  joinStep,
  accumulateStep,
  carryStep,
  startStep,
})
