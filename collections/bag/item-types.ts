/** Types that follow an item's type through chains of operations, and the options of reductions. */

import type { JoinKind } from './steps/join-steps.js'

/** The names of all fields that an item may have. */
export type Field<T> = T extends unknown ? keyof T & (string | number) : never

/** The value of a field; `undefined` for items that do not have it. */
export type FieldValue<T, K> = T extends unknown ? (K extends keyof T ? T[K] : undefined) : never

/** A key by which items are grouped or compared: a function of an item, or a field's name. */
export type Key<T> = ((item: T) => unknown) | Field<T>

/** The value of a key for an item. */
export type KeyValue<T, By> = By extends (item: T) => infer K ? Awaited<K> : FieldValue<T, By>

/** What a join of a kind returns for items `I` of the bag and items `U` of the other side. */
export type Joined<I, U, How extends JoinKind> = How extends 'semi' | 'anti'
  ? I
  : [
      other: How extends 'left' | 'outer' ? U | undefined : U,
      item: How extends 'right' | 'outer' ? I | undefined : I,
    ]

/** The option of all reductions. */
export interface SplitOptions {
  /**
   * How many partial values one task merges: a whole number of at least 2, or `false` to merge all in
   * one task. 8 by default.
   */
  readonly splitEvery?: number | false | undefined
}
