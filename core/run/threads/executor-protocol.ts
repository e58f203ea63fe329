/** What a pool and its executor threads say to one another, by structured clone. */
import type { MessagePort } from 'node:worker_threads'
import type { Encoded } from '../../codec/index.js'
import type { StoredValue } from '../../graph/stored-value.js'

/** What a thread is started with. */
export interface ExecutorData {
  /** What is being run, for the pool to see: the task, then the attempt. */
  readonly running: Int32Array
  readonly printsDirectly: boolean
  /** The address of the worker's scheduler, where there is one. */
  readonly cluster: string | undefined
}

/** A task for an executor: numbers are the caller's own and come back with the result. */
export interface ExecutorTask {
  readonly task: number
  readonly attempt: number
  readonly recipe: number
  readonly inputs: readonly StoredValue[]
  readonly params: readonly StoredValue[]
  /**
   * For each input the place in the batch of the task that makes it: -1 if it is there, -2 if it should
   * be made in the batch and is not. Undefined where all are there.
   */
  readonly from: readonly number[] | undefined
}

/** A few tasks, or a few results, as one flat list of their fields. */
export type SmallBatch = readonly StoredValue[]

/** A bundle of functions with its token. */
export type BundleItem = readonly [token: string, bytes: Encoded]

/** Tasks to be run, as columns. */
export interface RunMessage {
  readonly kind: 'run'
  readonly bundles: readonly BundleItem[]
  readonly recipes: readonly (readonly [id: number, bytes: Encoded])[]
  /** Bundles that inputs and parameters of these tasks need, all of them sent before or now. */
  readonly needs: readonly string[]
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly recipeOf: Int32Array
  /** Inputs of all tasks one after another; those of task i end where `inputEnd[i]` says. */
  readonly inputs: readonly StoredValue[]
  readonly inputEnd: Int32Array
  /** For each input the task of this batch whose result it is, else -1 or -2; empty if all are there. */
  readonly from: Int32Array
  readonly params: readonly StoredValue[]
  readonly paramEnd: Int32Array
  /** Milliseconds that tasks may run, by their places; those that are not in it may run for ever. */
  readonly timeouts: ReadonlyMap<number, number> | undefined
}

/** A few tasks that need nothing new come as one list, and so do a few results. */
export type ToExecutor =
  | SmallBatch
  | RunMessage
  | {
      readonly kind: 'cancel'
      readonly tasks: readonly number[]
      readonly attempts: readonly number[]
      /** By which the thread says that it has heard this. */
      readonly number: number
    }
  | { readonly kind: 'forget-recipes'; readonly recipes: readonly number[] }

/** A task that failed in an executor. */
export interface ExecutorFailure {
  readonly task: number
  readonly attempt: number
  readonly step: number
  /** What was thrown. */
  readonly error: StoredValue
}

/** A batch of what an executor has done; the lists run in parallel. */
export interface ExecutorReport {
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  /** Milliseconds. */
  readonly durations: Float32Array
  readonly values: readonly StoredValue[]
  readonly failures: readonly ExecutorFailure[]
  readonly bundles: readonly BundleItem[]
}

/** What a thread says besides what it has done. */
export type ExecutorEvent =
  /** A task waits for others: the thread may take more. */
  | { readonly kind: 'seceded'; readonly task: number; readonly attempt: number }
  /** A task that may run for so many milliseconds begins. */
  | {
      readonly kind: 'started'
      readonly task: number
      readonly attempt: number
      readonly timeout: number
    }
  /** A task wants a way to the cluster. */
  | { readonly kind: 'connect'; readonly port: MessagePort }
  /** A message with this number was heard: none of the tasks that it cancels begins any more. */
  | { readonly kind: 'heard'; readonly number: number }
  /** All that is left are tasks that nobody wants and that do not end. */
  | { readonly kind: 'stuck' }
