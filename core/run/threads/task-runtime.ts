/**
 * What a task can ask of the thread that runs it, for those who are to be found by code that knows
 * nothing of threads. There is none outside of an executor thread.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { MessagePort } from 'node:worker_threads'

/** A task that has seceded, for what it starts. */
export interface SecededTask {
  /** Calls back when nobody wants the task any more; gives what takes the listener away. */
  onCancelled(listener: () => void): () => void
}

/** The task that code runs for, awaited parts included, once it has seceded. */
export const secededTask = new AsyncLocalStorage<SecededTask | undefined>()

/** The thread that runs a task. */
export interface TaskRuntime {
  /** The address that the worker knows its scheduler by; undefined where there is no cluster. */
  readonly cluster: string | undefined
  /** Lets the thread take other tasks while the one that is being run waits for what it has started. */
  secede(): SecededTask | undefined
  /** A way to whoever owns the thread, by which it reaches the cluster. */
  connect(): MessagePort
}

let host: TaskRuntime | undefined

/** Says that this thread runs tasks. */
export function setTaskRuntime(by: TaskRuntime): void {
  host = by
}

/** Who runs tasks in this thread. */
export function getTaskRuntime(): TaskRuntime | undefined {
  return host
}
