/**
 * Functions that generated loops call: reading of fields, and checks of items that throw an error with
 * the operation, the item and what was expected.
 */
import { describeValue } from '../../../core/base/describe-value.js'

/** The index of an operation in its chain, and what it threw. */
export class OperationFailure {
  readonly operation: number
  readonly cause: unknown
  /** The index of the source's item in its batch; undefined if it is unknown. */
  readonly index: number | undefined
  readonly item: unknown

  constructor(operation: number, cause: unknown, index?: number, item?: unknown) {
    this.operation = operation
    this.cause = cause
    this.index = index
    this.item = item
  }
}

/** Thrown out of a synchronous loop, which cannot await the promise that a function returned. */
export class PromiseSeen {
  constructor(promise: Promise<unknown>) {
    // The promise is dropped: its rejection must not end the process.
    promise.catch(() => {})
  }
}

/** Returns the item if it is iterable, so `flatten` accepts it. */
export function flattenable(item: unknown): Iterable<unknown> {
  if (Array.isArray(item)) return item
  if (typeof item === 'string') return item
  if (typeof item === 'object' && item !== null && Symbol.iterator in item) {
    return item as Iterable<unknown>
  }
  throw new TypeError(
    `flatten: every item must be iterable, such as an array; got ${describeValue(item)}`,
  )
}

/** Returns the item if it is iterable, so `starmap` can pass its items as arguments. */
export function spreadable(item: unknown): Iterable<unknown> {
  if (typeof item === 'string') return item
  if (typeof item === 'object' && item !== null && Symbol.iterator in item) {
    return item as Iterable<unknown>
  }
  throw new TypeError(`starmap: every item must be a list of arguments, got ${describeValue(item)}`)
}

/** The operation that reads a field; `key` stands for all operations by key. */
export type FieldUser = 'pluck' | 'unzip' | 'key'

/** Throws a RangeError unless the item has the field, which then holds `undefined`. */
export function missingField(
  item: unknown,
  field: string | number,
  user: FieldUser = 'key',
): undefined {
  if (Object(item) === item) {
    if (isInherited(field) ? Object.hasOwn(item as object, field) : field in (item as object))
      return
  }
  const name = JSON.stringify(field)
  const advice = {
    pluck: `give a default for items without it: pluck(${name}, null)`,
    unzip: 'n must not be more than the number of items in each item',
    key: 'use a function as the key that returns something else for such items',
  }
  throw new RangeError(`${user}: no field ${name} in ${describeValue(item)}; ${advice[user]}`)
}

/** Whether every object inherits a property of this name, so only an own one counts as a field. */
export function isInherited(field: string | number): boolean {
  return field in Object.prototype
}

/** Returns a field of an item if it is the item's own property, else undefined. */
export function ownField(item: unknown, field: string | number): unknown {
  if (item === undefined || item === null || !Object.hasOwn(Object(item), field)) return undefined
  return (item as Record<string | number, unknown>)[field]
}

/** Returns a field of an item, or undefined if there is none. */
export function fieldOf(item: unknown, field: string | number): unknown {
  if (item === undefined || item === null) return undefined
  return isInherited(field)
    ? ownField(item, field)
    : (item as Record<string | number, unknown>)[field]
}

/** The fields that `pluckAll` reads, and the value for a missing one. */
export interface FieldList {
  readonly fields: readonly (string | number)[]
  readonly fallback?: { readonly value: unknown } | undefined
}

/** Returns several fields of an item, as an array. */
export function pluckAll(item: unknown, { fields, fallback }: FieldList): unknown[] {
  const values = new Array<unknown>(fields.length)
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    let value = fieldOf(item, field)
    if (value === undefined) {
      if (fallback !== undefined) value = fallback.value
      else missingField(item, field, 'pluck')
    }
    values[i] = value
  }
  return values
}

/** Returns the error for an item that is no string. */
export function notString(item: unknown, method: string): TypeError {
  return new TypeError(`str.${method}: every item must be a string, got ${describeValue(item)}`)
}
