/** The types of calls: what may stand for an argument, and what comes out. */
import type { Computable } from '../../../core/graph/descriptor.js'
import type { Future } from './future.js'

/** What may be given where a value is wanted: the value, a future of it, or a list with futures in it. */
export type Argument<T> =
  | T
  | Future<T>
  | (T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [K in keyof T]: Argument<T[K]> }
        : never)

/** Arguments, one for each parameter. */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> }

/** The future of a call: of what the promise gives, if the function gives one. */
export type Submitted<R> = Future<Awaited<R>>

/** The form of some futures with their results in their places. */
export type Gathered<T> =
  T extends Future<infer R>
    ? R
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Gathered<T[K]> }
      : T extends Record<string, unknown>
        ? { [K in keyof T]: Gathered<T[K]> }
        : T

/** The futures of the values of some collections. */
export type FuturesOf<C extends readonly Computable[]> = {
  -readonly [K in keyof C]: C[K] extends Computable<infer R> ? Future<R> : never
}

/** For each parameter a list of what is given for it. */
export type Lists<A extends readonly unknown[]> = {
  [K in keyof A]: Iterable<A[K] | Future<A[K]>>
}

/** One future or several. */
export type Futures = Future<unknown> | Iterable<Future<unknown>>
