/**
 * A pool of executor threads. It sends batches of tasks to the threads its owner chooses, and passes on
 * their events. Each recipe and bundle is sent to a thread once, with the first task that needs it.
 *
 * A thread starts with its first tasks. One that exits is replaced by a new one with a new number. The threads keep the process alive
 * only between `ref` and `unref`.
 */
import type { Encoded } from '../../codec/index.js'
import type { ExecutorTask } from './executor-protocol.js'
import { ExecutorThread, type ThreadEvents, type ThreadOptions } from './executor-thread.js'
import type { ThreadExit } from './thread-exit.js'

/** Callbacks for the events of a pool. */
export interface PoolEvents extends ThreadEvents {
  /** A thread was added and can be sent tasks. */
  joined(thread: number): void
}

/** The pool stops replacing threads after this many have exited before they could be used. */
const maxFutileStarts = 10

export class ExecutorPool {
  private readonly events: PoolEvents
  private readonly options: ThreadOptions
  private readonly threadEvents: ThreadEvents
  private readonly threads = new Map<number, ExecutorThread>()
  private readonly recipes = new Map<number, Encoded>()
  private nextThread = 0
  private futileStarts = 0
  private isReferenced = false
  private isClosed = false

  constructor(nthreads: number, events: PoolEvents, options: Partial<ThreadOptions> = {}) {
    this.events = events
    const { printsDirectly = false, cluster, heapLimit } = options
    const { memoryLimit = Number.POSITIVE_INFINITY } = options
    this.options = { printsDirectly, cluster, heapLimit, memoryLimit, nthreads }
    this.threadEvents = {
      reported: (thread, report) => {
        this.futileStarts = 0
        events.reported(thread, report)
      },
      left: (thread, exit) => this.onLeft(thread, exit),
      seceded: (thread, task, attempt) => events.seceded?.(thread, task, attempt),
      timedOut: (thread, task, attempt, timeout) =>
        events.timedOut?.(thread, task, attempt, timeout),
      heapFull: (thread, task, attempt, error) => events.heapFull?.(thread, task, attempt, error),
      strayError: (thread, error) => events.strayError?.(thread, error),
      connected: (thread, port) => events.connected?.(thread, port),
    }
    for (let i = 0; i < nthreads; i++) this.add()
  }

  /** Starts threads until so many have started; the others start with their first tasks. */
  start(count: number): void {
    let left = count
    for (const thread of this.threads.values()) if (left-- > 0) thread.start()
  }

  /** Defines a recipe. It is sent to the threads whose tasks need it. */
  defineRecipe(id: number, bytes: Encoded): void {
    this.recipes.set(id, bytes)
  }

  forgetRecipes(ids: readonly number[]): void {
    for (const id of ids) this.recipes.delete(id)
    for (const thread of this.threads.values()) thread.forgetRecipes(ids)
  }

  /** Sends tasks to a thread, to run one after another. `timeouts` are milliseconds by index in the batch. */
  run(
    thread: number,
    batch: readonly ExecutorTask[],
    timeouts?: ReadonlyMap<number, number>,
  ): void {
    this.threads.get(thread)?.run(batch, timeouts, this.recipes)
  }

  /** Gives a thread memory of earlier results, for later ones. */
  lend(thread: number, memory: readonly SharedArrayBuffer[]): void {
    this.threads.get(thread)?.lend(memory)
  }

  /** Cancels tasks of a thread. The thread is replaced if one of them is running and does not end. */
  cancel(thread: number, tasks: readonly number[], attempts: readonly number[]): void {
    this.threads.get(thread)?.cancel(tasks, attempts)
  }

  /** Keeps the process alive until `unref`. */
  ref(): void {
    this.isReferenced = true
    for (const thread of this.threads.values()) thread.ref()
  }

  unref(): void {
    this.isReferenced = false
    for (const thread of this.threads.values()) thread.unref()
  }

  /** Ends all threads, even those that run tasks. */
  async close(): Promise<void> {
    this.isClosed = true
    const closing = [...this.threads.values()].map((thread) => thread.close())
    this.threads.clear()
    await Promise.all(closing)
  }

  private add(): ExecutorThread {
    const thread = new ExecutorThread(this.nextThread++, this.options, this.threadEvents)
    if (!this.isReferenced) thread.unref()
    this.threads.set(thread.id, thread)
    this.events.joined(thread.id)
    return thread
  }

  /** Whether there are threads; there are none after too many have exited before they could be used. */
  get isEmpty(): boolean {
    return this.threads.size === 0
  }

  /** The bytes of the functions that the threads have, counted for each thread. */
  get bundleBytes(): number {
    let bytes = 0
    for (const thread of this.threads.values()) bytes += thread.bundleBytes
    return bytes
  }

  /** Whether all threads are idle and all they had to report has been posted. */
  get isSettled(): boolean {
    for (const thread of this.threads.values()) if (!thread.isSettled) return false
    return true
  }

  private onLeft(thread: number, exit: ThreadExit): void {
    const wasUsed = this.threads.get(thread)?.wasUsed === true
    this.threads.delete(thread)
    if (!exit.isDeliberate && !wasUsed) this.futileStarts++
    this.events.left(thread, exit)
    if (this.isClosed || this.futileStarts > maxFutileStarts) return
    const next = this.add()
    // Tasks wait for it, or soon will.
    if (wasUsed) next.start()
  }
}
