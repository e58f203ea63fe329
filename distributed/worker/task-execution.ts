/**
 * Runs a worker's tasks on its threads: hands them over, stores their results, and reports to the
 * scheduler how they ended.
 */
import { TimeoutError } from '../../core/base/errors.js'
import { bundleItems, type StoredValue, storedSize } from '../../core/graph/stored-value.js'
import type { PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorReport } from '../../core/run/threads/executor-protocol.js'
import { serializeError } from '../../core/run/threads/serialize-error.js'
import { StorageError } from '../base/errors.js'
import type { Compute, WorkerToScheduler } from '../protocol/index.js'
import { assertSendable } from '../protocol/sendable.js'
import type { ClientRelays } from './client-relays.js'
import { ExecutorThreads } from './executor-threads.js'
import { FinishedReport } from './results/result-messages.js'
import type { ResultStore } from './results/result-store.js'
import type { WorkerEvent } from './state/worker-events.js'
import type { WorkerState } from './state/worker-state.js'
import { StrayErrors } from './stray-errors.js'
import { makeBatch, UnreadableInput } from './task-batches.js'

/** What the execution of tasks works with. */
interface ExecutionParts {
  readonly state: WorkerState<Compute>
  readonly results: ResultStore
  readonly relays: ClientRelays
  /** Passes an event to the state, and carries out its instructions. */
  readonly handle: (event: WorkerEvent<Compute>) => void
  /** Sends a message to the scheduler. */
  readonly post: (message: WorkerToScheduler) => void
}

interface ExecutionSettings {
  readonly nthreads: number
  /** The address of the scheduler to workers. */
  readonly scheduler: string
  /** Whether results are stored under the keys of their tasks. */
  readonly usesKeys: boolean
  /** The worker's memory limit in bytes. */
  readonly memoryLimit: number
  /** Whether errors that no task threw are logged here, besides being sent to the scheduler. */
  readonly logsStrayErrors: () => boolean
}

export class TaskExecution {
  readonly threads: ExecutorThreads
  private readonly settings: ExecutionSettings
  private readonly parts: ExecutionParts
  private readonly strayErrors: StrayErrors
  /** Tasks whose results are sent with the report that they are finished. */
  private readonly toDeliver = new Set<number>()

  constructor(settings: ExecutionSettings, parts: ExecutionParts) {
    this.settings = settings
    this.parts = parts
    const { nthreads, scheduler, memoryLimit } = settings
    this.strayErrors = new StrayErrors(parts.post, settings.logsStrayErrors)
    this.threads = new ExecutorThreads(nthreads, this.poolEvents(), {
      scheduler,
      memoryLimit,
    })
  }

  private poolEvents(): Required<PoolEvents> {
    const { handle, relays } = this.parts
    return {
      joined: (thread) => handle({ kind: 'thread-joined', thread }),
      left: (thread, { reason, isDeliberate }) => {
        relays.close(thread)
        handle({ kind: 'thread-left', thread, reason, isDeliberate })
      },
      heapFull: (thread, task, attempt, error) => this.fail(thread, task, attempt, error),
      strayError: (_thread, error) => this.strayErrors.report(error),
      reported: (thread, report) => this.onReport(thread, report),
      seceded: (thread, task, attempt) => this.onSeceded(thread, task, attempt),
      timedOut: (thread, task, attempt, timeout) => {
        this.fail(thread, task, attempt, new TimeoutError(timeout))
      },
      connected: (thread, port) => relays.open(thread, port),
    }
  }

  /** Notes the tasks of a message whose results a client waits for. */
  expectDelivery({ tasks, deliver }: Compute): void {
    for (const at of deliver) this.toDeliver.add(tasks[at]!)
  }

  /** Forgets that clients wait for the results of tasks. */
  cancelDelivery(tasks: Int32Array): void {
    for (const task of tasks) this.toDeliver.delete(task)
  }

  /** Discards everything, because the session has ended. */
  reset(reason: string): void {
    this.toDeliver.clear()
    // Threads may still run tasks, whose numbers will mean other tasks in the next session.
    this.threads.reset(reason)
  }

  /** Hands tasks to a thread. */
  run(thread: number, tasks: readonly number[]): void {
    const { state, results, handle } = this.parts
    const onUnrunnable = (task: number, attempt: number, error: unknown): void => {
      // The state is handling an event now.
      setImmediate(() => {
        if (error instanceof UnreadableInput) {
          handle({ kind: 'unreadable', task, attempt, input: error.input })
        } else this.fail(thread, task, attempt, error)
      })
    }
    const { batch, timeouts } = makeBatch(state, results, tasks, onUnrunnable)
    this.threads.run(thread, batch, timeouts)
  }

  /** Reports that a task failed, at a step, with an encoded error. */
  postError(task: number, attempt: number, step: number, error: StoredValue): void {
    this.toDeliver.delete(task)
    this.parts.post({ op: 'erred', task, attempt, step, error, bundles: bundleItems([error]) })
  }

  /** Makes a running task fail with an error of the worker. */
  private fail(thread: number, task: number, attempt: number, error: unknown): void {
    if (!this.parts.state.isRunning(task, attempt)) return
    this.postError(task, attempt, 0, serializeError(error))
    this.parts.handle({ kind: 'failed', thread, task, attempt })
  }

  private onReport(thread: number, report: ExecutorReport): void {
    const { state, handle, post } = this.parts
    const finished = this.storeResults(thread, report)
    if (finished.count > 0) {
      const message = finished.message()
      post(message)
      const { tasks, attempts } = message
      // Results in the user's mapping do not count against the memory limit.
      const nbytes = this.settings.usesKeys ? undefined : message.nbytes
      handle({ kind: 'executed', thread, tasks, attempts, nbytes })
    }
    for (const { task, attempt, step, error } of report.failures) {
      if (!state.isRunning(task, attempt)) continue
      this.postError(task, attempt, step, error)
      handle({ kind: 'failed', thread, task, attempt })
    }
  }

  /** Stores the results of a report; a task whose result cannot be stored or sent fails. */
  private storeResults(thread: number, report: ExecutorReport): FinishedReport {
    const { state, results } = this.parts
    const finished = new FinishedReport(report.tasks.length)
    for (let i = 0; i < report.tasks.length; i++) {
      const task = report.tasks[i]!
      const attempt = report.attempts[i]!
      if (task < 0 || !state.isRunning(task, attempt)) continue
      const value = report.values[i]
      try {
        assertSendable(value, () => 'The result', 'split it into several results')
        this.assertRoom(value)
        results.put(task, value, this.keyOf(task))
      } catch (error) {
        this.fail(thread, task, attempt, error)
        continue
      }
      const deliver = this.toDeliver.size > 0 && this.toDeliver.delete(task)
      finished.add(task, attempt, value, { duration: report.durations[i]!, deliver })
    }
    return finished
  }

  /** Throws StorageError if there is no room for a result, neither in memory nor on disk. */
  private assertRoom(value: StoredValue): void {
    const { memory } = this.parts.state
    if (this.settings.usesKeys || memory.diskFault === undefined) return
    const size = storedSize(value)
    const fault = memory.whyNoRoom(size)
    if (fault === undefined) return
    throw new StorageError(
      '',
      `There is no memory for the result of ${size} bytes (the worker may use ${this.settings.memoryLimit}), and it cannot go to disk: ${fault}`,
    )
  }

  /** Handles that a task waits for tasks which it has started: its thread may run others. */
  private onSeceded(thread: number, task: number, attempt: number): void {
    const { state, post, handle } = this.parts
    if (!state.isRunning(task, attempt)) return
    post({ op: 'seceded', tasks: Int32Array.of(task), attempts: Int32Array.of(attempt) })
    handle({ kind: 'seceded', thread, task, attempt })
  }

  private keyOf(task: number): string {
    if (!this.settings.usesKeys) return ''
    const { assignment, position } = this.parts.state.columns
    return assignment[task]!.keys[position[task]!] ?? String(task)
  }
}
