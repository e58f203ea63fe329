/**
 * The steps of tasks that work item by item: each adds one operation to a partition's stream and
 * returns at once.
 *
 * Functions of several arguments come with a `layout`, one letter for each further argument: `b` for
 * a partition of another bag, read item by item alongside, and `v` for a value.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import type { Op } from '../engine/chain.js'
import type { FieldList, FieldUser } from '../engine/item-operations.js'
import type { PluckDetail, StringDetail } from '../engine/program.js'
import { globTest, patternTest, sampler } from '../engine/selection.js'
import { pendingItems, sourceOfResult } from '../engine/source.js'
import { type Companion, Cursor, type Partition, PartitionStream } from '../engine/stream.js'

type Stream = PartitionStream | Promise<PartitionStream>

/** `fn` of every item. */
export function mapStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'map', fn }, layout, args)
}

/** `fn` of every item, the item's own items being the arguments. */
export function starmapStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'starmap', fn }, layout, args)
}

/** The items for which `fn` gives something true. */
export function filterStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'filter', fn }, layout, args)
}

/** The items for which `fn` gives nothing true. */
export function removeStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  return withArguments(partition, { kind: 'remove', fn }, layout, args)
}

/** One field of every item; `fallback`, if given, holds what stands for a missing one. */
export function pluckStep(
  partition: Partition,
  field: string | number,
  fallback?: { readonly value: unknown },
  user: FieldUser = 'pluck',
): PartitionStream {
  const detail: PluckDetail = { field, fallback: fallback !== undefined, user }
  const op: Op = { kind: 'pluck', detail: JSON.stringify(detail) }
  const stream = PartitionStream.of(partition)
  return fallback === undefined ? stream.with(op) : stream.with(op, () => fallback.value)
}

/** Several fields of every item, as an array. */
export function pluckAllStep(
  partition: Partition,
  fields: readonly (string | number)[],
  fallback?: { readonly value: unknown },
): PartitionStream {
  const list: FieldList = { fields, fallback }
  return PartitionStream.of(partition).with({ kind: 'pluckAll' }, () => list)
}

/** The items of every item. */
export function flattenStep(partition: Partition): PartitionStream {
  return PartitionStream.of(partition).with({ kind: 'flatten' })
}

/** A method of `String` on every item. */
export function stringStep(
  partition: Partition,
  method: string,
  args: readonly unknown[],
): PartitionStream {
  const detail: StringDetail = { method, count: args.length }
  const op: Op = { kind: 'string', detail: JSON.stringify(detail) }
  return PartitionStream.of(partition).with(op, () => args)
}

/** The texts that match a glob. */
export function globStep(partition: Partition, pattern: string): PartitionStream {
  const test = globTest(pattern)
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'glob' }, () => test)
}

/** The texts in which a regular expression finds something. */
export function patternStep(partition: Partition, pattern: RegExp): PartitionStream {
  const test = patternTest(pattern)
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'pattern' }, () => test)
}

/** Items chosen by chance, the same ones for the same seed and partition. */
export function sampleStep(
  partition: Partition,
  probability: number,
  seed: number,
  block: number,
): PartitionStream {
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'sample' }, () =>
    sampler(probability, seed, block),
  )
}

/** Whatever iterable `fn` makes of a whole partition; partitions of other bags come as iterables too. */
export function mapPartitionsStep(
  partition: Partition,
  fn: Function,
  layout = '',
  ...args: unknown[]
): Stream {
  const given = [partition, ...args].map((value, i) =>
    i === 0 || layout[i - 1] === 'b' ? readable(value as Partition) : value,
  )
  const call = (values: readonly unknown[]): Stream => {
    const result: unknown = fn(...values)
    const pending = pendingItems(result)
    if (pending !== undefined) return pending.then(streamOfResult)
    return streamOfResult(result)
  }
  return given.some(isThenable) ? Promise.all(given).then(call) : call(given)
}

function streamOfResult(result: unknown): PartitionStream {
  return PartitionStream.from(sourceOfResult(result, 'mapPartitions'))
}

/** A partition as users' functions get it: an iterable, of items that are there or can be had at once. */
export function readable(partition: Partition): PartitionStream | Promise<PartitionStream> {
  const stream = PartitionStream.of(partition)
  if (!stream.asynchronous) return stream
  return Promise.resolve(stream.finish()).then((items) => PartitionStream.of(items))
}

/** The items of several partitions side by side: `[a1, b1], [a2, b2], ...` */
export function zipStep(first: Partition, ...others: Partition[]): Stream {
  return withArguments(first, { kind: 'map', fn: tuple }, 'b'.repeat(others.length), others)
}

function tuple(...items: unknown[]): unknown[] {
  return items
}

function withArguments(
  partition: Partition,
  op: Op,
  layout: string,
  args: readonly unknown[],
): Stream {
  if (layout === '') return PartitionStream.of(partition).with(op)
  const streams = args.filter((value, i): value is PartitionStream => {
    return layout[i] === 'b' && value instanceof PartitionStream
  })
  // A partition that meets itself is made once; one that takes time is waited for.
  const finished = new Map<unknown, unknown>()
  for (const stream of streams) {
    const again = stream === partition || streams.indexOf(stream) !== streams.lastIndexOf(stream)
    if (again || stream.asynchronous) finished.set(stream, stream.finish())
  }
  const waiting = [...finished.values()].filter(isThenable)
  if (waiting.length > 0) {
    return Promise.all([partition, ...args].map((value) => finished.get(value) ?? value)).then(
      ([first, ...rest]) => withArguments(first as Partition, op, layout, rest),
    )
  }
  const ready = (value: unknown): unknown => finished.get(value) ?? value
  const values = args.map(ready)
  return PartitionStream.of(ready(partition) as Partition).with(
    { ...op, detail: layout },
    (companions) =>
      values.map((value, i) => (layout[i] === 'b' ? cursor(value, companions) : value)),
  )
}

function cursor(partition: unknown, companions: Companion[]): Cursor {
  const made = new Cursor(partition as Partition)
  companions.push(made)
  return made
}

operations('collections/bag/steps/item-steps', {
  mapStep,
  starmapStep,
  filterStep,
  removeStep,
  pluckStep,
  pluckAllStep,
  flattenStep,
  stringStep,
  globStep,
  patternStep,
  sampleStep,
  mapPartitionsStep,
  zipStep,
})
