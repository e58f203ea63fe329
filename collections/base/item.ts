/**
 * `Item`: a lazy value, such as the result of a bag's reduction.
 */
import { operationReference, operations } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice } from '../../core/base/plain-use.js'
import type { Layer } from '../../core/graph/layer.js'
import { argumentKind } from './argument-kind.js'
import type { ArgumentItems } from './argument-types.js'
import { Collection } from './collection.js'
import { operationInfo, stepLayer } from './layer-builders.js'
import { functionCall } from './step-arguments.js'

/**
 * A single value that is not computed yet. It can be computed, passed to `apply`, and given to
 * operations of bags as an argument. Dask: `dask.bag.Item`.
 */
export class Item<T> extends Collection<T> {
  /** Marks lazy items as arguments of functions; see `Bag.map`. */
  readonly [argumentKind] = 'item'

  /** What errors advise when the item is used as a plain value. */
  override get [plainUseAdvice](): PlainUseAdvice {
    return { kind: 'lazy item', compute: 'await item.compute()' }
  }

  /**
   * Applies `fn` to the value. Further arguments are passed to `fn` after the value; of lazy items
   * it receives the value. `fn` may be an expression over the value `x`.
   *
   * @throws TypeError if `fn` is no function or expression, or if an argument is a bag or an array.
   * @example bag.sum().apply(Math.sqrt)
   */
  apply<R = number>(expression: string, ...args: readonly unknown[]): Item<R>
  apply<A extends readonly unknown[], U>(
    fn: (value: T, ...args: ArgumentItems<A>) => U,
    ...args: A
  ): Item<Awaited<U>>
  apply(fn: unknown, ...args: unknown[]): unknown {
    const call = functionCall('apply', fn, args, undefined)
    const step = { fn: applyStep, args: [call.fn, ...call.extra.args] }
    const { inputs } = call.extra
    return new Item(stepLayer(this.layer, operationInfo('apply'), step, { inputs }))
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

  /** Returns the name: `Item<sum-1f3a>`. */
  override toString(): string {
    return `Item<${this.name}>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Calls `fn(value, ...args)`. */
export function applyStep(value: unknown, fn: Function, ...args: unknown[]): unknown {
  return fn(value, ...args)
}

/** Revives an item from its layer. */
export function reviveItem(layer: Layer): Item<unknown> {
  return new Item(layer)
}

operations('collections/base/item', { applyStep, reviveItem })
