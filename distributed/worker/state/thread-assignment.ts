/**
 * Which thread of a worker runs which ready task; a part of the worker's state, and as pure.
 *
 * A thread that ends leaves its tasks as *suspects*: they are tried again one at a time, each on a
 * thread that has nothing else, so that the one that ends threads is found and nothing else is lost.
 *
 * While the worker is short of memory one task runs at a time, unless none comes to an end.
 */

import { type MemoryState, smallest } from './memory-state.js'
import { NONE, READY, RUNNING, WAITING, type WorkerColumns } from './task-columns.js'
import type { Work, WorkerInstruction } from './worker-events.js'

interface Thread {
  readonly id: number
  inHand: number
  /** Bytes of the inputs of what it has. */
  bytes: number
  /** Whether it runs a suspect. */
  onTrial: boolean
}

/** A task that has ended too many threads. */
export interface DeadlyTask {
  readonly task: number
  readonly deaths: number
}

export class ThreadDealer<W extends Work> {
  private readonly columns: WorkerColumns<W>
  private readonly allowedDeaths: number
  private readonly memory: MemoryState
  private readonly threads = new Map<number, Thread>()
  private ready: number[] = []
  private nextReady = 0
  private suspects: number[] = []
  /** Tasks that wait for others, and take no room on their threads. */
  private readonly seceded = new Set<number>()
  /** Tasks that left their threads since the last look. */
  private ended = 0
  /** For suspects: how many threads ended while they alone ran. */
  private readonly deaths = new Map<number, number>()

  constructor(columns: WorkerColumns<W>, allowedDeaths: number, memory: MemoryState) {
    this.memory = memory
    this.columns = columns
    this.allowedDeaths = allowedDeaths
  }

  join(id: number): void {
    this.threads.set(id, { id, inHand: 0, bytes: 0, onTrial: false })
  }

  /** A thread has ended: its tasks are tried again, but for the deadly ones, which it gives. */
  leave(id: number, isBlameless = false): DeadlyTask[] {
    const { phase, thread } = this.columns
    this.threads.delete(id)
    const lost: number[] = []
    for (let task = 0; task < phase.length; task++) {
      if (phase[task] === RUNNING && thread[task] === id) lost.push(task)
    }
    const deadly: DeadlyTask[] = []
    const atWork = lost.filter((task) => !this.seceded.has(task)).length
    for (const task of lost) {
      if (this.columns.missing[task]! > 0) {
        // It was there behind the task whose result it waits for, and does so again.
        phase[task] = WAITING
        this.unpinInputs(task)
        continue
      }
      // Those that wait are told of every death: their tasks are new ones each time.
      const waits = this.seceded.delete(task)
      const isBlamed = !isBlameless && (waits || atWork === 1)
      const deaths = (this.deaths.get(task) ?? 0) + (isBlamed ? 1 : 0)
      phase[task] = READY
      if (!waits) this.unpinInputs(task)
      if (deaths >= this.allowedDeaths) {
        deadly.push({ task, deaths })
        continue
      }
      this.deaths.set(task, deaths)
      this.suspects.push(task)
    }
    return deadly
  }

  /** A task's inputs are all here. */
  makeReady(task: number): void {
    this.columns.phase[task] = READY
    this.ready.push(task)
  }

  /** A task waits for others which it has started: its thread has one fewer until it is over. */
  secede(task: number): void {
    if (this.seceded.has(task)) return
    this.finish(task)
    this.seceded.add(task)
  }

  /** A thread has one task fewer. */
  finish(task: number): void {
    this.ended++
    if (this.seceded.size > 0 && this.seceded.delete(task)) return
    const bytes = this.unpinInputs(task)
    const thread = this.threads.get(this.columns.thread[task]!)
    if (thread === undefined) return
    thread.inHand--
    thread.bytes = thread.inHand === 0 ? 0 : thread.bytes - bytes
    thread.onTrial = false
  }

  /** A task is not in hand any more. */
  forget(task: number): void {
    this.columns.phase[task] = NONE
    if (this.deaths.size > 0) this.deaths.delete(task)
  }

  clear(): void {
    this.ready = []
    this.nextReady = 0
    this.suspects = []
  }

  /** Hands ready tasks to threads: all to a single one, else in shares, so that none is left idle. */
  dispatch(instructions: WorkerInstruction[]): void {
    if (this.memory.isPaused) {
      const isBusy = [...this.threads.values()].some(({ inHand }) => inHand > 0)
      if (!isBusy && !this.memory.isWriting) this.trickle(instructions)
      return
    }
    if (this.suspects.length > 0) {
      this.trySuspects(instructions)
      // Other work waits until threads are free for the suspects.
      if (this.suspects.length > 0) return
    }
    const count = this.threads.size
    for (let gave = true; gave && this.nextReady < this.ready.length; ) {
      gave = false
      for (const thread of this.threads.values()) {
        const left = this.ready.length - this.nextReady
        if (left === 0) break
        const isBusy = thread.inHand > 0 && count > 1 && thread.inHand * count > left
        if (thread.onTrial || isBusy) continue
        // What is read from disk for tasks that wait for their turn would fill the memory.
        if (thread.bytes > 0 && thread.bytes * count >= this.memory.ahead) continue
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

  /** Whether threads have nothing to do, and nothing waits for them. */
  get isIdle(): boolean {
    if (this.nextReady < this.ready.length || this.suspects.length > 0) return false
    for (const { inHand } of this.threads.values()) if (inHand > 0) return false
    return true
  }

  /** It is a while that nothing has ended: a task that runs may wait for one that does not. */
  nudge(instructions: WorkerInstruction[]): void {
    const isStuck = this.ended === 0
    this.ended = 0
    if (this.memory.isPaused && isStuck) this.trickle(instructions)
  }

  /** Gives one task to a thread that has none. */
  private trickle(instructions: WorkerInstruction[]): void {
    for (const thread of this.threads.values()) {
      if (thread.inHand > 0) continue
      if (this.suspects.length > 0) this.trySuspect(thread, instructions)
      if (thread.inHand > 0) return
      const tasks = this.take(1, thread)
      if (tasks.length > 0) instructions.push({ kind: 'run', thread: thread.id, tasks })
      return
    }
  }

  private take(count: number, thread: Thread): number[] {
    const { phase, thread: threadOf } = this.columns
    const tasks: number[] = []
    const awaited = new Map<number, number>()
    while (tasks.length < count && this.nextReady < this.ready.length) {
      const task = this.ready[this.nextReady++]!
      // A task that was taken back stays in the list until it comes up.
      if (phase[task] !== READY) continue
      phase[task] = RUNNING
      threadOf[task] = thread.id
      thread.bytes += this.pinInputs(task)
      tasks.push(task)
      if (this.columns.followers.size > 0) this.takeFollowers(tasks, awaited, thread)
      if (thread.bytes > 0 && thread.bytes * this.threads.size >= this.memory.ahead) break
    }
    thread.inHand += tasks.length
    return tasks
  }

  /**
   * Puts behind the last task of a batch what waits for nothing but results of the batch; `awaited`
   * counts how many each of those that wait has there.
   */
  private takeFollowers(tasks: number[], awaited: Map<number, number>, thread: Thread): void {
    const { phase, thread: threadOf, followers, missing } = this.columns
    for (let at = tasks.length - 1; at < tasks.length; at++) {
      for (const follower of followers.get(tasks[at]!) ?? none) {
        if (phase[follower] !== WAITING) continue
        const met = (awaited.get(follower) ?? 0) + 1
        awaited.set(follower, met)
        if (met !== missing[follower]) continue
        phase[follower] = RUNNING
        threadOf[follower] = thread.id
        thread.bytes += this.pinInputs(follower)
        tasks.push(follower)
      }
    }
  }

  /** An input of a running task is here now, which was made right before it. */
  inputCame(task: number, input: number): void {
    const bytes = this.columns.nbytes[input]!
    if (bytes < smallest) return
    this.memory.pin(input)
    const thread = this.threads.get(this.columns.thread[task]!)
    if (thread !== undefined) thread.bytes += bytes
  }

  /** Gives suspects, one each, to threads that have nothing else to lose. */
  private trySuspects(instructions: WorkerInstruction[]): void {
    for (const thread of this.threads.values()) {
      if (thread.inHand === 0) this.trySuspect(thread, instructions)
    }
  }

  private trySuspect(thread: Thread, instructions: WorkerInstruction[]): void {
    const { phase, thread: threadOf } = this.columns
    let task = this.suspects.shift()
    while (task !== undefined && phase[task] !== READY) task = this.suspects.shift()
    if (task === undefined) return
    phase[task] = RUNNING
    threadOf[task] = thread.id
    thread.bytes = this.pinInputs(task)
    thread.inHand = 1
    thread.onTrial = true
    instructions.push({ kind: 'run', thread: thread.id, tasks: [task] })
  }

  /** Keeps a task's inputs in memory while it runs; their bytes, but for small ones. */
  private pinInputs(task: number): number {
    return this.eachLargeInput(task, (input) => this.memory.pin(input))
  }

  private unpinInputs(task: number): number {
    return this.eachLargeInput(task, (input) => this.memory.unpin(input))
  }

  private eachLargeInput(task: number, visit: (input: number) => void): number {
    const { work: workOf, place, nbytes } = this.columns
    const work = workOf[task]!
    const at = place[task]!
    const end = work.inputEnd[at]!
    let bytes = 0
    for (let j = at === 0 ? 0 : work.inputEnd[at - 1]!; j < end; j++) {
      const input = work.inputs[j]!
      if (nbytes[input]! < smallest) continue
      bytes += nbytes[input]!
      visit(input)
    }
    return bytes
  }
}

const none: readonly number[] = []
