/**
 * Executor threads that take virtual time, in the place of `distributed/worker/executor-threads.ts`.
 *
 * A thread does what it has in order, and tells of it when it has done some, or all. What a task
 * does is in the text that is its parameter (`tasks.ts`).
 */
import { load, type StoredValue, store } from '../../core/graph/stored-value.js'
import type { PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorFailure, ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { serializeError } from '../../core/run/threads/serialize-error.js'
import { currentWorld } from './current.js'
import { calculate, deedOf } from './tasks.js'
import type { Process } from './virtual-time.js'

interface Batch {
  readonly tasks: readonly ExecutorTask[]
  /** By place, what has been made. */
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

  /** Ends all threads, whatever they are doing; others are started. */
  reset(reason: string): void {
    for (const thread of [...this.threads.values()]) this.end(thread, reason, false)
  }

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
      // One that does not end is ended with its thread.
      if (!this.world.happens('impatience')) return
      this.world.time.after(20, this.process, () => {
        if (known.running === running) this.end(known, 'a cancelled task did not end', true)
      })
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.threads.clear()
  }

  /** One thread dies by chance. */
  loseOne(isBlameless: boolean): void {
    const busy = [...this.threads.values()].filter(({ running }) => running !== undefined)
    if (busy.length > 0) this.end(this.world.choose(busy), 'chance', isBlameless)
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

  private end(thread: Thread, reason: string, isBlameless: boolean): void {
    if (!this.threads.delete(thread.id)) return
    thread.running = undefined
    this.world.note(this.process, `thread ${thread.id} ends: ${reason}`)
    this.events.left(thread.id, reason, isBlameless)
    this.join()
  }

  /** Begins the next task of a thread, or tells what it has done. */
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
    const deed = deedOf(text)
    this.world.note(this.process, `has run ${task.task}/${task.attempt} (${text})`)
    if (deed === 'kill') {
      this.world.killWorker(this.process)
      return
    }
    if (deed === 'exit') {
      this.end(thread, 'the task exits', false)
      return
    }
    try {
      if (deed === 'once' && this.world.isFirstTime(text)) throw new Error(`bad luck of ${text}`)
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
      failures: failed.splice(0),
      bundles: [],
    })
  }
}

/** What a task is to do; one that has copies brought has no word of it. */
function textOf({ params }: ExecutorTask): string {
  return (params[0] ?? '-1 0') as string
}

/** The live inputs of a task; undefined if one of them was to be made before it and was not. */
function inputsOf({ inputs, from }: ExecutorTask, { made }: Batch): unknown[] | undefined {
  const live: unknown[] = []
  for (let i = 0; i < Math.max(inputs.length, from?.length ?? 0); i++) {
    const place = from?.[i] ?? -1
    if (place === -2 || (place >= 0 && !made.has(place))) return undefined
    live.push(load(place >= 0 ? made.get(place) : inputs[i]))
  }
  return live
}
