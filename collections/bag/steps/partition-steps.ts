/**
 * The steps that change how items are distributed over partitions: repartitioning, taking the first
 * items, products of bags, and running totals.
 */
import { operations } from '../../../core/base/operations.js'
import type { FoldState } from '../engine/chain-program.js'
import { BATCH_SIZE } from '../engine/item-source.js'
import {
  copyInitial,
  type MaybePromise,
  type OptionalValue,
  whenReady,
} from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { countPart } from './reduction-steps.js'

/** Concatenates partitions. */
export function concatStep(parts: readonly (readonly unknown[])[]): readonly unknown[] {
  return parts.length === 1 ? parts[0]! : parts.flat(1)
}

/** Returns piece `index` of `count` even pieces of a partition. */
export function pieceStep(
  items: readonly unknown[],
  piece: readonly [index: number, count: number],
): readonly unknown[] {
  const [index, count] = piece
  const at = (i: number): number => Math.floor((items.length * i) / count)
  return items.slice(at(index), at(index + 1))
}

/** Returns the items from one index to another of several concatenated partitions. */
export function windowStep(
  parts: readonly (readonly unknown[])[],
  window: readonly [from: number, to: number],
): readonly unknown[] {
  return parts.flat(1).slice(window[0], window[1])
}

/** Returns the first `k` items of a partition, and computes few more. */
export function takePart(partition: Partition, k: number): MaybePromise<readonly unknown[]> {
  const stream = PartitionStream.of(partition)
  if (stream.asynchronous) return whenReady(stream.finish(), (items) => items.slice(0, k))
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

/** Returns the first `k` items of concatenated lists. */
export function takeMerge(parts: readonly (readonly unknown[])[], k: number): readonly unknown[] {
  return parts.flat(1).slice(0, k)
}

/** Returns a partition of one number: how many items a partition has. */
export function lengthStep(partition: Partition): MaybePromise<readonly number[]> {
  return whenReady(countPart(partition), (count) => [count])
}

/** Returns every pair of an item of one partition and an item of another. */
export function productStep(partition: Partition, other: Partition): MaybePromise<PartitionStream> {
  return whenReady(PartitionStream.of(other).finish(), (others) =>
    PartitionStream.of(partition)
      .with({ kind: 'map', fn: pairsWith, detail: 'v' }, () => [others])
      .with({ kind: 'flatten' }),
  )
}

function pairsWith(item: unknown, others: readonly unknown[]): unknown[] {
  return others.map((other) => [item, other])
}

/** Returns the running totals of a partition, which start from `carry`. */
export function accumulateStep(
  partition: Partition,
  carry: OptionalValue<unknown>,
  fn: Function,
  emitCarry: boolean,
): MaybePromise<readonly unknown[]> {
  const start = (): FoldState => ({ has: carry.length === 1, total: copyInitial(carry[0]) })
  const stream = PartitionStream.of(partition).with({ kind: 'scan', fn }, start)
  const head = emitCarry ? carry : []
  return whenReady(stream.finish(), (items) => (head.length === 0 ? items : [...head, ...items]))
}

/** Returns what the running totals start from: an initial value, or nothing. */
export function startStep(carry: OptionalValue<unknown>): OptionalValue<unknown> {
  return carry
}

/** Returns what the running totals of the next partition start from. */
export function carryStep(
  items: readonly unknown[],
  carry: OptionalValue<unknown>,
): OptionalValue<unknown> {
  return items.length > 0 ? [items[items.length - 1]] : carry
}

operations('collections/bag/steps/partition-steps', {
  concatStep,
  pieceStep,
  windowStep,
  takePart,
  takeMerge,
  lengthStep,
  productStep,
  accumulateStep,
  carryStep,
  startStep,
})
