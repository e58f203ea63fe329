/**
 * The messages between workers and the scheduler, and between two workers.
 *
 * A new message is an interface with an `op` here, a member of its union, and a shape in
 * `message-shapes.ts`; the compiler then names the switches that must handle it.
 */
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { StrayError } from '../../core/run/threads/executor-protocol.js'
import type {
  Bundle,
  ExitReport,
  Goodbye,
  Heartbeat,
  Hello,
  NumberedRecipe,
  Refused,
  Unknown,
} from './session-messages.js'

// From workers -------------------------------------------------------------------------------------

export interface WorkerHello extends Hello {
  readonly nthreads: number
  /** Where other workers fetch results from it. */
  readonly address: string
  readonly name: string
  /** Whether `compute` messages must include the keys of tasks. */
  readonly includeKeys: boolean
  /** The resources that tasks may request, and how much of each it has. */
  readonly resources: Readonly<Record<string, number>>
  /** The process's resident memory, in bytes. */
  readonly rss?: number
  /** Bytes of memory that the process may use; 0 for no limit. */
  readonly memoryLimit?: number
  /** The key with which it fetches results from other workers and they from it; empty if it has none. */
  readonly peerKey?: string
  /** Other names of its host. */
  readonly hostAliases?: readonly string[]
  /** Whether the worker ended its last session itself, because of an internal error. */
  readonly afterError?: boolean
}

/** Tasks have finished. All columns but `delivered` and `values` have one entry for each task. */
export interface Finished {
  readonly op: 'finished'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly nbytes: Float64Array
  /** Milliseconds. */
  readonly durations: Float32Array
  /** Indices into `tasks` of the results that are included in `values`, as `compute` requested. */
  readonly delivered: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
}

/** A task failed with an error. */
export interface Erred {
  readonly op: 'erred'
  readonly task: number
  readonly attempt: number
  readonly step: number
  readonly error: StoredValue
  readonly bundles: readonly Bundle[]
}

/** A task cannot run here, since an input was not found at the worker that should hold it. */
export interface Missing {
  readonly op: 'missing'
  readonly task: number
  readonly attempt: number
  readonly input: number
  readonly inputAttempt: number
  readonly holder: number
}

/** The worker holds replicas of results that it fetched. */
export interface Replicated {
  readonly op: 'replicated'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** The worker proposes to drop replicas of these results. */
export interface ExcessReplicas {
  readonly op: 'excess-replicas'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** The worker's memory use has changed. */
export interface MemoryReport {
  readonly op: 'memory'
  /** Bytes of results in memory. */
  readonly stored: number
  /** Bytes of functions with what they captured, counted for each thread that has them. */
  readonly functions: number
  /** The maximum of `stored` since the worker started. */
  readonly peak: number
  /** Bytes of results that are only on disk. */
  readonly spilled: number
  /** Whether the worker accepts no new tasks. */
  readonly isPaused: boolean
}

/** Tasks wait for tasks that they have submitted themselves. Their threads can run other tasks. */
export interface Seceded {
  readonly op: 'seceded'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** An error that no task threw: of a promise that nobody awaits, or of a timer or other callback. */
export interface StrayErrorReport extends Omit<StrayError, 'tasks'> {
  readonly op: 'stray-error'
  /** The tasks that it may come from. */
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** Requests results of a worker that cannot be reached directly; the scheduler passes them on. */
export interface Relay {
  readonly op: 'relay'
  readonly holder: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to `gather`. `absent` are tasks whose results the worker does not have. */
export interface GatherReply {
  readonly op: 'gather-reply'
  /** As in `gather`. */
  readonly to: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  readonly absent: Int32Array
}

/** Asks for no more tasks, and for other workers to take the results: the worker is to leave. */
export interface RetireRequest {
  readonly op: 'retire'
}

export type WorkerToScheduler =
  | WorkerHello
  | Heartbeat
  | Goodbye
  | ExitReport
  | Finished
  | Erred
  | Missing
  | Replicated
  | Seceded
  | ExcessReplicas
  | MemoryReport
  | StrayErrorReport
  | Relay
  | GatherReply
  | RetireRequest

// From the scheduler -------------------------------------------------------------------------------

/** Begins a worker's session. */
export interface WorkerWelcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
  /** A random string that is new for every scheduler process. */
  readonly scheduler: string
  /** The worker's number, by which tasks and other workers refer to it. */
  readonly worker: number
  /** The scheduler's address to clients, for tasks that submit tasks. */
  readonly addressToClients: string
  /** The keys of the clients of its tasks, if the scheduler has keys. */
  readonly taskKeys?: { readonly publicKey: string; readonly secretKey: string }
}

/** Assigns tasks to the worker. */
export interface Compute {
  readonly op: 'compute'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  /** Numbers of recipes. */
  readonly recipes: Int32Array
  /** Task i reads `inputs[inputEnd[i - 1]]` up to `inputs[inputEnd[i] - 1]`, in that order. */
  readonly inputEnd: Int32Array
  readonly inputs: Int32Array
  readonly inputAttempts: Int32Array
  /** For each input, the number of a worker that holds it. */
  readonly holders: Int32Array
  /** For each input, its approximate size. */
  readonly inputBytes: Float32Array
  /** The parameters of all tasks in order; the recipe knows how many each task has. */
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  /** Pairs of an index into `tasks` and the milliseconds that task may run; others have no timeout. */
  readonly timeouts: Float64Array
  /** Indices into `tasks` of those whose fetched inputs are kept as replicas. */
  readonly acquire: Int32Array
  /** Indices into `tasks` of those whose values are sent when they have finished. */
  readonly deliver: Int32Array
  readonly keys: readonly string[]
  readonly newRecipes: readonly NumberedRecipe[]
  readonly bundles: readonly Bundle[]
}

/** Has the worker fetch results from others and keep copies. */
export interface Acquire {
  readonly op: 'acquire'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  /** For each result, the number of a worker that holds it. */
  readonly holders: Int32Array
  /** For each result, its approximate size. */
  readonly nbytes: Float64Array
}

/** Others have the worker's results now: it leaves and ends. */
export interface Retired {
  readonly op: 'retired'
}

/** Tells the worker to drop results. */
export interface Free {
  readonly op: 'free'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** Takes assigned tasks back. */
export interface Cancel {
  readonly op: 'cancel'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** The scheduler does not need these functions any more. It sends them again before tasks need them again. */
export interface DropBundles {
  readonly op: 'forget-bundles'
  readonly tokens: readonly string[]
}

export interface ForgetRecipes {
  readonly op: 'forget-recipes'
  readonly recipes: Int32Array
}

/** Requests results that the worker holds. */
export interface Gather {
  readonly op: 'gather'
  /** The worker that receives them in the end; -1 for the scheduler itself. */
  readonly to: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to `relay`. */
export interface RelayReply {
  readonly op: 'relay-reply'
  readonly holder: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  readonly absent: Int32Array
}

/** Addresses of workers from which inputs are fetched, and workers that have left. */
export interface PeerUpdate {
  readonly op: 'peer-update'
  /** With the key that the worker's socket has; empty if it has none. */
  readonly joined: readonly (readonly [worker: number, address: string, publicKey: string])[]
  readonly left: Int32Array
}

/** The keys of other workers that may fetch results from this one, if the cluster has keys. */
export interface PeerKeyUpdate {
  readonly op: 'peer-keys'
  readonly admitted: readonly string[]
  readonly removed: readonly string[]
}

export type SchedulerToWorker =
  | WorkerWelcome
  | Refused
  | Unknown
  | Heartbeat
  | Goodbye
  | Compute
  | Acquire
  | Retired
  | Free
  | Cancel
  | ForgetRecipes
  | DropBundles
  | Gather
  | RelayReply
  | PeerUpdate
  | PeerKeyUpdate

// Between workers ----------------------------------------------------------------------------------

/** Requests results of another worker. */
export interface FetchResults {
  readonly op: 'fetch-results'
  /** The scheduler of both: the address may belong to a worker of another cluster by now. */
  readonly scheduler: string
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to `fetch-results`. */
export interface FetchReply {
  readonly op: 'fetch-reply'
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  /** Tasks whose results the worker does not have. */
  readonly absent: Int32Array
  /** Whether this is the last part. */
  readonly last: boolean
}
