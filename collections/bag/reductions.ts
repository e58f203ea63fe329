/**
 * The operations of bags that make one lazy value of all items.
 */
import { type Arg, arg } from '../../core/graph/recipe.js'
import { checkOptions, checkWholeNumber } from '../base/argument-checks.js'
import type { Item } from '../base/item.js'
import { functionArg, initialArg } from '../base/step-arguments.js'
import type { Bag } from './bag.js'
import { Elementwise } from './elementwise.js'
import { type FoldOptions, foldOptions } from './fold-options.js'
import * as reduce from './steps/reduction-steps.js'
import type { SplitOptions } from './types.js'

/** A lazy list of items that can be reduced to one value. */
export abstract class Reductions<out T> extends Elementwise<T> {
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
  reduction<R = number>(
    perpartition: string,
    aggregate: string,
    options?: SplitOptions & { readonly combine?: string },
  ): Item<R>
  reduction(
    perpartition: unknown,
    aggregate: unknown,
    options: SplitOptions & { readonly combine?: unknown } = {},
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
   * In an expression the total is `x` and the item `y`; other names are fields of the item.
   *
   * @example bag.fold('x + y'); bag.fold((a, b) => Math.max(a, b)); words.fold((n, w) => n + w.length, { initial: 0, combine: add })
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
  fold(expression: string): Item<T>
  fold<A = T>(expression: string, options: FoldOptions<A>): Item<A>
  fold<A>(expression: string, initial: A): Item<A>
  fold(binop: unknown, given?: unknown): unknown {
    const { combine, initial, splitEvery } = foldOptions(given)
    const start = initialArg(initial)
    const join = functionArg(combine ?? binop, 'fold', combine === undefined ? 'binop' : 'combine')
    const guard = combine === undefined && initial !== undefined ? { initial } : undefined
    return this.reduced(
      'fold',
      { fn: reduce.foldPart, args: [functionArg(binop, 'fold', 'binop'), start] },
      { fn: reduce.foldMerge, args: [join, start, arg.value(guard)] },
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
    const ddof = arg.value(checkWholeNumber(options.ddof ?? 0, 0, what, 'ddof'))
    const part = { fn: reduce.momentsPart, args: [arg.value(what)] }
    const merge = { fn: reduce.momentsMerge, args: [arg.value(what), ddof] }
    return this.reduced(what, part, merge, options)
  }
}
