/**
 * What all of a bag's operations are made from: steps on every partition, and trees of reductions.
 * The operations themselves are in `elementwise.ts`, `reductions.ts` and `bag.ts`, each class adding
 * to the one before.
 */
import type { BlockParam, BlockwiseInput, Layer } from '../../core/graph/layer.js'
import { type Arg, arg } from '../../core/graph/recipe.js'
import { checkSplitEvery } from '../base/argument-checks.js'
import { Collection } from '../base/collection.js'
import { Item } from '../base/item.js'
import { blockwiseLayer, operationInfo, reductionTreeLayer } from '../base/layer-builders.js'
import { argumentKind, extraArguments, functionArg } from '../base/step-arguments.js'
import type { Bag } from './bag.js'
import type { SplitOptions } from './types.js'

/** A lazy list of items in partitions, without any operations. */
export abstract class Partitioned<out T> extends Collection<T[]> {
  readonly [argumentKind] = 'bag'

  /** The bag that a layer stands for. */
  protected abstract bag<U>(layer: Layer): Bag<U>

  /** How many partitions there are. */
  get npartitions(): number {
    return this.layer.numblocks[0]!
  }

  /** A step on every partition, its first argument. */
  protected each<U>(
    operation: string,
    fn: Function,
    args: readonly Arg[],
    inputs: readonly BlockwiseInput[] = [],
    params: readonly BlockParam[] = [],
  ): Bag<U> {
    const step = { fn, args: [arg.input(0), ...args] }
    const layer = blockwiseLayer(
      operationInfo(operation),
      step,
      [{ layer: this.layer }, ...inputs],
      {
        params,
      },
    )
    return this.bag<U>(layer)
  }

  /** A step that takes a user's function and what stands beside it. */
  protected withFunction<U>(
    operation: string,
    step: Function,
    fn: unknown,
    values: readonly unknown[],
  ): Bag<U> {
    const given = functionArg(fn, operation, 'fn')
    if (values.length === 0) return this.each(operation, step, [given])
    const { layout, args, inputs } = extraArguments(operation, values, this.npartitions)
    return this.each(operation, step, [given, arg.value(layout), ...args], inputs)
  }

  protected reduced<R>(
    operation: string,
    part: { fn: Function; args?: readonly Arg[] },
    merge: { fn: Function; args?: readonly Arg[] },
    { splitEvery }: SplitOptions,
  ): Item<R> {
    const tree = { part, merge, splitEvery: checkSplitEvery(splitEvery, operation), numblocks: [] }
    return new Item(reductionTreeLayer(this.layer, operationInfo(operation), tree))
  }

  protected reducedBag<U>(
    operation: string,
    part: { fn: Function; args?: readonly Arg[] },
    merge: { fn: Function; args?: readonly Arg[] },
    { splitEvery }: SplitOptions,
  ): Bag<U> {
    const tree = { part, merge, splitEvery: checkSplitEvery(splitEvery, operation), numblocks: [1] }
    return this.bag<U>(reductionTreeLayer(this.layer, operationInfo(operation), tree))
  }
}
