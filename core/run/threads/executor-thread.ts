/**
 * One executor thread, as its pool sees it: sends it tasks, tracks which recipes and bundles it has, and
 * ends it if a task exceeds its timeout or does not end after it was cancelled.
 */
import { getHeapStatistics } from 'node:v8'
import { type MessagePort, Worker } from 'node:worker_threads'
import { compiledBundles } from '../../base/deferred-bundle.js'
import { runnableFile } from '../../base/package-root.js'
import type { Encoded } from '../../codec/index.js'
import { rootOfShippedFiles } from '../../functions/modules/shipped-files.js'
import { isEncoded, type StoredValue } from '../../graph/stored-value.js'
import {
  type BundleItem,
  type ExecutorData,
  type ExecutorEvent,
  type ExecutorReport,
  type ExecutorTask,
  type FromExecutor,
  type StrayError,
  shared,
  type ToExecutor,
} from './executor-protocol.js'
import {
  isSmallBatch,
  maxSmallBatch,
  packFewTasks,
  packTasks,
  unpackReport,
} from './task-messages.js'
import { ThreadBundles } from './thread-bundles.js'
import { exitReason, heapFullError, isHeapFull, type ThreadExit } from './thread-exit.js'
import { forwardEarlyOutput, printOutput } from './thread-output.js'

/** Callbacks for the events of a thread. */
export interface ThreadEvents {
  /** A thread has finished tasks; entries with task -1 failed and are in `failures`. */
  reported(thread: number, report: ExecutorReport): void
  /** A thread has exited; its unfinished tasks are lost. */
  left(thread: number, exit: ThreadExit): void
  /** A task waits for tasks that it has started: the thread can run others. */
  seceded?(thread: number, task: number, attempt: number): void
  /** A task has exceeded its timeout and has failed. Its thread is ended if the task is still running. */
  timedOut?(thread: number, task: number, attempt: number, timeout: number): void
  /** A task has filled the heap of its thread, which ends. It is not worth another attempt. */
  heapFull?(thread: number, task: number, attempt: number, error: Error): void
  /** An error occurred that no task threw. */
  strayError?(thread: number, error: StrayError): void
  /** A task requests a connection to the cluster by this port. */
  connected?(thread: number, port: MessagePort): void
}

/** Options for starting threads. */
export interface ThreadOptions {
  /** Whether tasks print to the process's output directly, not through the owner of the pool. */
  readonly printsDirectly: boolean
  /** The address of the scheduler, if tasks can reach one. */
  readonly cluster: string | undefined
  /** The bytes that the heap of a thread may take; by default Node's own limit. */
  readonly heapLimit: number | undefined
  /** The bytes that the process should use, and the number of threads that share them. */
  readonly memoryLimit: number
  readonly nthreads: number
}

/** The timer of a running task that has a timeout. */
interface TaskTimer {
  readonly attempt: number
  readonly timer: NodeJS.Timeout
  hasSeceded: boolean
}

/** Milliseconds that a running task has to end by itself after it was cancelled. */
const cancelGrace = 300

const cancelledTaskRuns = 'a cancelled task would not end'

export class ExecutorThread {
  readonly id: number
  private readonly events: ThreadEvents
  private readonly heapLimit: number | undefined
  private readonly workerData: Omit<ExecutorData, 'shippedFiles' | 'compiledBundles'>
  /** Started with the first tasks, so that an idle thread costs nothing. */
  private worker: Worker | undefined
  private isReferenced = true
  private readonly bundles = new ThreadBundles()
  private readonly recipes = new Set<number>()
  /** Memory that is shared with the thread; `shared` has its fields. */
  private readonly memory = new Int32Array(new SharedArrayBuffer(4 * shared.length))
  private readonly unprinted = this.memory.subarray(shared.unprinted, shared.unprinted + 1)
  /** The number of batches that were sent. */
  private batches = 0
  /** The ids of cancel messages that the thread has not received yet. */
  private readonly pendingCancels = new Set<number>()
  private nextCancel = 0
  private readonly timers = new Map<number, TaskTimer>()
  /** Why the thread was ended on purpose. */
  private endReason: string | undefined
  private isOver = false

  constructor(id: number, options: ThreadOptions, events: ThreadEvents) {
    this.id = id
    this.events = events
    const { printsDirectly, cluster, heapLimit, memoryLimit, nthreads } = options
    const { memory } = this
    memory[shared.task] = -1
    this.heapLimit = heapLimit
    this.workerData = { memory, printsDirectly, cluster, memoryLimit, nthreads }
  }

  /** Starts the thread; the first tasks do it otherwise. */
  start(): void {
    this.worker ??= this.startWorker()
  }

  private startWorker(): Worker {
    const { heapLimit, workerData } = this
    const worker = new Worker(runnableFile('core/run/threads/executor'), {
      ...inheritedFlags(),
      ...(heapLimit === undefined
        ? {}
        : { resourceLimits: { maxOldGenerationSizeMb: heapLimit / 2 ** 20 } }),
      workerData: {
        ...{ ...workerData, ...compiledBundles(), shippedFiles: rootOfShippedFiles() },
      } satisfies ExecutorData,
    })
    forwardEarlyOutput(worker)
    const limit = heapLimitOf(worker)
    let thrown: { readonly error: unknown } | undefined
    worker.on('message', (message: FromExecutor) => this.onMessage(message))
    worker.on('error', (error: unknown) => {
      thrown = { error }
    })
    worker.on('exit', (code) => {
      if (isHeapFull(thrown?.error)) this.onHeapFull(limit)
      this.onExit(exitReason(code, thrown, limit))
    })
    // A listener for messages keeps the process alive.
    if (!this.isReferenced) worker.unref()
    return worker
  }

  /** Whether the thread was ever sent tasks. */
  get wasUsed(): boolean {
    return this.batches > 0
  }

  /** Whether the thread is idle and all it had to report has been posted. */
  get isSettled(): boolean {
    return this.isOver || Atomics.load(this.memory, shared.settled) === this.batches
  }

  /** Sends tasks to run one after another. `timeouts` are milliseconds by index in the batch. */
  run(
    batch: readonly ExecutorTask[],
    timeouts: ReadonlyMap<number, number> | undefined,
    recipeBytes: ReadonlyMap<number, Encoded>,
  ): void {
    this.start()
    this.batches++
    const newRecipes: (readonly [number, Encoded])[] = []
    const newBundles: BundleItem[] = []
    const needs = new Set<string>()
    this.bundles.startMessage()
    const addNeeds = (value: StoredValue): void => {
      if (!isEncoded(value) || value.bundles.every((token) => needs.has(token))) return
      this.bundles.addNew(value.bundles, newBundles)
      for (const token of value.bundles) needs.add(token)
    }
    for (const { recipe, inputs, params } of batch) {
      if (!this.recipes.has(recipe)) {
        const bytes = recipeBytes.get(recipe)!
        this.recipes.add(recipe)
        this.bundles.addNew(bytes.bundles, newBundles)
        newRecipes.push([recipe, bytes])
      }
      for (const value of inputs) addNeeds(value)
      for (const value of params) addNeeds(value)
    }
    const isPlain = newRecipes.length + newBundles.length + needs.size === 0
    const isSmall = isPlain && timeouts === undefined && batch.length <= maxSmallBatch
    if (isSmall && batch.every(({ from }) => from === undefined)) {
      this.post(packFewTasks(batch))
      return
    }
    this.post({
      kind: 'run',
      bundles: newBundles,
      recipes: newRecipes,
      needs: [...needs],
      ...packTasks(batch),
      timeouts,
    })
    const old = this.bundles.takeOld()
    if (old !== undefined) this.post({ kind: 'forget-bundles', ...old })
  }

  /** The bytes of the functions that the thread has. */
  get bundleBytes(): number {
    return this.bundles.nbytes
  }

  forgetRecipes(ids: readonly number[]): void {
    const known = ids.filter((id) => this.recipes.delete(id))
    if (known.length > 0) this.post({ kind: 'forget-recipes', recipes: known })
  }

  /** Gives the thread memory of earlier results, which nothing reads any more, for later ones. */
  lend(memory: readonly SharedArrayBuffer[]): void {
    this.post({ kind: 'lend', memory })
  }

  /** Cancels tasks. The thread is ended if one of them is running and does not end within 300 ms. */
  cancel(tasks: readonly number[], attempts: readonly number[]): void {
    const id = this.nextCancel++
    this.pendingCancels.add(id)
    this.post({ kind: 'cancel', tasks, attempts, id })
    const cancelled = new Set(tasks.map((task, i) => `${task}/${attempts[i]}`))
    this.endIfRunning(cancelled, id)
  }

  /** Ends the thread if it still runs a cancelled task after the grace time: a running task cannot be stopped otherwise. */
  private endIfRunning(cancelled: ReadonlySet<string>, cancelId: number): void {
    setTimeout(() => {
      const running = this.runningTask
      if (running !== undefined && cancelled.has(`${running.task}/${running.attempt}`))
        this.end(cancelledTaskRuns)
      // Until the thread has received the message it may still start one of the tasks.
      else if (this.pendingCancels.has(cancelId)) this.endIfRunning(cancelled, cancelId)
    }, cancelGrace).unref()
  }

  ref(): void {
    this.isReferenced = true
    this.worker?.ref()
  }

  unref(): void {
    this.isReferenced = false
    this.worker?.unref()
  }

  /** Ends the thread without a `left` event. */
  async close(): Promise<void> {
    this.isOver = true
    this.stopTimers([...this.timers.keys()])
    await this.worker?.terminate()
  }

  private end(reason: string): void {
    if (this.isOver) return
    this.endReason = reason
    void this.worker?.terminate()
  }

  private post(message: ToExecutor): void {
    this.worker?.postMessage(message)
  }

  private onMessage(message: FromExecutor): void {
    if ('kind' in message) {
      if (message.kind === 'output') printOutput(this.unprinted, message.descriptor, message.chunk)
      else this.onEvent(message)
      return
    }
    const report = isSmallBatch(message) ? unpackReport(message) : message
    if (this.timers.size > 0) {
      this.stopTimers(report.tasks)
      this.stopTimers(report.failures.map(({ task }) => task))
    }
    this.bundles.receive(report.bundles)
    this.bundles.hold(report.values)
    for (const { error } of report.failures) this.bundles.hold([error])
    this.events.reported(this.id, report)
  }

  private onEvent(event: Exclude<ExecutorEvent, { kind: 'output' }>): void {
    switch (event.kind) {
      case 'seceded': {
        const timer = this.timers.get(event.task)
        if (timer !== undefined) timer.hasSeceded = true
        this.events.seceded?.(this.id, event.task, event.attempt)
        return
      }
      case 'connect':
        this.events.connected?.(this.id, event.port)
        return
      case 'started': {
        const { task, attempt, timeout } = event
        const timer = setTimeout(() => this.onTimeout(task, timeout), timeout).unref()
        this.timers.set(task, { attempt, timer, hasSeceded: false })
        return
      }
      case 'cancel-received':
        this.pendingCancels.delete(event.id)
        return
      case 'bundles-forgotten':
        this.bundles.onForgotten(event.id)
        return
      case 'stuck':
        this.end(cancelledTaskRuns)
        return
      case 'stray-error':
        this.events.strayError?.(this.id, event)
        return
      default:
        event satisfies never
    }
  }

  private onTimeout(task: number, timeout: number): void {
    const timer = this.timers.get(task)
    if (timer === undefined || this.isOver) return
    this.timers.delete(task)
    const { attempt, hasSeceded } = timer
    const running = this.runningTask
    const runs = running?.task === task && running.attempt === attempt
    // Otherwise it has ended, and its report is on the way.
    if (!runs && !hasSeceded) return
    this.events.timedOut?.(this.id, task, attempt, timeout)
    if (runs) this.end('a task ran for longer than it may')
    else this.cancel([task], [attempt])
  }

  private stopTimers(tasks: Iterable<number>): void {
    for (const task of tasks) {
      clearTimeout(this.timers.get(task)?.timer)
      this.timers.delete(task)
    }
  }

  /** The task that the thread runs, or ran when it ended. */
  private get runningTask(): { readonly task: number; readonly attempt: number } | undefined {
    const task = Atomics.load(this.memory, shared.task)
    return task < 0 ? undefined : { task, attempt: Atomics.load(this.memory, shared.attempt) }
  }

  private onHeapFull(limit: number | undefined): void {
    const running = this.runningTask
    if (this.isOver || this.endReason !== undefined || running === undefined) return
    const error = heapFullError(limit)
    this.events.heapFull?.(this.id, running.task, running.attempt, error)
    this.endReason = error.message
  }

  private onExit(reason: string): void {
    this.pendingCancels.clear()
    if (this.isOver) return
    this.isOver = true
    this.stopTimers([...this.timers.keys()])
    const step = Atomics.load(this.memory, shared.step)
    const isDeliberate = this.endReason !== undefined
    this.events.left(this.id, { reason: this.endReason ?? reason, isDeliberate, step })
  }
}

/**
 * The flags of this process for its threads. A process whose program is given as a string, by `--eval` and
 * the like, passes on only flags that threads accept: its other flags would make Node read the thread's
 * file in the same way.
 */
function inheritedFlags(): { execArgv?: string[] } {
  const runsString = process.execArgv.some((flag) =>
    /^(--input-type|--eval|--print|-e|-p|-pe)\b/.test(flag),
  )
  if (!runsString) return {}
  const execArgv: string[] = []
  for (const [i, flag] of process.execArgv.entries()) {
    if (!/^--(import|require|conditions|enable-source-maps|no-warnings)\b/.test(flag)) continue
    execArgv.push(flag)
    const next = process.execArgv[i + 1]
    // `--require file` has its value in the next argument.
    if (/^--(import|require|conditions)$/.test(flag) && next !== undefined) execArgv.push(next)
  }
  return { execArgv }
}

/** Returns the limit of a thread's heap in megabytes. Node reports -1 where `--max-old-space-size` sets it. */
function heapLimitOf(thread: Worker): number {
  const own = thread.resourceLimits?.maxOldGenerationSizeMb ?? 0
  return own > 0 ? own : getHeapStatistics().heap_size_limit / 2 ** 20
}
