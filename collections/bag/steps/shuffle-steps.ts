/**
 * The steps of a shuffle: every partition is split into lists of groups, one for each shard, and each
 * shard gets its list of every partition. `groupby` merges the lists; `foldby` without `combine` folds
 * the items of each group in the order of the partitions.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { partitionOfKey } from '../engine/canonical-keys.js'
import { KeyTable } from '../engine/key-table.js'
import { LazilyDecoded } from '../engine/lazily-decoded.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { copyInitial, foldItems, type MaybePromise, whenReady } from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import {
  distinctMerge,
  distinctPart,
  type GroupColumns,
  type KeyArgument,
  keyOperations,
  type Pairs,
  pairsOf,
} from './grouping-steps.js'

/** The items of each key. */
class ItemsByKey {
  readonly table = new KeyTable()
  readonly lists: unknown[][] = []
  add(item: unknown, key: unknown): void {
    const group = this.table.put(key)
    if (group === this.lists.length) this.lists.push([item])
    else this.lists[group]!.push(item)
  }
}

/** Groups of items as they are sent. `sizes` has the number of items of each key. */
export interface ItemGroups {
  readonly keys: unknown[]
  readonly sizes: number[]
  readonly items: unknown[]
  /** The position of each key among the keys of the partition; empty if they are not needed. */
  readonly positions: number[]
}

/**
 * Splits a partition's groups into one list for each output partition. If the items will be folded by a function only,
 * the lists have positions, and items need no fields but those that it reads.
 */
export function groupbySplit(
  partition: Partition,
  key: KeyArgument,
  npartitions: number,
  fold?: Function,
): MaybePromise<LazilyDecoded<ItemGroups>[]> {
  const ending: ChainOperation[] = [...keyOperations(key), { kind: 'addKeyed', fn: fold }]
  return whenReady(
    PartitionStream.of(partition).end(ending, () => new ItemsByKey()),
    ({ table: { keys }, lists }) => {
      const outputs = Array.from({ length: npartitions }, (): ItemGroups => {
        return { keys: [], sizes: [], items: [], positions: [] }
      })
      for (let group = 0; group < keys.length; group++) {
        const output = outputs[partitionOfKey(keys[group], npartitions)]!
        const list = lists[group]!
        output.keys.push(keys[group])
        output.sizes.push(list.length)
        if (fold !== undefined) output.positions.push(group)
        for (let i = 0; i < list.length; i++) output.items.push(list[i])
      }
      return outputs.map((groups) => LazilyDecoded.of(groups))
    },
  )
}

/** The items of a partition in a list for each output, by the hash of their keys. */
class ItemsByOutput {
  readonly lists: unknown[][]
  constructor(npartitions: number) {
    this.lists = Array.from({ length: npartitions }, () => [])
  }
  add(item: unknown, key: unknown): void {
    this.lists[partitionOfKey(key, this.lists.length)]!.push(item)
  }
}

/** Splits a partition into one list of items for each output partition. */
export function splitByKey(
  partition: Partition,
  key: KeyArgument,
  npartitions: number,
): MaybePromise<LazilyDecoded<unknown[]>[]> {
  const ending: ChainOperation[] = [...keyOperations(key), { kind: 'addKeyed' }]
  return whenReady(
    PartitionStream.of(partition).end(ending, () => new ItemsByOutput(npartitions)),
    ({ lists }) => lists.map((list) => LazilyDecoded.of(list)),
  )
}

/** Returns the items of one output from all inputs, in their order. */
export function joinLists(
  parts: readonly (readonly LazilyDecoded<unknown[]>[])[],
  at: number,
): unknown[] {
  return parts.flatMap((part) => part[at]!.value)
}

/** Finds the first item of a partition for each key, in one list for each output partition. */
export function distinctSplit(
  partition: Partition,
  key: KeyArgument,
  npartitions: number,
): MaybePromise<LazilyDecoded<GroupColumns>[]> {
  return whenReady(distinctPart(partition, key), ({ keys, values }) => {
    const outputs = Array.from({ length: npartitions }, () => {
      const own: unknown[] = []
      return { keys: own, values: keys === values ? own : [] }
    })
    for (let i = 0; i < keys.length; i++) {
      const output = outputs[partitionOfKey(keys[i], npartitions)]!
      output.keys.push(keys[i])
      if (keys !== values) output.values.push(values[i])
    }
    return outputs.map((columns) => LazilyDecoded.of(columns))
  })
}

/** Returns the first item for each key of one output. */
export function distinctShard(
  parts: readonly (readonly LazilyDecoded<GroupColumns>[])[],
  at: number,
): unknown {
  const columns = parts.map((part) => part[at]!.value)
  return distinctMerge(columns, true)
}

/** Returns the lists of some outputs of a shuffle. */
export function pickLists<T>(
  lists: readonly T[],
  [from, to]: readonly [from: number, to: number],
): readonly T[] {
  return lists.slice(from, to)
}

/** Lists of groups of some outputs, of each input of a shuffle. */
export type ShuffledGroups = readonly (readonly LazilyDecoded<ItemGroups>[])[]

/** Merges the groups of one output from all inputs, so each key occurs once. */
export function mergeGroups(
  parts: ShuffledGroups,
  at: number,
): { readonly table: KeyTable; readonly lists: unknown[][] } {
  const table = new KeyTable()
  const lists: unknown[][] = []
  for (const part of parts) {
    const { keys, sizes, items } = part[at]!.value
    let start = 0
    for (let i = 0; i < keys.length; i++) {
      const end = start + sizes[i]!
      const group = table.put(keys[i])
      if (group === lists.length) lists.push(items.slice(start, end))
      else for (let j = start; j < end; j++) lists[group]!.push(items[j])
      start = end
    }
  }
  return { table, lists }
}

/** Returns the groups of one output as pairs. */
export function groupbyMerge(parts: ShuffledGroups, at: number): Pairs<unknown[]> {
  const { table, lists } = mergeGroups(parts, at)
  return pairsOf({ keys: table.keys, values: lists })
}

/** The totals of the groups of one shard. */
interface ShardTotals {
  readonly keys: readonly unknown[]
  readonly values: readonly unknown[]
  /** Numbers by which groups of all shards are put in the order in which their keys first occurred. */
  readonly ranks: readonly number[]
}

/** More than the number of groups of any partition. */
const RANKS_OF_A_PARTITION = 2 ** 32

/** Folds the items of each group of a shard, in the order of the partitions. */
export function foldbyShard(
  parts: ShuffledGroups,
  at: number,
  fn: Function,
  initial: { readonly value: unknown },
): MaybePromise<ShardTotals> {
  const table = new KeyTable()
  const ranks: number[] = []
  const lists: unknown[][] = []
  for (const [partition, part] of parts.entries()) {
    const { keys, sizes, items, positions } = part[at]!.value
    let start = 0
    for (let i = 0; i < keys.length; i++) {
      const end = start + sizes[i]!
      const group = table.put(keys[i])
      if (group === lists.length) {
        lists.push([])
        ranks.push(partition * RANKS_OF_A_PARTITION + positions[i]!)
      }
      for (let j = start; j < end; j++) lists[group]!.push(items[j])
      start = end
    }
  }
  const { keys } = table
  return whenReady(foldLists(lists, fn, initial.value), (values) => ({ keys, values, ranks }))
}

/** Folds several lists, one after the other, each from a copy of the initial value. */
function foldLists(
  lists: readonly (readonly unknown[])[],
  fn: Function,
  initial: unknown,
): MaybePromise<readonly unknown[]> {
  const totals: unknown[] = []
  for (const list of lists) {
    const total = foldItems(fn, copyInitial(initial), list)
    totals.push(total)
    if (isThenable(total)) return foldListsAsync(lists, fn, initial, totals)
  }
  return totals
}

/** Goes on after the lists whose totals are there; the last of them may be a promise. */
async function foldListsAsync(
  lists: readonly (readonly unknown[])[],
  fn: Function,
  initial: unknown,
  before: readonly unknown[],
): Promise<readonly unknown[]> {
  const totals = await Promise.all(before)
  for (let i = totals.length; i < lists.length; i++) {
    totals.push(await foldItems(fn, copyInitial(initial), lists[i]!))
  }
  return totals
}

/** Returns the groups of all shards as pairs, in the order in which their keys first occurred. */
export function foldbyCollect(shards: readonly ShardTotals[]): Pairs {
  const groups = shards.flatMap(({ keys, values, ranks }) => {
    return keys.map((key, i) => ({ rank: ranks[i]!, pair: [key, values[i]] as const }))
  })
  return groups.sort((a, b) => a.rank - b.rank).map(({ pair }) => pair)
}

operations('collections/bag/steps/shuffle-steps', {
  groupbySplit,
  splitByKey,
  joinLists,
  distinctSplit,
  distinctShard,
  pickLists,
  groupbyMerge,
  foldbyShard,
  foldbyCollect,
})
