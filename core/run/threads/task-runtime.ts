/**
 * The runtime of tasks: what a task may request of the thread that runs it. The client finds it here,
 * without knowing executor threads. Other threads have none.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { MessagePort } from 'node:worker_threads'

/** A task that has seceded: it waits for tasks that it has started, and its thread runs others. */
export interface SecededTask {
  /** Calls `listener` when the task is cancelled; returns a function that removes the listener. */
  onCancelled(listener: () => void): () => void
}

/** The seceded task that the current code runs for, in awaited parts too. */
export const secededTask = new AsyncLocalStorage<SecededTask | undefined>()

/** The functions that an executor thread provides to its tasks. */
export interface TaskRuntime {
  /** The address by which the worker reaches its scheduler; undefined if there is no cluster. */
  readonly cluster: string | undefined
  /**
   * Lets the thread run other tasks while the running task waits for tasks that it has started. Returns
   * the running task; undefined if no task is running.
   */
  secede(): SecededTask | undefined
  /** Opens a port to the owner of the thread, which connects it to the cluster. */
  connect(): MessagePort
}

let runtime: TaskRuntime | undefined

/** Sets the runtime of this thread's tasks. */
export function setTaskRuntime(of: TaskRuntime): void {
  runtime = of
}

/** Returns the runtime of this thread's tasks; undefined outside of executor threads. */
export function getTaskRuntime(): TaskRuntime | undefined {
  return runtime
}
