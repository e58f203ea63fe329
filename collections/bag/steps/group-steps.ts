/**
 * The steps of operations by key: counting, folding and telling apart equal items, choosing the
 * greatest, and sending groups to the partitions where they belong.
 *
 * A key is a function of the item, the name of a field, or the item itself. Partial values are lists
 * of keys and values, in the order in which the groups were first met.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { Top } from '../engine/accumulators.js'
import { partitionOfKey } from '../engine/canonical-keys.js'
import type { Op } from '../engine/chain.js'
import { assertCombines, type CombineGuard } from '../engine/combine-guard.js'
import { fieldOf, missingField } from '../engine/item-operations.js'
import { KeyTable } from '../engine/key-table.js'
import { Packed } from '../engine/packed.js'
import type { GroupState } from '../engine/program.js'
import { type Partition, PartitionStream } from '../engine/stream.js'
import { after, type Eventual, freshInitial } from './reduction-steps.js'

/** A key as steps get it. */
export type KeyArgument = Function | string | number | undefined

/** Groups as users get them. */
export type Pairs<V = unknown> = readonly (readonly [key: unknown, value: V])[]

/** Groups as they travel: many values of a kind side by side take few bytes and little time. */
export interface Columns<V = unknown> {
  readonly keys: readonly unknown[]
  readonly values: readonly V[]
}

function columnsOf<V>(cells: readonly { readonly key: unknown; readonly total: V }[]): Columns<V> {
  return { keys: cells.map(({ key }) => key), values: cells.map(({ total }) => total) }
}

function pairsOf<V>({ keys, values }: Columns<V>): Pairs<V> {
  return keys.map((key, i) => [key, values[i]!] as const)
}

function keyOps(key: KeyArgument): Op[] {
  if (key === undefined) return []
  if (typeof key === 'function') return [{ kind: 'key', fn: key }]
  return [{ kind: 'keyPluck', detail: JSON.stringify(key) }]
}

/** The key of one item, outside of loops. */
export function keyOf(item: unknown, key: KeyArgument): unknown {
  if (key === undefined) return item
  if (typeof key === 'function') {
    const value: unknown = key(item)
    if (!isThenable(value)) return value
    value.then(undefined, () => {})
    throw new TypeError('a key function gave a promise; keys must be there at once')
  }
  const value = fieldOf(item, key)
  if (value === undefined) missingField(item, key)
  return value
}

/** How often each item occurs in a partition. */
export function frequenciesPart(partition: Partition): Eventual<Columns> {
  const state = (): GroupState => ({ table: new KeyTable(), start: undefined })
  return after(PartitionStream.of(partition).end([{ kind: 'countBy' }], state), ({ table }) =>
    columnsOf(table.cells()),
  )
}

/** The sums of counts; in the end as pairs and, if so wished, the most frequent first. */
export function frequenciesMerge(
  parts: readonly Columns<number>[],
  last: boolean,
  sort: boolean,
): Columns<number> | Pairs<number> {
  const table = new KeyTable<number>()
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) {
      const cell = table.find(keys[i])
      if (cell === undefined) table.insert(keys[i], values[i]!)
      else cell.total += values[i]!
    }
  }
  const columns = columnsOf(table.cells())
  if (!last) return columns
  const pairs = pairsOf(columns)
  return sort ? pairs.toSorted((a, b) => b[1] - a[1]) : pairs
}

/** The items of a partition folded group by group. */
export function foldbyPart(
  partition: Partition,
  key: KeyArgument,
  fn: Function,
  initial?: { readonly value: unknown },
): Eventual<Columns> {
  const start = initial === undefined ? undefined : () => freshInitial(initial.value)
  const state = (): GroupState => ({ table: new KeyTable(), start })
  const ending: Op[] = [...keyOps(key), { kind: 'foldBy', fn }]
  return after(PartitionStream.of(partition).end(ending, state), ({ table }) =>
    columnsOf(table.cells()),
  )
}

/** Totals of the same group folded into one. */
export function foldbyMerge(
  parts: readonly Columns[],
  last: boolean,
  fn: Function,
  guard: CombineGuard,
  initial?: { readonly value: unknown },
): Eventual<Columns | Pairs> {
  const groups = new KeyTable<unknown[]>()
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) {
      const cell = groups.find(keys[i])
      if (cell !== undefined) cell.total.push(values[i])
      else {
        const start = initial === undefined ? [] : [freshInitial(initial.value)]
        groups.insert(keys[i], [...start, values[i]])
      }
    }
  }
  const { keys, values: totals } = columnsOf(groups.cells())
  const values = totals.map((total) => foldTotals(fn, total, guard))
  const finish = (settled: readonly unknown[]): Columns | Pairs => {
    const columns = { keys, values: settled }
    return last ? pairsOf(columns) : columns
  }
  return values.some(isThenable) ? Promise.all(values).then(finish) : finish(values)
}

function foldTotals(fn: Function, totals: readonly unknown[], guard: CombineGuard): unknown {
  let result = totals[0]
  for (let i = 1; i < totals.length; i++) {
    if (i === 1) assertCombines('foldby', fn, guard, result)
    assertCombines('foldby', fn, guard, totals[i])
    const next: unknown = fn(result, totals[i])
    if (isThenable(next)) {
      return totals
        .slice(i + 1)
        .reduce<Promise<unknown>>(
          (before, total) => before.then((value) => fn(value, total) as unknown),
          Promise.resolve(next),
        )
    }
    result = next
  }
  return result
}

class Distinct {
  readonly table = new KeyTable<unknown>()
  add(item: unknown, key: unknown): void {
    if (this.table.find(key) === undefined) this.table.insert(key, item)
  }
  columns(): Columns {
    return columnsOf(this.table.cells())
  }
}

/** The first items of a partition with each key, with their keys. */
export function distinctPart(partition: Partition, key: KeyArgument): Eventual<Columns> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Distinct()),
    (distinct) => distinct.columns(),
  )
}

/** The first items of all with each key; in the end without the keys. */
export function distinctMerge(parts: readonly Columns[], last: boolean): unknown {
  const distinct = new Distinct()
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) distinct.add(values[i], keys[i])
  }
  const columns = distinct.columns()
  return last ? columns.values : columns
}

/** The `k` greatest items of a partition, greatest first, with their keys. */
export function topkPart(partition: Partition, k: number, key: KeyArgument): Eventual<Columns> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Top(k)),
    (top) => top.columns(),
  )
}

/** The `k` greatest items of all, greatest first; in the end without the keys. */
export function topkMerge(parts: readonly Columns[], last: boolean, k: number): unknown {
  const top = new Top(k)
  for (const { keys, values } of parts) {
    for (let i = 0; i < keys.length; i++) top.add(values[i], keys[i])
  }
  const columns = top.columns()
  return last ? columns.values : columns
}

class Groups {
  readonly table = new KeyTable<unknown[]>()
  add(item: unknown, key: unknown): void {
    const cell = this.table.find(key)
    if (cell === undefined) this.table.insert(key, [item])
    else cell.total.push(item)
  }
}

/** Groups of items as they travel: `sizes` says how many of the items belong to each key. */
export interface ItemGroups {
  readonly keys: unknown[]
  readonly sizes: number[]
  readonly items: unknown[]
}

/** A partition's groups, dealt out: list `j` has those that belong to output partition `j`. */
export function groupbySplit(
  partition: Partition,
  key: KeyArgument,
  npartitions: number,
): Eventual<Packed<ItemGroups>[]> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Groups()),
    ({ table }) => {
      const outputs = Array.from({ length: npartitions }, (): ItemGroups => {
        return { keys: [], sizes: [], items: [] }
      })
      for (const { key: group, total } of table.cells()) {
        const output = outputs[partitionOfKey(group, npartitions)]!
        output.keys.push(group)
        output.sizes.push(total.length)
        for (const item of total) output.items.push(item)
      }
      return outputs.map((groups) => Packed.of(groups))
    },
  )
}

/** One of the lists that a partition was dealt into. */
export function pick<T>(lists: readonly T[], index: number): T {
  return lists[index]!
}

/** Groups of several partitions as one list, each group once. */
export function groupbyMerge(parts: readonly Packed<ItemGroups>[]): Pairs<unknown[]> {
  const table = new KeyTable<unknown[]>()
  for (const part of parts) {
    const { keys, sizes, items } = part.value
    let start = 0
    for (let i = 0; i < keys.length; i++) {
      const end = start + sizes[i]!
      const cell = table.find(keys[i])
      if (cell === undefined) table.insert(keys[i], items.slice(start, end))
      else for (let at = start; at < end; at++) cell.total.push(items[at])
      start = end
    }
  }
  return pairsOf(columnsOf(table.cells()))
}

operations('collections/bag/steps/group-steps', {
  frequenciesPart,
  frequenciesMerge,
  foldbyPart,
  foldbyMerge,
  distinctPart,
  distinctMerge,
  topkPart,
  topkMerge,
  groupbySplit,
  pick,
  groupbyMerge,
})
