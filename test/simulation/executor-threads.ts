/**
 * Executor threads in virtual time, which replace `distributed/worker/executor-threads.ts`.
 *
 * A thread runs its tasks in order, and reports when it has run some or all. The behavior of a task is
 * in its parameter (`tasks.ts`).
 */
import { load, type StoredValue, store } from '../../core/graph/stored-value.js'
import type { PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorFailure, ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { serializeError } from '../../core/run/threads/serialize-error.js'
import { currentWorld } from './current-world.js'
import { behaviorOf, calculate } from './task-behavior.js'
import type { Process } from './virtual-time.js'

interface Batch {
  readonly tasks: readonly ExecutorTask[]
  /** Results by position. */
  readonly made: Map<number, StoredValue>
  next: number
}

interface Thread {
  readonly id: number
  readonly batches: Batch[]
  readonly done: { task: ExecutorTask; duration: number; value: StoredValue }[]
  readonly failed: ExecutorFailure[]
  readonly cancelled: Set<string>
  running: ExecutorTask | undefined
}

export class ExecutorThreads {
  private readonly nthreads: number
  private readonly events: PoolEvents
  private readonly world = currentWorld()
  private readonly process: Process
  private readonly threads = new Map<number, Thread>()
  private nextThread = 0
  private isClosed = false

  constructor(nthreads: number, events: PoolEvents) {
    this.nthreads = nthreads
    this.events = events
    this.process = this.world.time.current!
    this.world.executors.set(this.process, this)
  }

  start(): void {
    for (let i = 0; i < this.nthreads; i++) this.join()
  }

  /** Ends all threads, busy or not, and starts others. */
  reset(reason: string): void {
    for (const thread of [...this.threads.values()]) this.end(thread, reason, false)
  }

  readonly bundleBytes = 0

  defineRecipe(): void {}

  forgetRecipes(): void {}

  run(thread: number, tasks: readonly ExecutorTask[]): void {
    const known = this.threads.get(thread)
    if (known === undefined || tasks.length === 0) return
    known.batches.push({ tasks, made: new Map(), next: 0 })
    if (known.running === undefined) this.begin(known)
  }

  cancel(thread: number, tasks: readonly number[], attempts: readonly number[]): void {
    const known = this.threads.get(thread)
    if (known === undefined) return
    tasks.forEach((task, i) => {
      known.cancelled.add(`${task}/${attempts[i]}`)
      const { running } = known
      if (running?.task !== task || running.attempt !== attempts[i]) return
      // A task that does not end is ended with its thread.
      if (!this.world.happens('forcedCancel')) return
      this.world.time.after(20, this.process, () => {
        if (known.running === running) this.end(known, 'a cancelled task did not end', true)
      })
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.threads.clear()
  }

  /** Ends a random busy thread. */
  loseOne(isPlanned: boolean): void {
    const busy = [...this.threads.values()].filter(({ running }) => running !== undefined)
    if (busy.length > 0) this.end(this.world.choose(busy), 'chance', isPlanned)
  }

  private join(): void {
    const id = this.nextThread++
    this.world.time.after(1, this.process, () => {
      if (this.isClosed) return
      this.threads.set(id, {
        id,
        batches: [],
        done: [],
        failed: [],
        cancelled: new Set(),
        running: undefined,
      })
      this.events.joined(id)
    })
  }

  private end(thread: Thread, reason: string, isPlanned: boolean): void {
    if (!this.threads.delete(thread.id)) return
    thread.running = undefined
    this.world.note(this.process, `thread ${thread.id} ends: ${reason}`)
    this.events.left(thread.id, { reason, isDeliberate: isPlanned, step: 0 })
    this.join()
  }

  /** Begins the next task of a thread, or reports its results. */
  private begin(thread: Thread): void {
    for (let batch = thread.batches[0]; batch !== undefined; batch = thread.batches[0]) {
      const at = batch.next++
      const task = batch.tasks[at]
      if (task === undefined) {
        thread.batches.shift()
        continue
      }
      if (thread.cancelled.delete(`${task.task}/${task.attempt}`)) continue
      const inputs = inputsOf(task, batch)
      if (inputs === undefined) continue
      thread.running = task
      const duration = this.world.taskDuration(textOf(task))
      this.world.time.after(duration, this.process, () => {
        if (thread.running === task) this.finish(thread, batch, at, { task, duration, inputs })
      })
      return
    }
    thread.running = undefined
    this.report(thread)
  }

  private finish(
    thread: Thread,
    batch: Batch,
    at: number,
    { task, duration, inputs }: { task: ExecutorTask; duration: number; inputs: unknown[] },
  ): void {
    const text = textOf(task)
    const behavior = behaviorOf(text)
    this.world.note(this.process, `has run ${task.task}/${task.attempt} (${text})`)
    if (behavior === 'kill') {
      this.world.killWorker(this.process)
      return
    }
    if (behavior === 'exit') {
      this.end(thread, 'the task exits', false)
      return
    }
    try {
      if (behavior === 'once' && this.world.isFirstTime(text))
        throw new Error(`bad luck of ${text}`)
      const isCopier = task.params.length === 0
      const value = isCopier ? undefined : store(calculate(text, ...inputs), { shared: true })
      batch.made.set(at, value)
      thread.done.push({ task, duration, value })
    } catch (error) {
      const { task: number, attempt } = task
      thread.failed.push({ task: number, attempt, step: 0, error: serializeError(error) })
    }
    if (this.world.happens('report')) this.report(thread)
    if (this.threads.get(thread.id) === thread) this.begin(thread)
  }

  private report(thread: Thread): void {
    const { done, failed } = thread
    if (done.length + failed.length === 0) return
    const all = done.splice(0)
    this.events.reported(thread.id, {
      tasks: Int32Array.from(all, ({ task }) => task.task),
      attempts: Int32Array.from(all, ({ task }) => task.attempt),
      durations: Float32Array.from(all, ({ duration }) => duration),
      values: all.map(({ value }) => value),
      uses: new Uint8Array(all.length),
      failures: failed.splice(0),
      bundles: [],
    })
  }
}

/** Returns a task's parameter; tasks that only fetch copies have none. */
function textOf({ params }: ExecutorTask): string {
  return (params[0] ?? '-1 0') as string
}

/** Returns the decoded inputs of a task; undefined if an input of its batch was not computed. */
function inputsOf({ inputs, from }: ExecutorTask, { made }: Batch): unknown[] | undefined {
  const live: unknown[] = []
  for (let i = 0; i < Math.max(inputs.length, from?.length ?? 0); i++) {
    const at = from?.[i] ?? -1
    if (at === -2 || (at >= 0 && !made.has(at))) return undefined
    live.push(load(at >= 0 ? made.get(at) : inputs[i]))
  }
  return live
}
