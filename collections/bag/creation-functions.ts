/** The functions that create bags: of items in memory, numbers, files, tables, lazy values and other bags. */

import type { Table } from 'apache-arrow'
import { checkArguments, checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { isIterable } from '../../core/base/plain-use.js'
import type { Layer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import { checkWholeNumber } from '../base/argument-checks.js'
import { layerOfKind } from '../base/argument-kind.js'
import type { ArgumentItems, ArgumentPartitions } from '../base/argument-types.js'
import type { Collection } from '../base/collection.js'
import { delayedBlocks } from '../base/delayed.js'
import type { Delayed } from '../base/item.js'
import { isLazy, type LazyOf, layerOfLazy } from '../base/lazy-arguments.js'
import { type FunctionCall, functionCall } from '../base/step-arguments.js'
import { Bag } from './bag.js'
import { planReadText, type ReadTextOptions } from './io/read-text-plan.js'
import { mapLayer, mapPartitionsLayer, zipLayer } from './layers/elementwise-layers.js'
import { concatLayer } from './layers/partition-layers.js'
import {
  arrowLayer,
  delayedListsLayer,
  numberRangeLayer,
  readTextLayer,
  sequenceLayer,
} from './layers/source-layers.js'

/** How items are divided into partitions. Only one of the two options can be set. */
export interface PartitionOptions {
  /** The number of partitions, at most that of the items. 100 by default. */
  readonly npartitions?: number | undefined
  /** The number of items in each partition; the last one may have fewer. */
  readonly partitionSize?: number | undefined
}

/**
 * Creates a bag of items that are in memory, which are copied. They are divided into `npartitions`
 * partitions of even size, 100 by default, or into partitions of `partitionSize` items. No partition is
 * empty unless there are no items.
 *
 * @throws TypeError if `items` is not iterable, or if both options are set.
 * @throws RangeError if an option is no whole number of at least 1.
 * @throws NotPortableError for an item that cannot be sent, with the path to it.
 * @example db.fromSequence([1, 2, 3], { npartitions: 2 })
 */
export function fromSequence<T>(items: Iterable<T>, options: PartitionOptions = {}): Bag<T> {
  checkArguments('fromSequence', arguments, 2, 'db.fromSequence(items, { npartitions })')
  checkOptions(options, ['npartitions', 'partitionSize'], 'fromSequence')
  if (items === null || items === undefined || typeof items[Symbol.iterator] !== 'function') {
    throw new TypeError(`fromSequence: the items must be an iterable, got ${describeValue(items)}`)
  }
  const list = Array.from(items)
  const { count, border } = divide(list.length, options)
  const parts = Array.from({ length: count }, (_, i) => list.slice(border(i), border(i + 1)))
  return new Bag(sequenceLayer(parts))
}

/** Returns the number of partitions for `length` items, and the index at which each one starts. */
function divide(
  length: number,
  { npartitions, partitionSize }: PartitionOptions,
): { count: number; border: (i: number) => number } {
  if (npartitions !== undefined && partitionSize !== undefined) {
    throw new TypeError('fromSequence: give npartitions or partitionSize, not both')
  }
  if (partitionSize !== undefined) {
    const size = checkWholeNumber(partitionSize, 1, 'fromSequence', 'partitionSize')
    return { count: Math.max(1, Math.ceil(length / size)), border: (i) => i * size }
  }
  const wanted = checkWholeNumber(npartitions ?? 100, 1, 'fromSequence', 'npartitions')
  return evenly(length, wanted)
}

/** Divides `length` items into at most `wanted` partitions, of which none is empty. */
function evenly(length: number, wanted: number): { count: number; border: (i: number) => number } {
  const count = Math.max(1, Math.min(wanted, length))
  return { count, border: (i) => Math.ceil((length * i) / count) }
}

/**
 * Creates a bag of whole numbers: `range(3)` has 0, 1, 2, and `range(5, 0, -2)` has 5, 3, 1. The numbers
 * are made in the tasks that use them. `npartitions` is 100 by default, or the count of numbers if that
 * is less.
 *
 * @throws RangeError if an argument is no whole number or `step` is 0.
 */
export function range(stop: number, options?: { readonly npartitions?: number }): Bag<number>
export function range(
  start: number,
  stop: number,
  options?: { readonly npartitions?: number },
): Bag<number>
export function range(
  start: number,
  stop: number,
  step: number,
  options?: { readonly npartitions?: number },
): Bag<number>
export function range(...args: unknown[]): Bag<number> {
  const last = args.at(-1)
  const hasOptions = args.length > 0 && (typeof last === 'object' || last === undefined)
  const options = hasOptions ? ((args.pop() ?? {}) as PartitionOptions) : {}
  checkOptions(options, ['npartitions'], 'range')
  if (args.length === 0 || args.length > 3) {
    throw new TypeError('range: give stop, or start and stop, or start, stop and step')
  }
  const names = args.length === 1 ? ['stop'] : ['start', 'stop', 'step']
  const numbers = args.map((value, i) => {
    return checkWholeNumber(value, Number.MIN_SAFE_INTEGER, 'range', names[i]!)
  })
  const [start, stop, step] =
    numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1]
  if (step === 0) throw new RangeError('range: step must not be 0')
  const count = Math.max(0, Math.ceil((stop - start) / step))
  const wanted = options.npartitions ?? Math.min(100, Math.max(1, count))
  const npartitions = checkWholeNumber(wanted, 1, 'range', 'npartitions')
  return new Bag(numberRangeLayer({ start, step, count, npartitions }))
}

/**
 * Creates a bag of the lines of text files. The files are read in the tasks, in blocks. Paths may be glob
 * patterns (`*`, `**`, `?`, `{a,b}`), whose files are in natural order: `part2` before `part10`. A file or
 * folder that exists under a name like a pattern is taken literally. Large files are cut into several
 * partitions, except compressed ones. Dask: `read_text`.
 *
 * An error in a function on a line names the file, the number of the line and its beginning. Bytes that
 * are not valid in the encoding are an error when the bag is computed; see `errors`.
 *
 * @throws RangeError if a file does not exist or is an archive, a pattern matches no
 *   file, an address has no file system, or an option is out of range.
 * @throws TypeError for options that do not exist or have other types.
 * @example db.readText('logs/2024-*.log.gz')
 * @example const parts = db.readText('logs/2024-*.log', { collection: false }) // lazy lists of lines, one for each partition
 */
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions & { readonly collection: false; readonly includePath: true },
): Delayed<[line: string, path: string][]>[]
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions & { readonly collection: false },
): Delayed<string[]>[]
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions & { readonly includePath: true },
): Bag<[line: string, path: string]>
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options?: ReadTextOptions,
): Bag<string>
export function readText(
  patterns: string | URL | readonly (string | URL)[],
  options: ReadTextOptions & { readonly collection?: boolean } = {},
): unknown {
  checkArguments('readText', arguments, 2, 'db.readText(paths, options)')
  const { collection = true, ...others } = options
  if (typeof collection !== 'boolean') {
    throw new TypeError(
      `readText: collection must be true or false, got ${describeValue(collection)}`,
    )
  }
  const layer = readTextLayer(planReadText(patterns, others))
  return collection ? new Bag(layer) : delayedBlocks<string[]>(layer)
}

/**
 * Creates a bag of the rows of an Apache Arrow table, as plain objects. The table is divided into
 * `npartitions` even parts, 100 by default, which are sent as Arrow data; rows are made in the tasks.
 *
 * @throws TypeError if `table` is no Arrow table.
 * @example db.fromArrow(tableFromIPC(bytes), { npartitions: 8 })
 */
export function fromArrow<T = Record<string, unknown>>(
  table: Table,
  options: { readonly npartitions?: number } = {},
): Bag<T> {
  checkArguments('fromArrow', arguments, 2, 'db.fromArrow(table, { npartitions })')
  checkOptions(options, ['npartitions'], 'fromArrow')
  if (!isArrowTable(table)) {
    throw new TypeError(`fromArrow: expected a table of apache-arrow, got ${describeValue(table)}`)
  }
  const wanted = checkWholeNumber(options.npartitions ?? 100, 1, 'fromArrow', 'npartitions')
  const { count, border } = evenly(table.numRows, wanted)
  const parts = Array.from({ length: count }, (_, i) => table.slice(border(i), border(i + 1)))
  return new Bag(arrowLayer(parts))
}

function isArrowTable(value: unknown): value is Table {
  const table = value as Partial<Table> | null | undefined
  return (
    typeof table?.numRows === 'number' &&
    typeof table.getChildAt === 'function' &&
    typeof table.slice === 'function'
  )
}

/**
 * Concatenates bags: the partitions of one after those of another. No data is copied.
 *
 * @throws TypeError if an argument is no bag; RangeError if there are none.
 */
export function concat<T>(bags: readonly Bag<T>[]): Bag<T> {
  checkArguments('concat', arguments, 1, 'db.concat([a, b])')
  if (!Array.isArray(bags)) {
    throw new TypeError(`concat: give an array of bags, got ${describeValue(bags)}`)
  }
  if (bags.length === 0) throw new RangeError('concat: give at least one bag')
  return new Bag(concatLayer(bags.map((bag, i) => bagLayer(bag, 'concat', i))))
}

/** The type of the items of a lazy list: a collection or a future whose value is iterable. */
export type ItemOfLazyList<V> =
  V extends Collection<infer L>
    ? ItemOfList<L>
    : V extends { readonly type: infer L }
      ? ItemOfList<L>
      : never

/** The type of the items of an iterable. */
export type ItemOfList<L> = L extends Iterable<infer T> ? T : never

/**
 * Creates a bag of lazy lists, one partition of each: delayed calls that return lists or other iterables,
 * items, or futures.
 *
 * @throws TypeError if a value is not lazy; RangeError if there are none.
 * @example db.fromDelayed(files.map((file) => delayed(readRows)(file)))
 */
export function fromDelayed<V extends LazyOf<Iterable<unknown>>>(
  values: Iterable<V> | V,
): Bag<ItemOfLazyList<V>>
export function fromDelayed<T>(values: Iterable<LazyOf<Iterable<T>>> | LazyOf<Iterable<T>>): Bag<T>
export function fromDelayed(values: unknown): unknown {
  checkArguments('fromDelayed', arguments, 1, 'db.fromDelayed(values)')
  const list = isLazy(values) ? [values] : listOf(values)
  const layers = list.map((value, i) => {
    if (isLazy(value)) return layerOfLazy(value)
    throw new TypeError(
      `fromDelayed: value ${i + 1} must be lazy, such as delayed(fn)(...), got ${describeValue(value)}`,
    )
  })
  if (layers.length === 0) throw new RangeError('fromDelayed: give at least one lazy value')
  return new Bag(delayedListsLayer(layers))
}

function listOf(values: unknown): unknown[] {
  if (isIterable(values)) return [...values]
  throw new TypeError(`fromDelayed: give a list of lazy values, got ${describeValue(values)}`)
}

/**
 * Combines the items of several bags into arrays: the first items of all, the second ones, and so on. The
 * bags must have the same number of partitions, with the same number of items in each.
 *
 * @throws RangeError if the numbers of partitions differ. If the numbers of items differ, computing it
 *   throws.
 * @example db.zip(db.range(3), db.fromSequence(['a', 'b', 'c']))
 */
export function zip<T extends readonly unknown[]>(
  ...bags: { readonly [I in keyof T]: Bag<T[I]> }
): Bag<T> {
  if (bags.length === 0) throw new RangeError('zip: give at least one bag')
  const layers = bags.map((bag, i) => bagLayer(bag, 'zip', i))
  const npartitions = layers[0]!.numblocks[0]!
  for (const layer of layers) {
    if (layer.numblocks[0] === npartitions) continue
    throw new RangeError(
      `zip: the bags must have the same number of partitions, got ${npartitions} and ${layer.numblocks[0]}; see repartition`,
    )
  }
  return new Bag(zipLayer(layers))
}

function bagLayer(bag: unknown, operation: string, index: number): Layer {
  const layer = layerOfKind(bag, 'bag')
  if (layer !== undefined) return layer
  throw new TypeError(
    `${operation}: argument ${index + 1} must be a bag, got ${describeValue(bag)}`,
  )
}

/**
 * Applies `fn` to the items of several bags at the same position. Arguments are bags, which must have the same
 * partitions, and values, lazy items and futures in any order; at least one must be a bag.
 *
 * @throws TypeError if `fn` is no function or no argument is a bag.
 * @throws RangeError if the bags have different numbers of partitions; when computed, if their matching
 *   partitions have different lengths.
 * @example db.map((x, factor, y) => x * factor + y, db.range(3), 10, db.range(3))
 */
export function map<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
export function map<A extends readonly unknown[], U>(
  fn: (...args: ArgumentItems<A>) => U,
  ...args: A
): Bag<Awaited<U>>
export function map(fn: unknown, ...args: unknown[]): unknown {
  const { layer, call } = callOfBags('map', fn, args)
  return new Bag(mapLayer(layer, call))
}

/**
 * Applies `fn` to the matching partitions of several bags. It receives an iterable for each bag and the values of
 * the other arguments, and returns an iterable.
 *
 * @throws TypeError if `fn` is no function or no argument is a bag; when computed, if its result is not iterable.
 * @throws RangeError if the bags have different numbers of partitions.
 * @example db.mapPartitions((k, items) => [...items].slice(0, k), 2, bag)
 */
export function mapPartitions<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
export function mapPartitions<A extends readonly unknown[], U>(
  fn: (...args: ArgumentPartitions<A>) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
  ...args: A
): Bag<U>
export function mapPartitions(fn: unknown, ...args: unknown[]): unknown {
  const { layer, call } = callOfBags('mapPartitions', fn, args)
  return new Bag(mapPartitionsLayer(layer, call))
}

/** Returns a call of a function with the first bag among its arguments as the layer that the others follow. */
function callOfBags(
  operation: string,
  fn: unknown,
  args: readonly unknown[],
): { layer: Layer; call: FunctionCall } {
  const at = args.findIndex((value) => layerOfKind(value, 'bag') !== undefined)
  if (at < 0) {
    const given = args.map((value) => describeValue(value)).join(', ') || 'none'
    throw new TypeError(`${operation}: at least one argument must be a bag, got ${given}`)
  }
  const layer = layerOfKind(args[at], 'bag')!
  const call = functionCall(operation, fn, args.toSpliced(at, 1), layer.numblocks[0])
  if (at === 0) return { layer, call }
  const { layout, args: others, inputs } = call.extra
  const extra = {
    layout: `${layout.slice(0, at)}x${layout.slice(at)}`,
    args: others.toSpliced(at, 0, arg.value(undefined)),
    inputs,
  }
  return { layer, call: { fn: call.fn, extra } }
}

/**
 * Reads all items of an async iterable, such as a stream or the rows of a database, and creates a bag of them. They
 * are copied as by `fromSequence`, with its options.
 *
 * @throws TypeError (as a rejection) if `source` is neither an async iterable nor an iterable.
 * @throws Whatever the source throws, as a rejection.
 * @example const bag = await db.fromAsyncIterable(client.query('select * from sales'), { partitionSize: 1000 })
 */
export async function fromAsyncIterable<T>(
  source: AsyncIterable<T> | Iterable<T>,
  options: PartitionOptions = {},
): Promise<Bag<Awaited<T>>> {
  checkArguments('fromAsyncIterable', arguments, 2, 'db.fromAsyncIterable(source, options)')
  checkOptions(options, ['npartitions', 'partitionSize'], 'fromAsyncIterable')
  const isSource =
    typeof (source as AsyncIterable<T> | undefined)?.[Symbol.asyncIterator] === 'function' ||
    isIterable(source)
  if (!isSource) {
    const given = describeValue(source)
    throw new TypeError(`fromAsyncIterable: the source must be an async iterable, got ${given}`)
  }
  const items: Awaited<T>[] = []
  for await (const item of source) items.push(item)
  return fromSequence(items, options)
}
