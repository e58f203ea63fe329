/**
 * A worker's executor threads over its whole life: a pool that can be thrown away and begun anew, so
 * that nothing a thread of a former session still does is taken for something of this one.
 */
import type { Encoded } from '../../core/codec/index.js'
import { ExecutorPool, type PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { logEvent } from '../base/log.js'

/** Milliseconds before threads are started again when one after another did nothing but end. */
const restartAfter = 1000

export class Executors {
  private readonly nthreads: number
  private readonly events: Required<PoolEvents>
  private readonly cluster: string
  private readonly threads = new Set<number>()
  private readonly recipes = new Map<number, Encoded>()
  private pool: ExecutorPool | undefined
  private isClosed = false

  /** `cluster` is the address of the scheduler. */
  constructor(nthreads: number, events: Required<PoolEvents>, cluster: string) {
    this.nthreads = nthreads
    this.cluster = cluster
    this.events = events
  }

  start(): void {
    if (this.isClosed) return
    // Threads join while their pool is being made.
    const isOurs = (): boolean => this.pool === undefined || this.pool === pool
    const events: PoolEvents = {
      joined: (thread) => {
        if (!isOurs()) return
        this.threads.add(thread)
        this.events.joined(thread)
      },
      reported: (thread, report) => {
        if (isOurs()) this.events.reported(thread, report)
      },
      seceded: (thread, task, attempt) => {
        if (isOurs()) this.events.seceded(thread, task, attempt)
      },
      timedOut: (thread, task, attempt, timeout) => {
        if (isOurs()) this.events.timedOut(thread, task, attempt, timeout)
      },
      connected: (thread, port) => {
        if (isOurs()) this.events.connected(thread, port)
        else port.close()
      },
      left: (thread, reason, isBlameless) => {
        if (!isOurs()) return
        this.threads.delete(thread)
        this.events.left(thread, reason, isBlameless)
        setImmediate(() => this.check(pool, reason))
      },
    }
    const pool = new ExecutorPool(this.nthreads, events, {
      printsDirectly: true,
      cluster: this.cluster,
    })
    this.pool = pool
    for (const [number, bytes] of this.recipes) pool.defineRecipe(number, bytes)
  }

  /** Forgets all recipes and ends all threads, whatever they are doing; others are started. */
  reset(reason: string): void {
    this.recipes.clear()
    this.restart(reason)
  }

  private restart(reason: string): void {
    const former = this.pool
    this.pool = undefined
    void former?.close()
    for (const thread of [...this.threads]) this.events.left(thread, reason, false)
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

  async close(): Promise<void> {
    this.isClosed = true
    await this.pool?.close()
  }

  /** A pool gives up after many threads that did nothing but end; another one is tried, not at once. */
  private check(pool: ExecutorPool, reason: string): void {
    if (pool !== this.pool || this.threads.size > 0 || this.isClosed) return
    logEvent('worker', `no threads are left (${reason}); new ones are started soon`)
    setTimeout(() => {
      if (this.pool === pool) this.restart(reason)
    }, restartAfter)
  }
}
