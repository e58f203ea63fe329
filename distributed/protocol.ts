/**
 * What the processes of a cluster say to one another: message unions, one per direction, told apart
 * by `op`. Columns are typed arrays of equal length. Values travel as they are at rest; the scheduler
 * passes them on without decoding them.
 *
 * What goes to one peer in one turn of the event loop goes as one envelope: the session it belongs
 * to, its number in the session, and messages. Whoever misses a number knows that messages were
 * lost, and starts a new session; nothing ever waits for a message that will not come.
 */
import type { Encoded } from '../core/codec/index.js'
import type { StoredValue } from '../core/stored-value.js'
import type { WorkerDeath } from './info.js'
import type { Versions } from './version.js'

/** Messages on their way. A session is empty until the scheduler has given one. */
export interface Envelope<M> {
  readonly session: string
  /** Counts the envelopes of a session in one direction, from 0. */
  readonly number: number
  readonly messages: readonly M[]
}

/** A function bundle with its token. */
export type Bundle = readonly [token: string, bytes: Encoded]

/** A recipe with its number at the scheduler. */
export type NumberedRecipe = readonly [number: number, bytes: Encoded]

/** Milliseconds between two heartbeats, in each direction. */
export const heartbeatEvery = 1000

/** What applies to silence unless something else is said, all in milliseconds. */
export const timeouts = {
  /** After which the scheduler gives up a worker. */
  worker: 15_000,
  /** After which the scheduler gives up a client. */
  client: 15_000,
  // A scheduler that shares its thread with a user's program may be silent for long; a new one at
  // the same address makes itself known at once.
  /** After which a worker gives up the scheduler, and drops all it has. */
  schedulerOfWorker: 300_000,
  /** After which a client gives up the scheduler, and what it waits for is rejected. */
  schedulerOfClient: 300_000,
  /** After which a worker no longer waits for data from another, and asks the scheduler for it. */
  peer: 30_000,
} as const

// Both kinds of guests of a scheduler ---------------------------------------------------------------

/** How a process introduces itself; repeated until it is answered. */
export interface Hello {
  readonly op: 'hello'
  readonly versions: Versions
  /** Chosen anew for every session, so that repeats are recognised. */
  readonly nonce: string
  readonly pid: number
  readonly hostname: string
  /** Which of the scheduler's doors it means to knock at. */
  readonly role?: 'worker' | 'client'
}

export interface Heartbeat {
  readonly op: 'heartbeat'
  /** Bytes of memory that a worker's process holds. */
  readonly rss?: number
}

/** The sender goes away, and knows it. */
export interface Goodbye {
  readonly op: 'goodbye'
  /** Of a scheduler: another is expected in its place, with what it keeps on disk. */
  readonly returns?: boolean
}

/** A word to the scheduler, outside of any session, from who started a worker's process: it has ended. */
export interface Obituary {
  readonly op: 'obituary'
  readonly pid: number
  readonly hostname: string
  readonly code: number | null
  readonly signal: string | null
}

/** The scheduler's word to a guest that it has no session with: introduce yourself anew. */
export interface Unknown {
  readonly op: 'unknown'
  /** The session that is not known. */
  readonly session: string
}

/** The guest is not let in, since it is of another version or came to the wrong door. */
export interface Refused {
  readonly op: 'refused'
  readonly nonce: string
  readonly versions: Versions
  /** For who came to the wrong door: the address of the right one. */
  readonly rightAddress?: string
}

// Workers -----------------------------------------------------------------------------------------

export interface WorkerHello extends Hello {
  readonly nthreads: number
  /** Where other workers fetch data from it. */
  readonly peer: string
  readonly name: string
  /** Whether it wants the keys of tasks, because its data is kept by key. */
  readonly wantsKeys: boolean
  /** How much it has of what tasks may ask for. */
  readonly resources: Readonly<Record<string, number>>
  /** Bytes of memory that its process holds. */
  readonly rss?: number
  /** Bytes of memory that it may use; 0 for no limit. */
  readonly memoryLimit?: number
  /** Whether it ended its former session by itself, since something went wrong in it. */
  readonly afterFault?: boolean
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
export interface Surplus {
  readonly op: 'surplus'
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
export interface Gathered {
  readonly op: 'gathered'
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
  | Obituary
  | Finished
  | Erred
  | Missing
  | Replicated
  | Seceded
  | Surplus
  | MemoryReport
  | Relay
  | Gathered

export interface WorkerWelcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
  /** Chosen anew whenever a scheduler starts. */
  readonly scheduler: string
  /** The worker's number, by which tasks and other workers name it. */
  readonly worker: number
  /** Where clients come in: tasks may be clients too. */
  readonly clients: string
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
export interface Relayed {
  readonly op: 'relayed'
  readonly holder: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  readonly absent: Int32Array
}

/** Workers that came, with their addresses, and workers that are gone. */
export interface Peers {
  readonly op: 'peers'
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
  | Relayed
  | Peers

// Between workers ---------------------------------------------------------------------------------

/** Send me these results. Says whose they are, since an address may have a new owner. */
export interface Fetch {
  readonly op: 'fetch'
  readonly scheduler: string
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
}

/** A part of the answer to a fetch; `last` closes it. */
export interface Data {
  readonly op: 'data'
  readonly request: number
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
  readonly absent: Int32Array
  readonly last: boolean
}

// Clients -----------------------------------------------------------------------------------------

export interface ClientHello extends Hello {
  /** The client's own for its life, however often it says hello: its runs are `name/number` to others. */
  readonly name: string
}

/** What is asked for the tasks of a recipe. */
export interface TaskDemands {
  /** Copies of what they read are to be kept where they run. */
  readonly acquire?: boolean
  /** Milliseconds that each may run. */
  readonly timeout?: number
  readonly retries?: number
  readonly priority?: number
  readonly workers?: readonly string[]
  readonly resources?: Readonly<Record<string, number>>
}

/** Results of former computations, as inputs and targets name them: -1 for the first, -2 for the next. */
export interface Externals {
  /** Names of runs. */
  readonly runs: readonly string[]
  /** For each external its run's place in `runs`. */
  readonly runOf: Int32Array
  /** For each external its place among that run's targets. */
  readonly places: Int32Array
}

/** A computation. Task numbers are the client's; recipes are numbered by their place in `recipes`. */
export interface Submit {
  readonly op: 'submit'
  readonly run: number
  readonly recipeTokens: readonly string[]
  readonly recipes: readonly Encoded[]
  readonly bundles: readonly Bundle[]
  readonly recipeOf: Int32Array
  /** One more than there are tasks. */
  readonly inputStart: Int32Array
  readonly inputs: Int32Array
  readonly ranks: Int32Array
  readonly targets: Int32Array
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  readonly keys: PackedTexts | LayerKeys
  /** Instead of columns: layers, each after those it reads; the blocks of the last are the targets. */
  readonly layers: readonly WireLayer[]
  /** For each task 1 if its key is made from its content; empty if none is. */
  readonly contentNamed: Uint8Array
  readonly wantsProgress: boolean
  readonly externals: Externals
  /** For each recipe what its tasks ask for; empty if none asks for anything. */
  readonly demands: readonly (TaskDemands | null)[]
  /** Each target is told by itself, and held until it is released by itself. */
  readonly keeps: boolean
  /** Of a run that keeps its targets: the places of those whose values are to come at once. */
  readonly wanted: Int32Array
}

/** A layer of a computation: every block does the same to the matching blocks of its inputs. */
export interface WireLayer {
  readonly name: string
  readonly numblocks: readonly number[]
  /** A place among the recipes. */
  readonly recipe: number
  /** For each input the place of its layer, and for each axis of that the axis of ours, -1 for block 0. */
  readonly inputs: readonly { readonly layer: number; readonly axes: readonly number[] | null }[]
  readonly params: readonly (
    | { readonly kind: 'block' | 'coordinates' }
    | { readonly kind: 'values'; readonly values: readonly StoredValue[] }
  )[]
}

/** The keys of tasks that were made of layers; these are not sent. */
export interface LayerKeys {
  readonly layers: readonly WireLayer[]
  readonly layerOf: Int32Array
  readonly blockOf: Int32Array
}

/** Many texts as one, and where each ends. */
export interface PackedTexts {
  readonly text: string
  readonly end: Int32Array
}

/** The client gives a run up, or has all it wanted of it. */
export interface CancelRun {
  readonly op: 'cancel-run'
  readonly run: number
}

/** The client has not needed these bundles for long, and sends them again when it does. */
export interface ForgetBundles {
  readonly op: 'forget-bundles'
  readonly tokens: readonly string[]
}

/**
 * The client has come back, and has this run still: it lacks the values of these targets. What
 * became of the run is told again.
 */
export interface Resume {
  readonly op: 'resume'
  readonly run: number
  readonly places: Int32Array
}

/** Targets of a run that keeps them, by place: send their values, when they are there. */
export interface Want {
  readonly op: 'want'
  readonly run: number
  readonly places: Int32Array
}

/** They are not needed any more. */
export interface Release {
  readonly op: 'release'
  readonly run: number
  readonly places: Int32Array
}

/** They have failed, and are to be tried again. */
export interface Retry {
  readonly op: 'retry'
  readonly run: number
  readonly places: Int32Array
}

export interface SetCollection {
  readonly op: 'set-collection'
  readonly request: number
  readonly name: string
  readonly value: Encoded
  readonly bundles: readonly Bundle[]
  /** The results that are to be kept with it. */
  readonly externals: Externals
  /** For each result that the value mentions, in its order, its place among the externals. */
  readonly places: Int32Array
  /** And its key. */
  readonly keys: readonly string[]
}

export interface GetCollection {
  readonly op: 'get-collection'
  readonly request: number
  readonly name: string
}

export interface DeleteCollection {
  readonly op: 'delete-collection'
  readonly request: number
  readonly name: string
}

export interface ListCollections {
  readonly op: 'list-collections'
  readonly request: number
}

export interface AskInfo {
  readonly op: 'info'
  readonly request: number
}

/** A task that a question is about: by its key, and if a client holds it, by its place in a run. */
export interface InspectedTask {
  readonly key: string
  readonly run: string | null
  readonly place: number
}

/** A question about what the scheduler knows. */
export interface Inspect {
  readonly op: 'inspect'
  readonly request: number
  readonly what: 'who-has' | 'has-what' | 'processing' | 'story' | 'dump'
  /** The tasks that it is about; null for all. */
  readonly tasks: readonly InspectedTask[] | null
  /** Names or addresses of the workers that it is about; null for all. */
  readonly workers: readonly string[] | null
  /** How many tasks are told of at most. */
  readonly limit: number
}

export type ClientRequest =
  | SetCollection
  | GetCollection
  | DeleteCollection
  | ListCollections
  | AskInfo
  | Inspect

export type ClientToScheduler =
  | ClientHello
  | Heartbeat
  | Goodbye
  | Submit
  | CancelRun
  | ForgetBundles
  | Resume
  | Want
  | Release
  | Retry
  | ClientRequest

export interface ClientWelcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
  /** The runs of this client that the scheduler knows, from before the connection was lost. */
  readonly runs: Int32Array
}

/** Some of the results of a run; `targets` are places in the submission's `targets`. */
export interface Values {
  readonly op: 'values'
  readonly run: number
  readonly targets: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
}

export interface Done {
  readonly op: 'done'
  readonly run: number
}

/** Why a run, or a target of one, failed: `task` is the number of a task of the run called `run`. */
export type WireFailure =
  | {
      readonly kind: 'erred'
      readonly run: string
      readonly task: number
      readonly key: string
      readonly step: number
      readonly error: StoredValue
    }
  | {
      readonly kind: 'killed-workers'
      readonly run: string
      readonly task: number
      readonly key: string
      readonly workers: readonly WorkerDeath[]
    }
  /** A result of a former computation that it reads is not known: it was released, or deleted. */
  | { readonly kind: 'released'; readonly run: string; readonly place: number }
  | { readonly kind: 'internal'; readonly message: string }

export interface Failed {
  readonly op: 'failed'
  readonly run: number
  readonly failure: WireFailure
  readonly bundles: readonly Bundle[]
}

/** How targets of a run that keeps them fare. */
export interface TargetStates {
  readonly op: 'targets'
  readonly run: number
  /** Places of those that are done, and the sizes of their results in bytes. */
  readonly done: Int32Array
  readonly nbytes: Float64Array
  /** Places of those that were done and are to be made again. */
  readonly lost: Int32Array
}

export interface TargetFailed {
  readonly op: 'target-failed'
  readonly run: number
  readonly places: Int32Array
  readonly failure: WireFailure
  readonly bundles: readonly Bundle[]
}

export interface ProgressReport {
  readonly op: 'progress'
  readonly run: number
  readonly done: number
}

/** The answer to a request; what `value` holds depends on what was asked. */
export interface Reply {
  readonly op: 'reply'
  readonly request: number
  readonly value: StoredValue
  readonly bundles: readonly Bundle[]
  /** The results that are kept with a collection: the run that holds them, their places in it, and keys. */
  readonly hold: {
    readonly run: string
    readonly places: readonly number[]
    readonly keys: readonly string[]
  } | null
}

/** A request that cannot be done. */
export interface ReplyError {
  readonly op: 'reply-error'
  readonly request: number
  readonly code: 'UNKNOWN_COLLECTION' | 'SCHEDULER'
  readonly message: string
  readonly known: readonly string[]
}

export type SchedulerToClient =
  | ClientWelcome
  | Refused
  | Unknown
  | Heartbeat
  | Goodbye
  | Values
  | Done
  | Failed
  | TargetStates
  | TargetFailed
  | ProgressReport
  | Reply
  | ReplyError
