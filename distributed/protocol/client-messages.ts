/** What clients and the scheduler say to one another. */
import type { Encoded } from '../../core/codec/index.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { WorkerDeath } from '../base/errors.js'
import type { Bundle, Goodbye, Heartbeat, Hello, Refused, Unknown } from './session-messages.js'

export interface ClientHello extends Hello {
  /** The client's own for its life, however often it says hello: its runs are `name/number` to others. */
  readonly name: string
}

/** What is asked for the tasks of a recipe. */
export interface TaskAnnotations {
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
  readonly targets: Int32Array
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
  readonly keys: PackedStrings | LayerKeys
  /** Instead of columns: layers, each after those it reads; the blocks of the last are the targets. */
  readonly layers: readonly WireLayer[]
  /** For each task 1 if its key is made from its content; empty if none is. */
  readonly contentNamed: Uint8Array
  readonly reportProgress: boolean
  readonly externals: Externals
  /** For each recipe what its tasks ask for; empty if none asks for anything. */
  readonly annotations: readonly (TaskAnnotations | null)[]
  /** Each target is told by itself, and held until it is released by itself. */
  readonly holdTargets: boolean
  /** Of a run that keeps its targets: the places of those whose values are to come at once. */
  readonly deliver: Int32Array
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
export interface PackedStrings {
  readonly joined: string
  readonly ends: Int32Array
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
  readonly targets: Int32Array
}

/** Targets of a run that keeps them, by place: send their values, when they are there. */
export interface FetchValues {
  readonly op: 'fetch-values'
  readonly run: number
  readonly targets: Int32Array
}

/** They are not needed any more. */
export interface Release {
  readonly op: 'release'
  readonly run: number
  readonly targets: Int32Array
}

/** They have failed, and are to be tried again. */
export interface Retry {
  readonly op: 'retry'
  readonly run: number
  readonly targets: Int32Array
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
  readonly externalOf: Int32Array
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

export interface GetInfo {
  readonly op: 'get-info'
  readonly request: number
}

/** A task that a question is about: by its key, and if a client holds it, by its place in a run. */
export interface InspectedTask {
  readonly key: string
  readonly run: string | null
  readonly target: number
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
  | GetInfo
  | Inspect

export type ClientToScheduler =
  | ClientHello
  | Heartbeat
  | Goodbye
  | Submit
  | CancelRun
  | ForgetBundles
  | Resume
  | FetchValues
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
  | { readonly kind: 'released'; readonly run: string; readonly target: number }
  | { readonly kind: 'internal'; readonly message: string }

export interface Failed {
  readonly op: 'failed'
  readonly run: number
  readonly failure: WireFailure
  readonly bundles: readonly Bundle[]
}

/** How targets of a run that keeps them fare. */
export interface TargetStates {
  readonly op: 'target-states'
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
  readonly targets: Int32Array
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
    readonly targets: readonly number[]
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
