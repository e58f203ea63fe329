/**
 * The steps of joins. A small other side is read whole by every task; else both sides are sent to the partitions
 * of their keys, where they are joined.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { KeyTable } from '../engine/key-table.js'
import { fieldOf, missingField } from '../engine/loop-functions.js'
import type { JoinDetail } from '../engine/loop-writer.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import type { KeyArgument } from './grouping-steps.js'
import { mergeGroups, type ShuffledGroups } from './shuffle-steps.js'

/** Which items a join gives: pairs with equal keys, also items without a pair of one or both sides, or items alone. */
export type JoinKind = 'inner' | 'left' | 'right' | 'outer' | 'semi' | 'anti'

/** One side of a join: the items of each key, by its number. */
interface JoinSide {
  readonly table: KeyTable
  readonly lists: readonly unknown[][]
  /** What items without a match are joined with in a left join. */
  readonly none: readonly unknown[]
}

/** The joined items by key, which are shared by all partitions. */
const joinSides = new WeakMap<object, Map<KeyArgument, JoinSide>>()

/** Returns a pair `[other, item]` for every item and each of the others that has an equal key. */
export function joinStep(
  partition: Partition,
  others: Iterable<unknown>,
  onOther: KeyArgument,
  onSelf: KeyArgument,
  how: 'inner' | 'left',
): PartitionStream {
  const side = joinSide(others, onOther)
  const isFunction = typeof onSelf === 'function'
  const detail: JoinDetail = { field: isFunction ? undefined : onSelf, how }
  const fn = isFunction ? onSelf : undefined
  const operation: ChainOperation = { kind: 'join', fn, detail: JSON.stringify(detail) }
  return PartitionStream.of(partition).with(operation, () => side)
}

/** Keeps the items that have an equal key among the others (`wanted` true), or those that have none. */
export function matchesStep(
  partition: Partition,
  others: Iterable<unknown>,
  onOther: KeyArgument,
  onSelf: KeyArgument,
  wanted: boolean,
): PartitionStream {
  const { table } = joinSide(others, onOther)
  const accepts = (item: unknown): boolean => table.find(keyOf(item, onSelf)) >= 0 === wanted
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'matches' }, () => ({
    accepts,
  }))
}

/** Returns some items by key. They are cached as long as the items are alive. */
function joinSide(items: Iterable<unknown>, key: KeyArgument): JoinSide {
  let byKey = joinSides.get(items)
  if (byKey === undefined) joinSides.set(items, (byKey = new Map()))
  let side = byKey.get(key)
  if (side === undefined) {
    const table = new KeyTable()
    const lists: unknown[][] = []
    for (const item of items) {
      const group = table.put(keyOf(item, key))
      if (group === lists.length) lists.push([item])
      else lists[group]!.push(item)
    }
    byKey.set(key, (side = { table, lists, none: [undefined] }))
  }
  return side
}

/** Returns the key of one item, outside of generated loops. */
function keyOf(item: unknown, key: KeyArgument): unknown {
  if (key === undefined) return item
  if (typeof key === 'function') {
    const value: unknown = key(item)
    if (!isThenable(value)) return value
    value.then(undefined, () => {})
    throw new TypeError('a key function returned a promise; keys cannot be awaited')
  }
  const value = fieldOf(item, key)
  if (value === undefined) missingField(item, key)
  return value
}

/**
 * Joins the groups of one output partition.
 *
 * @param parts Lists of groups: of this bag's partitions first, `count` of them, then of the other's.
 * @param at The position of the partition's groups in each of the lists.
 */
export function joinMerge(
  parts: ShuffledGroups,
  at: number,
  count: number,
  how: JoinKind,
): readonly unknown[] {
  const others = mergeGroups(parts.slice(count), at)
  const isMatched = new Uint8Array(others.table.size)
  const result: unknown[] = []
  for (const part of parts.slice(0, count)) {
    const { keys, sizes, items } = part[at]!.value
    let start = 0
    for (let i = 0; i < keys.length; i++) {
      const end = start + sizes[i]!
      const group = others.table.find(keys[i])
      if (group >= 0) isMatched[group] = 1
      if (how === 'semi' || how === 'anti') {
        if (group >= 0 === (how === 'semi')) for (let j = start; j < end; j++) result.push(items[j])
      } else if (group >= 0) {
        const matches = others.lists[group]!
        for (let j = start; j < end; j++) {
          for (let k = 0; k < matches.length; k++) result.push([matches[k], items[j]])
        }
      } else if (how === 'left' || how === 'outer') {
        for (let j = start; j < end; j++) result.push([undefined, items[j]])
      }
      start = end
    }
  }
  if (how !== 'right' && how !== 'outer') return result
  for (const [group, list] of others.lists.entries()) {
    if (isMatched[group] === 0) for (const other of list) result.push([other, undefined])
  }
  return result
}

operations('collections/bag/steps/join-steps', { joinStep, matchesStep, joinMerge })
