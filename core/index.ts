/** The core: graphs, tasks, optimizers, the local gets, and functions and values that travel. */

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
} from './base/errors.js'
export type { Key, Keys } from './base/keys.js'
export { registerType, type TypeDefinition } from './codec/index.js'
export { ExpressionError } from './expressions/errors.js'
export { type Expression, expression } from './expressions/expression.js'
export { annotate } from './graph/annotate.js'
export type { CollectionDescriptor, NamedCollection } from './graph/descriptor.js'
export type { ComputeOptions, Get, GetOptions, Progress } from './graph/get.js'
export {
  dependenciesOf,
  dependentsOf,
  type Graph,
  LayerGraph,
  materialize,
  mergeGraphs,
  type Node,
} from './graph/graph.js'
export { type GraphLiteral, literal, ref, toGraph } from './graph/literal.js'
export { cull, fuse, inline } from './graph/optimize/index.js'
export { order } from './graph/order.js'
export type { GraphLike } from './graph/plan.js'
export type { Annotations, Recipe } from './graph/recipe.js'
export { tokenize } from './graph/tokenize.js'
export { setGet, withGet } from './run/choose-get.js'
export { getSync } from './run/get-sync.js'
export { closeThreads, getThreads } from './run/threads/get-threads.js'
