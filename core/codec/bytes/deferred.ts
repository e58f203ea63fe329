import type { SourceDescription } from '../../functions/types.js'

/** What is written after the value that holds it: deep nesting, and what functions captured. */
export interface Deferred {
  readonly object: object
  /** What a function is made of, if it is one. */
  readonly description: SourceDescription | undefined
  readonly level: number
  /** The function that captured it, if functions are surveyed. */
  readonly owner: object | undefined
  readonly trail: readonly string[]
}
