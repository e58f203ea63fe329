/** Types of the extra arguments that a user's function receives after the item or partition. */
import type { Collection } from './collection.js'
import type { argumentKind } from './step-arguments.js'

type BagOf<T> = Collection<T[]> & { readonly [argumentKind]: 'bag' }
type ItemOf<T> = Collection<T> & { readonly [argumentKind]: 'item' }

/** What a function receives for an argument: an item of a bag, the value of an `Item`, or the value itself. */
type ArgumentItem<A> = A extends BagOf<infer T> ? T : A extends ItemOf<infer T> ? T : A

/** `ArgumentItem` of each of several arguments. */
export type ArgumentItems<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentItem<A[I]>
}

/** What a function of whole partitions receives for an argument: of a bag, the matching partition. */
type ArgumentPartition<A> =
  A extends BagOf<infer T> ? Iterable<T> : A extends ItemOf<infer T> ? T : A

/** `ArgumentPartition` of each of several arguments. */
export type ArgumentPartitions<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentPartition<A[I]>
}
