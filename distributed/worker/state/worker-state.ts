/**
 * The worker's state machine: which tasks are in hand, which of their inputs are here or on their way,
 * and which thread runs what. `handle` is the only mutator; it knows no sockets, clocks or chance.
 *
 * A task in hand *waits* for inputs, is *ready*, or *runs* on a thread. Inputs that are missing are
 * fetched from the worker that the scheduler named. When one cannot be had the task goes back to the
 * scheduler, which knows what else to do. A thread that ends leaves its tasks to be tried again, one at
 * a time, so that the one that ends threads is found.
 */

import { append, type Lists, takeLists } from './attempt-lists.js'
import { boundless, type MemoryMarks, MemoryState } from './memory-state.js'
import { type Fetch, Fetches } from './pending-fetches.js'
import {
  ABSENT,
  COPY,
  NONE,
  OWN,
  REPLICA,
  RUNNING,
  WAITING,
  WorkerColumns,
} from './task-columns.js'
import { ThreadDealer } from './thread-assignment.js'
import type { Work, WorkerEvent, WorkerInstruction } from './worker-events.js'

/** Figures that shape what a worker does. */
export interface WorkerSettings {
  /** The worker's own number. */
  readonly worker: number
  /** Fetched results of at least this size are kept and told, others dropped when read. */
  readonly replicateFrom: number
  /** How many threads may end running a task before it fails. */
  readonly allowedDeaths: number
  /** What of its memory it may use for what. */
  readonly memory: MemoryMarks
}

const defaults: WorkerSettings = {
  worker: -1,
  replicateFrom: 16_384,
  allowedDeaths: 3,
  memory: boundless,
}

export class WorkerState<W extends Work = Work> {
  readonly columns = new WorkerColumns<W>()
  readonly memory: MemoryState
  private settings: WorkerSettings
  private readonly dealer: ThreadDealer<W>
  private readonly fetches: Fetches
  private instructions: WorkerInstruction[] = []
  private toDrop: number[] = []
  private readonly toTakeBack: Lists = new Map()

  constructor(settings: Partial<WorkerSettings> = {}) {
    this.settings = { ...defaults, ...settings }
    this.memory = new MemoryState(this.settings.memory)
    this.fetches = new Fetches(this.memory)
    this.dealer = new ThreadDealer(this.columns, this.settings.allowedDeaths, this.memory)
  }

  /** Tells the worker its number, when a session begins. */
  setWorker(worker: number): void {
    this.settings = { ...this.settings, worker }
  }

  /** Takes one event and gives what is to be done because of it. */
  handle(event: WorkerEvent<W>): WorkerInstruction[] {
    switch (event.kind) {
      case 'compute':
        this.onCompute(event.work)
        break
      case 'executed':
        this.onExecuted(event)
        break
      case 'seceded':
        if (this.isRunning(event.task, event.attempt)) this.dealer.secede(event.task)
        break
      case 'fetched':
        this.onFetched(event)
        break
      case 'free':
        this.onFree(event.tasks, event.attempts)
        break
      case 'cancel':
        this.onCancel(event.tasks, event.attempts)
        break
      case 'failed':
        if (this.isRunning(event.task, event.attempt)) this.leaveThread(event.task)
        break
      case 'not-fetched':
        this.onNotFetched(event.peer, event.tasks)
        break
      case 'peer-left':
        for (const [input, fetch] of this.fetches.leave(event.peer)) this.failFetch(input, fetch)
        break
      case 'peer-unreachable':
        this.fetches.cutOff(event.peer)
        break
      case 'peer-tried-again':
        this.fetches.tryAgain(event.peer)
        break
      case 'thread-joined':
        this.dealer.join(event.thread)
        break
      case 'thread-left':
        this.onThreadLeft(event.thread, event.reason, event.isBlameless === true)
        break
      case 'unreadable':
        this.onUnreadable(event.task, event.attempt, event.input)
        break
      case 'spilled':
        this.memory.onSpilled(event.task, event.write, event.fault, this.instructions)
        break
      case 'measured':
        this.memory.onMeasured(event.processBytes, this.instructions)
        this.dealer.nudge(this.instructions)
        break
      case 'reset':
        this.onReset()
        break
    }
    this.dealer.dispatch(this.instructions)
    this.fetches.goOn(() => this.dealer.isIdle)
    this.memory.plan(this.instructions)
    return this.drain()
  }

  // What the shell may ask -------------------------------------------------------------------------

  /** Whether a thread has this task, of this attempt, and its result is still wanted. */
  isRunning(task: number, attempt: number): boolean {
    const { phase, attempt: attemptOf } = this.columns
    return phase[task] === RUNNING && attemptOf[task] === attempt
  }

  /** Whether the result of this attempt at a task is here. */
  has(task: number, attempt: number): boolean {
    const { held, version } = this.columns
    return (held[task] ?? ABSENT) !== ABSENT && version[task] === attempt
  }

  /** Whether nothing is in hand and no result is here. */
  get isEmpty(): boolean {
    const { phase, held, uses } = this.columns
    if (!this.fetches.isEmpty) return false
    return (
      phase.every((p) => p === NONE) &&
      held.every((h) => h === ABSENT) &&
      uses.every((u) => u === 0)
    )
  }

  // Tasks ------------------------------------------------------------------------------------------

  private onCompute(work: W): void {
    const { columns } = this
    const { tasks, attempts, inputEnd, inputs } = work
    for (let i = 0; i < inputs.length; i++) columns.reach(inputs[i]!)
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      columns.reach(task)
      if (columns.phase[task] !== NONE) this.abandon(task)
      columns.attempt[task] = attempts[i]!
      columns.work[task] = work
      columns.place[task] = i
      columns.phase[task] = WAITING
      let missing = 0
      let gone = -1
      const end = inputEnd[i]!
      for (let j = i === 0 ? 0 : inputEnd[i - 1]!; j < end; j++) {
        const input = inputs[j]!
        columns.uses[input]!++
        if (columns.held[input] === REPLICA) this.memory.wake(input)
        if (columns.held[input] !== ABSENT && columns.version[input] === work.inputAttempts[j])
          continue
        missing++
        if (gone < 0 && !this.awaitInput(task, work, j)) gone = j
      }
      columns.missing[task] = missing
      if (gone >= 0)
        this.giveBack(task, inputs[gone]!, work.inputAttempts[gone]!, work.holders[gone]!)
      else if (missing === 0) this.dealer.makeReady(task)
    }
  }

  /** Lets a task wait for an input; false if the input is said to be here and is not. */
  private awaitInput(task: number, work: W, j: number): boolean {
    const input = work.inputs[j]!
    const attempt = work.inputAttempts[j]!
    const peer = work.holders[j]!
    const fetch = this.fetches.get(input)
    if (fetch !== undefined && fetch.attempt === attempt) {
      fetch.waiters.push(task)
      return true
    }
    if (peer === this.settings.worker) {
      const { phase, attempt: attemptOf, followers } = this.columns
      // It is being made here, right before.
      if (phase[input] === NONE || attemptOf[input] !== attempt) return false
      const list = followers.get(input)
      if (list === undefined) followers.set(input, [task])
      else list.push(task)
      return true
    }
    const nbytes = work.inputBytes?.[j] ?? 0
    this.fetches.add(input, { attempt, peer, nbytes }, task)
    return true
  }

  /** Takes a task out of hand, whatever it is doing. */
  private abandon(task: number): void {
    const { columns } = this
    if (columns.phase[task] === RUNNING) {
      append(this.toTakeBack, columns.thread[task]!, task, columns.attempt[task]!)
      this.leaveThread(task)
      return
    }
    this.letGo(task)
  }

  private stopWaiting(task: number): void {
    this.eachInput(task, (input) => {
      const { followers } = this.columns
      for (const waiters of [this.fetches.get(input)?.waiters, followers.get(input)]) {
        const at = waiters?.indexOf(task) ?? -1
        if (at >= 0) waiters!.splice(at, 1)
      }
      if (followers.get(input)?.length === 0) followers.delete(input)
    })
  }

  /** A task is over for a thread, done or not. */
  private leaveThread(task: number): void {
    this.dealer.finish(task)
    this.letGo(task)
  }

  /** A task is not in hand any more: it waits for nothing, and copies that only it read are dropped. */
  private letGo(task: number): void {
    const { columns } = this
    if (columns.missing[task]! > 0) this.stopWaiting(task)
    const work = columns.work[task]!
    const at = columns.place[task]!
    const end = work.inputEnd[at]!
    for (let j = at === 0 ? 0 : work.inputEnd[at - 1]!; j < end; j++) {
      const input = work.inputs[j]!
      if (--columns.uses[input]! > 0) continue
      if (columns.held[input] === COPY) this.drop(input)
      else if (columns.held[input] === REPLICA) this.memory.rest(input)
    }
    columns.work[task] = undefined
    this.dealer.forget(task)
  }

  private eachInput(task: number, visit: (input: number) => void): void {
    const work = this.columns.work[task]!
    const at = this.columns.place[task]!
    const end = work.inputEnd[at]!
    for (let j = at === 0 ? 0 : work.inputEnd[at - 1]!; j < end; j++) visit(work.inputs[j]!)
  }

  private giveBack(task: number, input: number, inputAttempt: number, holder: number): void {
    const attempt = this.columns.attempt[task]!
    this.abandon(task)
    this.instructions.push({ kind: 'missing', task, attempt, input, inputAttempt, holder })
  }

  private onExecuted(event: Extract<WorkerEvent<W>, { kind: 'executed' }>): void {
    const { tasks, attempts, nbytes } = event
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if (!this.isRunning(task, attempts[i]!)) continue
      this.keep(task, OWN, attempts[i]!, nbytes?.[i] ?? 0)
      this.leaveThread(task)
      if (this.columns.followers.size > 0) this.tellFollowers(task)
    }
  }

  /** A result is here that tasks in hand wait for. */
  private tellFollowers(task: number): void {
    const { followers, missing, phase } = this.columns
    const waiting = followers.get(task)
    if (waiting === undefined) return
    followers.delete(task)
    for (const follower of waiting) {
      if (phase[follower] === NONE) continue
      missing[follower]!--
      if (phase[follower] === RUNNING) this.dealer.inputCame(follower, task)
      else if (missing[follower] === 0) this.dealer.makeReady(follower)
    }
  }

  private onCancel(tasks: Int32Array, attempts: Int32Array): void {
    const { columns } = this
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if (task >= columns.phase.length) continue
      if (columns.phase[task] !== NONE && columns.attempt[task]! <= attempts[i]!) this.abandon(task)
      // It may have been done before word came that nobody wants it.
      if (columns.held[task] === OWN && columns.version[task]! <= attempts[i]!) this.release(task)
    }
  }

  // Results ----------------------------------------------------------------------------------------

  private onFree(tasks: Int32Array, attempts: Int32Array): void {
    const { held, version } = this.columns
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if ((held[task] ?? ABSENT) !== ABSENT && version[task]! <= attempts[i]!) this.release(task)
    }
  }

  /** The scheduler wants a result no more; a task in hand may still read what it has lost track of. */
  private release(task: number): void {
    if (this.columns.uses[task]! > 0) this.columns.held[task] = COPY
    else this.drop(task)
  }

  private drop(task: number): void {
    const { held, nbytes } = this.columns
    if (held[task] !== ABSENT) this.memory.remove(task, nbytes[task]!)
    held[task] = ABSENT
    nbytes[task] = 0
    this.toDrop.push(task)
  }

  /** A result is here now, in place of any other of its task. */
  private keep(task: number, how: number, attempt: number, nbytes: number): void {
    const { columns } = this
    if (columns.held[task] !== ABSENT) this.memory.remove(task, columns.nbytes[task]!)
    columns.held[task] = how
    columns.version[task] = attempt
    columns.nbytes[task] = nbytes
    this.memory.add(task, nbytes)
  }

  private onFetched(event: Extract<WorkerEvent<W>, { kind: 'fetched' }>): void {
    const { columns } = this
    const kept: number[] = []
    const attempts: number[] = []
    for (let i = 0; i < event.tasks.length; i++) {
      const input = event.tasks[i]!
      const fetch = this.fetches.get(input)
      if (fetch === undefined || fetch.attempt !== event.attempts[i]) {
        if ((columns.held[input] ?? ABSENT) === ABSENT) this.toDrop.push(input)
        continue
      }
      this.fetches.end(input, fetch)
      this.keep(input, COPY, fetch.attempt, event.nbytes[i]!)
      if (columns.uses[input] === 0) {
        this.drop(input)
        continue
      }
      if (event.nbytes[i]! >= this.settings.replicateFrom || this.isAcquired(fetch)) {
        columns.held[input] = REPLICA
        kept.push(input)
        attempts.push(fetch.attempt)
      }
      for (const task of fetch.waiters)
        if (--columns.missing[task]! === 0) this.dealer.makeReady(task)
    }
    if (kept.length > 0) this.instructions.push({ kind: 'replicated', tasks: kept, attempts })
  }

  /** Whether a task that waits for it wants it kept here. */
  private isAcquired({ waiters }: Fetch): boolean {
    const { work, place } = this.columns
    return waiters.some((task) => {
      const acquire = work[task]?.acquire
      return acquire !== undefined && acquire.length > 0 && acquire.includes(place[task]!)
    })
  }

  private onNotFetched(peer: number, tasks: ArrayLike<number>): void {
    for (let i = 0; i < tasks.length; i++) {
      const fetch = this.fetches.get(tasks[i]!)
      if (fetch?.peer === peer) this.failFetch(tasks[i]!, fetch)
    }
  }

  private failFetch(input: number, fetch: Fetch): void {
    this.fetches.end(input, fetch)
    for (const task of new Set(fetch.waiters)) this.giveBack(task, input, fetch.attempt, fetch.peer)
  }

  /** An input that was on disk is lost: the scheduler has it made again. */
  private onUnreadable(task: number, attempt: number, input: number): void {
    if (!this.isRunning(task, attempt)) return
    const { held, version } = this.columns
    const inputAttempt = version[input]!
    const holder = this.settings.worker
    this.leaveThread(task)
    this.instructions.push({ kind: 'missing', task, attempt, input, inputAttempt, holder })
    if (held[input] === ABSENT) return
    this.drop(input)
    // Others in hand count on it too; those that run have it already, or say themselves that they do not.
    const { phase } = this.columns
    for (let other = 0; other < phase.length; other++) {
      if (phase[other] === NONE || phase[other] === RUNNING) continue
      let reads = false
      this.eachInput(other, (slot) => {
        reads ||= slot === input
      })
      if (reads) this.giveBack(other, input, inputAttempt, holder)
    }
  }

  // Threads ----------------------------------------------------------------------------------------

  private onThreadLeft(thread: number, reason: string, isBlameless: boolean): void {
    for (const { task, deaths } of this.dealer.leave(thread, isBlameless)) {
      const attempt = this.columns.attempt[task]!
      this.letGo(task)
      this.instructions.push({ kind: 'deadly', task, attempt, deaths, reason })
    }
  }

  private onReset(): void {
    const { columns } = this
    for (let task = 0; task < columns.phase.length; task++) {
      if (columns.phase[task] !== NONE) this.abandon(task)
      if (columns.held[task] !== ABSENT) this.drop(task)
    }
    this.fetches.clear()
    columns.followers.clear()
    this.dealer.clear()
  }

  /** What is to be done, dropping and taking back first. */
  private drain(): WorkerInstruction[] {
    const { instructions } = this
    this.instructions = []
    if (this.toDrop.length > 0) {
      // A copy may have been dropped right before the task itself was told to be done, here.
      const tasks = this.toDrop.filter((task) => (this.columns.held[task] ?? ABSENT) === ABSENT)
      if (tasks.length > 0) instructions.unshift({ kind: 'drop', tasks })
      this.toDrop = []
    }
    takeLists(this.toTakeBack, (thread, list) =>
      instructions.unshift({ kind: 'take-back', thread, ...list }),
    )
    this.fetches.drainTo(instructions)
    return instructions
  }
}
