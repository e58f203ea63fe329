/** The types of arguments that are passed to a user's function beside the items of a bag. */
import type { kind } from './arguments.js'
import type { Collection } from './collection.js'

type BagOf<T> = Collection<T[]> & { readonly [kind]: 'bag' }
type ItemOf<T> = Collection<T> & { readonly [kind]: 'item' }

/** What a function receives for an argument: an item of another bag, the value of an `Item`, or the value itself. */
export type ArgumentItem<A> = A extends BagOf<infer T> ? T : A extends ItemOf<infer T> ? T : A

/** What functions receive for several arguments. */
export type ArgumentItems<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentItem<A[I]>
}

/** What a function of whole partitions receives for an argument. */
export type ArgumentPartition<A> =
  A extends BagOf<infer T> ? Iterable<T> : A extends ItemOf<infer T> ? T : A

/** What functions of whole partitions receive for several arguments. */
export type ArgumentPartitions<A extends readonly unknown[]> = {
  [I in keyof A]: ArgumentPartition<A[I]>
}
