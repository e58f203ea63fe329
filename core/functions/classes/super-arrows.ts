/**
 * Arrows that say `super`, and so can only be made in a method, with the object that they call `this`. That
 * object is there later than the function must be, so another function stands for the arrow.
 */
import { recordDescription } from '../rewrite/injected-values.js'
import type { SourceDescription } from '../types.js'

/** What compiled text gives for such an arrow. */
export interface ArrowMaker {
  make(this: unknown): Function
}

/** Makes a function that stands for an arrow until `give` has been called with the arrow's `this`. */
export function wrapSuperArrow(maker: ArrowMaker): {
  fn: Function
  createInjected(object: unknown, description: SourceDescription): void
} {
  let arrow = maker.make.call(undefined)
  const fn = (...args: unknown[]): unknown => Reflect.apply(arrow, undefined, args)
  Object.defineProperty(fn, 'length', { value: arrow.length, configurable: true })
  return {
    fn,
    createInjected(object, description) {
      arrow = maker.make.call(object)
      recordDescription(fn, description)
    },
  }
}
