/** The types of the arguments and results of calls on a cluster. */
import type { Computable } from '../../../core/graph/collection-interface.js'
import type { Future } from './future.js'

/** A value, a future of it, or a list or object of the same form with futures in it. */
export type Argument<T> =
  | T
  | Future<T>
  | (T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [K in keyof T]: Argument<T[K]> }
        : never)

/** One argument for each parameter. */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> }

/** The future of a call: of the value of the promise, if the function returns one. */
export type Submitted<R> = Future<Awaited<R>>

/** Nested lists, objects and Maps with each future replaced by its result. */
export type Gathered<T> =
  T extends Future<infer R>
    ? R
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Gathered<T[K]> }
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<K, Gathered<V>>
        : T extends ReadonlySet<infer V>
          ? Gathered<V>[]
          : T extends Record<string, unknown>
            ? { [K in keyof T]: Gathered<T[K]> }
            : T

/** The futures of the values of some collections. */
export type FuturesOf<C extends readonly Computable[]> = {
  -readonly [K in keyof C]: C[K] extends Computable<infer R> ? Future<R> : never
}

/** A list of arguments for each parameter. */
export type ArgumentLists<A extends readonly unknown[]> = {
  [K in keyof A]: Iterable<A[K] | Future<A[K]>>
}

/** The type of a literal's value: `number` for `3`. */
export type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T extends bigint
        ? bigint
        : T

/** One future or several. */
export type Futures = Future<unknown> | Iterable<Future<unknown>>
