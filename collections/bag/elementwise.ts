/**
 * The operations of bags that work on each item, or on each partition, by itself.
 */
import { type Arg, arg } from '../../core/graph/recipe.js'
import { checkWholeNumber, isArrayIndex } from '../base/argument-checks.js'
import type { ArgumentItems, ArgumentPartitions } from '../base/argument-types.js'
import { describeValue } from '../base/describe-value.js'
import type { Bag } from './bag.js'
import { Partitioned } from './partitioned.js'
import * as steps from './steps/item-steps.js'
import { type TextOperations, textOperations } from './strings.js'
import type { Field, FieldValue } from './types.js'

/** A lazy list of items that can be worked on one by one. */
export abstract class Elementwise<out T> extends Partitioned<T> {
  /**
   * What the function makes of every item. Further arguments go to the function too: of other bags
   * (of as many partitions, as long) the item at the same place, of lazy items their value.
   *
   * A text is an expression over the fields of an item, or over `x`, the item itself; say what it
   * gives if that is no number.
   *
   * @example db.range(3).map((x, y) => x * y, db.range(3).sum()); sales.map('amount * 1.2')
   */
  map<A extends readonly unknown[], U>(
    fn: (item: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Bag<Awaited<U>>
  map<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  map(fn: unknown, ...args: unknown[]): unknown {
    return this.withFunction('map', steps.mapStep, fn, args)
  }

  /** As `map`, the items of each item being the function's first arguments. */
  starmap<I extends readonly unknown[], A extends readonly unknown[], U>(
    this: Bag<I>,
    fn: (...args: [...I, ...ArgumentItems<A>]) => U,
    ...args: A
  ): Bag<Awaited<U>>
  starmap<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  starmap(fn: unknown, ...args: unknown[]): unknown {
    return this.withFunction('starmap', steps.starmapStep, fn, args)
  }

  /** The items for which the function gives something true. */
  filter<S extends T>(fn: (item: T) => item is S): Bag<S>
  filter<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  filter(expression: string, ...args: readonly unknown[]): Bag<T>
  filter(fn: unknown, ...args: unknown[]): unknown {
    return this.withFunction('filter', steps.filterStep, fn, args)
  }

  /** The items for which the function gives nothing true. */
  remove<A extends readonly unknown[]>(
    fn: (item: T, ...args: ArgumentItems<A>) => unknown,
    ...args: A
  ): Bag<T>
  remove(expression: string, ...args: readonly unknown[]): Bag<T>
  remove(fn: unknown, ...args: unknown[]): unknown {
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
    const isField = (name: unknown): boolean => typeof name === 'string' || isArrayIndex(name)
    if (Array.isArray(field) && field.every(isField)) {
      return this.each('pluck', steps.pluckAllStep, [arg.value([...field]), fallback])
    }
    if (isField(field)) return this.each('pluck', steps.pluckStep, [arg.value(field), fallback])
    throw new TypeError(
      `pluck: the field must be a name, a place in an array, or a list of these, got ${describeValue(field)}`,
    )
  }

  /** For items that are arrays of `n`: a bag of the first items, a bag of the second ones, ... */
  unzip<I extends readonly unknown[]>(
    this: Bag<I>,
    n: number,
  ): number extends I['length'] ? Bag<I[number]>[] : { -readonly [P in keyof I]: Bag<I[P]> } {
    const count = checkWholeNumber(n, 1, 'unzip', 'n')
    const bags = Array.from({ length: count }, (_, place) => {
      const args = [place, undefined, 'unzip'].map((value) => arg.value(value))
      return this.each('unzip', steps.pluckStep, args)
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
  ): Bag<U>
  mapPartitions<R = number>(expression: string, ...args: readonly unknown[]): Bag<R>
  mapPartitions(fn: unknown, ...args: unknown[]): unknown {
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
        `randomSample: the probability must be a number from 0 to 1, got ${describeValue(probability)}`,
      )
    }
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(
        `randomSample: the seed must be a whole number, got ${describeValue(seed)}`,
      )
    }
    const args = [arg.value(probability), arg.value(seed), arg.param(0)]
    return this.each('randomSample', steps.sampleStep, args, [], [{ kind: 'block' }])
  }
}
