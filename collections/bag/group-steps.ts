/**
 * The steps of operations by key: counting, folding and telling apart equal items, choosing the
 * greatest, and sending groups to the partitions where they belong.
 *
 * A key is a function of the item, the name of a field, or the item itself. Partial values are lists
 * of pairs, in the order in which the groups were first met.
 */
import { operations } from '../../core/operation.js'
import { isThenable } from '../../core/run-recipe.js'
import { Top } from './accumulators.js'
import { partitionOfKey } from './canonical.js'
import type { Op } from './chain.js'
import { missingField, show } from './item-operations.js'
import { KeyTable } from './key-table.js'
import { Packed } from './packed.js'
import type { GroupState } from './program.js'
import { after, type Eventual, freshInitial } from './reduce-steps.js'
import { type Partition, PartitionStream } from './stream.js'

/** A key as steps get it. */
export type KeyArgument = Function | string | number | undefined

/** Groups as they travel. */
export type Pairs<V = unknown> = readonly (readonly [key: unknown, value: V])[]

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
  const value = (item as Record<string | number, unknown>)[key]
  if (value === undefined) missingField(item, key)
  return value
}

function pairsOf({ table }: GroupState): Pairs {
  return table.cells().map(({ key, total }) => [key, total] as const)
}

/** How often each item occurs in a partition. */
export function frequenciesPart(partition: Partition): Eventual<Pairs> {
  const state = (): GroupState => ({ table: new KeyTable(), start: undefined })
  return after(PartitionStream.of(partition).end([{ kind: 'countBy' }], state), pairsOf)
}

/** The sums of counts; in the end, if so wished, the most frequent first. */
export function frequenciesMerge(
  parts: readonly Pairs<number>[],
  last: boolean,
  sort: boolean,
): Pairs<number> {
  const table = new KeyTable<number>()
  for (const part of parts) {
    for (const [key, count] of part) {
      const cell = table.find(key)
      if (cell === undefined) table.insert(key, count)
      else cell.total += count
    }
  }
  const pairs = table.cells().map(({ key, total }) => [key, total] as const)
  return last && sort ? pairs.sort((a, b) => b[1] - a[1]) : pairs
}

/** The items of a partition folded group by group. */
export function foldbyPart(
  partition: Partition,
  key: KeyArgument,
  fn: Function,
  initial?: { readonly value: unknown },
): Eventual<Pairs> {
  const start = initial === undefined ? undefined : () => freshInitial(initial.value)
  const state = (): GroupState => ({ table: new KeyTable(), start })
  const ending: Op[] = [...keyOps(key), { kind: 'foldBy', fn }]
  return after(PartitionStream.of(partition).end(ending, state), pairsOf)
}

/**
 * Totals of the same group folded into one. `guard` says that the function was made for a total and
 * an item, so that what it makes of two totals must be looked at.
 */
export function foldbyMerge(
  parts: readonly Pairs[],
  _last: boolean,
  fn: Function,
  guard: boolean,
  initial?: { readonly value: unknown },
): Eventual<Pairs> {
  const groups = new KeyTable<unknown[]>()
  for (const part of parts) {
    for (const [key, total] of part) {
      const cell = groups.find(key)
      if (cell !== undefined) cell.total.push(total)
      else
        groups.insert(key, initial === undefined ? [total] : [freshInitial(initial.value), total])
    }
  }
  const cells = groups.cells()
  const pairs = new Array<readonly [unknown, unknown]>(cells.length)
  const from = (start: number): Eventual<Pairs> => {
    for (let i = start; i < cells.length; i++) {
      const { key, total } = cells[i]!
      const value = foldTotals(fn, total, guard)
      if (isThenable(value)) {
        return Promise.resolve(value).then((settled) => {
          pairs[i] = [key, settled]
          return from(i + 1)
        })
      }
      pairs[i] = [key, value]
    }
    return pairs
  }
  return from(0)
}

function foldTotals(fn: Function, totals: readonly unknown[], guard: boolean): unknown {
  let result = totals[0]
  for (let i = 1; i < totals.length; i++) {
    const next: unknown = fn(result, totals[i])
    if (isThenable(next)) {
      return totals
        .slice(i + 1)
        .reduce<Promise<unknown>>(
          (before, total) => before.then((value) => fn(value, total) as unknown),
          Promise.resolve(next),
        )
    }
    if (guard) assertSameSort(result, totals[i], next)
    result = next
  }
  return result
}

/** Finds out that a function of a total and an item was given two totals and could not use them. */
function assertSameSort(a: unknown, b: unknown, result: unknown): void {
  const broken =
    typeof result !== typeof a || (Number.isNaN(result) && !Number.isNaN(a) && !Number.isNaN(b))
  if (!broken) return
  throw new TypeError(
    `foldby: the function made ${show(result)} of the totals ${show(a)} and ${show(b)} of two partitions; it seems to want a total and an item, so give a fourth argument that combines two totals: foldby(key, binop, initial, combine)`,
  )
}

class Distinct {
  readonly table = new KeyTable<unknown>()
  add(item: unknown, key: unknown): void {
    if (this.table.find(key) === undefined) this.table.insert(key, item)
  }
  pairs(): Pairs {
    return this.table.cells().map(({ key, total }) => [key, total] as const)
  }
}

/** The first items of a partition with each key, with their keys. */
export function distinctPart(partition: Partition, key: KeyArgument): Eventual<Pairs> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Distinct()),
    (d) => d.pairs(),
  )
}

/** The first items of all with each key; in the end without the keys. */
export function distinctMerge(parts: readonly Pairs[], last: boolean): unknown {
  const distinct = new Distinct()
  for (const part of parts) for (const [key, item] of part) distinct.add(item, key)
  return last ? distinct.pairs().map(([, item]) => item) : distinct.pairs()
}

/** The `k` greatest items of a partition, greatest first, with their keys. */
export function topkPart(partition: Partition, k: number, key: KeyArgument): Eventual<Pairs> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Top(k)),
    (top) => top.pairs(),
  )
}

/** The `k` greatest items of all, greatest first; in the end without the keys. */
export function topkMerge(parts: readonly Pairs[], last: boolean, k: number): unknown {
  const top = new Top(k)
  for (const part of parts) for (const [key, item] of part) top.add(item, key)
  return last ? top.pairs().map(([, item]) => item) : top.pairs()
}

class Groups {
  readonly table = new KeyTable<unknown[]>()
  add(item: unknown, key: unknown): void {
    const cell = this.table.find(key)
    if (cell === undefined) this.table.insert(key, [item])
    else cell.total.push(item)
  }
}

/** A partition's groups, dealt out: list `j` has those that belong to output partition `j`. */
export function groupbySplit(
  partition: Partition,
  key: KeyArgument,
  npartitions: number,
): Eventual<Packed<Pairs<unknown[]>>[]> {
  const ending: Op[] = [...keyOps(key), { kind: 'addKeyed' }]
  return after(
    PartitionStream.of(partition).end(ending, () => new Groups()),
    ({ table }) => {
      const outputs = Array.from({ length: npartitions }, () => [] as [unknown, unknown[]][])
      for (const { key: group, total } of table.cells()) {
        outputs[partitionOfKey(group, npartitions)]!.push([group, total])
      }
      return outputs.map((groups) => Packed.of<Pairs<unknown[]>>(groups))
    },
  )
}

/** One of the lists that a partition was dealt into. */
export function pick<T>(lists: readonly T[], index: number): T {
  return lists[index]!
}

/** Groups of several partitions as one list, each group once. */
export function groupbyMerge(parts: readonly Packed<Pairs<unknown[]>>[]): Pairs<unknown[]> {
  const table = new KeyTable<unknown[]>()
  for (const part of parts) {
    for (const [key, items] of part.value) {
      const cell = table.find(key)
      if (cell === undefined) table.insert(key, items.slice())
      else for (const item of items) cell.total.push(item)
    }
  }
  return table.cells().map(({ key, total }) => [key, total] as const)
}

operations('collections/bag/group-steps', {
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
