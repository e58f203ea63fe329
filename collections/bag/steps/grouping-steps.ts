/**
 * The steps of operations by key: frequencies, folds by group, distinct items, and greatest items.
 * Those that send every item to the partition of its group are in `shuffle-steps.ts`.
 *
 * A key is a function of the item, the name of a field, or the item itself. Partial values are columns
 * of keys and values, in the order in which the keys first occurred.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { TopkAccumulator } from '../engine/accumulators.js'
import type { GroupState } from '../engine/chain-program.js'
import { assertJoinsTotals } from '../engine/combine-check.js'
import { KeyTable } from '../engine/key-table.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { copyInitial, foldItems, type MaybePromise, whenReady } from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'

/** A key as steps receive it. Undefined for the item itself. */
export type KeyArgument = Function | string | number | undefined

/** Groups as users receive them. */
export type Pairs<V = unknown> = readonly (readonly [key: unknown, value: V])[]

/** Groups as they are sent. Columns of values of one kind are small and fast to encode. */
export interface GroupColumns<V = unknown> {
  readonly keys: readonly unknown[]
  readonly values: readonly V[]
}

/** Returns the groups of a loop's state as columns. */
function groupColumns({ table, totals }: GroupState): GroupColumns {
  return { keys: table.keys, values: totals }
}

export function pairsOf<V>({ keys, values }: GroupColumns<V>): Pairs<V> {
  return keys.map((key, i) => [key, values[i]!] as const)
}

/** Returns the operations that compute the key of an item. */
export function keyOperations(key: KeyArgument): ChainOperation[] {
  if (key === undefined) return []
  if (typeof key === 'function') return [{ kind: 'key', fn: key }]
  return [{ kind: 'keyPluck', detail: JSON.stringify(key) }]
}

/** Counts how often each item occurs in a partition. */
export function frequenciesPart(partition: Partition): MaybePromise<GroupColumns> {
  const state = (): GroupState => ({ table: new KeyTable(), totals: [], start: undefined })
  return whenReady(PartitionStream.of(partition).end([{ kind: 'countBy' }], state), groupColumns)
}

/** Sums the counts of each item. The result is pairs, the most frequent first if `sort` is true. */
export function frequenciesMerge(
  parts: readonly GroupColumns<number>[],
  last: boolean,
  sort: boolean,
): GroupColumns<number> | Pairs<number> {
  const table = new KeyTable()
  const counts: number[] = []
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) {
      const group = table.put(keys[i])
      if (group === counts.length) counts.push(values[i]!)
      else counts[group]! += values[i]!
    }
  }
  const columns = { keys: table.keys, values: counts }
  if (!last) return columns
  const pairs = pairsOf(columns)
  return sort ? pairs.toSorted((a, b) => b[1] - a[1]) : pairs
}

/** Folds the items of each group of a partition. */
export function foldbyPart(
  partition: Partition,
  key: KeyArgument,
  fn: Function,
  initial?: { readonly value: unknown },
): MaybePromise<GroupColumns> {
  const start = initial === undefined ? undefined : () => copyInitial(initial.value)
  const state = (): GroupState => ({ table: new KeyTable(), totals: [], start })
  const ending: ChainOperation[] = [
    ...keyOperations(key),
    { kind: 'foldBy', fn, ...(initial !== undefined && { detail: 'initial' }) },
  ]
  return whenReady(PartitionStream.of(partition).end(ending, state), groupColumns)
}

/** The number of groups of one task for which `assertJoinsTotals` runs. */
const CHECKED_GROUPS = 16

/** Joins the totals of each group into one. */
export function foldbyMerge(
  parts: readonly GroupColumns[],
  last: boolean,
  fn: Function,
  isChecked: boolean,
  initial?: { readonly value: unknown },
): MaybePromise<GroupColumns | Pairs> {
  const table = new KeyTable()
  const totals: unknown[][] = []
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) {
      const group = table.put(keys[i])
      if (group < totals.length) totals[group]!.push(values[i])
      else
        totals.push(initial === undefined ? [values[i]] : [copyInitial(initial.value), values[i]])
    }
  }
  const { keys } = table
  const joined = totals.filter(({ length }) => length > 1).slice(0, isChecked ? CHECKED_GROUPS : 0)
  const checks = joined.map((list) => assertJoinsTotals('foldby', fn, list))
  const join = (): MaybePromise<GroupColumns | Pairs> => {
    const values = totals.map((list) => foldItems(fn, list[0], list.slice(1)))
    const finish = (settled: readonly unknown[]): GroupColumns | Pairs => {
      const columns = { keys, values: settled }
      return last ? pairsOf(columns) : columns
    }
    return values.some(isThenable) ? Promise.all(values).then(finish) : finish(values)
  }
  return checks.some(isThenable) ? Promise.all(checks).then(join) : join()
}

/** The first item for each key. */
class FirstItems {
  private readonly table = new KeyTable()
  private readonly items: unknown[] = []
  add(item: unknown, key: unknown): void {
    if (this.table.put(key) === this.items.length) this.items.push(item)
  }
  columns(): GroupColumns {
    return { keys: this.table.keys, values: this.items }
  }
}

/** The distinct items, which are their own keys. */
class DistinctItems {
  private readonly table = new KeyTable()
  add(item: unknown): void {
    this.table.put(item)
  }
  columns(): GroupColumns {
    const { keys } = this.table
    return { keys, values: keys }
  }
}

/** Returns the first item of a partition for each key, with its key. */
export function distinctPart(partition: Partition, key: KeyArgument): MaybePromise<GroupColumns> {
  const stream = PartitionStream.of(partition)
  if (key === undefined) {
    return whenReady(
      stream.end([{ kind: 'add' }], () => new DistinctItems()),
      (items) => items.columns(),
    )
  }
  const ending: ChainOperation[] = [...keyOperations(key), { kind: 'addKeyed' }]
  return whenReady(
    stream.end(ending, () => new FirstItems()),
    (items) => items.columns(),
  )
}

/** Returns the first item for each key. The result is without the keys. */
export function distinctMerge(parts: readonly GroupColumns[], last: boolean): unknown {
  const areOwnKeys = parts.every(({ keys, values }) => keys === values)
  const items = areOwnKeys ? new DistinctItems() : new FirstItems()
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) items.add(values[i], keys[i])
  }
  const columns = items.columns()
  return last ? columns.values : columns
}

/** Returns the `k` greatest items of a partition, greatest first, with their keys. */
export function topkPart(
  partition: Partition,
  k: number,
  key: KeyArgument,
): MaybePromise<GroupColumns> {
  const ending: ChainOperation[] = [...keyOperations(key), { kind: 'addKeyed' }]
  return whenReady(
    PartitionStream.of(partition).end(ending, () => new TopkAccumulator(k)),
    (top) => top.columns(),
  )
}

/** Returns the `k` greatest items, greatest first. The result is without the keys. */
export function topkMerge(parts: readonly GroupColumns[], last: boolean, k: number): unknown {
  const top = new TopkAccumulator(k)
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) top.add(values[i], keys[i])
  }
  const columns = top.columns()
  return last ? columns.values : columns
}

operations('collections/bag/steps/grouping-steps', {
  frequenciesPart,
  frequenciesMerge,
  foldbyPart,
  foldbyMerge,
  distinctPart,
  distinctMerge,
  topkPart,
  topkMerge,
})
