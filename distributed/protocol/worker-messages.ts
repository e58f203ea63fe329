/** What workers and the scheduler say to one another, and workers among themselves. */
import type { StoredValue } from '../../core/graph/stored-value.js'
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

export interface WorkerHello extends Hello {
  readonly nthreads: number
  /** Where other workers fetch data from it. */
  readonly address: string
  readonly name: string
  /** Whether it wants the keys of tasks, because its data is kept by key. */
  readonly includeKeys: boolean
  /** How much it has of what tasks may ask for. */
  readonly resources: Readonly<Record<string, number>>
  /** Bytes of memory that its process holds. */
  readonly rss?: number
  /** Bytes of memory that it may use; 0 for no limit. */
  readonly memoryLimit?: number
  /** Whether it ended its former session by itself, since something went wrong in it. */
  readonly afterError?: boolean
}

export interface Finished {
  readonly op: 'finished'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly nbytes: Float64Array
  /** Milliseconds. */
  readonly durations: Float32Array
  /** Places in `tasks` whose values come along, since a client waits for them. */
  readonly delivered: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
}

export interface Erred {
  readonly op: 'erred'
  readonly task: number
  readonly attempt: number
  readonly step: number
  readonly error: StoredValue
  readonly bundles: readonly Bundle[]
}

/** A task is given back: an input could not be had from the worker that was said to hold it. */
export interface Missing {
  readonly op: 'missing'
  readonly task: number
  readonly attempt: number
  readonly input: number
  readonly inputAttempt: number
  readonly holder: number
}

/** Fetched results that the worker keeps. */
export interface Replicated {
  readonly op: 'replicated'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** Copies of others' results that the worker can do without. */
export interface ExcessReplicas {
  readonly op: 'excess-replicas'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** How it stands with the worker's memory. */
export interface MemoryReport {
  readonly op: 'memory'
  /** Bytes of results in memory. */
  readonly stored: number
  /** The most that has been. */
  readonly peak: number
  /** Bytes of results on disk alone. */
  readonly spilled: number
  /** Whether it is to get nothing new. */
  readonly isPaused: boolean
}

/** Tasks that wait for tasks which they have started: their threads may have others. */
export interface Seceded {
  readonly op: 'seceded'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** Get these results for me from a worker that I cannot reach. */
export interface Relay {
  readonly op: 'relay'
  readonly holder: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to `gather`; `absent` are tasks whose results are not here. */
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
  | Relay
  | GatherReply

export interface WorkerWelcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
  /** Chosen anew whenever a scheduler starts. */
  readonly scheduler: string
  /** The worker's number, by which tasks and other workers name it. */
  readonly worker: number
  /** Where clients come in: tasks may be clients too. */
  readonly addressToClients: string
}

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
  /** For each input the number of a worker that holds it. */
  readonly holders: Int32Array
  /** For each input about how large it is. */
  readonly inputBytes: Float32Array
  /** Parameters of all tasks one after another; how many each has is its recipe's business. */
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  /** Pairs: a place in `tasks`, and how many milliseconds that task may run; others may run for ever. */
  readonly timeouts: Float64Array
  /** Places in `tasks` of those whose inputs are to be kept here. */
  readonly acquire: Int32Array
  /** Places in `tasks` whose values are to be sent when they are finished. */
  readonly deliver: Int32Array
  readonly keys: readonly string[]
  readonly newRecipes: readonly NumberedRecipe[]
  readonly bundles: readonly Bundle[]
}

export interface Free {
  readonly op: 'free'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

export interface Cancel {
  readonly op: 'cancel'
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

export interface ForgetRecipes {
  readonly op: 'forget-recipes'
  readonly recipes: Int32Array
}

/** Send these results here. */
export interface Gather {
  readonly op: 'gather'
  /** The worker that they are for, -1 if the scheduler wants them itself. */
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

/** Workers that came, with their addresses, and workers that are gone. */
export interface PeerUpdate {
  readonly op: 'peer-update'
  readonly joined: readonly (readonly [worker: number, address: string])[]
  readonly left: Int32Array
}

export type SchedulerToWorker =
  | WorkerWelcome
  | Refused
  | Unknown
  | Heartbeat
  | Goodbye
  | Compute
  | Free
  | Cancel
  | ForgetRecipes
  | Gather
  | RelayReply
  | PeerUpdate

// Between workers ---------------------------------------------------------------------------------

/** Send me these results. Says whose they are, since an address may have a new owner. */
export interface FetchResults {
  readonly op: 'fetch-results'
  readonly scheduler: string
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to a fetch; `last` closes it. */
export interface FetchReply {
  readonly op: 'fetch-reply'
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  readonly absent: Int32Array
  readonly last: boolean
}
