/**
 * The Dask literal, `{ x: 1, y: [add, 'x', 2] }`, as users write it.
 *
 * An array whose first item is a function is a task. Anywhere inside a task, a string that is a key of
 * the same graph stands for that key's result; `ref` and `literal` state explicitly which is meant.
 * Other arrays are lists, which may hold tasks and references. Everything else is data.
 */
import type { Key } from '../base/keys.js'

/** A graph as users write it: keys mapped to values, tasks, or names of other keys. */
export type GraphLiteral = { readonly [key: string]: unknown } | ReadonlyMap<string, unknown>

/** An explicit reference to a key. */
export class Ref {
  /** The key. */
  readonly key: Key
  /** Makes a reference. Users call `ref`. */
  constructor(key: Key) {
    this.key = key
  }
}

/** A value to use unchanged. */
export class Literal {
  /** The value. */
  readonly value: unknown
  /** Marks a value. Users call `literal`. */
  constructor(value: unknown) {
    this.value = value
  }
}

/**
 * Refers explicitly to the result of another key: `[add, ref('x'), 2]`. Unlike a plain string, a
 * reference to a key that is not in the graph is an error.
 *
 * @throws TypeError if the key is no string.
 */
export function ref(key: Key): Ref {
  if (typeof key !== 'string') throw new TypeError(`ref: a key is a string, got ${typeof key}`)
  return new Ref(key)
}

/** Marks a value to use unchanged, such as a string that is also a key: `[print, literal('x')]`. */
export function literal(value: unknown): Literal {
  return new Literal(value)
}
