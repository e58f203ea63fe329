/**
 * The types by which an item's type is followed through chains of operations.
 */

/** The names of all fields that an item may have. */
export type Field<T> = T extends unknown ? keyof T & (string | number) : never

/** The value of a field, `undefined` where an item may be without it. */
export type FieldValue<T, K> = T extends unknown ? (K extends keyof T ? T[K] : undefined) : never

/** A key by which items are grouped or compared: a function of an item, or a field's name. */
export type Key<T> = ((item: T) => unknown) | Field<T>

/** What a key gives. */
export type KeyValue<T, By> = By extends (item: T) => infer K ? Awaited<K> : FieldValue<T, By>

/** Fan-in of a tree of partial values: a whole number of at least 2, 8 by default, or `false` for one step. */
export interface SplitOptions {
  readonly splitEvery?: number | false | undefined
}
