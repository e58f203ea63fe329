/**
 * Helpers for the partial values of reductions, which may be missing and may be promises.
 */
import { isThenable } from '../../../core/run/compile-recipe.js'

/** A list of one value, or an empty list if there is none. */
export type OptionalValue<T> = readonly [] | readonly [T]

/** A value or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

/** Calls `next` with a value, at once or when its promise is fulfilled. */
export function whenReady<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value as T)
}

/**
 * Returns an initial value that a user's function may change: a copy of a plain object, array, Map,
 * Set, Date or typed array, and any other value itself.
 */
export function copyInitial(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value) as unknown
  const plain =
    prototype === null ||
    [Object, Array, Map, Set, Date].some((known) => prototype === known.prototype) ||
    ArrayBuffer.isView(value)
  return plain ? structuredClone(value) : value
}
