/**
 * `Item`: a lazy value, such as the result of a bag's reduction, and `Delayed`, the lazy result of a call.
 */
import { checkArguments } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { operationReference, operations } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice } from '../../core/base/plain-use.js'
import type { Layer } from '../../core/graph/layer.js'
import { arg } from '../../core/graph/recipe.js'
import { argumentKind } from './argument-kind.js'
import type { ArgumentItems } from './argument-types.js'
import { Collection } from './collection.js'
import { delayedCallLayer } from './delayed-layers.js'
import { calculateStep, type ItemOperation, negateStep } from './item-arithmetic.js'
import { operationInfo, stepLayer } from './layer-builders.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy-arguments.js'
import { extraArguments, functionCall } from './step-arguments.js'

/** A value, or a lazy value or future of it, that lazy items are calculated with. */
export type ItemOperand<T> = T | LazyOf<T>

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

  /**
   * Makes a lazy item of a delayed value, a future, or another lazy value. Dask: `Item.from_delayed`.
   *
   * @throws TypeError if the value is not lazy.
   * @example db.Item.fromDelayed(delayed(loadRate)()).mul(2)
   */
  static fromDelayed<R>(value: LazyOf<R>): Item<R> {
    checkArguments('fromDelayed', arguments, 1, 'Item.fromDelayed(value)')
    if (isLazy(value)) return new Item<R>(layerOfLazy(value))
    throw new TypeError(
      `fromDelayed: expected a lazy value, such as delayed(fn)(...), got ${describeValue(value)}`,
    )
  }

  /**
   * Returns the value as a delayed one. Dask: `to_delayed`.
   *
   * @example delayed(report)(bag.mean().toDelayed())
   */
  toDelayed(): Delayed<T> {
    checkArguments('toDelayed', arguments, 0, 'item.toDelayed()')
    return new Delayed(this.layer)
  }

  /**
   * Adds a number or a bigint. Operands may be lazy items, delayed values and futures. A number and a bigint are
   * added as numbers.
   *
   * @throws TypeError when computed, for values that are no numbers or bigints.
   * @example bag.sum().add(other.sum())
   */
  add(this: Item<bigint>, other: ItemOperand<bigint>): Item<bigint>
  add(this: Item<number | bigint>, other: ItemOperand<number | bigint>): Item<number>
  add(other: unknown): unknown {
    return calculated(this.layer, 'add', other, arguments)
  }

  /**
   * Subtracts a number or a bigint; see `add`.
   *
   * @throws TypeError when computed, for values that are no numbers or bigints.
   * @example bag.max().sub(bag.min())
   */
  sub(this: Item<bigint>, other: ItemOperand<bigint>): Item<bigint>
  sub(this: Item<number | bigint>, other: ItemOperand<number | bigint>): Item<number>
  sub(other: unknown): unknown {
    return calculated(this.layer, 'sub', other, arguments)
  }

  /**
   * Multiplies by a number or a bigint; see `add`.
   *
   * @throws TypeError when computed, for values that are no numbers or bigints.
   * @example bag.sum().mul(2)
   */
  mul(this: Item<bigint>, other: ItemOperand<bigint>): Item<bigint>
  mul(this: Item<number | bigint>, other: ItemOperand<number | bigint>): Item<number>
  mul(other: unknown): unknown {
    return calculated(this.layer, 'mul', other, arguments)
  }

  /**
   * Divides by a number or a bigint. The result is a number, of bigints too.
   *
   * @throws TypeError when computed, for values that are no numbers or bigints.
   * @example bag.sum().div(bag.count())
   */
  div(this: Item<number | bigint>, other: ItemOperand<number | bigint>): Item<number>
  div(other: unknown): unknown {
    return calculated(this.layer, 'div', other, arguments)
  }

  /**
   * Raises to a power; see `add`.
   *
   * @throws TypeError when computed, for values that are no numbers or bigints.
   * @example bag.std().pow(2)
   */
  pow(this: Item<bigint>, other: ItemOperand<bigint>): Item<bigint>
  pow(this: Item<number | bigint>, other: ItemOperand<number | bigint>): Item<number>
  pow(other: unknown): unknown {
    return calculated(this.layer, 'pow', other, arguments)
  }

  /** Changes the sign of a number or a bigint. */
  neg<N extends number | bigint>(this: Item<N>): Item<N extends bigint ? bigint : number> {
    checkArguments('neg', arguments, 0, 'item.neg()')
    return new Item(stepLayer(this.layer, operationInfo('neg'), { fn: negateStep }))
  }

  /** Whether the value equals another one: numbers, bigints, strings, booleans, null, or dates of one time. */
  eq(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'eq', other, arguments) as Item<boolean>
  }

  /** Whether the value differs from another one; see `eq`. */
  ne(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'ne', other, arguments) as Item<boolean>
  }

  /** Whether the value is less than another one of its kind: a number, bigint, string or date. */
  lt(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'lt', other, arguments) as Item<boolean>
  }

  /** Whether the value is at most another one; see `lt`. */
  le(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'le', other, arguments) as Item<boolean>
  }

  /** Whether the value is greater than another one; see `lt`. */
  gt(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'gt', other, arguments) as Item<boolean>
  }

  /** Whether the value is at least another one; see `lt`. */
  ge(other: ItemOperand<T>): Item<boolean> {
    return calculated(this.layer, 'ge', other, arguments) as Item<boolean>
  }

  protected override finalize(blocks: readonly unknown[]): T {
    return blocks[0] as T
  }

  protected override revival() {
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

/** The lazy result of a delayed call, or data in the graph. Dask: `dask.delayed.Delayed`. */
export class Delayed<T> extends Item<T> {
  /** What errors advise when the value is used as a plain one. */
  override get [plainUseAdvice](): PlainUseAdvice {
    const compute = 'await value.compute()'
    return { kind: 'delayed value', compute, element: 'value.at(0)' }
  }

  /** The key of the task. */
  get key(): string {
    return this.layer.key(0)
  }

  /**
   * Selects a field or an item of the value, as another lazy value.
   *
   * @throws TypeError if `name` is no string or number.
   * @example delayed(load)(path).at('rows')
   */
  at<K extends keyof T & (string | number)>(name: K): Delayed<T[K]> {
    checkArguments('at', arguments, 1, "value.at('name')")
    if (typeof name !== 'string' && typeof name !== 'number')
      throw new TypeError(
        `at: expected the name of a field or the index of an item, got ${describeValue(name)}`,
      )
    return new Delayed(delayedCallLayer({ fn: getMember, args: [this, name], name: 'at' }))
  }

  protected override revival() {
    return { reviver: operationReference(reviveDelayed)!, meta: undefined }
  }

  protected override withLayer(layer: Layer): this {
    return new Delayed<T>(layer) as this
  }

  /** Returns the name: `Delayed<add-1f3a>`. */
  override toString(): string {
    return `Delayed<${this.name}>`
  }
}

/** Calculates with a lazy value and an operand. */
function calculated(
  layer: Layer,
  operation: ItemOperation,
  other: unknown,
  args: IArguments,
): Item<unknown> {
  checkArguments(operation, args, 1, `item.${operation}(value)`)
  if (args.length === 0) throw new TypeError(`${operation}: give the other operand`)
  const operand = extraArguments(operation, [other], undefined)
  const step = { fn: calculateStep, args: [arg.value(operation), ...operand.args] }
  return new Item(stepLayer(layer, operationInfo(operation), step, { inputs: operand.inputs }))
}

/** Calls `fn(value, ...args)`. */
export function applyStep(value: unknown, fn: Function, ...args: unknown[]): unknown {
  return fn(value, ...args)
}

/** Revives an item from its layer. */
export function reviveItem(layer: Layer): Item<unknown> {
  return new Item(layer)
}

/** Returns a field or an item of a value. */
export function getMember(value: unknown, name: string | number): unknown {
  if (value === null || value === undefined)
    throw new TypeError(`there is no '${name}' of ${String(value)}`)
  return (value as Record<string | number, unknown>)[name]
}

/** Revives a delayed value from its layer. */
export function reviveDelayed(layer: Layer): Delayed<unknown> {
  return new Delayed(layer)
}

operations('collections/base/item', { applyStep, getMember, reviveItem, reviveDelayed })
