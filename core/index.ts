/** The public names of the core: graphs, optimizers, local gets, errors, expressions and registered types. */

import './base/supported-runtime.js'

export type { CallSite } from './base/call-site.js'
export {
  CancelledError,
  CycleError,
  DecodeError,
  GraphError,
  isSkeinError,
  KeyConflictError,
  MissingKeyError,
  MissingPackageError,
  NotPortableError,
  type PackageSide,
  SkeinError,
  type SkeinErrorCode,
  type SkeinErrorsByCode,
  TaskError,
  TimeoutError,
} from './base/errors.js'
export type { Key, Keys } from './base/keys.js'
export type { OperationReference } from './base/operations.js'
export type { CapturedFunction } from './capture.js'
export type { Encoded as EncodedValue } from './codec/bytes/encoded.js'
export { registerType, type TypeDefinition } from './codec/objects/registered-types.js'
export { ExpressionError } from './expressions/errors.js'
export { type Expression, expression } from './expressions/expression.js'
export { annotate } from './graph/annotate.js'
export type { Computable, Describable, NamedCollection } from './graph/collection-interface.js'
export type { CollectionDescriptor, LayerDescriptor } from './graph/descriptor.js'
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
export type { BlockNode, BlockParam, Layer } from './graph/layer.js'
export { type GraphLiteral, type Literal, literal, type Ref, ref } from './graph/literal.js'
export { cull } from './graph/optimize/cull.js'
export { fuse } from './graph/optimize/fuse.js'
export { inline } from './graph/optimize/inline.js'
export { toGraph } from './graph/planning/literal-layer.js'
export { order } from './graph/planning/order.js'
export type {
  Annotations,
  Arg as StepArgument,
  Recipe,
  Step,
  StepFunction,
} from './graph/recipe.js'
export type { RemoteValue } from './graph/remote-value.js'
export type { StoredValue } from './graph/stored-value.js'
export { tokenize } from './graph/tokenize.js'
export { setGet, withGet } from './run/choose-get.js'
export { getSync } from './run/get-sync.js'
export { closeThreads, getThreads } from './run/threads/get-threads.js'
