/**
 * The interface of collections towards graphs and clusters: the methods, named by symbols, by which a
 * collection is described, optimized, computed and rebuilt from remote values.
 */
import type { Key } from '../base/keys.js'
import type { CollectionDescriptor, CollectionKind } from './descriptor.js'
import type { ComputeOptions } from './get.js'
import type { LayerGraph } from './graph.js'
import type { Layer } from './layer.js'
import type { RemoteValue } from './remote-value.js'

/** The method of a collection that returns its descriptor. */
export const describeCollection = Symbol.for('skein.describeCollection')

/** The method of a collection that returns its kind. */
export const kindOfCollection = Symbol.for('skein.kindOfCollection')

/** The method of a collection that combines the values of its blocks into its value. */
export const finalizeCollection = Symbol.for('skein.finalizeCollection')
/** The method of a collection that returns the same collection with remote values for its blocks. */
export const withRemoteBlocks = Symbol.for('skein.withRemoteBlocks')

/** A value that can be stored under a name: every collection. */
export interface Describable {
  [describeCollection](): CollectionDescriptor
}

/** A value that a cluster can compute and keep: every collection. `Result` is the type of its value. */
export interface Computable<Result = unknown> extends Describable {
  /** The name of its layer: `operation-token`. */
  readonly name: string
  /** The layer whose blocks are its partitions or chunks. */
  readonly layer: Layer
  /** The keys of its partitions or chunks. */
  readonly keys: readonly Key[]
  /** Returns the graph as it is run. */
  optimize(): LayerGraph
  [kindOfCollection](): CollectionKind
  [finalizeCollection](blocks: readonly unknown[]): Result
  [withRemoteBlocks](values: readonly RemoteValue[]): this
}

/** Whether a value is a collection, which a cluster can compute. */
export function isComputable(value: unknown): value is Computable {
  return typeof value === 'object' && value !== null && finalizeCollection in value
}

/** The interface that all collections share: the type of a collection that is retrieved by name. */
export interface NamedCollection extends Describable {
  /** The name of its layer: `operation-token`. */
  readonly name: string
  /** The keys of its partitions or chunks. */
  readonly keys: readonly string[]
  /** Runs the graph and returns the value. */
  compute(options?: ComputeOptions): Promise<unknown>
  /** Runs the graph and returns the same collection with its partitions or chunks already computed. */
  persist(options?: ComputeOptions): Promise<this>
}

/** Whether a value is a collection, which has a descriptor. */
export function isDescribable(value: unknown): value is Describable {
  return typeof value === 'object' && value !== null && describeCollection in value
}
