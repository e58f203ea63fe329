/** Skein: lazy bags and arrays, task graphs, and who runs them. */

import './core/base/supported-runtime.js'

export * as da from './collections/array/index.js'
export * as db from './collections/bag/index.js'
export type { Collection } from './collections/base/collection.js'
export {
  type ComputedValues,
  compute,
  optimize,
  type PersistedValues,
  persist,
  visualize,
  type WithoutOptions,
} from './collections/base/compute-together.js'
export {
  type Computed,
  type DelayedArgument,
  type DelayedArguments,
  type DelayedFunction,
  type DelayedOptions,
  delayed,
} from './collections/base/delayed.js'
export type { DrawingOptions } from './collections/base/draw-graph.js'
export type {
  ExplainedLayer,
  ExplainedStep,
  Explanation,
  LayerBlocks,
} from './collections/base/explain.js'
export { Delayed } from './collections/base/item.js'
export type {
  LazyOf as LazyValue,
  RemoteOf as RemoteResult,
} from './collections/base/lazy-arguments.js'
export * from './core/index.js'
export * from './distributed/index.js'
