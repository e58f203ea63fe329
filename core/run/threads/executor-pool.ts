/**
 * A pool of executor threads: starts them, hands them batches of tasks, hears their results.
 *
 * The pool decides nothing: who gets which task is the scheduler's business. It sends every recipe
 * and bundle to a thread once, before the first task there that needs it. A thread that ends is
 * reported and replaced by a new one under a new number. Threads keep the process alive only while
 * the pool is held by `ref`.
 */
import { type MessagePort, Worker } from 'node:worker_threads'
import { runnableFile } from '../../base/package-root.js'
import { bundles, type Encoded } from '../../codec/index.js'
import { isEncoded, type StoredValue } from '../../graph/stored-value.js'
import type {
  BundleItem,
  ExecutorData,
  ExecutorEvent,
  ExecutorReport,
  ExecutorTask,
  SmallBatch,
  ToExecutor,
} from './executor-protocol.js'
import {
  isSmallBatch,
  maxSmallBatch,
  packFewTasks,
  packTasks,
  unpackReport,
} from './task-messages.js'

/** What a pool tells its owner. */
export interface PoolEvents {
  /** A thread is there and may be given tasks. */
  joined(thread: number): void
  /** A thread has finished tasks; entries with task -1 failed and are in `failures`. */
  reported(thread: number, report: ExecutorReport): void
  /**
   * A thread has ended; what it had in hand is lost. `isBlameless`: it was ended because a cancelled
   * task would not end, so nothing is held against the others it had.
   */
  left(thread: number, reason: string, isBlameless: boolean): void
  /** A task waits for tasks that it has started: the thread may be given others. */
  seceded?(thread: number, task: number, attempt: number): void
  /** A task ran for longer than it may: it has failed. Its thread is ended, if it runs still. */
  overdue?(thread: number, task: number, attempt: number, timeout: number): void
  /** A task wants to reach the cluster by this port. */
  connected?(thread: number, port: MessagePort): void
}

interface Thread {
  readonly id: number
  readonly worker: Worker
  readonly bundles: Set<string>
  readonly recipes: Set<number>
  /** The task and the attempt that it is running, -1 for none; written by the thread. */
  readonly running: Int32Array
  /** The numbers of messages by which tasks were cancelled, and which it has not heard yet. */
  readonly unheard: Set<number>
  /** Tasks with a timeout that were begun and not reported. */
  readonly clocks: Map<number, Clock>
  /** Why it was ended on purpose. */
  endedBecause: string | undefined
}

interface Clock {
  readonly attempt: number
  readonly timer: NodeJS.Timeout
  hasSeceded: boolean
}

/** Milliseconds that a running task has to end by itself after it was cancelled. */
const cancelGrace = 300

/** More starts than this without one finished task in between, and the pool gives up. */
const maxFutileStarts = 10

export class ExecutorPool {
  private readonly events: PoolEvents
  private readonly printsDirectly: boolean
  private readonly cluster: string | undefined
  private readonly threads = new Map<number, Thread>()
  private readonly recipes = new Map<number, Encoded>()
  private nextThread = 0
  private nextCancel = 0
  private futileStarts = 0
  private isHeld = false
  private isClosed = false

  /**
   * `printsDirectly`: what tasks print goes to the process's output, past its main thread. `cluster`:
   * the address of the scheduler, if tasks can reach one.
   */
  constructor(
    nthreads: number,
    events: PoolEvents,
    options: { printsDirectly?: boolean; cluster?: string } = {},
  ) {
    this.events = events
    this.printsDirectly = options.printsDirectly ?? false
    this.cluster = options.cluster
    for (let i = 0; i < nthreads; i++) this.start()
  }

  /** Makes a recipe known; it goes to the threads that need it. */
  defineRecipe(id: number, bytes: Encoded): void {
    this.recipes.set(id, bytes)
  }

  forgetRecipes(ids: readonly number[]): void {
    for (const id of ids) this.recipes.delete(id)
    for (const thread of this.threads.values()) {
      const known = ids.filter((id) => thread.recipes.delete(id))
      if (known.length > 0) this.post(thread, { kind: 'forget-recipes', recipes: known })
    }
  }

  /** Gives a thread tasks to run, one after another; `timeouts` are milliseconds by place. */
  run(id: number, batch: readonly ExecutorTask[], timeouts?: ReadonlyMap<number, number>): void {
    const thread = this.threads.get(id)
    if (thread === undefined) return
    const newRecipes: (readonly [number, Encoded])[] = []
    const newBundles: BundleItem[] = []
    const needs = new Set<string>()
    const need = (tokens: readonly string[]): void => {
      for (const token of bundles.closure(tokens)) {
        if (thread.bundles.has(token)) continue
        thread.bundles.add(token)
        newBundles.push([token, bundles.get(token)!])
      }
    }
    const needOf = (value: StoredValue): void => {
      if (!isEncoded(value) || value.bundles.length === 0) return
      need(value.bundles)
      for (const token of value.bundles) needs.add(token)
    }
    for (const { recipe, inputs, params } of batch) {
      if (!thread.recipes.has(recipe)) {
        const bytes = this.recipes.get(recipe)!
        thread.recipes.add(recipe)
        need(bytes.bundles)
        newRecipes.push([recipe, bytes])
      }
      for (const value of inputs) needOf(value)
      for (const value of params) needOf(value)
    }
    const isPlain = newRecipes.length + newBundles.length + needs.size === 0
    const isSmall = isPlain && timeouts === undefined && batch.length <= maxSmallBatch
    if (isSmall && batch.every(({ from }) => from === undefined)) {
      this.post(thread, packFewTasks(batch))
      return
    }
    this.post(thread, {
      kind: 'run',
      bundles: newBundles,
      recipes: newRecipes,
      needs: [...needs],
      ...packTasks(batch),
      timeouts,
    })
  }

  /** Takes tasks back; a thread that runs one and does not come to its end is replaced. */
  cancel(id: number, tasks: readonly number[], attempts: readonly number[]): void {
    const thread = this.threads.get(id)
    if (thread === undefined) return
    const number = this.nextCancel++
    thread.unheard.add(number)
    this.post(thread, { kind: 'cancel', tasks, attempts, number })
    const cancelled = new Set(tasks.map((task, i) => `${task}/${attempts[i]}`))
    this.watch(thread, cancelled, number)
  }

  /** Ends a thread that runs a task which nobody wants, after a while: it cannot be stopped otherwise. */
  private watch(thread: Thread, cancelled: ReadonlySet<string>, number: number): void {
    setTimeout(() => {
      const [task, attempt] = [0, 1].map((at) => Atomics.load(thread.running, at))
      if (cancelled.has(`${task}/${attempt}`)) this.end(thread, 'a cancelled task would not end')
      // Until it has heard that they are cancelled it may still begin one.
      else if (thread.unheard.has(number)) this.watch(thread, cancelled, number)
    }, cancelGrace).unref()
  }

  private end(thread: Thread, reason: string): void {
    if (this.isClosed || !this.threads.has(thread.id)) return
    thread.endedBecause = reason
    void thread.worker.terminate()
  }

  /** A task has run for as long as it may. */
  private onTime(thread: Thread, task: number, timeout: number): void {
    const clock = thread.clocks.get(task)
    if (clock === undefined || this.isClosed) return
    thread.clocks.delete(task)
    const { attempt, hasSeceded } = clock
    const { running } = thread
    const runs = Atomics.load(running, 0) === task && Atomics.load(running, 1) === attempt
    // Otherwise it is done, and word of that is on its way.
    if (!runs && !hasSeceded) return
    this.events.overdue?.(thread.id, task, attempt, timeout)
    if (runs) this.end(thread, 'a task ran for longer than it may')
    else this.cancel(thread.id, [task], [attempt])
  }

  private stopClocks(thread: Thread, tasks: Iterable<number>): void {
    for (const task of tasks) {
      clearTimeout(thread.clocks.get(task)?.timer)
      thread.clocks.delete(task)
    }
  }

  private onNote(thread: Thread, note: ExecutorEvent): void {
    switch (note.kind) {
      case 'seceded': {
        const clock = thread.clocks.get(note.task)
        if (clock !== undefined) clock.hasSeceded = true
        this.events.seceded?.(thread.id, note.task, note.attempt)
        return
      }
      case 'connect':
        this.events.connected?.(thread.id, note.port)
        return
      case 'started': {
        const { task, attempt, timeout } = note
        const timer = setTimeout(() => this.onTime(thread, task, timeout), timeout).unref()
        thread.clocks.set(task, { attempt, timer, hasSeceded: false })
        return
      }
      case 'heard':
        thread.unheard.delete(note.number)
        return
      case 'stuck':
        this.end(thread, 'a cancelled task would not end')
    }
  }

  /** Keeps the process alive until `unref`. */
  ref(): void {
    this.isHeld = true
    for (const { worker } of this.threads.values()) worker.ref()
  }

  unref(): void {
    this.isHeld = false
    for (const { worker } of this.threads.values()) worker.unref()
  }

  /** Ends all threads, whatever they are doing. */
  async close(): Promise<void> {
    this.isClosed = true
    const ending = [...this.threads.values()].map(({ worker }) => worker.terminate())
    this.threads.clear()
    await Promise.all(ending)
  }

  private post(thread: Thread, message: ToExecutor): void {
    thread.worker.postMessage(message)
  }

  private start(): void {
    const id = this.nextThread++
    const running = new Int32Array(new SharedArrayBuffer(8)).fill(-1)
    const worker = new Worker(runnableFile('core/run/threads/executor'), {
      ...executorOptions(),
      workerData: {
        running,
        printsDirectly: this.printsDirectly,
        cluster: this.cluster,
      } satisfies ExecutorData,
    })
    const thread: Thread = {
      id,
      worker,
      bundles: new Set(),
      recipes: new Set(),
      running,
      unheard: new Set(),
      clocks: new Map(),
      endedBecause: undefined,
    }
    let reason = 'it exited'
    worker.on('message', (message: ExecutorReport | SmallBatch | ExecutorEvent) => {
      if ('kind' in message) {
        this.onNote(thread, message)
        return
      }
      const report = isSmallBatch(message) ? unpackReport(message) : message
      this.futileStarts = 0
      if (thread.clocks.size > 0) {
        this.stopClocks(thread, report.tasks)
        this.stopClocks(
          thread,
          report.failures.map(({ task }) => task),
        )
      }
      for (const [token, bytes] of report.bundles) {
        bundles.add(token, bytes)
        thread.bundles.add(token)
      }
      this.events.reported(id, report)
    })
    worker.on('error', (error) => {
      reason = error.message
    })
    worker.on('exit', () => {
      thread.unheard.clear()
      if (!this.threads.delete(id) || this.isClosed) return
      this.stopClocks(thread, [...thread.clocks.keys()])
      const { endedBecause } = thread
      if (endedBecause === undefined) this.futileStarts++
      this.events.left(id, endedBecause ?? reason, endedBecause !== undefined)
      if (this.futileStarts <= maxFutileStarts) this.start()
    })
    if (!this.isHeld) worker.unref()
    this.threads.set(id, thread)
    this.events.joined(id)
  }
}

/**
 * A thread takes over the flags of its process, but for a program given as text: its flags would
 * have the thread's file read as such. Only flags that threads are known to accept are kept then.
 */
function executorOptions(): { execArgv?: string[] } {
  const isText = process.execArgv.some((flag) =>
    /^(--input-type|--eval|--print|-e|-p|-pe)\b/.test(flag),
  )
  if (!isText) return {}
  return {
    execArgv: process.execArgv.filter((flag) =>
      /^--(import|require|conditions|enable-source-maps|no-warnings)\b/.test(flag),
    ),
  }
}
