/** The public names of the core: graphs, optimizers, local gets, errors, expressions and registered types. */

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
  type SkeinErrorCode,
  type SkeinErrorsByCode,
  TaskError,
  TimeoutError,
} from './base/errors.js'
export type { Key, Keys } from './base/keys.js'
export { registerType, type TypeDefinition } from './codec/index.js'
export { ExpressionError } from './expressions/errors.js'
export { type Expression, expression } from './expressions/expression.js'
export { annotate } from './graph/annotate.js'
export type { NamedCollection } from './graph/collection-interface.js'
export type { CollectionDescriptor } from './graph/descriptor.js'
export type { ComputeOptions, Get, GetOptions, Progress } from './graph/get.js'
export type { GraphLike } from './graph/graph.js'
export {
  dependenciesOf,
  dependentsOf,
  type Graph,
  LayerGraph,
  materialize,
  mergeGraphs,
  type Node,
} from './graph/graph.js'
export { type GraphLiteral, literal, ref } from './graph/literal.js'
export { cull, fuse, inline } from './graph/optimize/index.js'
export { toGraph } from './graph/planning/literal-layer.js'
export { order } from './graph/planning/order.js'
export type { Annotations, Recipe } from './graph/recipe.js'
export { tokenize } from './graph/tokenize.js'
export { setGet, withGet } from './run/choose-get.js'
export { getSync } from './run/get-sync.js'
export { closeThreads, getThreads } from './run/threads/get-threads.js'
