/**
 * What the generated loops call for items that need more than one expression, mostly to refuse
 * them with an error that says what was wrong.
 */
import { describeValue } from '../../base/describe-value.js'

/** Thrown out of a plain loop when a function gave a promise, which that loop cannot wait for. */
export class PromiseSeen {
  constructor(promise: Promise<unknown>) {
    // Nobody will look at this promise: its failure must not end the process.
    promise.catch(() => {})
  }
}

/** The item, if it can be flattened. */
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

/** The item, if it can be the arguments of a function. */
export function spreadable(item: unknown): Iterable<unknown> {
  if (typeof item === 'string') return item
  if (typeof item === 'object' && item !== null && Symbol.iterator in item) {
    return item as Iterable<unknown>
  }
  throw new TypeError(`starmap: every item must be a list of arguments, got ${describeValue(item)}`)
}

/** What asks for a field: `pluck`, `unzip` or the key of a grouping. */
export type FieldUser = 'pluck' | 'unzip' | 'key'

/** Fails unless the field is there and holds `undefined`. */
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
    unzip: 'n must not be more than the items each item has',
    key: 'a function as the key can say what stands for it',
  }
  throw new RangeError(`${user}: no field ${name} in ${describeValue(item)}; ${advice[user]}`)
}

/** Whether every object has something of this name, so that only its own counts as a field. */
export function isInherited(field: string | number): boolean {
  return field in Object.prototype
}

/** A field of an item, if it is its own. */
export function ownField(item: unknown, field: string | number): unknown {
  if (item === undefined || item === null || !Object.hasOwn(Object(item), field)) return undefined
  return (item as Record<string | number, unknown>)[field]
}

/** A field of an item, undefined if there is none. */
export function fieldOf(item: unknown, field: string | number): unknown {
  if (item === undefined || item === null) return undefined
  return isInherited(field)
    ? ownField(item, field)
    : (item as Record<string | number, unknown>)[field]
}

/** What `pluckAll` needs: the fields, and what stands for a missing one. */
export interface FieldList {
  readonly fields: readonly (string | number)[]
  readonly fallback?: { readonly value: unknown } | undefined
}

/** Several fields of an item, as an array. */
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

/** The error for an item that is not text. */
export function notText(item: unknown, method: string): TypeError {
  return new TypeError(`str.${method}: every item must be a string, got ${describeValue(item)}`)
}
