/** The messages between an executor pool and its threads, sent by structured clone. */
import type { MessagePort } from 'node:worker_threads'
import type { CompiledBundles } from '../../base/deferred-bundle.js'
import type { Encoded } from '../../codec/index.js'
import type { StoredValue } from '../../graph/stored-value.js'
import type { TaskAttempt } from './recent-tasks.js'
import type { Descriptor } from './thread-output.js'

/** The fields of the memory that a thread shares with its pool. */
export const shared = {
  /** The number of the running task, -1 for none. */
  task: 0,
  attempt: 1,
  /** The step of the running task that was called last. */
  step: 2,
  /** How much output of the thread is not printed yet, in characters and bytes. */
  unprinted: 3,
  /** The number of batches after which the thread was idle and had reported all rejected promises. */
  settled: 4,
  length: 5,
} as const

/** The `workerData` that a thread is started with. */
export interface ExecutorData extends CompiledBundles {
  /** Memory that is shared with the pool; `shared` has its fields. */
  readonly memory: Int32Array
  /** Whether tasks print to the process's output directly, not through the owner of the thread. */
  readonly printsDirectly: boolean
  /** The address of the worker's scheduler, if there is one. */
  readonly cluster: string | undefined
  /** The bytes that the process should use, and the number of threads that share them. */
  readonly memoryLimit: number
  readonly nthreads: number
  /** Where the files that were sent with functions are written. */
  readonly shippedFiles: string
}

/** A task to run. `task` and `attempt` are numbers of the caller, returned with the result. */
export interface ExecutorTask {
  readonly task: number
  readonly attempt: number
  readonly recipe: number
  readonly inputs: readonly StoredValue[]
  readonly params: readonly StoredValue[]
  /**
   * For each input, the index in the batch of the task that computes it; -1 if the input is given, -2 if
   * it should be computed in the batch but is not. Undefined if all inputs are given.
   */
  readonly from: readonly number[] | undefined
}

/** A few tasks, or a few results, as one flat list of their fields. */
export type SmallBatch = readonly StoredValue[]

/** A bundle of functions with its token. */
export type BundleItem = readonly [token: string, bytes: Encoded]

/** Tasks to run, as columns. */
export interface RunMessage {
  readonly kind: 'run'
  readonly bundles: readonly BundleItem[]
  readonly recipes: readonly (readonly [id: number, bytes: Encoded])[]
  /** The bundles that inputs and parameters of these tasks need; all were sent, before or in this message. */
  readonly needs: readonly string[]
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly recipeOf: Int32Array
  /** The inputs of all tasks, concatenated; those of task i end at `inputEnd[i]`. */
  readonly inputs: readonly StoredValue[]
  readonly inputEnd: Int32Array
  /** For each input, `from` of its `ExecutorTask`; empty if all inputs are given. */
  readonly from: Int32Array
  /** The parameters of all tasks, concatenated; those of task i end at `paramEnd[i]`. */
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  /** Timeouts in milliseconds, by index in the batch; tasks that are not in it have none. */
  readonly timeouts: ReadonlyMap<number, number> | undefined
}

/** Tasks to cancel, queued or running. */
export interface CancelMessage {
  readonly kind: 'cancel'
  readonly tasks: readonly number[]
  readonly attempts: readonly number[]
  /** Identifies the message in the thread's `cancel-received` event. */
  readonly id: number
}

/** Recipes that will not be used any more. */
export interface ForgetRecipesMessage {
  readonly kind: 'forget-recipes'
  readonly recipes: readonly number[]
}

/** Bundles that the thread need not keep; they are sent again before they are used again. */
export interface ForgetBundlesMessage {
  readonly kind: 'forget-bundles'
  readonly tokens: readonly string[]
  /** Identifies the message in the thread's `bundles-forgotten` event. */
  readonly id: number
}

/** Memory of earlier results, which nothing reads any more. */
export interface LendMessage {
  readonly kind: 'lend'
  readonly memory: readonly SharedArrayBuffer[]
}

/** A message from the pool to a thread. */
export type ToExecutor =
  | SmallBatch
  | RunMessage
  | CancelMessage
  | ForgetRecipesMessage
  | ForgetBundlesMessage
  | LendMessage

/** Nothing of the task refers to the memory of its inputs any more. */
export const UNREAD = 0
/** As `UNREAD`, and the memory of the task's result can be used again when nothing reads the result. */
export const REUSABLE = 1
/** The task's result, or code of a user, may refer to the memory of the task's inputs. */
export const RETAINED = 2
/** The result is a parameter, whose memory belongs to the graph. */
export const GIVEN = 3

/** A task that failed in an executor. */
export interface ExecutorFailure {
  readonly task: number
  readonly attempt: number
  /** The index of the step that failed. */
  readonly step: number
  /** The thrown value. */
  readonly error: StoredValue
}

/** Finished tasks, as columns. A failed task has -1 for its number and attempt, and is in `failures`. */
export interface ExecutorReport {
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  /** Milliseconds. */
  readonly durations: Float32Array
  readonly values: readonly StoredValue[]
  /** What each task has left in memory: `UNREAD`, `REUSABLE`, `RETAINED` or `GIVEN`. */
  readonly uses: Uint8Array
  readonly failures: readonly ExecutorFailure[]
  /** Bundles that the results need and that the pool does not have. */
  readonly bundles: readonly BundleItem[]
}

/** An event of a thread, other than the end of a task. */
export type ExecutorEvent =
  /** A task waits for tasks that it has started: the thread can run others. */
  | { readonly kind: 'seceded'; readonly task: number; readonly attempt: number }
  /** A task with a timeout, in milliseconds, has started. */
  | {
      readonly kind: 'started'
      readonly task: number
      readonly attempt: number
      readonly timeout: number
    }
  /** A task requests a connection to the cluster. */
  | { readonly kind: 'connect'; readonly port: MessagePort }
  /** A cancel message was received: none of its tasks will start any more. */
  | { readonly kind: 'cancel-received'; readonly id: number }
  /** Later reports include the bundles of a `forget-bundles` message if they need them. */
  | { readonly kind: 'bundles-forgotten'; readonly id: number }
  /** Only cancelled tasks that do not end are left in the thread. */
  | { readonly kind: 'stuck' }
  /** Something was printed. */
  | {
      readonly kind: 'output'
      readonly descriptor: Descriptor
      readonly chunk: string | Uint8Array
    }
  | ({ readonly kind: 'stray-error' } & StrayError)

/** An error that no task threw: of a promise that nobody awaits, or of a timer or other callback. */
export interface StrayError {
  readonly origin: 'rejection' | 'exception'
  /** The name and message of the error, or the thrown value as a string. */
  readonly description: string
  readonly stack: string
  /** Whether the tasks ran at that time; otherwise they have run before. */
  readonly isRunning: boolean
  /** The tasks that it may come from. */
  readonly tasks: readonly TaskAttempt[]
}

/** A message from a thread to the pool. */
export type FromExecutor = SmallBatch | ExecutorReport | ExecutorEvent
