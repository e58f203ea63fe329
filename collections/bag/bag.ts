/**
 * `Bag`: a lazy list of items in partitions. Every method returns a new bag or a lazy value and computes
 * nothing, unless its documentation says so. Items are ordered: partition by partition, and within them.
 *
 * A method checks its arguments and calls one function of `layers/`, which builds the layer. What the
 * tasks do is in `steps/`, how they loop over items in `engine/`, files are in `io/`.
 */

import { checkArguments, checkOptions } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { operationReference, operations } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice } from '../../core/base/plain-use.js'
import type { ComputeOptions } from '../../core/graph/get.js'
import type { Layer } from '../../core/graph/layer.js'
import type { Dtype } from '../array/block/dtype.js'
import { assertDtype } from '../array/block/dtype.js'
import { ChunkedArray } from '../array/chunked-array.js'
import { assertShape } from '../array/planning/shape-arguments.js'
import { checkWholeNumber } from '../base/argument-checks.js'
import { argumentKind, layerOfKind } from '../base/argument-kind.js'
import type { ArgumentItems, ArgumentPartitions } from '../base/argument-types.js'
import { assertFits, Collection } from '../base/collection.js'
import { delayedBlocks } from '../base/delayed.js'
import type { Delayed } from '../base/item.js'
import { Item } from '../base/item.js'
import { operationInfo } from '../base/layer-builders.js'
import {
  functionArg,
  functionCall,
  keyArg,
  optionalKeyArg,
  valueArg,
} from '../base/step-arguments.js'
import {
  type BagSortOptions,
  checkFields,
  checkSample,
  type DistinctOptions,
  type FoldbyOptions,
  type FoldOptions,
  fanInOf,
  foldArguments,
  foldbyArguments,
  foldbyFunctions,
  foldFunctions,
  guardOf,
  type JoinOptions,
  joinArguments,
  keyArguments,
  onlyOption,
  type PluckOptions,
  pluckFallback,
  randomSeed,
  reductionFunctions,
  repartitionTarget,
  setKeys,
  shuffleTarget,
  type TakeOptions,
  takeArguments,
  withWholeAggregate,
} from './bag-arguments.js'
import { descriptionOf, firstItems, lastItems } from './end-items.js'
import type { ItemReject } from './engine/failed-item.js'
import { planWriteText, type WriteOptions } from './io/write-text-plan.js'
import type { Field, FieldValue, Joined, Key, KeyValue, SplitOptions } from './item-types.js'
import { toArrayLayer } from './layers/array-layers.js'
import * as elementwise from './layers/elementwise-layers.js'
import * as grouping from './layers/grouping-layers.js'
import { joinLayer } from './layers/join-layers.js'
import { assertItemsFit } from './layers/known-counts.js'
import { writeTextLayer } from './layers/output-layers.js'
import * as partition from './layers/partition-layers.js'
import * as position from './layers/position-layers.js'
import { writeRecordsLayer } from './layers/record-layers.js'
import * as reduction from './layers/reduction-layers.js'
import * as sets from './layers/set-layers.js'
import { sortItemsLayer } from './layers/sort-layers.js'
import { toSqlLayer } from './layers/sql-layers.js'
import { type stringMethods, stringOperations } from './layers/string-layers.js'
import { iterateItems } from './partition-iteration.js'
import { planWriteArrow, type WriteArrowOptions } from './records/arrow-file-plan.js'
import { writeArrowStep } from './records/arrow-file-steps.js'
import { planWriteAvro, type WriteAvroOptions } from './records/avro-plan.js'
import { writeAvroStep } from './records/avro-steps.js'
import type { AvroSchema } from './records/avro-types.js'
import { planWriteParquet, type WriteParquetOptions } from './records/parquet-plan.js'
import { writeParquetStep } from './records/parquet-steps.js'
import type { WrittenFile } from './records/record-files.js'
import {
  planWriteCsv,
  planWriteJson,
  planWriteJsonl,
  type WriteCsvOptions,
  type WriteJsonOptions,
  type WriteNow,
  type WriteRecordOptions,
} from './records/write-records-plan.js'
import { planToSql, type ToSqlOptions } from './sql/sql-plan.js'
import type { WrittenRows } from './sql/write-sql.js'
import type { JoinKind } from './steps/join-steps.js'

/** What `map` and `filter` return with `onError: 'collect'`: two bags, each of which calls the function for all items. */
export interface ItemsAndRejects<U, T> {
  /** The results for which the function did not throw. */
  readonly items: Bag<U>
  /** The items for which it did, with the reasons; `rejects.count()` counts them. */
  readonly rejects: Bag<ItemReject<T>>
}

/** A lazy list of items in partitions. Dask: `dask.bag.Bag`. */
export class Bag<out T> extends Collection<T[]> {
  /** Marks bags as arguments of functions; see `map`. */
  readonly [argumentKind] = 'bag'

  override get [plainUseAdvice](): PlainUseAdvice {
    return {
      kind: 'lazy bag',
      compute: 'await bag.compute()',
      length: 'await bag.count().compute()',
      element: 'await bag.take(1)',
      iteration: 'for await (const item of bag)',
    }
  }

  /** The number of partitions: tasks that can run in parallel. */
  get npartitions(): number {
    return this.layer.numblocks[0]!
  }

  // Each item by itself

  /**
   * Applies `fn` to every item. Further arguments are passed to `fn` after the item: of another bag,
   * which must have the same partitions, the item at the same position; of a lazy item or a future, its
   * value, also in lists and plain objects. A bag with a future is computed on the future's cluster.
   *
   * A string is an expression over the fields of an item, or over `x`, the item itself. Its type
   * argument is the type of the result, `number` by default.
   *
   * @throws TypeError if `fn` is no function; ExpressionError for a string that is no expression.
   * @throws RangeError for a bag with another number of partitions; when computed, if the matching
   *   partitions of bags have different lengths.
   * @throws NotPortableError if `fn` or an argument cannot be sent.
   *
   * With `{ onError }` as the only argument after `fn`, items for which it throws are no error: `'skip'` leaves
   * them out, and `'collect'` returns two bags, of the `items` and of the `rejects` with the reasons. Each of the two
   * calls the function for all items. `'raise'` is the default.
   *
   * @example db.range(3).map((x, y) => x * y, db.range(3).sum())
   * @example sales.map('amount * 1.2')
   * @example const { items, rejects } = lines.map((line) => JSON.parse(line), { onError: 'collect' })
   */
  map<U>(
    fn: (item: T) => U,
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<Awaited<U>, T>
  map<U>(fn: (item: T) => U, options: { readonly onError: 'raise' | 'skip' }): Bag<Awaited<U>>
  map<R = number>(
    expression: string,
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<R, T>
  map<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  map<A extends readonly unknown[], U>(
    fn: (item: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Bag<Awaited<U>>
  map(fn: unknown, ...args: unknown[]): unknown {
    const onError = guardOf('map', args)
    if (onError !== undefined && onError !== 'raise') return this.guarded('map', fn, onError)
    const call = functionCall('map', fn, onError === undefined ? args : [], this.npartitions)
    return new Bag(elementwise.mapLayer(this.layer, call))
  }

  /**
   * Applies `fn` to every item, with the item's own items as its first arguments.
   *
   * `onError` is that of `map`.
   *
   * @throws TypeError if `fn` is no function; when computed, for an item that is not iterable.
   * @example db.zip(a, b).starmap((x, y) => x + y)
   */
  starmap<I extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I]) => U,
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<Awaited<U>, I>
  starmap<I extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I]) => U,
    options: { readonly onError: 'raise' | 'skip' },
  ): Bag<Awaited<U>>
  starmap<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  starmap<I extends readonly unknown[], A extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I, ...ArgumentItems<A>]) => U,
    ...args: A
  ): Bag<Awaited<U>>
  starmap(fn: unknown, ...args: unknown[]): unknown {
    const onError = guardOf('starmap', args)
    if (onError !== undefined && onError !== 'raise') return this.guarded('starmap', fn, onError)
    const call = functionCall('starmap', fn, onError === undefined ? args : [], this.npartitions)
    return new Bag(elementwise.starmapLayer(this.layer, call))
  }

  /**
   * Keeps the items for which `fn` returns something truthy. Its further arguments and options are those of `map`.
   *
   * @throws TypeError if `fn` is no function; ExpressionError for a string that is no expression.
   * @example sales.filter((sale) => sale.amount > 100)
   */
  filter(
    fn: string | ((item: T) => unknown),
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<T, T>
  filter(fn: (item: T) => unknown, options: { readonly onError: 'raise' | 'skip' }): Bag<T>
  filter(expression: string, ...args: readonly unknown[]): Bag<T>
  filter<S extends T>(fn: (item: T) => item is S): Bag<S>
  filter<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  filter(fn: unknown, ...args: unknown[]): unknown {
    const onError = guardOf('filter', args)
    if (onError !== undefined && onError !== 'raise') return this.guarded('filter', fn, onError)
    const call = functionCall('filter', fn, onError === undefined ? args : [], this.npartitions)
    return new Bag(elementwise.filterLayer(this.layer, call))
  }

  /**
   * Removes the items for which `fn` returns something truthy. Its further arguments and options are those of `map`.
   *
   * @throws TypeError if `fn` is no function; ExpressionError for a string that is no expression.
   * @example sales.remove('amount == 0')
   */
  remove(
    fn: string | ((item: T) => unknown),
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<T, T>
  remove(fn: (item: T) => unknown, options: { readonly onError: 'raise' | 'skip' }): Bag<T>
  remove(expression: string, ...args: readonly unknown[]): Bag<T>
  remove<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  remove(fn: unknown, ...args: unknown[]): unknown {
    const onError = guardOf('remove', args)
    if (onError !== undefined && onError !== 'raise') return this.guarded('remove', fn, onError)
    const call = functionCall('remove', fn, onError === undefined ? args : [], this.npartitions)
    return new Bag(elementwise.removeLayer(this.layer, call))
  }

  /** Maps, filters or removes by a function that may throw. */
  private guarded(
    kind: 'map' | 'starmap' | 'filter' | 'remove',
    fn: unknown,
    onError: 'skip' | 'collect',
  ): unknown {
    const captured = functionArg(fn, kind, 'fn')
    const items = new Bag(elementwise.guardedLayer(this.layer, kind, captured, 'items'))
    if (onError === 'skip') return items
    const rejects = elementwise.guardedLayer(this.layer, kind, captured, 'rejects')
    return { items, rejects: new Bag(rejects) }
  }

  /**
   * Selects one field of every item, or several as an array.
   *
   * @param field The name of a field, an index of an array, or a list of these.
   * @param fallback What replaces a field that is missing or undefined; also `{ default: fallback }`.
   * @throws TypeError if the field is no name, index or list of these.
   * @throws RangeError when computed, for an item without the field if there is no `fallback`.
   * @example bag.pluck('name'); bag.pluck(['name', 'age'], null); bag.pluck('age', { default: 0 })
   */
  pluck<I, K extends Field<I>>(this: Bag<I>, field: K): Bag<FieldValue<I, K>>
  pluck<K extends Field<T>, D>(
    field: K,
    options: PluckOptions<D>,
  ): Bag<Exclude<FieldValue<T, K>, undefined> | D>
  pluck<K extends Field<T>, D>(field: K, fallback: D): Bag<Exclude<FieldValue<T, K>, undefined> | D>
  pluck<I, const K extends readonly Field<I>[]>(
    this: Bag<I>,
    fields: K,
  ): Bag<{ -readonly [P in keyof K]: FieldValue<I, K[P]> }>
  pluck<I, const K extends readonly Field<I>[], D>(
    this: Bag<I>,
    fields: K,
    options: PluckOptions<D>,
  ): Bag<{ -readonly [P in keyof K]: Exclude<FieldValue<I, K[P]>, undefined> | D }>
  pluck<I, const K extends readonly Field<I>[], D>(
    this: Bag<I>,
    fields: K,
    fallback: D,
  ): Bag<{ -readonly [P in keyof K]: Exclude<FieldValue<I, K[P]>, undefined> | D }>
  pluck(field: unknown, ...rest: unknown[]): unknown {
    checkArguments('pluck', arguments, 2, 'bag.pluck(field, fallback)')
    return new Bag(elementwise.pluckLayer(this.layer, checkFields(field), pluckFallback(rest)))
  }

  /**
   * Splits items that are arrays of `n` into `n` bags: of the first items, of the second ones, ...
   *
   * @throws RangeError if `n` is no whole number of at least 1; when computed, for an item that is shorter.
   * @example const [users, amounts] = pairs.unzip(2)
   */
  unzip<I extends readonly unknown[]>(
    this: Bag<I>,
    n: number,
  ): number extends I['length'] ? Bag<I[number]>[] : { -readonly [P in keyof I]: Bag<I[P]> } {
    checkArguments('unzip', arguments, 1, 'bag.unzip(n)')
    const layers = elementwise.unzipLayers(this.layer, checkWholeNumber(n, 1, 'unzip', 'n'))
    return layers.map((layer) => new Bag(layer)) as never
  }

  /**
   * Joins the items of all items, which must be iterable, into one list. It goes one level deep.
   *
   * @throws TypeError when computed, for an item that is not iterable.
   * @example db.readText('a.txt').map((line) => line.split(' ')).flatten()
   */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    checkArguments('flatten', arguments, 0, 'bag.flatten()')
    return new Bag(elementwise.flattenLayer(this.layer))
  }

  /**
   * Applies `fn` to every partition. It receives the items as an iterable and returns an iterable. Of
   * another bag among the further arguments it receives the matching partition.
   *
   * With `{ onError }` as the only argument after `fn`, partitions for which it throws are no error: `'skip'` leaves them out, and `'collect'`
   * returns a second bag too, with the items of each of them as a list. The items of a partition are then in memory.
   *
   * @throws TypeError if `fn` is no function; when computed, if its result is not iterable.
   * @throws RangeError for a bag with another number of partitions.
   * @example bag.mapPartitions((items) => [...items].sort())
   */
  mapPartitions<U>(
    fn: (items: Iterable<T>) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
    options: { readonly onError: 'collect' },
  ): ItemsAndRejects<U, T[]>
  mapPartitions<U>(
    fn: (items: Iterable<T>) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
    options: { readonly onError: 'raise' | 'skip' },
  ): Bag<U>
  mapPartitions<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  mapPartitions<A extends readonly unknown[], U>(
    fn: (
      items: Iterable<T>,
      ...args: ArgumentPartitions<A>
    ) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
    ...args: A
  ): Bag<U>
  mapPartitions(fn: unknown, ...args: unknown[]): unknown {
    const onError = guardOf('mapPartitions', args)
    if (onError === undefined || onError === 'raise') {
      const extra = onError === undefined ? args : []
      const call = functionCall('mapPartitions', fn, extra, this.npartitions)
      return new Bag(elementwise.mapPartitionsLayer(this.layer, call))
    }
    const captured = functionArg(fn, 'mapPartitions', 'fn')
    const bagOf = (yields: 'items' | 'rejects') =>
      new Bag(elementwise.guardedPartitionsLayer(this.layer, captured, yields))
    return onError === 'skip'
      ? bagOf('items')
      : { items: bagOf('items'), rejects: bagOf('rejects') }
  }

  /**
   * The methods of `String`, for bags of strings; each is applied to every item.
   *
   * @example db.readText('a.csv').str.split(',')
   */
  get str(): TextOperations<T> {
    const makeBag = (layer: Layer) => new Bag(layer)
    return stringOperations(this.layer, makeBag) as unknown as TextOperations<T>
  }

  /**
   * Selects each item at random with a probability from 0 to 1. With a seed the choice depends on the seed
   * and on the positions of items, not on how they are divided into partitions; unless the lengths of
   * partitions are known, as those of `range` and `fromSequence`, they are counted first. Dask: `random_sample`.
   *
   * @param seed A whole number, also as `{ seed }`. Without it every call differs, and nothing is counted.
   * @throws RangeError if the probability is out of range or the seed is no whole number.
   * @example bag.randomSample(0.1, { seed: 42 })
   */
  randomSample(probability: number, seed?: number | { readonly seed?: number }): Bag<T> {
    checkArguments('randomSample', arguments, 2, 'bag.randomSample(probability, seed)')
    const checked = checkSample(probability, seed)
    return new Bag(
      checked === undefined
        ? elementwise.randomSampleLayer(this.layer, probability, randomSeed())
        : position.sampleByPositionLayer(this.layer, probability, checked),
    )
  }

  /**
   * Pairs every item with its number in the bag, which comes first: `[0, 'a'], [1, 'b'], ...`. Unless the
   * lengths of partitions are known, as those of `range` and `fromSequence`, they are counted first.
   *
   * @param options `start` is the number of the first item, 0 by default.
   * @throws RangeError if `start` is no whole number.
   * @example lines.enumerate({ start: 1 }).filter(([number, line]) => line === '')
   */
  enumerate(options: { readonly start?: number } = {}): Bag<[index: number, item: T]> {
    checkArguments('enumerate', arguments, 1, 'bag.enumerate({ start })')
    checkOptions(options, ['start'], 'enumerate')
    const least = Number.MIN_SAFE_INTEGER
    const start = checkWholeNumber(options.start ?? 0, least, 'enumerate', 'start')
    return new Bag(position.numberLayer(this.layer, 'enumerate', start))
  }

  /**
   * Pairs every item with its number in the bag, from 0, which comes last: `['a', 0], ['b', 1], ...`. See
   * `enumerate` for the other order.
   *
   * @example db.fromSequence(['a', 'b']).zipWithIndex()
   */
  zipWithIndex(): Bag<[item: T, index: number]> {
    checkArguments('zipWithIndex', arguments, 0, 'bag.zipWithIndex()')
    return new Bag(position.numberLayer(this.layer, 'zipWithIndex', 0))
  }

  /**
   * Makes lists of `n` consecutive items, one for each item but the last `n - 1`, over the borders of
   * partitions too. There are none if the bag has fewer than `n` items.
   *
   * @throws RangeError if `n` is no whole number of at least 1.
   * @example db.range(4).slidingWindow(2) // [0, 1], [1, 2], [2, 3]
   */
  slidingWindow(n: number): Bag<T[]> {
    checkArguments('slidingWindow', arguments, 1, 'bag.slidingWindow(n)')
    const size = checkWholeNumber(n, 1, 'slidingWindow', 'n')
    return new Bag(position.windowsLayer(this.layer, size))
  }

  // All items to one value

  /**
   * Reduces all items by functions of your own. `perpartition` makes one value of a partition's items, and
   * `aggregate` makes the result of a list of such values. Empty partitions are skipped.
   *
   * With `combine`, which makes one value of a list of values, they are merged in a tree: `splitEvery` of
   * them in one task, 8 by default. Without it, `aggregate` is called once, with all values; if it may
   * also be applied to its own results, set `splitEvery` to merge in a tree.
   *
   * @throws TypeError for options that do not exist.
   * @example bag.reduction((items) => [...items].length, (counts) => Math.max(...counts))
   */
  reduction<R = number>(
    perpartition: string,
    aggregate: string,
    options?: SplitOptions & { readonly combine?: string },
  ): Item<R>
  reduction<P>(
    perpartition: (items: Iterable<T>) => P,
    aggregate: (values: Awaited<P>[]) => P,
    options?: SplitOptions,
  ): Item<Awaited<P>>
  reduction<P, R>(
    perpartition: (items: Iterable<T>) => P,
    aggregate: (values: Awaited<P>[]) => R,
    options:
      | { readonly splitEvery: false }
      | (SplitOptions & { readonly combine: (values: Awaited<P>[]) => P }),
  ): Item<Awaited<R>>
  reduction(
    perpartition: unknown,
    aggregate: unknown,
    options: SplitOptions & { readonly combine?: unknown } = {},
  ): unknown {
    checkArguments('reduction', arguments, 3, 'bag.reduction(perpartition, aggregate, options)')
    const splitEvery = fanInOf(withWholeAggregate(options), 'reduction', ['combine'])
    const functions = reductionFunctions(perpartition, aggregate, options.combine)
    return new Item(reduction.userReductionLayer(this.layer, functions, splitEvery))
  }

  /**
   * Folds all items into one value by `binop(total, item)`.
   *
   * With `combine`, which joins two totals, partitions are folded in parallel and their totals are joined.
   * With `initial` and no `combine`, the items are folded in order over all partitions, as a loop would:
   * one partition after the other, while the partitions themselves are made in parallel. With neither,
   * the total starts as the first item, and `binop` joins the totals of partitions; a function that
   * cannot do that is refused when the fold is computed.
   *
   * The second argument is either options or the initial value itself, which options may follow. A plain
   * object that has the name of an option is options; an initial value with such a field is given as
   * `{ initial: ... }`. In an expression the total is `x` and the item `y`; other names are fields of the
   * item.
   *
   * @throws TypeError for options that do not exist; when computed, if there is no `initial` and `binop`
   *   cannot join totals.
   * @throws RangeError when computed, if there are no items and no `initial`.
   * @example bag.fold('x + y'); bag.fold((a, b) => Math.max(a, b))
   * @example words.fold((n, word) => n + word.length, 0)
   * @example words.fold((n, word) => n + word.length, { initial: 0, combine: (a, b) => a + b })
   */
  fold(expression: string): Item<T>
  fold<A = T>(expression: string, options: FoldOptions<A>): Item<A>
  fold<A>(expression: string, initial: A, options?: Omit<FoldOptions<A>, 'initial'>): Item<A>
  fold<I>(
    this: Bag<I>,
    binop: (total: I, item: I) => I | Promise<I>,
    options?: FoldOptions<I>,
  ): Item<I>
  fold<A>(
    binop: (total: A, item: T) => A | Promise<A>,
    options: FoldOptions<A> & { readonly initial: A },
  ): Item<A>
  fold<A>(
    binop: (total: A, item: T) => A | Promise<A>,
    initial: A,
    options?: Omit<FoldOptions<A>, 'initial'>,
  ): Item<A>
  // The last one for a single argument: errors point at a function whose total is of another type.
  fold(binop: (total: T, item: T) => T | Promise<T>): Item<T>
  fold(binop: unknown, optionsOrInitial?: unknown, options?: unknown): unknown {
    checkArguments('fold', arguments, 3, 'bag.fold(binop, { initial, combine, splitEvery })')
    const { splitEvery, ...fold } = foldArguments(optionsOrInitial, options)
    const fanIn = fanInOf({ splitEvery }, 'fold')
    return new Item(reduction.foldLayer(this.layer, foldFunctions(binop, fold), fanIn))
  }

  /**
   * Sums numbers or bigints; booleans count as 0 and 1. The sum of no items is 0.
   *
   * @throws TypeError for options that do not exist; when computed, for an item that is no number, and for
   *   numbers among bigints.
   */
  sum(this: Bag<bigint>, options?: SplitOptions): Item<bigint>
  sum(this: Bag<number | boolean>, options?: SplitOptions): Item<number>
  sum(options: SplitOptions = {}): unknown {
    checkArguments('sum', arguments, 1, 'bag.sum({ splitEvery })')
    return new Item(reduction.sumLayer(this.layer, fanInOf(options, 'sum')))
  }

  /**
   * Computes the mean of the items, as a number. The mean of no items is NaN.
   *
   * @throws TypeError for options that do not exist; when computed, for an item that is no number.
   */
  mean(this: Bag<number | bigint | boolean>, options: SplitOptions = {}): Item<number> {
    checkArguments('mean', arguments, 1, 'bag.mean({ splitEvery })')
    return new Item(reduction.meanLayer(this.layer, fanInOf(options, 'mean')))
  }

  /**
   * Computes the variance of the items: the sum of squared deviations divided by their number less
   * `ddof`, which is 0 by default. NaN if there are not more items than `ddof`.
   */
  var(
    this: Bag<number | bigint | boolean>,
    options: SplitOptions & { readonly ddof?: number } = {},
  ): Item<number> {
    checkArguments('var', arguments, 1, 'bag.var({ ddof, splitEvery })')
    const splitEvery = fanInOf(options, 'var', ['ddof'])
    const ddof = checkWholeNumber(options.ddof ?? 0, 0, 'var', 'ddof')
    return new Item(reduction.varianceLayer(this.layer, 'var', ddof, splitEvery))
  }

  /**
   * Computes the standard deviation of the items: the square root of the variance; see `var`.
   *
   * @throws RangeError if `ddof` is no whole number of at least 0.
   * @throws TypeError for options that do not exist; when computed, for an item that is no number.
   */
  std(
    this: Bag<number | bigint | boolean>,
    options: SplitOptions & { readonly ddof?: number } = {},
  ): Item<number> {
    checkArguments('std', arguments, 1, 'bag.std({ ddof, splitEvery })')
    const splitEvery = fanInOf(options, 'std', ['ddof'])
    const ddof = checkWholeNumber(options.ddof ?? 0, 0, 'std', 'ddof')
    return new Item(reduction.varianceLayer(this.layer, 'std', ddof, splitEvery))
  }

  /**
   * Finds the smallest item. Numbers, bigints, strings, booleans and dates are compared; NaN if any is NaN.
   *
   * @throws TypeError for options that do not exist; when computed, for items that cannot be compared.
   * @throws RangeError when computed, if there are no items.
   */
  min(options: SplitOptions = {}): Item<T> {
    checkArguments('min', arguments, 1, 'bag.min({ splitEvery })')
    return new Item(reduction.minMaxLayer(this.layer, 'min', fanInOf(options, 'min')))
  }

  /**
   * Finds the greatest item. Numbers, bigints, strings, booleans and dates are compared; NaN if any is NaN.
   *
   * @throws TypeError for options that do not exist; when computed, for items that cannot be compared.
   * @throws RangeError when computed, if there are no items.
   */
  max(options: SplitOptions = {}): Item<T> {
    checkArguments('max', arguments, 1, 'bag.max({ splitEvery })')
    return new Item(reduction.minMaxLayer(this.layer, 'max', fanInOf(options, 'max')))
  }

  /**
   * Counts the items.
   *
   * @throws TypeError for options that do not exist.
   */
  count(options: SplitOptions = {}): Item<number> {
    checkArguments('count', arguments, 1, 'bag.count({ splitEvery })')
    return new Item(reduction.countLayer(this.layer, fanInOf(options, 'count')))
  }

  /**
   * Finds out whether any item is truthy. False if there are no items.
   *
   * @throws TypeError for options that do not exist.
   */
  any(options: SplitOptions = {}): Item<boolean> {
    checkArguments('any', arguments, 1, 'bag.any({ splitEvery })')
    return new Item(reduction.truthLayer(this.layer, 'any', fanInOf(options, 'any')))
  }

  /**
   * Finds out whether all items are truthy. True if there are no items.
   *
   * @throws TypeError for options that do not exist.
   */
  all(options: SplitOptions = {}): Item<boolean> {
    checkArguments('all', arguments, 1, 'bag.all({ splitEvery })')
    return new Item(reduction.truthLayer(this.layer, 'all', fanInOf(options, 'all')))
  }

  // By key

  /**
   * Counts how often each item occurs, as pairs of an item and its count, in one partition. `sort` puts
   * the most frequent items first; it is false by default, and items are in the order of their first
   * occurrence. Arrays, plain objects and dates are equal if their contents are.
   *
   * @throws TypeError for options that do not exist, or if `sort` is no boolean.
   */
  frequencies(options: SplitOptions & { readonly sort?: boolean } = {}): Bag<[T, number]> {
    checkArguments('frequencies', arguments, 1, 'bag.frequencies({ sort, splitEvery })')
    const splitEvery = fanInOf(options, 'frequencies', ['sort'])
    const { sort = false } = options
    if (typeof sort !== 'boolean') {
      throw new TypeError(`frequencies: sort must be true or false, got ${describeValue(sort)}`)
    }
    return new Bag(grouping.frequenciesLayer(this.layer, sort, splitEvery))
  }

  /**
   * Returns the `k` greatest items, greatest first, in one partition. Of equal ones, the first are taken.
   *
   * @param key What items are compared by: a function of an item or the name of a field. Themselves by
   *   default. It may also be an option: `topk(k, { key, splitEvery })`.
   * @throws RangeError if `k` is no whole number of at least 0.
   * @throws TypeError for options that do not exist; when computed, for keys that cannot be compared.
   * @example sales.topk(3, 'amount'); words.topk(3, { key: (word) => word.length })
   */
  topk<I>(this: Bag<I>, k: number, options: SplitOptions & { readonly key?: Key<I> }): Bag<I>
  topk<I>(this: Bag<I>, k: number, key?: Key<I>, options?: SplitOptions): Bag<I>
  topk(k: number, keyOrOptions?: unknown, splitOptions?: SplitOptions): unknown {
    checkArguments('topk', arguments, 3, 'bag.topk(k, key, { splitEvery })')
    const { key, options } = keyArguments('topk', keyOrOptions, splitOptions)
    const splitEvery = fanInOf(options, 'topk')
    const count = checkWholeNumber(k, 0, 'topk', 'k')
    const keyOfItem = optionalKeyArg(key, 'topk', 'key')
    return new Bag(grouping.topkLayer(this.layer, count, keyOfItem, splitEvery))
  }

  /**
   * Returns the distinct items, or the first item for each `key`, in one partition, in the order of their
   * first occurrence. Arrays, plain objects and dates are equal if their contents are.
   *
   * With `npartitions`, for bags with more different items than one task should hold, the items of one key are sent
   * to one of so many partitions; their order is that of their first occurrence in each.
   *
   * @param key A function of an item or the name of a field. It may also be an option:
   *   `distinct({ key, splitEvery })`.
   * @throws TypeError for options that do not exist, or for `splitEvery` with `npartitions`; when computed, for keys
   *   that cannot be compared.
   * @throws RangeError if `npartitions` is no whole number of at least 1.
   * @example visits.distinct('user', { npartitions: 64 })
   */
  distinct<I>(this: Bag<I>, options: DistinctOptions & { readonly key?: Key<I> }): Bag<I>
  distinct<I>(this: Bag<I>, key?: Key<I>, options?: DistinctOptions): Bag<I>
  distinct(keyOrOptions?: unknown, distinctOptions?: DistinctOptions): unknown {
    checkArguments('distinct', arguments, 2, 'bag.distinct(key, { splitEvery, npartitions })')
    const names = ['splitEvery', 'npartitions']
    const { key, options } = keyArguments('distinct', keyOrOptions, distinctOptions, names)
    const splitEvery = fanInOf(options, 'distinct', ['npartitions'])
    const keyOfItem = optionalKeyArg(key, 'distinct', 'key')
    const npartitions = shuffleTarget(options)
    if (npartitions !== undefined) {
      return new Bag(grouping.distinctShuffleLayer(this.layer, keyOfItem, npartitions))
    }
    return new Bag(grouping.distinctLayer(this.layer, keyOfItem, splitEvery))
  }

  /**
   * Folds the items of each group into one value by `binop(total, item)`. The result is pairs of a key and
   * a total, in one partition, in the order in which the keys first occur.
   *
   * With `combine`, which joins two totals, partitions are folded in parallel and only totals are sent: far
   * cheaper than `groupby`. With `initial` and no `combine`, all items of a group are folded in order, as a
   * loop would; they are sent to where their group is folded, as by `groupby`. With neither, the total
   * starts as the group's first item, and `binop` joins the totals of partitions; a function that cannot
   * do that is refused when the result is computed.
   *
   * `initial`, `combine`, `combineInitial` and `splitEvery` may also be given as one options object. An
   * initial value that is an object with such a field is then given as `{ initial: ... }`.
   *
   * @param key A function of an item, or the name of a field.
   * @param combineInitial The total that `combine` starts from. `splitEvery` is then `false` by default.
   * @throws TypeError for options that do not exist; when computed, if there is no `initial` and `binop`
   *   cannot join totals.
   * @example sales.foldby('user', (sum, sale) => sum + sale.amount, 0, (a, b) => a + b)
   * @example sales.foldby('user', (list, sale) => [...list, sale.amount], [] as number[])
   * @example sales.foldby('user', 'x + amount', { initial: 0, combine: 'x + y' })
   */
  foldby<I, const By extends Key<I>>(
    this: Bag<I>,
    key: By,
    expression: string,
  ): Bag<[KeyValue<I, By>, I]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    expression: string,
    options: FoldbyOptions<A>,
  ): Bag<[KeyValue<I, By>, A]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    expression: string,
    initial: A,
    combine?: string | ((a: A, b: A) => A | Promise<A>),
    combineInitial?: A,
    options?: SplitOptions,
  ): Bag<[KeyValue<I, By>, A]>
  foldby<I, const By extends Key<I>>(
    this: Bag<I>,
    key: By,
    binop: (total: I, item: I) => I | Promise<I>,
    options?: FoldbyOptions<I>,
  ): Bag<[KeyValue<I, By>, I]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    binop: (total: A, item: I) => A | Promise<A>,
    options: FoldbyOptions<A> & { readonly initial: A },
  ): Bag<[KeyValue<I, By>, A]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    binop: (total: A, item: I) => A | Promise<A>,
    initial: A,
    combine?: (a: A, b: A) => A | Promise<A>,
    combineInitial?: A,
    options?: SplitOptions,
  ): Bag<[KeyValue<I, By>, A]>
  // The compiler describes the last overload that takes the number of arguments. This one has a total of
  // the items' type, so that it points at a function with another one, which needs an initial value.
  foldby<const By extends Key<T>>(
    key: By,
    binop: (total: T, item: T) => T | Promise<T>,
  ): Bag<[KeyValue<T, By>, T]>
  foldby(
    key: unknown,
    binop: unknown,
    initial?: unknown,
    combine?: unknown,
    combineInitial?: unknown,
    options?: SplitOptions,
  ): unknown {
    checkArguments(
      'foldby',
      arguments,
      6,
      'bag.foldby(key, binop, { initial, combine, splitEvery })',
    )
    const { splitEvery, ...fold } = foldbyArguments(initial, combine, combineInitial, options)
    const fanIn = fanInOf({ splitEvery }, 'foldby')
    return new Bag(grouping.foldbyLayer(this.layer, foldbyFunctions(key, binop, fold), fanIn))
  }

  /**
   * Groups the items by key, as pairs of a key and a list of items. Every item is sent to the partition
   * of its group, so prefer `foldby` with `combine` where it is enough. `npartitions`, the number of
   * partitions of the result, is that of this bag by default.
   *
   * @param grouper A function of an item or the name of a field.
   * @throws TypeError for options that do not exist; when computed, for keys that cannot be compared.
   * @throws RangeError if `npartitions` is no whole number of at least 1.
   * @example sales.groupby((sale) => sale.date.getFullYear())
   */
  groupby<I, const By extends Key<I>>(
    this: Bag<I>,
    grouper: By,
    options: { readonly npartitions?: number } = {},
  ): Bag<[KeyValue<I, By>, I[]]> {
    checkArguments('groupby', arguments, 2, 'bag.groupby(grouper, { npartitions })')
    checkOptions(options, ['npartitions'], 'groupby')
    const wanted = options.npartitions ?? this.npartitions
    const npartitions = checkWholeNumber(wanted, 1, 'groupby', 'npartitions')
    const key = keyArg(grouper, 'groupby', 'grouper')
    return new Bag(grouping.groupbyLayer(this.layer, key, npartitions))
  }

  /**
   * Returns pairs `[other, item]` of all items of `other` and this bag whose keys are equal. `other` is a bag, a
   * lazy list or an iterable.
   *
   * If `other` is small, every task reads it whole, and the items of this bag stay where they are. Bags of more
   * than 4 partitions that are not known to have at most 100,000 items are shuffled with this bag, as both sides
   * of right and outer joins always are: pairs are then in the partition of their key.
   *
   * @param onSelf The key of this bag's items: a function of an item or the name of a field.
   * @param onOther The key of the others. `onSelf` by default.
   * @param options Which items are joined (`how`), `broadcast` and `npartitions`; see `JoinOptions`. They may stand
   *   in the place of `onOther`.
   * @throws TypeError for options that do not exist, another `how`, `broadcast: true` for a right or outer join,
   *   or if `other` is nothing that can be joined.
   * @throws RangeError if `npartitions` is no whole number of at least 1.
   * @example sales.join(users, 'user', 'name').map(([user, sale]) => [user.city, sale.amount])
   * @example sales.join(users, 'user', 'name', { how: 'anti' }) // Sales of users that are not in the list.
   */
  join<I, U, How extends JoinKind = 'inner'>(
    this: Bag<I>,
    other: Bag<U> | Item<Iterable<U>> | Iterable<U>,
    onSelf: Key<I>,
    options: JoinOptions<How>,
  ): Bag<Joined<I, U, How>>
  join<I, U, How extends JoinKind = 'inner'>(
    this: Bag<I>,
    other: Bag<U> | Item<Iterable<U>> | Iterable<U>,
    onSelf: Key<I>,
    onOther?: Key<U>,
    options?: JoinOptions<How>,
  ): Bag<Joined<I, U, How>>
  join(other: unknown, onSelf: unknown, onOther?: unknown, options?: unknown): unknown {
    checkArguments('join', arguments, 4, 'bag.join(other, onSelf, onOther, { how })')
    const { otherKey, plan } = joinArguments(onSelf, onOther, options, this.npartitions)
    const selfKey = keyArg(onSelf, 'join', 'onSelf')
    return new Bag(joinLayer(this.layer, other, otherKey, selfKey, plan))
  }

  /**
   * Sorts the items, by a key if one is given. Items whose keys are equal keep their order, in descending
   * order too. Numbers, bigints, strings, booleans, dates and arrays of these are compared, each with its own
   * kind; NaN comes last. The result's partitions are of about equal size, however often a key occurs.
   *
   * @param key A function of an item or the name of a field; the item itself by default. It may also be an
   *   option: `sort({ key, descending })`.
   * @param options `descending` is false by default, `npartitions` the number of partitions of this bag.
   * @throws TypeError for options that do not exist; when computed, for keys that cannot be compared.
   * @throws RangeError if `npartitions` is no whole number of at least 1.
   * @example sales.sort('amount', { descending: true })
   */
  sort<I>(this: Bag<I>, options: BagSortOptions & { readonly key?: Key<I> }): Bag<I>
  sort<I>(this: Bag<I>, key?: Key<I>, options?: BagSortOptions): Bag<I>
  sort(keyOrOptions?: unknown, sortOptions?: BagSortOptions): unknown {
    checkArguments('sort', arguments, 2, 'bag.sort(key, { descending, npartitions })')
    const names = ['descending', 'npartitions']
    const { key, options } = keyArguments('sort', keyOrOptions, sortOptions, names)
    checkOptions(options, names, 'sort')
    const { descending = false, npartitions = this.npartitions } = options as BagSortOptions
    if (typeof descending !== 'boolean') {
      const given = describeValue(descending)
      throw new TypeError(`sort: descending must be true or false, got ${given}`)
    }
    const count = checkWholeNumber(npartitions, 1, 'sort', 'npartitions')
    return new Bag(
      sortItemsLayer(this.layer, optionalKeyArg(key, 'sort', 'key'), descending, count),
    )
  }

  /**
   * Returns the items of this bag and another, the first one for each key, in one partition. For all
   * items, write `db.concat([a, b])`.
   *
   * @param key What items are equal by: a function of an item or the name of a field. Themselves by default.
   * @throws TypeError if `other` is no bag.
   * @example today.union(yesterday, 'id')
   */
  union<U>(other: Bag<U>, key?: Key<T | U>): Bag<T | U> {
    checkArguments('union', arguments, 2, 'bag.union(other, key)')
    const keyOfItem = optionalKeyArg(key, 'union', 'key')
    return new Bag(sets.unionLayer(this.layer, otherBag(other, 'union'), keyOfItem))
  }

  /**
   * Returns the items of this bag whose key occurs in another bag too, the first one for each key, in one
   * partition. Every task reads all keys of `other`.
   *
   * @param key The key of this bag's items: a function of an item or the name of a field. Themselves by default.
   * @param otherKey The key of the other items; `key` by default.
   * @throws TypeError if `other` is no bag.
   * @example users.intersection(customers, 'id')
   */
  intersection<U>(other: Bag<U>, key?: Key<T>, otherKey?: Key<U>): Bag<T> {
    checkArguments('intersection', arguments, 3, 'bag.intersection(other, key, otherKey)')
    const [own, others] = setKeys('intersection', key, otherKey)
    const layer = otherBag(other, 'intersection')
    return new Bag(sets.intersectionLayer(this.layer, layer, own, others))
  }

  /**
   * Keeps the items of this bag whose key does not occur in another bag; repeated ones stay. Every task
   * reads all keys of `other`.
   *
   * @param key The key of this bag's items: a function of an item or the name of a field. Themselves by default.
   * @param otherKey The key of the other items; `key` by default.
   * @throws TypeError if `other` is no bag.
   * @example words.subtract(db.fromSequence(['the', 'a']))
   */
  subtract<U>(other: Bag<U>, key?: Key<T>, otherKey?: Key<U>): Bag<T> {
    checkArguments('subtract', arguments, 3, 'bag.subtract(other, key, otherKey)')
    const [own, others] = setKeys('subtract', key, otherKey)
    return new Bag(sets.subtractLayer(this.layer, otherBag(other, 'subtract'), own, others))
  }

  // Partitions

  /**
   * Returns every pair of an item of this bag and an item of another. The number of partitions is the
   * product of theirs.
   *
   * @throws TypeError if `other` is no bag.
   */
  product<U>(other: Bag<U>): Bag<[T, U]> {
    checkArguments('product', arguments, 1, 'bag.product(other)')
    return new Bag(partition.productLayer(this.layer, otherBag(other, 'product')))
  }

  /**
   * Returns the running totals of `binop(total, item)`. The first total is `initial`, which comes first in
   * the result, or else the first item. `initial` may also be given as `{ initial }`. The partitions are
   * gone through one after the other.
   *
   * @throws TypeError if `binop` is no function; ExpressionError for a string that is no expression.
   * @example db.range(4).accumulate((a, b) => a + b) // 0, 1, 3, 6
   */
  accumulate(expression: string): Bag<T>
  accumulate<A>(expression: string, initial: A): Bag<A>
  accumulate<I>(this: Bag<I>, binop: (total: I, item: I) => I | Promise<I>): Bag<I>
  accumulate<A>(
    binop: (total: A, item: T) => A | Promise<A>,
    options: { readonly initial: A },
  ): Bag<A>
  accumulate<A>(binop: (total: A, item: T) => A | Promise<A>, initial: A): Bag<A>
  accumulate(binop: unknown, initial?: unknown): unknown {
    checkArguments('accumulate', arguments, 2, 'bag.accumulate(binop, initial)')
    const fn = functionArg(binop, 'accumulate', 'binop')
    const first = onlyOption(initial, 'initial') ? initial.initial : initial
    const start = first === undefined ? undefined : valueArg(first)
    return new Bag(partition.accumulateLayer(this.layer, fn, start))
  }

  /**
   * Returns the same items in another number of partitions: neighbours are joined, or each partition is
   * cut into even pieces. With `partitionSize`, the number of items in a partition, the items must be
   * counted first: the bag is computed, and the result is a promise. (Dask's `partition_size` is in bytes.)
   *
   * With `by`, a function of an item or the name of a field, items with equal keys are sent to the same partition, where
   * all items keep their order.
   *
   * @param compute The options of `compute`, with which the items are counted for `partitionSize`.
   * @throws TypeError unless exactly one of `npartitions` and `partitionSize` is set, or for `by` with `partitionSize`;
   *   when computed, for keys that cannot be compared.
   * @throws RangeError if it is no whole number of at least 1.
   * @example bag.repartition({ npartitions: 8 }); sales.repartition({ npartitions: 8, by: 'user' })
   */
  repartition<I>(
    this: Bag<I>,
    options: { readonly npartitions: number; readonly by: Key<I> },
  ): Bag<I>
  repartition(options: { readonly npartitions: number }): Bag<T>
  repartition(
    options: { readonly partitionSize: number },
    compute?: ComputeOptions,
  ): Promise<Bag<T>>
  repartition(
    options: {
      readonly npartitions?: number
      readonly partitionSize?: number
      readonly by?: unknown
    },
    compute?: ComputeOptions,
  ): Bag<T> | Promise<Bag<T>> {
    const usage =
      'bag.repartition({ npartitions, by }) or bag.repartition({ partitionSize }, options)'
    checkArguments('repartition', arguments, options?.npartitions === undefined ? 2 : 1, usage)
    const target = repartitionTarget(options)
    if ('partitionSize' in target) return this.resize(target.partitionSize, compute)
    const { npartitions, by } = target
    if (by !== undefined) {
      return new Bag(grouping.partitionByKeyLayer(this.layer, by, npartitions))
    }
    if (npartitions === this.npartitions) return this
    return new Bag(partition.repartitionLayer(this.layer, npartitions))
  }

  private async resize(size: number, compute?: ComputeOptions): Promise<Bag<T>> {
    const operation = operationInfo('repartition')
    const counts = new Bag<number>(partition.lengthsLayer(this.layer, operation))
    const lengths = await counts.compute(compute)
    return new Bag(partition.resizeLayer(this.layer, lengths, size, operation))
  }

  /**
   * Computes the first `k` items of the first `npartitions` partitions: 1 by default, -1 for all. The
   * result has fewer items if these partitions have fewer. With `compute: false` it is a bag.
   *
   * @param options `npartitions`, `compute`, and the options of `compute`.
   * @throws RangeError if the bag has fewer than `npartitions` partitions.
   * @throws TypeError for options that do not exist.
   */
  take(k: number, options: { readonly npartitions?: number; readonly compute: false }): Bag<T>
  take(
    k: number,
    options?: { readonly npartitions?: number; readonly compute?: true } & ComputeOptions,
  ): Promise<T[]>
  take(k: number, options: TakeOptions = {}): Bag<T> | Promise<T[]> {
    checkArguments('take', arguments, 2, 'bag.take(k, { npartitions })')
    const { npartitions, compute, computeOptions } = takeArguments(k, options, this.npartitions)
    const taken = new Bag<T>(partition.takeLayer(this.layer, k, npartitions))
    return compute ? taken.compute(computeOptions) : taken
  }

  /**
   * Computes the first `k` items, 5 by default. Partitions are computed one after the other, then several at
   * once, until there are enough; `take` reads one partition only.
   *
   * @param options Those of `compute`.
   * @throws RangeError if `k` is no whole number of at least 0.
   * @example await db.readText('app.log').filter((line) => line.includes('error')).head(3)
   */
  async head(k = 5, options: ComputeOptions = {}): Promise<T[]> {
    checkArguments('head', arguments, 2, 'bag.head(k, options)')
    checkWholeNumber(k, 0, 'head', 'k')
    return firstItems(k, this.npartitions, (n, from, to) => {
      return new Bag<T>(partition.takeLayer(this.layer, n, to, from)).compute(options)
    })
  }

  /**
   * Computes the last `k` items, 5 by default, in their order. Partitions are computed from the last one
   * backwards until there are enough.
   *
   * @param options Those of `compute`.
   * @throws RangeError if `k` is no whole number of at least 0.
   * @example await db.readText('app.log').tail(10)
   */
  async tail(k = 5, options: ComputeOptions = {}): Promise<T[]> {
    checkArguments('tail', arguments, 2, 'bag.tail(k, options)')
    checkWholeNumber(k, 0, 'tail', 'k')
    return lastItems(k, this.npartitions, (n, from, to) => {
      return new Bag<T>(position.tailLayer(this.layer, n, from, to)).compute(options)
    })
  }

  /**
   * Describes the bag: its partitions, the operations and their numbers of tasks, the type of its items as
   * far as the first 100 tell, and the first 5 of them. Computes the partitions that these items are in.
   *
   * @param options Those of `compute`.
   * @example console.log(await sales.describe())
   */
  async describe(options: ComputeOptions = {}): Promise<string> {
    checkArguments('describe', arguments, 1, 'bag.describe(options)')
    const sample = await this.head(100, options)
    const { tasks } = this.explain()
    return descriptionOf(this.name, this.npartitions, this.graph.layers, tasks, sample)
  }

  // Output

  /**
   * Makes an array of the items, which are numbers, bigints, booleans or lists of these: one chunk of each
   * partition. Unless they are known, as for `range` and `fromSequence`, the sizes of chunks are NaN until
   * `x.computeChunkSizes()`.
   *
   * @param options `dtype` is `'float64'` by default. `shape` is the shape of one item, such as `[3]` for
   *   lists of three numbers; `[]` by default.
   * @throws TypeError for a dtype that does not exist; when computed, for items that are not of the dtype.
   * @throws RangeError for a shape that is none; when computed, for items of another shape.
   * @example const x = sales.pluck('amount').toArray()
   */
  toArray<D extends Dtype = 'float64'>(
    options: { readonly dtype?: D; readonly shape?: readonly number[] } = {},
  ): ChunkedArray<D> {
    checkArguments('toArray', arguments, 1, 'bag.toArray({ dtype, shape })')
    checkOptions(options, ['dtype', 'shape'], 'toArray')
    const { dtype = 'float64' as D, shape = [] } = options
    assertDtype(dtype, 'toArray')
    assertShape(shape, 'toArray')
    return new ChunkedArray(toArrayLayer(this.layer, dtype, [...shape]))
  }

  /**
   * Writes every partition to a text file, one line for each item, and returns the paths. Items must be
   * strings. `*` in the path is replaced by the partition's number. Files whose names end in `.gz` are
   * compressed. With `compute: false` the result is a bag of the paths, which writes when it is computed.
   * Dask: `to_textfiles`.
   *
   * @example await bag.map((item) => JSON.stringify(item)).toTextfiles('out/part-*.jsonl.gz')
   */
  toTextfiles(
    path: string | readonly string[],
    options: WriteOptions & { readonly compute: false },
  ): Bag<string>
  toTextfiles(
    path: string | readonly string[],
    options?: WriteOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<string[]>
  toTextfiles(
    path: string | readonly string[],
    options: WriteOptions & { readonly compute?: boolean } & ComputeOptions = {},
  ): Bag<string> | Promise<string[]> {
    checkArguments('toTextfiles', arguments, 2, 'bag.toTextfiles(path, options)')
    const plan = planWriteText(path, options, this.npartitions)
    const written = new Bag<string>(writeTextLayer(this.layer, plan))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to a file of JSON, one value on each line, and returns what was written. `*` in the path is
   * replaced by the partition's number. Files whose names end in `.gz` are compressed. With `compute: false` the result
   * is a bag, which writes when it is computed.
   *
   * @throws TypeError or RangeError for wrong options; computing it, for items that JSON has no form for.
   * @example await sales.toJson('out/part-*.jsonl.gz') // [{ path: '/.../out/part-0.jsonl.gz', items: 10, bytes: 812 }, ...]
   */
  toJson(
    path: string | readonly string[],
    options: WriteJsonOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toJson(
    path: string | readonly string[],
    options?: WriteJsonOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toJson(
    path: string | readonly string[],
    options: WriteJsonOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toJson', arguments, 2, 'bag.toJson(path, options)')
    const plan = planWriteJson(path, options, this.npartitions)
    const written = new Bag<WrittenFile>(writeRecordsLayer(this.layer, plan, 'toJson'))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to a file of JSON lines, as `toJson` does.
   *
   * @throws TypeError or RangeError for wrong options; computing it, for items that JSON has no form for.
   * @example await sales.toJsonl('out/part-*.jsonl.gz')
   */
  toJsonl(
    path: string | readonly string[],
    options: WriteRecordOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toJsonl(
    path: string | readonly string[],
    options?: WriteRecordOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toJsonl(
    path: string | readonly string[],
    options: WriteRecordOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toJsonl', arguments, 2, 'bag.toJsonl(path, options)')
    const plan = planWriteJsonl(path, options, this.npartitions)
    const written = new Bag<WrittenFile>(writeRecordsLayer(this.layer, plan, 'toJsonl'))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to a file of CSV, or of tabs (`.tsv`), and returns what was written. Items must be records;
   * each file begins with the names of the columns. Null is an empty field, dates are written as in JSON. The path and
   * the other options are those of `toJson`.
   *
   * @throws TypeError or RangeError for wrong options; computing it, for items that are no records, and for records with
   *   other fields than the first one if `columns` is not given.
   * @example await sales.toCsv('out/part-*.csv', { columns: ['user', 'amount'] })
   */
  toCsv(
    path: string | readonly string[],
    options: WriteCsvOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toCsv(
    path: string | readonly string[],
    options?: WriteCsvOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toCsv(
    path: string | readonly string[],
    options: WriteCsvOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toCsv', arguments, 2, 'bag.toCsv(path, options)')
    const plan = planWriteCsv(path, options, this.npartitions)
    const written = new Bag<WrittenFile>(writeRecordsLayer(this.layer, plan, 'toCsv'))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to a file of Parquet, and returns what was written. Items must be records. The first ones decide
   * the type of each column: numbers are doubles, bigints 64-bit integers, dates timestamps, objects JSON; null is allowed in all.
   * The path is that of `toJson`. Needs `npm install hyparquet-writer`.
   *
   * @throws TypeError or RangeError for wrong options; computing it, for items that are no records, and for values of
   *   another type than the first one of their column.
   * @example await sales.toParquet('out/part-*.parquet')
   */
  toParquet(
    path: string | readonly string[],
    options: WriteParquetOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toParquet(
    path: string | readonly string[],
    options?: WriteParquetOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toParquet(
    path: string | readonly string[],
    options: WriteParquetOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toParquet', arguments, 2, 'bag.toParquet(path, options)')
    const plan = planWriteParquet(path, options, this.npartitions)
    const layer = writeRecordsLayer(this.layer, plan, 'toParquet', writeParquetStep)
    const written = new Bag<WrittenFile>(layer)
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to a file of Apache Arrow, and returns what was written. Items must be records. The first ones decide
   * the type of each column: numbers are doubles, bigints 64-bit integers, dates timestamps, objects JSON; null is allowed in
   * all. The path is that of `toJson`.
   *
   * @throws TypeError or RangeError for wrong options; computing it, for items that are no records, and for values of
   *   another type than the first one of their column.
   * @example await sales.toArrow('out/part-*.arrow')
   */
  toArrow(
    path: string | readonly string[],
    options: WriteArrowOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toArrow(
    path: string | readonly string[],
    options?: WriteArrowOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toArrow(
    path: string | readonly string[],
    options: WriteArrowOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toArrow', arguments, 2, 'bag.toArrow(path, options)')
    const plan = planWriteArrow(path, options, this.npartitions)
    const layer = writeRecordsLayer(this.layer, plan, 'toArrow', writeArrowStep)
    const written = new Bag<WrittenFile>(layer)
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes every partition to an object container file of Avro, and returns what was written. The path is that of `toJson`. Needs
   * `npm install avsc`, and hyparquet-writer for Snappy. Dask: `to_avro`.
   *
   * @param schema The schema of the items, as an object.
   * @throws TypeError or RangeError for wrong options; computing it, for items that do not fit the schema.
   * @example await sales.toAvro('out/part-*.avro', { type: 'record', name: 'Sale', fields: [{ name: 'id', type: 'long' }] })
   */
  toAvro(
    path: string | readonly string[],
    schema: AvroSchema,
    options: WriteAvroOptions & { readonly compute: false },
  ): Bag<WrittenFile>
  toAvro(
    path: string | readonly string[],
    schema: AvroSchema,
    options?: WriteAvroOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenFile[]>
  toAvro(
    path: string | readonly string[],
    schema: AvroSchema,
    options: WriteAvroOptions & WriteNow = {},
  ): Bag<WrittenFile> | Promise<WrittenFile[]> {
    checkArguments('toAvro', arguments, 3, 'bag.toAvro(path, schema, options)')
    const plan = planWriteAvro(path, schema, options, this.npartitions)
    const layer = writeRecordsLayer(this.layer, plan, 'toAvro', writeAvroStep)
    const written = new Bag<WrittenFile>(layer)
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Writes the records to a table of a database, each partition in a transaction, and returns what was written. The table is created unless it exists, with
   * types for the first values of each column: numbers are doubles, bigints 64-bit integers, dates timestamps, lists and objects JSON.
   *
   * A transaction also adds a row to the table `skein_writes`, which names this call and the partition. So a task that is tried again, or
   * whose answer was lost, writes nothing twice; nor does a bag that was made with `compute: false` and is computed again.
   *
   * @param table The name of the table, also `'schema.table'`.
   * @param connection That of `db.fromSql`.
   * @throws RangeError or TypeError for wrong arguments; computing it, if the table exists and `ifExists` is `'fail'`.
   * @example await sales.toSql('sales', 'postgres://me@localhost/shop', { ifExists: 'append' })
   */
  toSql(
    table: string | readonly string[],
    connection: string,
    options: ToSqlOptions & { readonly compute: false },
  ): Bag<WrittenRows>
  toSql(
    table: string | readonly string[],
    connection: string,
    options?: ToSqlOptions & { readonly compute?: true } & ComputeOptions,
  ): Promise<WrittenRows[]>
  toSql(
    table: string | readonly string[],
    connection: string,
    options: ToSqlOptions & WriteNow = {},
  ): Bag<WrittenRows> | Promise<WrittenRows[]> {
    checkArguments('toSql', arguments, 3, 'bag.toSql(table, connection, options)')
    const plan = planToSql(table, connection, options)
    const written = new Bag<WrittenRows>(toSqlLayer(this.layer, plan.writing))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Computes the items and yields them one by one: `for await (const item of bag)`. A few partitions are
   * computed at a time, as they are needed.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* this.items()
  }

  /**
   * Yields the items as `for await` does.
   *
   * @param options Those of `compute`, such as the `get` that computes the partitions.
   * @throws TypeError for options that do not exist.
   * @example for await (const item of bag.items({ signal })) console.log(item)
   */
  items(options: ComputeOptions = {}): AsyncGenerator<T, void, undefined> {
    checkArguments('items', arguments, 1, 'bag.items(options)')
    return iterateItems<T>(this, options)
  }

  /**
   * Returns the partitions, each as a lazy list. Dask: `to_delayed`.
   *
   * @example const lengths = bag.toDelayed().map((part) => part.apply((items) => items.length))
   */
  toDelayed(): Delayed<T[]>[] {
    checkArguments('toDelayed', arguments, 0, 'bag.toDelayed()')
    return delayedBlocks<T[]>(this.layer)
  }

  override [assertFits](operation: string): void {
    assertItemsFit(operation, this.layer)
  }

  protected override finalize(blocks: readonly unknown[]): T[] {
    const lists = blocks as readonly (readonly T[])[]
    return lists.length === 1 ? lists[0]!.slice() : (lists.flat(1) as T[])
  }

  protected override revival() {
    return { reviver: operationReference(reviveBag)!, meta: undefined }
  }

  protected override withLayer(layer: Layer): this {
    return new Bag<T>(layer) as this
  }

  /** Returns the name and the number of partitions: `Bag<map-1f3a, 3 partitions>`. */
  override toString(): string {
    return `Bag<${this.name}, ${this.npartitions} partition${this.npartitions === 1 ? '' : 's'}>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Returns the layer of another bag that an operation takes. */
function otherBag(other: unknown, operation: string): Layer {
  const layer = layerOfKind(other, 'bag')
  if (layer !== undefined) return layer
  throw new TypeError(
    `${operation}: the other must be a bag, got ${describeValue(other)}; see fromSequence`,
  )
}

/** The methods of `String` whose types need no overloads of their own. */
type SimpleStringMethod = Exclude<
  (typeof stringMethods)[number],
  'normalize' | 'search' | 'split' | 'replace' | 'replaceAll'
>

/** The methods of `String` under their own names. `concat` and the like take the arguments that `String` takes. */
type SimpleOperations = {
  [Name in SimpleStringMethod]: (
    this: TextOperations<string>,
    ...args: Parameters<string[Name]>
  ) => Bag<ReturnType<string[Name]>>
}

/**
 * The operations of `bag.str`. Each calls the method of `String` of the same name on every item, except
 * `match`. `T` is the type of the items, which must be strings.
 */
export interface TextOperations<T> extends SimpleOperations {
  /** Only for the type checker. */
  readonly item?: T
  /** Returns Unicode normalization forms, `'NFC'` by default. */
  normalize(this: TextOperations<string>, form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Bag<string>
  /** Returns the index of the first match of a pattern, or -1. */
  search(this: TextOperations<string>, pattern: string | RegExp): Bag<number>
  /** Splits strings into arrays of at most `limit` parts, all by default. */
  split(this: TextOperations<string>, separator: string | RegExp, limit?: number): Bag<string[]>
  /** Replaces the first match of a string, or of a regular expression; all if that is global. */
  replace(
    this: TextOperations<string>,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  /** Replaces all matches. A regular expression must be global. */
  replaceAll(
    this: TextOperations<string>,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  /**
   * Keeps the strings that match a pattern, as in Dask; it is no `String.match`. A string is a glob (`*`,
   * `?`, `[a-z]`, `[!a-z]`) that must match the whole item; a regular expression may match a part of it.
   */
  match(this: TextOperations<string>, pattern: string | RegExp): Bag<string>
}

/** Revives a bag from its layer. */
export function reviveBag(layer: Layer): Bag<unknown> {
  return new Bag(layer)
}

operations('collections/bag/bag', { reviveBag })
