/** The interface of a `get`, the function that runs a graph. */
import type { Key, Keys } from '../base/keys.js'
import type { GraphLike } from './graph.js'
import type { RemoteValue } from './remote-value.js'

/** The progress of a computation. */
export interface Progress {
  /** The number of finished tasks. */
  readonly done: number
  /** The number of all tasks, after optimization. */
  readonly total: number
}

/** The options of a `get`. */
export interface GetOptions {
  /** Cancels the computation when it is aborted; the promise is then rejected. */
  readonly signal?: AbortSignal | undefined
  /** Called as tasks finish, at most ten times a second, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** How many times a failed task is retried; a task's own annotation takes precedence. */
  readonly retries?: number | undefined
  /** Tasks with a higher priority run first; 0 by default. */
  readonly priority?: number | undefined
  /** Milliseconds that each task may run; it is then stopped and fails. `getSync` ignores it. */
  readonly timeout?: number | undefined
  /** On a cluster: names, addresses or hosts of the workers that may run the tasks. */
  readonly workers?: readonly string[] | undefined
  /** On a cluster: whether others may run them while none of `workers` has room. The default is false. */
  readonly allowOtherWorkers?: boolean | undefined
  /** On a cluster: what each task takes of the resources of its worker. */
  readonly resources?: Readonly<Record<string, number>> | undefined
}

/** The property of a `get` that computes results and keeps them where they were computed. */
export const persistKeys = Symbol.for('skein.persistKeys')

/** Runs a graph and returns results in the shape of the keys: `getSync` values, the others a promise. */
export interface Get {
  (graph: GraphLike, keys: Keys, options?: GetOptions): unknown
  /** Runs a graph and keeps the results; resolves when all are computed. Only a cluster's `get` has it. */
  readonly [persistKeys]?: (
    graph: GraphLike,
    keys: readonly Key[],
    options?: GetOptions,
  ) => Promise<readonly RemoteValue[]>
}

/** The options of `compute` and `persist`. */
export interface ComputeOptions extends GetOptions {
  /** The `get` that runs the graph: `getSync`, `getThreads` or `client.get`; threads of this machine by default. */
  readonly get?: Get | undefined
}
