/** The interface of a `get`: what runs a graph. */
import type { Key, Keys } from '../base/keys.js'
import type { GraphLike } from './plan.js'
import type { RemoteValue } from './remote-value.js'

/** How far a computation is. */
export interface Progress {
  /** Tasks that have finished. */
  readonly done: number
  /** Tasks in all, after optimization. */
  readonly total: number
}

/** What a `get` can be told besides what to compute. */
export interface GetOptions {
  /** Gives up when the signal is aborted; the promise is then rejected. */
  readonly signal?: AbortSignal | undefined
  /** Called as tasks finish, at most a few times a second, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** How often a task that fails is tried again; what a task was annotated with counts more. */
  readonly retries?: number | undefined
  /** More is sooner; 0 by default. */
  readonly priority?: number | undefined
  /** Milliseconds that each task may run; then it is stopped and fails. `getSync` cannot stop any. */
  readonly timeout?: number | undefined
  /** On a cluster: names, addresses or machines of the workers that may run the tasks. */
  readonly workers?: readonly string[] | undefined
  /** On a cluster: what each task takes of the resources that workers were started with. */
  readonly resources?: Readonly<Record<string, number>> | undefined
}

/** The property of a `get` that leaves results where they were made. */
export const persistKeys = Symbol.for('skein.persistKeys')

/** Runs a graph: results come back in the shape of the keys. `getSync` gives values, others promises. */
export interface Get {
  (graph: GraphLike, keys: Keys, options?: GetOptions): unknown
  /** Runs a graph and keeps the results, when all are there; a `get` that has no such place has none. */
  readonly [persistKeys]?: (
    graph: GraphLike,
    keys: readonly Key[],
    options?: GetOptions,
  ) => Promise<readonly RemoteValue[]>
}

/** What `compute` and `persist` can be told. */
export interface ComputeOptions extends GetOptions {
  /** Who runs it: `getSync`, `getThreads`, `client.get`; the default is this machine's threads. */
  readonly get?: Get | undefined
}
