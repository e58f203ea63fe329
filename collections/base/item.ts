/**
 * A lazy value: what a reduction of a bag gives. It can be computed, worked on by `apply`, and given
 * to the operations of bags as an argument.
 */

import { operationReference, operations } from '../../core/base/operations.js'
import type { Layer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import type { ArgumentItems } from './argument-types.js'
import { functionArg, kind, mixedArguments } from './arguments.js'
import { Collection } from './collection.js'
import { about, eachPartition } from './layer-builders.js'

/** A value that is not computed yet. */
export class Item<T> extends Collection<T> {
  readonly [kind] = 'item'

  /** What the function makes of the value, as another lazy value: `bag.sum().apply(Math.sqrt)`. */
  apply<A extends readonly unknown[], U>(
    fn: (value: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Item<Awaited<U>>
  apply<R = number>(expression: string, ...args: readonly unknown[]): Item<R>
  apply(fn: unknown, ...args: unknown[]): unknown {
    const mixed = mixedArguments('apply', args, undefined)
    const step = {
      fn: applyStep,
      args: [arg.input(0), functionArg(fn, 'apply', 'fn'), ...mixed.args],
    }
    return new Item(eachPartition(about('apply'), step, [{ layer: this.layer }, ...mixed.inputs]))
  }

  protected override finalize(blocks: readonly unknown[]): T {
    return blocks[0] as T
  }

  protected override describe() {
    return { reviver: operationReference(reviveItem)!, meta: undefined }
  }

  protected override withLayer(layer: Layer): this {
    return new Item<T>(layer) as this
  }

  override toString(): string {
    return `Item<${this.name}>`
  }

  /** How `console.log` shows it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** `fn(value, ...args)`. */
export function applyStep(value: unknown, fn: Function, ...args: unknown[]): unknown {
  return fn(value, ...args)
}

/** The lazy value that a layer of one block stands for. */
export function reviveItem(layer: Layer): Item<unknown> {
  return new Item(layer)
}

operations('collections/base/item', { applyStep, reviveItem })
