/**
 * The steps that work item by item. Each adds one operation to a partition's stream and returns at once.
 *
 * A function's extra arguments are described by a `layout`, one letter for each: `b` for a partition of
 * another bag, which is read in step with the items, and `v` for a value. An `x` among them is where the
 * item or partition itself is passed; without it, that is the first argument.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { Rejects, reasonOf } from '../engine/failed-item.js'
import { randomPredicate } from '../engine/item-predicates.js'
import { pendingItems, sourceOfResult } from '../engine/item-source.js'
import type { FieldList, FieldUser } from '../engine/loop-functions.js'
import type { PluckDetail } from '../engine/loop-writer.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { PartitionCursor } from '../engine/partition-readers.js'
import {
  iterablePartition,
  type Partition,
  PartitionStream,
  type SideInput,
} from '../engine/partition-stream.js'

type Stream = PartitionStream | Promise<PartitionStream>

/** Applies `fn` to every item. */
export function mapStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'map', fn }, layout, args)
}

/** Applies `fn` to every item, with the item's own items as its first arguments. */
export function starmapStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'starmap', fn }, layout, args)
}

/**
 * Maps, filters or removes by a function that may throw, and returns the items for which it does not, or else the
 * rejects: those for which it does.
 */
export function guardedStep(
  partition: Partition,
  fn: Function,
  kind: 'map' | 'starmap' | 'filter' | 'remove',
  yields: 'items' | 'rejects',
): Stream {
  const stream = PartitionStream.of(partition)
  return yields === 'items'
    ? stream.with({ kind, fn, detail: '!skip' })
    : stream.with({ kind, fn, detail: '!rejects' }, () => new Rejects(stream.source))
}

/** Keeps the items for which `fn` returns something truthy. */
export function filterStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'filter', fn }, layout, args)
}

/** Removes the items for which `fn` returns something truthy. */
export function removeStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'remove', fn }, layout, args)
}

/** Selects one field of every item. `fallback`, if there is one, holds the value for a missing field. */
export function pluckStep(
  partition: Partition,
  field: string | number,
  fallback?: { readonly value: unknown },
  user: FieldUser = 'pluck',
): PartitionStream {
  const detail: PluckDetail = { field, fallback: fallback !== undefined, user }
  const operation: ChainOperation = { kind: 'pluck', detail: JSON.stringify(detail) }
  const stream = PartitionStream.of(partition)
  return fallback === undefined
    ? stream.with(operation)
    : stream.with(operation, () => fallback.value)
}

/** Selects several fields of every item, as an array. */
export function pluckAllStep(
  partition: Partition,
  fields: readonly (string | number)[],
  fallback?: { readonly value: unknown },
): PartitionStream {
  const list: FieldList = { fields, fallback }
  return PartitionStream.of(partition).with({ kind: 'pluckAll' }, () => list)
}

/** Joins the items of all items into one list. */
export function flattenStep(partition: Partition): PartitionStream {
  return PartitionStream.of(partition).with({ kind: 'flatten' })
}

/** Selects items at random, the same ones for the same seed and partition. */
export function sampleStep(
  partition: Partition,
  probability: number,
  seed: number,
  block: number,
): PartitionStream {
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'sample' }, () =>
    randomPredicate(probability, seed, block),
  )
}

/** Applies `fn` to a whole partition. It receives iterables, of other bags too, and returns one. */
export function mapPartitionsStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  const at = Math.max(0, layout.indexOf('x'))
  const kinds = layout.includes('x') ? layout : `x${layout}`
  const values = (layout.includes('x') ? args.with(at, partition) : [partition, ...args]).map(
    (value, i) => (kinds[i] === 'v' ? value : iterablePartition(value as Partition)),
  )
  const call = (ready: readonly unknown[]): Stream => {
    const result: unknown = fn(...ready)
    const pending = pendingItems(result)
    if (pending !== undefined) return pending.then(streamOfResult)
    return streamOfResult(result)
  }
  return values.some(isThenable) ? Promise.all(values).then(call) : call(values)
}

/**
 * Applies a function that may throw to a whole partition, and returns the items of its result, which are none if it throws, or else the reject
 * of the partition, if it does. The items are made before, so an error of theirs is not the function's.
 */
export function guardedPartitionStep(
  partition: Partition,
  fn: Function,
  yields: 'items' | 'rejects',
  position: number,
): readonly unknown[] | Promise<readonly unknown[]> {
  const items = PartitionStream.of(partition).finish()
  return items instanceof Promise
    ? items.then((list) => guardedResult(list, fn, yields, position))
    : guardedResult(items, fn, yields, position)
}

function guardedResult(
  items: readonly unknown[],
  fn: Function,
  yields: 'items' | 'rejects',
  position: number,
): readonly unknown[] | Promise<readonly unknown[]> {
  const whenDone = (result: readonly unknown[]) => (yields === 'items' ? result : [])
  const whenThrown = (error: unknown): readonly unknown[] =>
    yields === 'items'
      ? []
      : [{ item: items, reason: reasonOf(error), place: `partition ${position + 1}` }]
  try {
    const result: unknown = fn(items)
    const pending = pendingItems(result)
    if (pending !== undefined) return pending.then(listOfResult).then(whenDone).catch(whenThrown)
    return whenDone(listOfResult(result))
  } catch (error) {
    return whenThrown(error)
  }
}

function listOfResult(result: unknown): readonly unknown[] {
  return [...sourceOfResult(result, 'mapPartitions').batches()].flat()
}

function streamOfResult(result: unknown): PartitionStream {
  return PartitionStream.from(sourceOfResult(result, 'mapPartitions'))
}

/** Combines the items of several partitions into arrays: `[a1, b1], [a2, b2], ...` */
export function zipStep(first: Partition, ...others: Partition[]): Stream {
  return withArguments(first, { kind: 'map', fn: tuple }, 'b'.repeat(others.length), others)
}

function tuple(...items: unknown[]): unknown[] {
  return items
}

/** Adds an operation whose function may have extra arguments. */
function withArguments(
  partition: Partition,
  operation: ChainOperation,
  layout: string,
  args: readonly unknown[],
): Stream {
  if (layout === '') return PartitionStream.of(partition).with(operation)
  const finished = finishedStreams(partition, layout, args)
  const current = (value: unknown): unknown => finished.get(value) ?? value
  if ([...finished.values()].some(isThenable)) {
    return Promise.all([partition, ...args].map(current)).then(([first, ...rest]) =>
      withArguments(first as Partition, operation, layout, rest),
    )
  }
  const values = args.map(current)
  return PartitionStream.of(current(partition) as Partition).with(
    { ...operation, detail: layout },
    (sideInputs) =>
      values.map((value, i) => (layout[i] === 'b' ? openCursor(value, sideInputs) : value)),
  )
}

/**
 * Finishes the streams that cannot be read in step with the items: those that are used twice, which are
 * computed only once so, and asynchronous ones.
 */
function finishedStreams(
  partition: Partition,
  layout: string,
  args: readonly unknown[],
): Map<unknown, unknown> {
  const streams = args.filter((value, i): value is PartitionStream => {
    return layout[i] === 'b' && value instanceof PartitionStream
  })
  const finished = new Map<unknown, unknown>()
  for (const stream of streams) {
    const again = stream === partition || streams.indexOf(stream) !== streams.lastIndexOf(stream)
    if (again || stream.asynchronous) finished.set(stream, stream.finish())
  }
  return finished
}

function openCursor(partition: unknown, sideInputs: SideInput[]): PartitionCursor {
  const cursor = new PartitionCursor(partition as Partition)
  sideInputs.push(cursor)
  return cursor
}

operations('collections/bag/steps/elementwise-steps', {
  mapStep,
  starmapStep,
  guardedStep,
  filterStep,
  removeStep,
  pluckStep,
  pluckAllStep,
  flattenStep,
  sampleStep,
  mapPartitionsStep,
  guardedPartitionStep,
  zipStep,
})
