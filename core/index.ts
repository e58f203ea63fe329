/** The core: graphs, tasks, optimizers, the local gets, and functions and values that travel. */

export { annotate } from './annotate.js'
export { registerType, type TypeDefinition } from './codec/index.js'
export {
  type ComputeOptions,
  type Get,
  type GetOptions,
  type Progress,
  setGet,
  withGet,
} from './context.js'
export type { CollectionDescriptor, NamedCollection } from './descriptor.js'
export {
  CancelledError,
  CycleError,
  DecodeError,
  GraphError,
  isSkeinError,
  KeyConflictError,
  MissingKeyError,
  NotPortableError,
  SkeinError,
  TaskError,
  TimeoutError,
} from './errors.js'
export { ExpressionError } from './expressions/errors.js'
export { type Expression, expression } from './expressions/expression.js'
export { getSync } from './get-sync.js'
export { closeThreads, getThreads } from './get-threads.js'
export {
  dependenciesOf,
  dependentsOf,
  type Graph,
  LayerGraph,
  materialize,
  mergeGraphs,
  type Node,
} from './graph.js'
export type { Key, Keys } from './key.js'
export { type GraphLiteral, literal, ref, toGraph } from './literal.js'
export { cull, fuse, inline } from './optimize/index.js'
export { order } from './order.js'
export type { GraphLike } from './plan.js'
export type { Annotations, Recipe } from './recipe.js'
export { tokenize } from './tokenize.js'
