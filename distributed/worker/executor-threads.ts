/**
 * A worker's executor threads over its whole life: a pool that is replaced when a session ends, so that
 * reports of a former session's threads are never taken for reports of this one.
 */
import type { Encoded } from '../../core/codec/index.js'
import { ExecutorPool, type PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { threadMemory } from '../../core/run/threads/thread-exit.js'
import { logEvent } from '../base/log.js'

/** Milliseconds before a new pool is started after one that could not keep a thread running. */
const restartDelay = 1000

export class ExecutorThreads {
  private readonly nthreads: number
  private readonly events: Required<PoolEvents>
  private readonly scheduler: string
  private readonly threads = new Set<number>()
  private readonly recipes = new Map<number, Encoded>()
  private pool: ExecutorPool | undefined
  private isClosed = false
  private readonly memoryLimit: number

  /** `scheduler` is the address of the scheduler to workers, `memoryLimit` the bytes that the process should use. */
  constructor(
    nthreads: number,
    events: Required<PoolEvents>,
    { scheduler, memoryLimit }: { scheduler: string; memoryLimit: number },
  ) {
    this.nthreads = nthreads
    this.memoryLimit = memoryLimit
    this.scheduler = scheduler
    this.events = events
  }

  start(): void {
    if (this.isClosed) return
    // While a pool is being made, its threads may join already.
    const isCurrent = (): boolean => this.pool === undefined || this.pool === pool
    const events: PoolEvents = {
      joined: (thread) => {
        if (!isCurrent()) return
        this.threads.add(thread)
        this.events.joined(thread)
      },
      reported: (thread, report) => {
        if (isCurrent()) this.events.reported(thread, report)
      },
      seceded: (thread, task, attempt) => {
        if (isCurrent()) this.events.seceded(thread, task, attempt)
      },
      timedOut: (thread, task, attempt, timeout) => {
        if (isCurrent()) this.events.timedOut(thread, task, attempt, timeout)
      },
      connected: (thread, port) => {
        if (isCurrent()) this.events.connected(thread, port)
        else port.close()
      },
      heapFull: (thread, task, attempt, error) => {
        if (isCurrent()) this.events.heapFull(thread, task, attempt, error)
      },
      strayError: (thread, error) => {
        if (isCurrent()) this.events.strayError(thread, error)
      },
      left: (thread, exit) => {
        if (!isCurrent()) return
        this.threads.delete(thread)
        this.events.left(thread, exit)
        setImmediate(() => this.replaceIfEmpty(pool, exit.reason))
      },
    }
    const pool = new ExecutorPool(this.nthreads, events, {
      printsDirectly: true,
      cluster: this.scheduler,
      heapLimit: threadMemory(),
      memoryLimit: this.memoryLimit,
    })
    this.pool = pool
    for (const [number, bytes] of this.recipes) pool.defineRecipe(number, bytes)
  }

  /** Forgets all recipes and ends all threads, whatever they are running; starts new threads. */
  reset(reason: string): void {
    this.recipes.clear()
    this.restart(reason)
  }

  private restart(reason: string): void {
    const former = this.pool
    this.pool = undefined
    void former?.close()
    for (const thread of [...this.threads])
      this.events.left(thread, { reason, isDeliberate: false, step: 0 })
    this.threads.clear()
    this.start()
  }

  defineRecipe(number: number, bytes: Encoded): void {
    this.recipes.set(number, bytes)
    this.pool?.defineRecipe(number, bytes)
  }

  forgetRecipes(numbers: readonly number[]): void {
    for (const number of numbers) this.recipes.delete(number)
    this.pool?.forgetRecipes(numbers)
  }

  /** Hands a batch to a thread; `timeouts` are milliseconds by position in the batch. */
  run(
    thread: number,
    batch: readonly ExecutorTask[],
    timeouts?: ReadonlyMap<number, number>,
  ): void {
    this.pool?.run(thread, batch, timeouts)
  }

  cancel(thread: number, tasks: readonly number[], attempts: readonly number[]): void {
    this.pool?.cancel(thread, tasks, attempts)
  }

  /** The bytes of the functions that the threads have, counted for each thread. */
  get bundleBytes(): number {
    return this.pool?.bundleBytes ?? 0
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.pool?.close()
  }

  /** Replaces a pool that stopped starting threads, because too many ended without finishing a task. */
  private replaceIfEmpty(pool: ExecutorPool, reason: string): void {
    if (pool !== this.pool || this.threads.size > 0 || this.isClosed) return
    logEvent('worker', `no threads are left (${reason}); new ones are started soon`)
    setTimeout(() => {
      if (this.pool === pool) this.restart(reason)
    }, restartDelay)
  }
}
