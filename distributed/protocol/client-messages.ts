/** The messages between clients and the scheduler. */
import type { Encoded } from '../../core/codec/index.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { StrayError } from '../../core/run/threads/executor-protocol.js'
import type { WorkerDeath } from '../base/errors.js'
import type { Bundle, Goodbye, Heartbeat, Hello, Refused, Unknown } from './session-messages.js'

// From clients -----------------------------------------------------------------------------------

export interface ClientHello extends Hello {
  /** The client's name, `clientNameOf(secret)`, the same in all of its sessions: others know its runs as `name/number`. */
  readonly name: string
}

/** Annotations that apply to all tasks of a recipe. */
export interface TaskAnnotations {
  /** Whether the workers keep replicas of the inputs that they fetch for these tasks. */
  readonly acquire?: boolean
  /** Milliseconds that each task may run. */
  readonly timeout?: number
  readonly retries?: number
  readonly priority?: number
  /** Names or addresses of the workers that may run them, or names of their hosts. */
  readonly workers?: readonly string[]
  /** Whether others may run them while none of these has room. */
  readonly allowOtherWorkers?: boolean
  readonly resources?: Readonly<Record<string, number>>
}

/** Results of earlier runs. Inputs and targets refer to them by number: -1 is the first, -2 the second. */
export interface Externals {
  /** Names of runs. */
  readonly runs: readonly string[]
  /** For each external result, the index of its run in `runs`. */
  readonly runOf: Int32Array
  /** For each external result, its index among the targets of its run. */
  readonly targets: Int32Array
}

/**
 * A computation, called a run. Tasks are numbered by the client, inputs before their dependents;
 * recipes are numbered by their index in `recipes`.
 */
export interface Submit {
  readonly op: 'submit'
  readonly run: number
  /** Content tokens of the recipes. */
  readonly recipeTokens: readonly string[]
  readonly recipes: readonly Encoded[]
  readonly bundles: readonly Bundle[]
  readonly recipeOf: Int32Array
  /** Task i reads `inputs` from `inputStart[i]` up to `inputStart[i + 1]`; one entry more than tasks. */
  readonly inputStart: Int32Array
  readonly inputs: Int32Array
  readonly ranks: Int32Array
  readonly targets: Int32Array
  /** The parameters of all tasks, in the order of the tasks. */
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  readonly keys: PackedStrings | LayerKeys
  /** Layers, each after those it reads, in place of the columns. The blocks of the last are the targets. */
  readonly layers: readonly WireLayer[]
  /** For each task, 1 if its key is a token of its content; empty if that holds for none. */
  readonly contentNamed: Uint8Array
  /** Whether the client is sent `progress` messages. */
  readonly reportProgress: boolean
  readonly externals: Externals
  /** For each recipe, the annotations of its tasks; empty if no recipe has any. */
  readonly annotations: readonly (TaskAnnotations | null)[]
  /** Whether targets are reported one by one, and held until each is released. */
  readonly holdTargets: boolean
  /** With `holdTargets`: the targets whose values are sent as soon as they are in memory. */
  readonly deliver: Int32Array
}

/** A blockwise layer of a computation: every block applies one recipe to the matching blocks of its inputs. */
export interface WireLayer {
  readonly name: string
  readonly numblocks: readonly number[]
  /** An index into `recipes`. */
  readonly recipe: number
  /** For each input, the index of its layer, and for each axis of that layer the axis of this one, or -1 for block 0. */
  readonly inputs: readonly { readonly layer: number; readonly axes: readonly number[] | null }[]
  readonly params: readonly (
    | { readonly kind: 'block' | 'coordinates' }
    | { readonly kind: 'values'; readonly values: readonly StoredValue[] }
  )[]
}

/** The keys of tasks that were expanded from layers. They are not sent. */
export interface LayerKeys {
  readonly layers: readonly WireLayer[]
  readonly layerOf: Int32Array
  readonly blockOf: Int32Array
}

/** Many strings joined into one, with the position at which each ends. */
export interface PackedStrings {
  readonly joined: string
  readonly ends: Int32Array
}

/** The client cancels a run, or has received all of it. */
export interface CancelRun {
  readonly op: 'cancel-run'
  readonly run: number
}

/** The client has not used these bundles for a while. It sends them again before it uses them again. */
export interface ForgetBundles {
  readonly op: 'forget-bundles'
  readonly tokens: readonly string[]
}

/**
 * The client has reconnected and continues a run. It still lacks the values of these targets. The
 * scheduler reports the state of the run again.
 */
export interface Resume {
  readonly op: 'resume'
  readonly run: number
  readonly targets: Int32Array
}

/** Requests the values of held targets, to be sent as soon as they are in memory. */
export interface FetchValues {
  readonly op: 'fetch-values'
  readonly run: number
  readonly targets: Int32Array
}

/** Releases held targets. */
export interface Release {
  readonly op: 'release'
  readonly run: number
  readonly targets: Int32Array
}

/** Requests that failed targets are computed again. */
export interface Retry {
  readonly op: 'retry'
  readonly run: number
  readonly targets: Int32Array
}

/** Stores a collection or a future under a name. */
export interface SetCollection {
  readonly op: 'set-collection'
  readonly request: number
  readonly name: string
  readonly value: Encoded
  readonly bundles: readonly Bundle[]
  /** The results that the value refers to, which are held as long as it is stored. */
  readonly externals: Externals
  /** For each reference of the value to a result, in order, an index into `externals`. */
  readonly externalOf: Int32Array
  /** For each reference, the key of the result. */
  readonly keys: readonly string[]
  /** Whether it replaces another one of the same name; if not, the request is refused. */
  readonly override: boolean
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

/** Requests the `SchedulerInfo`. */
export interface GetInfo {
  readonly op: 'get-info'
  readonly request: number
}

/** Asks for workers to leave, once others have their results. */
export interface RetireWorkers {
  readonly op: 'retire-workers'
  readonly request: number
  readonly workers: Int32Array
}

/** A task that a question is about: its key, and for a future also its run and target. */
export interface InspectedTask {
  readonly key: string
  /** The name of the run, or null. */
  readonly run: string | null
  /** The index among the run's targets, or -1. */
  readonly target: number
}

/** A question about the scheduler's state. */
export interface Inspect {
  readonly op: 'inspect'
  readonly request: number
  readonly what: 'who-has' | 'has-what' | 'processing' | 'story' | 'dump'
  /** The tasks in question; null for all. */
  readonly tasks: readonly InspectedTask[] | null
  /** Names or addresses of the workers in question; null for all. */
  readonly workers: readonly string[] | null
  /** The maximum number of tasks in a dump. */
  readonly limit: number
}

/** Asks why a task of the client cannot run now; answered with a `WhyWaiting`, or undefined if all can. */
export interface AskWhyWaiting {
  readonly op: 'why-waiting'
  readonly request: number
}

/** Messages that the scheduler answers with `reply` or `reply-error`. */
export type ClientRequest =
  | SetCollection
  | GetCollection
  | DeleteCollection
  | ListCollections
  | GetInfo
  | RetireWorkers
  | Inspect
  | AskWhyWaiting

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

// From the scheduler -------------------------------------------------------------------------------

/** Begins a client's session. */
export interface ClientWelcome {
  readonly op: 'welcome'
  readonly nonce: string
  readonly session: string
  /** A random string of this scheduler process, which makes the names of large data unpredictable. */
  readonly salt: string
  /** The runs of this client that the scheduler knows from an earlier session. */
  readonly runs: Int32Array
}

/** Values of some targets of a run. `targets` are indices into the submission's `targets`. */
export interface Values {
  readonly op: 'values'
  readonly run: number
  readonly targets: Int32Array
  readonly values: readonly StoredValue[]
  readonly bundles: readonly Bundle[]
}

/** All requested values of a run have been sent. */
export interface Done {
  readonly op: 'done'
  readonly run: number
}

/** Why a run, or a target of one, failed. `task` is the number of a task of the run named `run`. */
export type WireFailure =
  | {
      readonly kind: 'erred'
      readonly run: string
      readonly task: number
      readonly key: string
      /** The step of the task's recipe that threw. */
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
  /** An external result is unknown: it was released or deleted. */
  | { readonly kind: 'released'; readonly run: string; readonly target: number }
  | { readonly kind: 'internal'; readonly message: string }

/** A run failed. */
export interface Failed {
  readonly op: 'failed'
  readonly run: number
  readonly failure: WireFailure
  readonly bundles: readonly Bundle[]
}

/** State changes of held targets. */
export interface TargetStates {
  readonly op: 'target-states'
  readonly run: number
  /** Targets that are in memory now, and the sizes of their results in bytes. */
  readonly done: Int32Array
  readonly nbytes: Float64Array
  /** Targets whose results were lost and are computed again. */
  readonly lost: Int32Array
}

/** Held targets failed. */
export interface TargetFailed {
  readonly op: 'target-failed'
  readonly run: number
  readonly targets: Int32Array
  readonly failure: WireFailure
  readonly bundles: readonly Bundle[]
}

/** How many tasks of a run have finished. */
export interface ProgressReport {
  readonly op: 'progress'
  readonly run: number
  readonly done: number
}

/** The answer to a request; `value` depends on the request. */
export interface Reply {
  readonly op: 'reply'
  readonly request: number
  readonly value: StoredValue
  readonly bundles: readonly Bundle[]
  /** The results that a stored collection refers to: the run that holds them, its targets, and their keys. */
  readonly hold: {
    readonly run: string
    readonly targets: readonly number[]
    readonly keys: readonly string[]
  } | null
}

/** The answer to a request that failed. */
export interface ReplyError {
  readonly op: 'reply-error'
  readonly request: number
  readonly code: 'UNKNOWN_COLLECTION' | 'COLLECTION_EXISTS' | 'SCHEDULER'
  readonly message: string
  /** The names of the stored collections. */
  readonly known: readonly string[]
}

/** An error that no task threw, on a worker that has run tasks of the client. */
export interface StrayErrorNotice extends Omit<StrayError, 'tasks'> {
  readonly op: 'stray-error'
  /** The name of the worker. */
  readonly worker: string
  /** The client's tasks that it may come from. `task` is the number of a task of the run named `run`. */
  readonly tasks: readonly { readonly run: string; readonly task: number; readonly key: string }[]
}

export type SchedulerToClient =
  | StrayErrorNotice
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
