/**
 * What the generated loops call for items that need more than one expression, mostly to refuse
 * them with an error that says what was wrong.
 */
import { show } from '../options.js'

export { show }

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
  throw new TypeError(`flatten: every item must be iterable, such as an array; got ${show(item)}`)
}

/** Fails unless the field is there and holds `undefined`. */
export function missingField(item: unknown, field: string | number): void {
  if (Object(item) === item && field in (item as object)) return
  throw new RangeError(
    `no field ${JSON.stringify(field)} in ${show(item)}; give a default for items without it: pluck(${JSON.stringify(field)}, null)`,
  )
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
    let value =
      fallback !== undefined && (item === undefined || item === null)
        ? undefined
        : (item as Record<string | number, unknown>)[field]
    if (value === undefined) {
      if (fallback !== undefined) value = fallback.value
      else missingField(item, field)
    }
    values[i] = value
  }
  return values
}

/** The error for an item that is not text. */
export function notText(item: unknown, method: string): TypeError {
  return new TypeError(`str.${method}: every item must be a string, got ${show(item)}`)
}
