/**
 * Builds arrows that use `super`. They can only be created in a method, with their `this`, which exists
 * later than the function must. So a wrapper is built, and the arrow is created when its `this` is
 * known.
 */
import { recordDescription } from '../rewrite/injected-values.js'
import type { SourceDescription } from '../types.js'

/** An object with a method that creates the arrow. */
export interface ArrowMaker {
  make(this: unknown): Function
}

/** Creates the wrapper of an arrow; `complete` creates the arrow with its `this`. */
export function wrapSuperArrow(maker: ArrowMaker): {
  fn: Function
  complete(object: unknown, description: SourceDescription): void
} {
  let arrow = maker.make.call(undefined)
  const fn = (...args: unknown[]): unknown => Reflect.apply(arrow, undefined, args)
  Object.defineProperty(fn, 'length', { value: arrow.length, configurable: true })
  return {
    fn,
    complete(object, description) {
      arrow = maker.make.call(object)
      recordDescription(fn, description)
    },
  }
}
