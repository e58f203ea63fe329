/**
 * `Bag`: a lazy list of items in partitions. Every method returns a new bag or a lazy value and computes
 * nothing, unless its documentation says so. Items are ordered: partition by partition, and within them.
 *
 * A method checks its arguments and calls one function of `layers/`, which builds the layer. What the
 * tasks do is in `steps/`, how they loop over items in `engine/`, files are in `io/`.
 */
import { operationReference, operations } from '../../core/base/operations.js'
import type { ComputeOptions } from '../../core/graph/get.js'
import type { Layer } from '../../core/graph/layer.js'
import { checkOptions, checkWholeNumber } from '../base/argument-checks.js'
import type { ArgumentItems, ArgumentPartitions } from '../base/argument-types.js'
import { Collection } from '../base/collection.js'
import { type Delayed, delayedBlocks } from '../base/delayed.js'
import { describeValue } from '../base/describe-value.js'
import { Item } from '../base/item.js'
import { operationInfo } from '../base/layer-builders.js'
import { type PlainUseAdvice, plainUseAdvice } from '../base/plain-use.js'
import {
  argumentKind,
  functionArg,
  functionCall,
  keyArg,
  layerOfKind,
  optionalKeyArg,
  valueArg,
} from '../base/step-arguments.js'
import {
  checkFields,
  checkSample,
  type FoldbyOptions,
  type FoldOptions,
  fanInOf,
  foldArguments,
  foldbyArguments,
  foldbyFunctions,
  foldFunctions,
  reductionFunctions,
  repartitionTarget,
  type TakeOptions,
  takeArguments,
} from './bag-arguments.js'
import { planWriteText, type WriteOptions } from './io/write-text-plan.js'
import type { Field, FieldValue, Key, KeyValue, SplitOptions } from './item-types.js'
import * as elementwise from './layers/elementwise-layers.js'
import * as grouping from './layers/grouping-layers.js'
import { writeTextLayer } from './layers/output-layers.js'
import * as partition from './layers/partition-layers.js'
import * as reduction from './layers/reduction-layers.js'
import { type stringMethods, stringOperations } from './layers/string-layers.js'
import { iterateItems } from './partition-iteration.js'

/** A lazy list of items in partitions. Dask: `dask.bag.Bag`. */
export class Bag<out T> extends Collection<T[]> {
  readonly [argumentKind] = 'bag'

  override get [plainUseAdvice](): PlainUseAdvice {
    return {
      kind: 'lazy bag',
      compute: 'await bag.compute()',
      length: 'await bag.count().compute()',
      element: 'await bag.take(1)',
    }
  }

  /** The number of partitions. */
  get npartitions(): number {
    return this.layer.numblocks[0]!
  }

  // Each item by itself

  /**
   * Applies `fn` to every item. Further arguments are passed to `fn` after the item: of another bag,
   * which must have the same partitions, the item at the same position; of a lazy item, its value.
   *
   * A string is an expression over the fields of an item, or over `x`, the item itself. Its type
   * argument is the type of the result, `number` by default.
   *
   * @throws RangeError for a bag with another number of partitions.
   * @example db.range(3).map((x, y) => x * y, db.range(3).sum())
   * @example sales.map('amount * 1.2')
   */
  map<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  map<A extends readonly unknown[], U>(
    fn: (item: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Bag<Awaited<U>>
  map(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('map', fn, args, this.npartitions)
    return new Bag(elementwise.mapLayer(this.layer, call))
  }

  /**
   * Applies `fn` to every item, with the item's own items as its first arguments.
   *
   * @example db.zip(a, b).starmap((x, y) => x + y)
   */
  starmap<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  starmap<I extends readonly unknown[], A extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I, ...ArgumentItems<A>]) => U,
    ...args: A
  ): Bag<Awaited<U>>
  starmap(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('starmap', fn, args, this.npartitions)
    return new Bag(elementwise.starmapLayer(this.layer, call))
  }

  /**
   * Keeps the items for which `fn` returns something truthy.
   *
   * @example sales.filter((sale) => sale.amount > 100)
   */
  filter(expression: string, ...args: readonly unknown[]): Bag<T>
  filter<S extends T>(fn: (item: T) => item is S): Bag<S>
  filter<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  filter(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('filter', fn, args, this.npartitions)
    return new Bag(elementwise.filterLayer(this.layer, call))
  }

  /** Removes the items for which `fn` returns something truthy. */
  remove(expression: string, ...args: readonly unknown[]): Bag<T>
  remove<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  remove(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('remove', fn, args, this.npartitions)
    return new Bag(elementwise.removeLayer(this.layer, call))
  }

  /**
   * Selects one field of every item, or several as an array. `fallback` replaces a field that is missing
   * or undefined. Without it, computing throws for an item that does not have the field.
   *
   * @example bag.pluck('name'); bag.pluck(['name', 'age'], null)
   */
  pluck<I, K extends Field<I>>(this: Bag<I>, field: K): Bag<FieldValue<I, K>>
  pluck<K extends Field<T>, D>(field: K, fallback: D): Bag<Exclude<FieldValue<T, K>, undefined> | D>
  pluck<I, const K extends readonly Field<I>[]>(
    this: Bag<I>,
    fields: K,
  ): Bag<{ -readonly [P in keyof K]: FieldValue<I, K[P]> }>
  pluck<I, const K extends readonly Field<I>[], D>(
    this: Bag<I>,
    fields: K,
    fallback: D,
  ): Bag<{ -readonly [P in keyof K]: Exclude<FieldValue<I, K[P]>, undefined> | D }>
  pluck(field: unknown, ...rest: unknown[]): unknown {
    const fallback = rest.length === 0 ? undefined : { value: rest[0] }
    return new Bag(elementwise.pluckLayer(this.layer, checkFields(field), fallback))
  }

  /** Splits items that are arrays of `n` into `n` bags: of the first items, of the second ones, ... */
  unzip<I extends readonly unknown[]>(
    this: Bag<I>,
    n: number,
  ): number extends I['length'] ? Bag<I[number]>[] : { -readonly [P in keyof I]: Bag<I[P]> } {
    const layers = elementwise.unzipLayers(this.layer, checkWholeNumber(n, 1, 'unzip', 'n'))
    return layers.map((layer) => new Bag(layer)) as never
  }

  /** Joins the items of all items, which must be iterable, into one list. */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    return new Bag(elementwise.flattenLayer(this.layer))
  }

  /**
   * Applies `fn` to every partition. It receives the items as an iterable and returns an iterable. Of
   * another bag among the further arguments it receives the matching partition.
   *
   * @example bag.mapPartitions((items) => [...items].sort())
   */
  mapPartitions<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  mapPartitions<A extends readonly unknown[], U>(
    fn: (
      items: Iterable<T>,
      ...args: ArgumentPartitions<A>
    ) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
    ...args: A
  ): Bag<U>
  mapPartitions(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('mapPartitions', fn, args, this.npartitions)
    return new Bag(elementwise.mapPartitionsLayer(this.layer, call))
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
   * Selects each item at random with a probability from 0 to 1. The choice depends on the seed, which is
   * random by default, and on the partitions. Dask: `random_sample`.
   *
   * @throws RangeError if the probability is out of range or the seed is no whole number.
   */
  randomSample(probability: number, seed: number = Math.floor(Math.random() * 2 ** 31)): Bag<T> {
    checkSample(probability, seed)
    return new Bag(elementwise.randomSampleLayer(this.layer, probability, seed))
  }

  // All items to one value

  /**
   * Reduces all items by functions of your own. `perpartition` makes one value of a partition's items;
   * `aggregate` makes the result of a list of such values, in a tree. If the result is of another type
   * than the values, give `combine`, which makes one value of several, or `splitEvery: false`. Empty
   * partitions are skipped.
   *
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
    const splitEvery = fanInOf(options, 'reduction', ['combine'])
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
  fold(binop: unknown, optionsOrInitial?: unknown, options?: unknown): unknown {
    const { splitEvery, ...fold } = foldArguments(optionsOrInitial, options)
    const fanIn = fanInOf({ splitEvery }, 'fold')
    return new Item(reduction.foldLayer(this.layer, foldFunctions(binop, fold), fanIn))
  }

  /** Sums numbers or bigints. The sum of no items is 0. */
  sum(this: Bag<bigint>, options?: SplitOptions): Item<bigint>
  sum(this: Bag<number | boolean>, options?: SplitOptions): Item<number>
  sum(options: SplitOptions = {}): unknown {
    return new Item(reduction.sumLayer(this.layer, fanInOf(options, 'sum')))
  }

  /** Computes the mean of the items. The mean of no items is NaN. */
  mean(this: Bag<number | bigint | boolean>, options: SplitOptions = {}): Item<number> {
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
    const splitEvery = fanInOf(options, 'var', ['ddof'])
    const ddof = checkWholeNumber(options.ddof ?? 0, 0, 'var', 'ddof')
    return new Item(reduction.varianceLayer(this.layer, 'var', ddof, splitEvery))
  }

  /** Computes the standard deviation of the items: the square root of the variance; see `var`. */
  std(
    this: Bag<number | bigint | boolean>,
    options: SplitOptions & { readonly ddof?: number } = {},
  ): Item<number> {
    const splitEvery = fanInOf(options, 'std', ['ddof'])
    const ddof = checkWholeNumber(options.ddof ?? 0, 0, 'std', 'ddof')
    return new Item(reduction.varianceLayer(this.layer, 'std', ddof, splitEvery))
  }

  /** Finds the smallest item. Computing throws a RangeError if there are no items. */
  min(options: SplitOptions = {}): Item<T> {
    return new Item(reduction.minMaxLayer(this.layer, 'min', fanInOf(options, 'min')))
  }

  /** Finds the greatest item. Computing throws a RangeError if there are no items. */
  max(options: SplitOptions = {}): Item<T> {
    return new Item(reduction.minMaxLayer(this.layer, 'max', fanInOf(options, 'max')))
  }

  /** Counts the items. */
  count(options: SplitOptions = {}): Item<number> {
    return new Item(reduction.countLayer(this.layer, fanInOf(options, 'count')))
  }

  /** Finds out whether any item is truthy. False if there are no items. */
  any(options: SplitOptions = {}): Item<boolean> {
    return new Item(reduction.truthLayer(this.layer, 'any', fanInOf(options, 'any')))
  }

  /** Finds out whether all items are truthy. True if there are no items. */
  all(options: SplitOptions = {}): Item<boolean> {
    return new Item(reduction.truthLayer(this.layer, 'all', fanInOf(options, 'all')))
  }

  // By key

  /**
   * Counts how often each item occurs, as pairs of an item and its count, in one partition. `sort` puts
   * the most frequent items first; it is false by default.
   */
  frequencies(options: SplitOptions & { readonly sort?: boolean } = {}): Bag<[T, number]> {
    const splitEvery = fanInOf(options, 'frequencies', ['sort'])
    const { sort = false } = options
    if (typeof sort !== 'boolean') {
      throw new TypeError(`frequencies: sort must be true or false, got ${describeValue(sort)}`)
    }
    return new Bag(grouping.frequenciesLayer(this.layer, sort, splitEvery))
  }

  /**
   * Returns the `k` greatest items, greatest first, in one partition. They are compared by `key`: a
   * function of an item or the name of a field; by default, by themselves.
   */
  topk<I>(this: Bag<I>, k: number, key?: Key<I>, options: SplitOptions = {}): Bag<I> {
    const splitEvery = fanInOf(options, 'topk')
    const count = checkWholeNumber(k, 0, 'topk', 'k')
    const keyOfItem = optionalKeyArg(key, 'topk', 'key')
    return new Bag(grouping.topkLayer(this.layer, count, keyOfItem, splitEvery))
  }

  /** Returns the distinct items, or the first item for each `key`, in one partition. */
  distinct<I>(this: Bag<I>, key?: Key<I>, options: SplitOptions = {}): Bag<I> {
    const splitEvery = fanInOf(options, 'distinct')
    const keyOfItem = optionalKeyArg(key, 'distinct', 'key')
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
  foldby(
    key: unknown,
    binop: unknown,
    initial?: unknown,
    combine?: unknown,
    combineInitial?: unknown,
    options?: SplitOptions,
  ): unknown {
    const { splitEvery, ...fold } = foldbyArguments(initial, combine, combineInitial, options)
    const fanIn = fanInOf({ splitEvery }, 'foldby')
    return new Bag(grouping.foldbyLayer(this.layer, foldbyFunctions(key, binop, fold), fanIn))
  }

  /**
   * Groups the items by key, as pairs of a key and a list of items. Every item is sent to the partition
   * of its group, so prefer `foldby` where it is enough. `npartitions` is that of this bag by default.
   */
  groupby<I, const By extends Key<I>>(
    this: Bag<I>,
    grouper: By,
    options: { readonly npartitions?: number } = {},
  ): Bag<[KeyValue<I, By>, I[]]> {
    checkOptions(options, ['npartitions'], 'groupby')
    const wanted = options.npartitions ?? this.npartitions
    const npartitions = checkWholeNumber(wanted, 1, 'groupby', 'npartitions')
    const key = keyArg(grouper, 'groupby', 'grouper')
    return new Bag(grouping.groupbyLayer(this.layer, key, npartitions))
  }

  /**
   * Returns pairs `[other, item]` of all items of `other` and this bag whose keys are equal. `other` is a
   * bag, a lazy list or an iterable. Every task reads all of `other`, so it should be the smaller side.
   */
  join<I, U>(
    this: Bag<I>,
    other: Bag<U> | Item<Iterable<U>> | Iterable<U>,
    onSelf: Key<I>,
    onOther: Key<U> = onSelf as never,
  ): Bag<[U, I]> {
    const otherKey = keyArg(onOther, 'join', 'onOther')
    const selfKey = keyArg(onSelf, 'join', 'onSelf')
    return new Bag(grouping.joinLayer(this.layer, other, otherKey, selfKey))
  }

  // Partitions

  /**
   * Returns every pair of an item of this bag and an item of another. The number of partitions is the
   * product of theirs.
   */
  product<U>(other: Bag<U>): Bag<[T, U]> {
    const layer = layerOfKind(other, 'bag')
    if (layer !== undefined) return new Bag(partition.productLayer(this.layer, layer))
    throw new TypeError(
      `product: the other must be a bag, got ${describeValue(other)}; see fromSequence`,
    )
  }

  /**
   * Returns the running totals of `binop(total, item)`. The first total is `initial`, which comes first in
   * the result, or else the first item.
   *
   * @example db.range(4).accumulate((a, b) => a + b) // 0, 1, 3, 6
   */
  accumulate(expression: string): Bag<T>
  accumulate<A>(expression: string, initial: A): Bag<A>
  accumulate<I>(this: Bag<I>, binop: (total: I, item: I) => I | Promise<I>): Bag<I>
  accumulate<A>(binop: (total: A, item: T) => A | Promise<A>, initial: A): Bag<A>
  accumulate(binop: unknown, initial?: unknown): unknown {
    const fn = functionArg(binop, 'accumulate', 'binop')
    const start = initial === undefined ? undefined : valueArg(initial)
    return new Bag(partition.accumulateLayer(this.layer, fn, start))
  }

  /**
   * Returns the same items in another number of partitions: neighbours are joined, or each partition is
   * cut into even pieces. With `partitionSize`, the number of items in a partition, the items must be
   * counted first: the bag is computed, and the result is a promise. (Dask's `partition_size` is in bytes.)
   *
   * @throws TypeError unless exactly one of the two options is set.
   */
  repartition(options: { readonly npartitions: number }): Bag<T>
  repartition(
    options: { readonly partitionSize: number },
    compute?: ComputeOptions,
  ): Promise<Bag<T>>
  repartition(
    options: { readonly npartitions?: number; readonly partitionSize?: number },
    compute?: ComputeOptions,
  ): Bag<T> | Promise<Bag<T>> {
    const target = repartitionTarget(options)
    if ('partitionSize' in target) return this.resize(target.partitionSize, compute)
    const { npartitions } = target
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
   * @throws RangeError if the bag has fewer than `npartitions` partitions.
   */
  take(k: number, options: { readonly npartitions?: number; readonly compute: false }): Bag<T>
  take(
    k: number,
    options?: { readonly npartitions?: number; readonly compute?: true } & ComputeOptions,
  ): Promise<T[]>
  take(k: number, options: TakeOptions = {}): Bag<T> | Promise<T[]> {
    const { npartitions, compute, computeOptions } = takeArguments(k, options, this.npartitions)
    const taken = new Bag<T>(partition.takeLayer(this.layer, k, npartitions))
    return compute ? taken.compute(computeOptions) : taken
  }

  // Output

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
    const plan = planWriteText(path, options, this.npartitions)
    const written = new Bag<string>(writeTextLayer(this.layer, plan))
    return plan.compute ? written.compute(plan.computeOptions) : written
  }

  /**
   * Computes the items and yields them one by one: `for await (const item of bag)`. A few partitions are
   * computed at a time, as they are needed.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* this.items()
  }

  /** Yields the items as `for await` does, with options such as the `get` that computes them. */
  items(options: ComputeOptions = {}): AsyncGenerator<T, void, undefined> {
    return iterateItems<T>(this, options)
  }

  /** Returns the partitions, each as a lazy list. */
  toDelayed(): Delayed<T[]>[] {
    return delayedBlocks<T[]>(this.layer)
  }

  protected override finalize(blocks: readonly unknown[]): T[] {
    const lists = blocks as readonly (readonly T[])[]
    return lists.length === 1 ? lists[0]!.slice() : (lists.flat(1) as T[])
  }

  protected override describe() {
    return { reviver: operationReference(reviveBag)!, meta: undefined }
  }

  protected override withLayer(layer: Layer): this {
    return new Bag<T>(layer) as this
  }

  override toString(): string {
    return `Bag<${this.name}, ${this.npartitions} partition${this.npartitions === 1 ? '' : 's'}>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

type StringBag = TextOperations<string>

/** The methods of `String` whose types need no overloads of their own. */
type SimpleStringMethod = Exclude<
  (typeof stringMethods)[number],
  'normalize' | 'search' | 'split' | 'replace' | 'replaceAll'
>

type SimpleOperations = {
  [Name in SimpleStringMethod]: (
    this: StringBag,
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
  normalize(this: StringBag, form?: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Bag<string>
  search(this: StringBag, pattern: string | RegExp): Bag<number>
  split(this: StringBag, separator: string | RegExp, limit?: number): Bag<string[]>
  replace(
    this: StringBag,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  replaceAll(
    this: StringBag,
    pattern: string | RegExp,
    replacement: string | ((match: string, ...groups: string[]) => string),
  ): Bag<string>
  /**
   * Keeps the strings that match a pattern, as in Dask; it is no `String.match`. A string is a glob (`*`,
   * `?`, `[a-z]`, `[!a-z]`) that must match the whole item; a regular expression may match a part of it.
   */
  match(this: StringBag, pattern: string | RegExp): Bag<string>
}

/** Revives a bag from its layer. */
export function reviveBag(layer: Layer): Bag<unknown> {
  return new Bag(layer)
}

operations('collections/bag/bag', { reviveBag })
