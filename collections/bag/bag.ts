/**
 * The Bag: a lazy list of items in partitions. Every method gives a new bag or a lazy value and
 * computes nothing, except where it says so. Items have an order, that of the partitions.
 *
 * Methods check their arguments, name their layer, and leave the work to the steps in the files
 * beside this one.
 */

import { operationReference, operations } from '../../core/base/operations.js'
import type { ComputeOptions } from '../../core/graph/get.js'
import type { BlockParam, Layer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import { chooseGet } from '../../core/run/choose-get.js'
import { getThreads } from '../../core/run/threads/get-threads.js'
import { checkOptions, checkWholeNumber } from '../base/argument-checks.js'
import { type Delayed, delayedBlocks } from '../base/delayed.js'
import { describeValue } from '../base/describe-value.js'
import type { Item } from '../base/item.js'
import { operationInfo } from '../base/layer-builders.js'
import {
  functionArg,
  initialArg,
  keyArg,
  optionalKeyArg,
  valueArg,
} from '../base/step-arguments.js'
import { writeTextStep } from './io/text-steps.js'
import { type WriteOptions, writePlan } from './io/write-text.js'
import { streamPartitions } from './iterate.js'
import * as shape from './layers/reshape-layers.js'
import { Reductions } from './reductions.js'
import * as group from './steps/group-steps.js'
import type { Key, KeyValue, SplitOptions } from './types.js'

/** A lazy list of items in partitions. */
export class Bag<out T> extends Reductions<T> {
  // By key

  /** Every item that occurs, with how often it does; `sort` puts the most frequent first. */
  frequencies(options: SplitOptions & { readonly sort?: boolean } = {}): Bag<[T, number]> {
    checkOptions(options, ['splitEvery', 'sort'], 'frequencies')
    const { sort = false } = options
    if (typeof sort !== 'boolean') {
      throw new TypeError(`frequencies: sort must be true or false, got ${describeValue(sort)}`)
    }
    return this.reducedBag(
      'frequencies',
      { fn: group.frequenciesPart },
      { fn: group.frequenciesMerge, args: [arg.value(sort)] },
      options,
    )
  }

  /** The `k` greatest items, by a key if one is given, greatest first. */
  topk<I>(this: Bag<I>, k: number, key?: Key<I>, options: SplitOptions = {}): Bag<I> {
    checkOptions(options, ['splitEvery'], 'topk')
    const most = arg.value(checkWholeNumber(k, 0, 'topk', 'k'))
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
   * @example sales.foldby('user', 'x + amount', 0, 'x + y')
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
  foldby<I, const By extends Key<I>>(
    this: Bag<I>,
    key: By,
    expression: string,
  ): Bag<[KeyValue<I, By>, I]>
  foldby<I, const By extends Key<I>, A>(
    this: Bag<I>,
    key: By,
    expression: string,
    initial: A,
    combine?: string | ((a: A, b: A) => A | Promise<A>),
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
    const guard = combine === undefined && initial !== undefined ? { initial } : undefined
    const splitEvery = options.splitEvery ?? (combineInitial === undefined ? undefined : false)
    return this.reducedBag(
      'foldby',
      { fn: group.foldbyPart, args: [keyArg(key, 'foldby', 'key'), fold, initialArg(initial)] },
      { fn: group.foldbyMerge, args: [join, arg.value(guard), initialArg(combineInitial)] },
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
    const npartitions = checkWholeNumber(
      options.npartitions ?? this.npartitions,
      1,
      'groupby',
      'npartitions',
    )
    const key = keyArg(grouper, 'groupby', 'grouper')
    return new Bag(shape.groupbyLayer(this.layer, operationInfo('groupby'), key, npartitions))
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
    return new Bag(shape.joinLayer(this.layer, operationInfo('join'), other, keys))
  }

  /** Every pair of an item of this bag and one of the other, in as many partitions as there are pairs of these. */
  product<U>(other: Bag<U>): Bag<[T, U]> {
    return new Bag(shape.productLayer(this.layer, operationInfo('product'), other))
  }

  /** Running totals: `binop(total, item)` for item after item, `initial`, if given, coming first. */
  accumulate<I>(this: Bag<I>, binop: (total: I, item: I) => I | Promise<I>): Bag<I>
  accumulate<A>(binop: (total: A, item: T) => A | Promise<A>, initial: A): Bag<A>
  accumulate(expression: string): Bag<T>
  accumulate<A>(expression: string, initial: A): Bag<A>
  accumulate(binop: unknown, ...initial: unknown[]): unknown {
    const fn = functionArg(binop, 'accumulate', 'binop')
    const start = initial[0] === undefined ? undefined : valueArg(initial[0])
    return new Bag(shape.accumulateLayer(this.layer, operationInfo('accumulate'), fn, start))
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
      const count = checkWholeNumber(npartitions, 1, 'repartition', 'npartitions')
      return count === this.npartitions
        ? this
        : new Bag(shape.repartitionLayer(this.layer, operationInfo('repartition'), count))
    }
    const size = checkWholeNumber(partitionSize, 1, 'repartition', 'partitionSize')
    const operation = operationInfo('repartition')
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
    const count = checkWholeNumber(k, 0, 'take', 'k')
    const used =
      npartitions === -1
        ? this.npartitions
        : checkWholeNumber(npartitions, 1, 'take', 'npartitions')
    if (used > this.npartitions) {
      throw new RangeError(
        `take: the bag has ${this.npartitions} partitions, but npartitions is ${used}; -1 is all there are`,
      )
    }
    const taken = new Bag<T>(shape.takeLayer(this.layer, operationInfo('take'), count, used))
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

  /** The partitions, each as a lazy list. */
  toDelayed(): Delayed<T[]>[] {
    return delayedBlocks<T[]>(this.layer)
  }

  protected override bag<U>(layer: Layer): Bag<U> {
    return new Bag<U>(layer)
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
}

/** The bag that a layer stands for. */
export function reviveBag(layer: Layer): Bag<unknown> {
  return new Bag(layer)
}

operations('collections/bag/bag', { reviveBag })
