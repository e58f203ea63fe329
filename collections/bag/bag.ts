/**
 * The Bag: a lazy list of items in partitions. Every method gives a new bag or a lazy value and
 * computes nothing, except where it says so. Items have an order, that of the partitions.
 *
 * Methods check their arguments, name their layer, and leave the work to the steps in the files
 * beside this one.
 */
import { chooseGet } from '../../core/context.js'
import { getThreads } from '../../core/get-threads.js'
import type { BlockParam, BlockwiseInput, Layer } from '../../core/layer.js'
import { operationReference, operations } from '../../core/operation.js'
import { type Arg, arg } from '../../core/recipe.js'
import { Collection, type ComputeOptions } from '../collection.js'
import {
  checkOptions,
  fanIn,
  functionArg,
  initialArg,
  isPlace,
  keyArg,
  kind,
  mixedArguments,
  optionalKeyArg,
  valueArg,
  wholeNumber,
} from './arguments.js'
import { about, eachPartition, reduceTree } from './build.js'
import { type FoldOptions, foldOptions } from './fold-options.js'
import * as group from './group-steps.js'
import { Item } from './item.js'
import { show } from './item-operations.js'
import { streamPartitions } from './iterate.js'
import * as reduce from './reduce-steps.js'
import * as shape from './reshape.js'
import * as steps from './steps.js'
import { type TextOperations, textOperations } from './strings.js'
import { writeTextStep } from './text-steps.js'
import type {
  ArgumentItems,
  ArgumentPartitions,
  Field,
  FieldValue,
  Key,
  KeyValue,
  SplitOptions,
} from './types.js'
import { type WriteOptions, writePlan } from './write.js'

export class Bag<out T> extends Collection<T[]> {
  readonly [kind] = 'bag'

  /** How many partitions there are. */
  get npartitions(): number {
    return this.layer.numblocks[0]!
  }

  // Item by item

  /**
   * What the function makes of every item. Further arguments go to the function too: of other bags
   * (of as many partitions, as long) the item at the same place, of lazy items their value.
   *
   * @example db.range(3).map((x, y) => x * y, db.range(3).sum())
   */
  map<A extends readonly unknown[], U>(
    fn: (item: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Bag<Awaited<U>> {
    return this.withFunction('map', steps.mapStep, fn, args)
  }

  /** As `map`, the items of each item being the function's first arguments. */
  starmap<I extends readonly unknown[], A extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I, ...ArgumentItems<A>]) => U,
    ...args: A
  ): Bag<Awaited<U>> {
    return this.withFunction('starmap', steps.starmapStep, fn, args)
  }

  /** The items for which the function gives something true. */
  filter<S extends T>(fn: (item: T) => item is S): Bag<S>
  filter<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  filter(fn: Function, ...args: unknown[]): unknown {
    return this.withFunction('filter', steps.filterStep, fn, args)
  }

  /** The items for which the function gives nothing true. */
  remove<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T> {
    return this.withFunction('remove', steps.removeStep, fn, args)
  }

  /**
   * One field of every item, or several as an array. A missing field is an error unless there is a
   * `fallback`, which also stands for `undefined`.
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
    const fallback = arg.value(rest.length === 0 ? undefined : { value: rest[0] })
    const isField = (name: unknown): boolean => typeof name === 'string' || isPlace(name)
    if (Array.isArray(field) && field.every(isField)) {
      return this.each('pluck', steps.pluckAllStep, [arg.value([...field]), fallback])
    }
    if (isField(field)) return this.each('pluck', steps.pluckStep, [arg.value(field), fallback])
    throw new TypeError(
      `pluck: the field must be a name, a place in an array, or a list of these, got ${show(field)}`,
    )
  }

  /** For items that are arrays of `n`: a bag of the first items, a bag of the second ones, ... */
  unzip<I extends readonly unknown[]>(
    this: Bag<I>,
    n: number,
  ): number extends I['length'] ? Bag<I[number]>[] : { -readonly [P in keyof I]: Bag<I[P]> } {
    const count = wholeNumber(n, 1, 'unzip', 'n')
    const bags = Array.from({ length: count }, (_, place) => {
      return this.each('unzip', steps.pluckStep, [arg.value(place), arg.value(undefined)])
    })
    return bags as never
  }

  /** The items of the items. */
  flatten<U>(this: Bag<Iterable<U>>): Bag<U> {
    return this.each('flatten', steps.flattenStep, [])
  }

  /**
   * What the function makes of each partition: it gets the items as an iterable and gives an
   * iterable. Of other bags among the arguments it gets the matching partition.
   */
  mapPartitions<A extends readonly unknown[], U>(
    fn: (
      items: Iterable<T>,
      ...args: ArgumentPartitions<A>
    ) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
    ...args: A
  ): Bag<U> {
    return this.withFunction('mapPartitions', steps.mapPartitionsStep, fn, args)
  }

  /** The methods of `String`, for bags of texts: `bag.str.split(',')`. */
  get str(): TextOperations<T> {
    const add = (name: string, fn: Function, args: readonly Arg[]) =>
      this.each(`str.${name}`, fn, args)
    return textOperations(add)
  }

  /** Items chosen by chance, each with this probability. The choice depends on the partitions too. */
  randomSample(probability: number, seed: number = Math.floor(Math.random() * 2 ** 31)): Bag<T> {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(
        `randomSample: the probability must be a number from 0 to 1, got ${show(probability)}`,
      )
    }
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`randomSample: the seed must be a whole number, got ${show(seed)}`)
    }
    const args = [arg.value(probability), arg.value(seed), arg.param(0)]
    return this.each('randomSample', steps.sampleStep, args, [], [{ kind: 'block' }])
  }

  // Reductions

  /**
   * A reduction of your own: `perpartition` makes one value of a partition's items, `aggregate` one
   * of a list of such values, in a tree. If the result is of another kind than the values in
   * between, say how to `combine` these, or give `splitEvery: false`. Empty partitions are skipped.
   */
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
    perpartition: Function,
    aggregate: Function,
    options: SplitOptions & { readonly combine?: Function } = {},
  ): unknown {
    checkOptions(options, ['splitEvery', 'combine'], 'reduction')
    const last = functionArg(aggregate, 'reduction', 'aggregate')
    const { combine = aggregate } = options
    return this.reduced(
      'reduction',
      { fn: reduce.reductionPart, args: [functionArg(perpartition, 'reduction', 'perpartition')] },
      { fn: reduce.reductionMerge, args: [last, functionArg(combine, 'reduction', 'combine')] },
      options,
    )
  }

  /**
   * All items folded into one value, partition by partition and then the totals: `binop(total, item)`.
   * If totals are of another kind than items, `combine` joins two totals. `initial` starts every
   * partition that is not empty.
   *
   * @example bag.fold((a, b) => Math.max(a, b)); words.fold((n, w) => n + w.length, { initial: 0, combine: add })
   */
  fold<I>(
    this: Bag<I>,
    binop: (total: I, item: I) => I | Promise<I>,
    options?: FoldOptions<I>,
  ): Item<I>
  fold<A>(
    binop: (total: A, item: T) => A | Promise<A>,
    options: FoldOptions<A> & {
      readonly initial: A
      readonly combine: (a: A, b: A) => A | Promise<A>
    },
  ): Item<A>
  fold<A>(binop: (total: A, item: T | A) => A | Promise<A>, initial: A): Item<A>
  fold(binop: Function, given?: unknown): unknown {
    const { combine = binop, initial, splitEvery } = foldOptions(given)
    const start = initialArg(initial)
    return this.reduced(
      'fold',
      { fn: reduce.foldPart, args: [functionArg(binop, 'fold', 'binop'), start] },
      { fn: reduce.foldMerge, args: [functionArg(combine, 'fold', 'combine'), start] },
      { splitEvery },
    )
  }

  /** The sum of numbers or of bigints; 0 if there are none. */
  sum(this: Bag<bigint>, options?: SplitOptions): Item<bigint>
  sum(this: Bag<number | boolean>, options?: SplitOptions): Item<number>
  sum(options?: SplitOptions): unknown {
    return this.simple('sum', reduce.sumPart, reduce.sumMerge, [], options)
  }

  /** The mean of the items; NaN if there are none. */
  mean(this: Bag<number | bigint | boolean>, options?: SplitOptions): Item<number> {
    return this.simple('mean', reduce.meanPart, reduce.meanMerge, [], options)
  }

  /** The variance, `ddof` being taken from the number of items it is divided by. */
  var(
    this: Bag<number | bigint | boolean>,
    options: SplitOptions & { readonly ddof?: number } = {},
  ): Item<number> {
    return this.moments('var', options)
  }

  /** The standard deviation: the root of the variance. */
  std(
    this: Bag<number | bigint | boolean>,
    options: SplitOptions & { readonly ddof?: number } = {},
  ): Item<number> {
    return this.moments('std', options)
  }

  /** The least item. Fails when computed if there are none. */
  min(options?: SplitOptions): Item<T> {
    return this.simple('min', reduce.extremePart, reduce.extremeMerge, [arg.value(1)], options)
  }

  /** The greatest item. Fails when computed if there are none. */
  max(options?: SplitOptions): Item<T> {
    return this.simple('max', reduce.extremePart, reduce.extremeMerge, [arg.value(-1)], options)
  }

  /** How many items there are. */
  count(options?: SplitOptions): Item<number> {
    return this.simple('count', reduce.countPart, reduce.countMerge, [], options)
  }

  /** Whether some item is true. */
  any(options?: SplitOptions): Item<boolean> {
    return this.simple('any', reduce.truthPart, reduce.truthMerge, [arg.value(true)], options)
  }

  /** Whether all items are true. */
  all(options?: SplitOptions): Item<boolean> {
    return this.simple('all', reduce.truthPart, reduce.truthMerge, [arg.value(false)], options)
  }

  // By key

  /** Every item that occurs, with how often it does; `sort` puts the most frequent first. */
  frequencies(options: SplitOptions & { readonly sort?: boolean } = {}): Bag<[T, number]> {
    checkOptions(options, ['splitEvery', 'sort'], 'frequencies')
    const { sort = false } = options
    return this.reducedBag(
      'frequencies',
      { fn: group.frequenciesPart },
      { fn: group.frequenciesMerge, args: [arg.value(Boolean(sort))] },
      options,
    )
  }

  /** The `k` greatest items, by a key if one is given, greatest first. */
  topk<I>(this: Bag<I>, k: number, key?: Key<I>, options: SplitOptions = {}): Bag<I> {
    checkOptions(options, ['splitEvery'], 'topk')
    const most = arg.value(wholeNumber(k, 0, 'topk', 'k'))
    return this.reducedBag(
      'topk',
      { fn: group.topkPart, args: [most, optionalKeyArg(key, 'topk', 'key')] },
      { fn: group.topkMerge, args: [most] },
      options,
    )
  }

  /** The items without repetitions; with a key, the first item of each. */
  distinct<I>(this: Bag<I>, key?: Key<I>, options: SplitOptions = {}): Bag<I> {
    checkOptions(options, ['splitEvery'], 'distinct')
    return this.reducedBag(
      'distinct',
      { fn: group.distinctPart, args: [optionalKeyArg(key, 'distinct', 'key')] },
      { fn: group.distinctMerge },
      options,
    )
  }

  /**
   * The items of each group folded into one value, without bringing groups together:
   * `binop(total, item)`, from `initial` or else the group's first item. `combine` joins the totals
   * of two partitions; it may be left out only if `binop` can do that. All groups end up in one
   * partition, as pairs.
   *
   * @example sales.foldby('user', (sum, sale) => sum + sale.amount, 0, (a, b) => a + b)
   */
  foldby<I, const By extends Key<I>>(
    this: Bag<I>,
    key: By,
    binop: (total: I, item: I) => I | Promise<I>,
  ): Bag<[KeyValue<I, By>, I]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    binop: (total: A, item: I) => A | Promise<A>,
    initial: A,
    combine: (a: A, b: A) => A | Promise<A>,
    combineInitial?: A,
    options?: SplitOptions,
  ): Bag<[KeyValue<I, By>, A]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    binop: (total: A, item: I | A) => A | Promise<A>,
    initial: A,
    combine?: undefined,
    combineInitial?: A,
    options?: SplitOptions,
  ): Bag<[KeyValue<I, By>, A]>
  foldby(
    key: unknown,
    binop: unknown,
    initial?: unknown,
    combine?: unknown,
    combineInitial?: unknown,
    options: SplitOptions = {},
  ): unknown {
    checkOptions(options, ['splitEvery'], 'foldby')
    const fold = functionArg(binop, 'foldby', 'binop')
    const join = combine === undefined ? fold : functionArg(combine, 'foldby', 'combine')
    const guarded = arg.value(combine === undefined && initial !== undefined)
    const splitEvery = options.splitEvery ?? (combineInitial === undefined ? undefined : false)
    return this.reducedBag(
      'foldby',
      { fn: group.foldbyPart, args: [keyArg(key, 'foldby', 'key'), fold, initialArg(initial)] },
      { fn: group.foldbyMerge, args: [join, guarded, initialArg(combineInitial)] },
      { splitEvery },
    )
  }

  /**
   * The items by group, as pairs of a key and a list. Every item is sent to the partition where its
   * group belongs; where a `foldby` will do, it is far cheaper.
   */
  groupby<I, const By extends Key<I>>(
    this: Bag<I>,
    grouper: By,
    options: { readonly npartitions?: number } = {},
  ): Bag<[KeyValue<I, By>, I[]]> {
    checkOptions(options, ['npartitions'], 'groupby')
    const npartitions = wholeNumber(
      options.npartitions ?? this.npartitions,
      1,
      'groupby',
      'npartitions',
    )
    const key = keyArg(grouper, 'groupby', 'grouper')
    return new Bag(shape.groupbyLayer(this.layer, about('groupby'), key, npartitions))
  }

  // Other shapes

  /**
   * Pairs `[other, item]` of all items whose keys are equal. The others are a bag, a lazy list or
   * plain items, and every partition gets all of them, so let the larger side be this one.
   */
  join<I, U>(
    this: Bag<I>,
    other: Bag<U> | Item<Iterable<U>> | Iterable<U>,
    onSelf: Key<I>,
    onOther: Key<U> = onSelf as never,
  ): Bag<[U, I]> {
    const keys = [keyArg(onOther, 'join', 'onOther'), keyArg(onSelf, 'join', 'onSelf')]
    return new Bag(shape.joinLayer(this.layer, about('join'), other, keys))
  }

  /** Every pair of an item of this bag and one of the other, in as many partitions as there are pairs of these. */
  product<U>(other: Bag<U>): Bag<[T, U]> {
    return new Bag(shape.productLayer(this.layer, about('product'), other))
  }

  /** Running totals: `binop(total, item)` for item after item, `initial`, if given, coming first. */
  accumulate<I>(this: Bag<I>, binop: (total: I, item: I) => I | Promise<I>): Bag<I>
  accumulate<A>(binop: (total: A, item: T) => A | Promise<A>, initial: A): Bag<A>
  accumulate(binop: unknown, ...initial: unknown[]): unknown {
    const fn = functionArg(binop, 'accumulate', 'binop')
    const start = initial[0] === undefined ? undefined : valueArg(initial[0])
    return new Bag(shape.accumulateLayer(this.layer, about('accumulate'), fn, start))
  }

  /**
   * The same items in another number of partitions: neighbours are joined, or partitions cut evenly.
   * By `partitionSize`, the number of items, the partitions must be counted, so that this computes.
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
    checkOptions(options, ['npartitions', 'partitionSize'], 'repartition')
    const { npartitions, partitionSize } = options ?? {}
    if ((npartitions === undefined) === (partitionSize === undefined)) {
      throw new TypeError('repartition: give either npartitions or partitionSize')
    }
    if (partitionSize === undefined) {
      const count = wholeNumber(npartitions, 1, 'repartition', 'npartitions')
      return count === this.npartitions
        ? this
        : new Bag(shape.repartitionLayer(this.layer, about('repartition'), count))
    }
    const size = wholeNumber(partitionSize, 1, 'repartition', 'partitionSize')
    const operation = about('repartition')
    const lengths = new Bag<number>(shape.lengthsLayer(this.layer, operation))
    return lengths
      .compute(compute)
      .then((counts) => new Bag(shape.resizeLayer(this.layer, operation, counts, size)))
  }

  /**
   * The first `k` items, of the first partition or of as many as `npartitions` says (-1: of all).
   * Gives fewer if these partitions have fewer. Computes, unless `compute` is false.
   */
  take(k: number, options: { readonly npartitions?: number; readonly compute: false }): Bag<T>
  take(
    k: number,
    options?: { readonly npartitions?: number; readonly compute?: true } & ComputeOptions,
  ): Promise<T[]>
  take(
    k: number,
    options: { readonly npartitions?: number; readonly compute?: boolean } & ComputeOptions = {},
  ): Bag<T> | Promise<T[]> {
    checkOptions(options, ['npartitions', 'compute', 'get', 'signal', 'onProgress'], 'take')
    const { npartitions = 1, compute = true, ...rest } = options
    const count = wholeNumber(k, 0, 'take', 'k')
    const used =
      npartitions === -1 ? this.npartitions : wholeNumber(npartitions, 1, 'take', 'npartitions')
    if (used > this.npartitions) {
      throw new RangeError(
        `take: the bag has ${this.npartitions} partitions, but npartitions is ${used}; -1 is all there are`,
      )
    }
    const taken = new Bag<T>(shape.takeLayer(this.layer, about('take'), count, used))
    return compute ? taken.compute(rest) : taken
  }

  // Output

  /**
   * Writes a file for each partition, an item (a text) a line, and gives the paths. `*` in the path
   * stands for the partition's number; a path that ends in `.gz` is packed.
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
    const { paths, formats, compute, rest } = writePlan(path, options, this.npartitions)
    const args = [arg.param(0), arg.param(1)]
    const params: BlockParam[] = [
      { kind: 'values', values: paths },
      { kind: 'values', values: formats },
    ]
    const written = this.each<string>('toTextfiles', writeTextStep, args, [], params)
    return compute ? written.compute(rest) : written
  }

  /** The items one by one, partitions being computed a few at a time as they are needed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* this.items()
  }

  /** As `for await (const item of bag)`, with options such as which `get` computes. */
  async *items(options: ComputeOptions = {}): AsyncGenerator<T, void, undefined> {
    const { get, ...rest } = options
    const run = chooseGet(get, getThreads)
    const graph = this.optimize()
    const compute = async (blocks: readonly number[]): Promise<readonly (readonly T[])[]> => {
      const keys = blocks.map((block) => this.layer.key(block))
      return (await run(graph, keys, rest)) as readonly (readonly T[])[]
    }
    const { layers } = graph
    for await (const partition of streamPartitions(layers.at(-1)!, compute)) yield* partition
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

  /** How `console.log` shows it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** A step on every partition, its first argument. */
  private each<U>(
    operation: string,
    fn: Function,
    args: readonly Arg[],
    inputs: readonly BlockwiseInput[] = [],
    params: readonly BlockParam[] = [],
  ): Bag<U> {
    const step = { fn, args: [arg.input(0), ...args] }
    const layer = eachPartition(about(operation), step, [{ layer: this.layer }, ...inputs], {
      params,
    })
    return new Bag<U>(layer)
  }

  /** A step that takes a user's function and what stands beside it. */
  private withFunction<U>(
    operation: string,
    step: Function,
    fn: unknown,
    values: readonly unknown[],
  ): Bag<U> {
    const given = functionArg(fn, operation, 'fn')
    if (values.length === 0) return this.each(operation, step, [given])
    const { layout, args, inputs } = mixedArguments(operation, values, this.npartitions)
    return this.each(operation, step, [given, arg.value(layout), ...args], inputs)
  }

  private simple<R>(
    operation: string,
    part: Function,
    merge: Function,
    args: readonly Arg[],
    options: SplitOptions = {},
  ): Item<R> {
    checkOptions(options, ['splitEvery'], operation)
    return this.reduced(operation, { fn: part, args }, { fn: merge, args }, options)
  }

  private moments(
    what: 'var' | 'std',
    options: SplitOptions & { readonly ddof?: number },
  ): Item<number> {
    checkOptions(options, ['splitEvery', 'ddof'], what)
    const ddof = arg.value(wholeNumber(options.ddof ?? 0, 0, what, 'ddof'))
    const part = { fn: reduce.momentsPart, args: [arg.value(what)] }
    const merge = { fn: reduce.momentsMerge, args: [arg.value(what), ddof] }
    return this.reduced(what, part, merge, options)
  }

  private reduced<R>(
    operation: string,
    part: { fn: Function; args?: readonly Arg[] },
    merge: { fn: Function; args?: readonly Arg[] },
    { splitEvery }: SplitOptions,
  ): Item<R> {
    const tree = { part, merge, splitEvery: fanIn(splitEvery, operation), numblocks: [] }
    return new Item(reduceTree(this.layer, about(operation), tree))
  }

  private reducedBag<U>(
    operation: string,
    part: { fn: Function; args?: readonly Arg[] },
    merge: { fn: Function; args?: readonly Arg[] },
    { splitEvery }: SplitOptions,
  ): Bag<U> {
    const tree = { part, merge, splitEvery: fanIn(splitEvery, operation), numblocks: [1] }
    return new Bag(reduceTree(this.layer, about(operation), tree))
  }
}

/** The bag that a layer stands for. */
export function reviveBag(layer: Layer): Bag<unknown> {
  return new Bag(layer)
}

operations('collections/bag/bag', { reviveBag })
