/** Skein: lazy bags and arrays, task graphs, and who runs them. */

export * as da from './collections/array/index.js'
export * as db from './collections/bag/index.js'
export {
  type Computed,
  Delayed,
  type DelayedArgument,
  type DelayedFunction,
  type DelayedOptions,
  delayed,
} from './collections/base/delayed.js'
export * from './core/index.js'
export * from './distributed/index.js'
