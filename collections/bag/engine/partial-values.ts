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
 * Folds items into a total: `fn(fn(start, a), b)`. If `fn` returns promises, each is awaited before the
 * next call, and the result is a promise.
 */
export function foldItems(
  fn: Function,
  start: unknown,
  items: readonly unknown[],
): MaybePromise<unknown> {
  let total = start
  for (let i = 0; i < items.length; i++) {
    total = fn(total, items[i])
    if (isThenable(total)) return foldItemsAsync(fn, total, items, i + 1)
  }
  return total
}

async function foldItemsAsync(
  fn: Function,
  start: PromiseLike<unknown>,
  items: readonly unknown[],
  from: number,
): Promise<unknown> {
  let total = await start
  for (let i = from; i < items.length; i++) total = await fn(total, items[i])
  return total
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
