/** Types of the extra arguments that a user's function receives after the item or partition. */

import type { argumentKind } from './argument-kind.js'
import type { Collection } from './collection.js'
import type { RemoteOf } from './lazy-arguments.js'

type BagOf<T> = Collection<T[]> & { readonly [argumentKind]: 'bag' }
type ItemOf<T> = Collection<T> & { readonly [argumentKind]: 'item' }

/** The value of an argument: the results of futures, also of those in lists and plain objects. */
export type ArgumentValue<A> =
  A extends ItemOf<infer T>
    ? T
    : A extends RemoteOf<infer T>
      ? T
      : A extends readonly unknown[] | Record<string, unknown>
        ? { -readonly [K in keyof A]: ArgumentValue<A[K]> }
        : A

/**
 * What a function receives for an argument: an item of a bag, the value of an `Item`, the result of a
 * `Future`, or the value itself.
 */
export type ArgumentItem<A> = A extends BagOf<infer T> ? T : ArgumentValue<A>

/** `ArgumentItem` of each of several arguments. */
export type ArgumentItems<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentItem<A[I]>
}

/** What a function of whole partitions receives for an argument: of a bag, the matching partition. */
export type ArgumentPartition<A> = A extends BagOf<infer T> ? Iterable<T> : ArgumentValue<A>

/** `ArgumentPartition` of each of several arguments. */
export type ArgumentPartitions<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentPartition<A[I]>
}
