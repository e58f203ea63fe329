/**
 * Assigns a worker's ready tasks to its threads; a pure part of the worker's state.
 *
 * When a thread ends, its tasks become suspects: each is retried alone on an idle thread, so that the
 * task that ends threads is found and no other task fails with it.
 *
 * While memory is short one task runs at a time, and a further one whenever none of them ends.
 */
import { type MemoryState, smallestSpilled } from './memory-state.js'
import {
  PHASE_READY,
  PHASE_RUNNING,
  PHASE_UNASSIGNED,
  PHASE_WAITING,
  type TaskColumns,
} from './task-columns.js'
import type { TaskAssignment, WorkerInstruction } from './worker-events.js'

interface Thread {
  readonly id: number
  /** The number of its tasks, without those that have seceded. */
  assigned: number
  /** Bytes of the inputs of its tasks. */
  bytes: number
  /** Whether it runs a suspect. */
  runsSuspect: boolean
}

/** A task that has ended the allowed number of threads. */
interface ExhaustedTask {
  readonly task: number
  /** The number of threads that ended while it ran. */
  readonly failures: number
}

export class ThreadDispatcher<A extends TaskAssignment> {
  private readonly columns: TaskColumns<A>
  private readonly allowedFailures: number
  private readonly memory: MemoryState
  private readonly threads = new Map<number, Thread>()
  private ready: number[] = []
  private nextReady = 0
  private suspects: number[] = []
  /** Tasks that wait for tasks which they have started, and do not count as assigned. */
  private readonly seceded = new Set<number>()
  /** The number of tasks that left their threads since the last measurement. */
  private ended = 0
  /** For each suspect the number of threads that ended while it ran alone. */
  private readonly failures = new Map<number, number>()

  constructor(columns: TaskColumns<A>, allowedFailures: number, memory: MemoryState) {
    this.memory = memory
    this.columns = columns
    this.allowedFailures = allowedFailures
  }

  addThread(id: number): void {
    this.threads.set(id, { id, assigned: 0, bytes: 0, runsSuspect: false })
  }

  /** Makes the tasks of a thread that has ended suspects; returns those that have failed for good. */
  removeThread(id: number, isDeliberate = false): ExhaustedTask[] {
    const { columns } = this
    const { phase, thread } = columns
    this.threads.delete(id)
    const lost: number[] = []
    for (let task = 0; task < phase.length; task++) {
      if (phase[task] === PHASE_RUNNING && thread[task] === id) lost.push(task)
    }
    const exhausted: ExhaustedTask[] = []
    const assigned = lost.filter((task) => !this.seceded.has(task)).length
    for (const task of lost) {
      if (columns.missing[task]! > 0) {
        // It was queued behind the task that makes its input, and waits for that again.
        columns.setPhase(task, PHASE_WAITING)
        this.unpinInputs(task)
        continue
      }
      // A failure counts for every seceded task: the tasks that it starts are different each time.
      const hasSeceded = this.seceded.delete(task)
      const counts = !isDeliberate && (hasSeceded || assigned === 1)
      const failures = (this.failures.get(task) ?? 0) + (counts ? 1 : 0)
      columns.setPhase(task, PHASE_READY)
      if (!hasSeceded) this.unpinInputs(task)
      if (failures >= this.allowedFailures) {
        exhausted.push({ task, failures })
        continue
      }
      this.failures.set(task, failures)
      this.suspects.push(task)
    }
    return exhausted
  }

  /** Queues a task whose inputs are all here. */
  makeReady(task: number): void {
    this.columns.setPhase(task, PHASE_READY)
    this.ready.push(task)
  }

  /** Stops counting a task that waits for tasks which it has started. */
  secede(task: number): void {
    if (this.seceded.has(task)) return
    this.leaveThread(task)
    this.seceded.add(task)
  }

  /** Removes a task from its thread. */
  leaveThread(task: number): void {
    this.ended++
    if (this.seceded.size > 0 && this.seceded.delete(task)) return
    const bytes = this.unpinInputs(task)
    const thread = this.threads.get(this.columns.thread[task]!)
    if (thread === undefined) return
    thread.assigned--
    thread.bytes = thread.assigned === 0 ? 0 : thread.bytes - bytes
    thread.runsSuspect = false
  }

  /** Forgets a task that is over. */
  forget(task: number): void {
    this.columns.setPhase(task, PHASE_UNASSIGNED)
    if (this.failures.size > 0) this.failures.delete(task)
  }

  clear(): void {
    this.ready = []
    this.nextReady = 0
    this.suspects = []
  }

  /** Hands ready tasks to threads: all to a single one, else in shares, so that none is left idle. */
  dispatch(instructions: WorkerInstruction[]): void {
    if (this.memory.isPaused) {
      const isBusy = [...this.threads.values()].some(({ assigned }) => assigned > 0)
      if (!isBusy && !this.memory.isWriting) this.dispatchOne(instructions)
      return
    }
    if (this.suspects.length > 0) {
      this.dispatchSuspects(instructions)
      // Other tasks wait until there are idle threads for the suspects.
      if (this.suspects.length > 0) return
    }
    const count = this.threads.size
    for (let gave = true; gave && this.nextReady < this.ready.length; ) {
      gave = false
      for (const thread of this.threads.values()) {
        const left = this.ready.length - this.nextReady
        if (left === 0) break
        const isBusy = thread.assigned > 0 && count > 1 && thread.assigned * count > left
        if (thread.runsSuspect || isBusy) continue
        // Inputs that are read from disk for queued tasks would fill the memory.
        if (thread.bytes > 0 && thread.bytes * count >= this.memory.maxAheadBytes) continue
        const tasks = this.take(count === 1 ? left : Math.ceil(left / (2 * count)), thread)
        if (tasks.length > 0) instructions.push({ kind: 'run', thread: thread.id, tasks })
        gave = true
      }
    }
    if (this.nextReady === this.ready.length && this.nextReady > 0) {
      this.ready = []
      this.nextReady = 0
    }
  }

  /** Whether no thread has a task, and none is queued. */
  get isIdle(): boolean {
    if (this.nextReady < this.ready.length || this.suspects.length > 0) return false
    for (const { assigned } of this.threads.values()) if (assigned > 0) return false
    return true
  }

  /**
   * While paused, starts one more task if none has ended since the last measurement: a running task
   * may wait for one that is queued.
   */
  onMeasured(instructions: WorkerInstruction[]): void {
    const isStuck = this.ended === 0
    this.ended = 0
    if (this.memory.isPaused && isStuck) this.dispatchOne(instructions)
  }

  /** Hands one task to an idle thread. */
  private dispatchOne(instructions: WorkerInstruction[]): void {
    for (const thread of this.threads.values()) {
      if (thread.assigned > 0) continue
      if (this.suspects.length > 0) this.dispatchSuspect(thread, instructions)
      if (thread.assigned > 0) return
      const tasks = this.take(1, thread)
      if (tasks.length > 0) instructions.push({ kind: 'run', thread: thread.id, tasks })
      return
    }
  }

  private take(count: number, thread: Thread): number[] {
    const { columns } = this
    const tasks: number[] = []
    const awaited = new Map<number, number>()
    while (tasks.length < count && this.nextReady < this.ready.length) {
      const task = this.ready[this.nextReady++]!
      // A task that was cancelled stays in the list until its turn.
      if (columns.phase[task] !== PHASE_READY) continue
      columns.setPhase(task, PHASE_RUNNING)
      columns.thread[task] = thread.id
      thread.bytes += this.pinInputs(task)
      tasks.push(task)
      if (columns.followers.size > 0) this.takeFollowers(tasks, awaited, thread)
      if (thread.bytes > 0 && thread.bytes * this.threads.size >= this.memory.maxAheadBytes) break
    }
    thread.assigned += tasks.length
    return tasks
  }

  /**
   * Adds to a batch the tasks that wait for nothing but results of the batch. `awaited` counts, for
   * each waiting task, how many of its inputs the batch makes.
   */
  private takeFollowers(tasks: number[], awaited: Map<number, number>, thread: Thread): void {
    const { columns } = this
    for (let at = tasks.length - 1; at < tasks.length; at++) {
      for (const follower of columns.followers.get(tasks[at]!) ?? noTasks) {
        if (columns.phase[follower] !== PHASE_WAITING) continue
        const found = (awaited.get(follower) ?? 0) + 1
        awaited.set(follower, found)
        if (found !== columns.missing[follower]) continue
        columns.setPhase(follower, PHASE_RUNNING)
        columns.thread[follower] = thread.id
        thread.bytes += this.pinInputs(follower)
        tasks.push(follower)
      }
    }
  }

  /** Pins an input of a running task, which a task before it on the same thread has made. */
  pinNewInput(task: number, input: number): void {
    const bytes = this.columns.nbytes[input]!
    if (bytes < smallestSpilled) return
    this.memory.pin(input)
    const thread = this.threads.get(this.columns.thread[task]!)
    if (thread !== undefined) thread.bytes += bytes
  }

  /** Hands suspects, one each, to idle threads. */
  private dispatchSuspects(instructions: WorkerInstruction[]): void {
    for (const thread of this.threads.values()) {
      if (thread.assigned === 0) this.dispatchSuspect(thread, instructions)
    }
  }

  private dispatchSuspect(thread: Thread, instructions: WorkerInstruction[]): void {
    const { columns } = this
    let task = this.suspects.shift()
    while (task !== undefined && columns.phase[task] !== PHASE_READY) task = this.suspects.shift()
    if (task === undefined) return
    columns.setPhase(task, PHASE_RUNNING)
    columns.thread[task] = thread.id
    thread.bytes = this.pinInputs(task)
    thread.assigned = 1
    thread.runsSuspect = true
    instructions.push({ kind: 'run', thread: thread.id, tasks: [task] })
  }

  /** Pins a task's large inputs in memory; returns their bytes. */
  private pinInputs(task: number): number {
    return this.eachLargeInput(task, (input) => this.memory.pin(input))
  }

  private unpinInputs(task: number): number {
    return this.eachLargeInput(task, (input) => this.memory.unpin(input))
  }

  private eachLargeInput(task: number, visit: (input: number) => void): number {
    const { columns } = this
    const { inputs } = columns.assignment[task]!
    const end = columns.inputsTo(task)
    let bytes = 0
    for (let j = columns.inputsFrom(task); j < end; j++) {
      const input = inputs[j]!
      const size = columns.nbytes[input]!
      if (size < smallestSpilled) continue
      bytes += size
      visit(input)
    }
    return bytes
  }
}

const noTasks: readonly number[] = []
