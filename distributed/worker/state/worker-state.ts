/**
 * The worker's state machine: which tasks are assigned, which of their inputs are here or being
 * fetched, and which thread runs what. Pure; `handle` is the only mutator.
 *
 * An assigned task waits for inputs, is ready, or runs on a thread (`task-columns.ts` has the
 * transitions). `assigned-tasks.ts` follows the tasks and their inputs, `thread-dispatcher.ts` hands
 * ready tasks to threads, `local-results.ts` and `memory-state.ts` look after the results.
 */
import { AssignedTasks } from './assigned-tasks.js'
import { LocalResults } from './local-results.js'
import { MemoryState, type MemoryThresholds, noMemoryLimit } from './memory-state.js'
import { PendingFetches } from './pending-fetches.js'
import {
  PHASE_UNASSIGNED,
  RESULT_ABSENT,
  RESULT_OWN,
  RESULT_TEMPORARY,
  TaskColumns,
} from './task-columns.js'
import { ThreadDispatcher } from './thread-dispatcher.js'
import type { TaskAssignment, WorkerEvent, WorkerInstruction } from './worker-events.js'

interface WorkerSettings {
  /** The worker's own number. */
  readonly worker: number
  /** Fetched results of at least so many bytes are kept as replicas, smaller ones dropped when read. */
  readonly replicateFrom: number
  /** The number of threads that may end while they run a task, before the task fails. */
  readonly allowedThreadFailures: number
  readonly memory: MemoryThresholds
}

const defaults: WorkerSettings = {
  worker: -1,
  replicateFrom: 16_384,
  allowedThreadFailures: 3,
  memory: noMemoryLimit,
}

type EventOf<A extends TaskAssignment, Kind> = Extract<WorkerEvent<A>, { kind: Kind }>

export class WorkerState<A extends TaskAssignment = TaskAssignment> {
  readonly columns = new TaskColumns<A>()
  readonly memory: MemoryState
  private readonly replicateFrom: number
  private readonly dispatcher: ThreadDispatcher<A>
  private readonly fetches: PendingFetches
  private readonly results: LocalResults<A>
  private readonly tasks: AssignedTasks<A>
  private instructions: WorkerInstruction[] = []

  constructor(settings: Partial<WorkerSettings> = {}) {
    const { worker, replicateFrom, allowedThreadFailures, memory } = { ...defaults, ...settings }
    this.replicateFrom = replicateFrom
    this.memory = new MemoryState(memory)
    this.fetches = new PendingFetches(this.memory)
    this.dispatcher = new ThreadDispatcher(this.columns, allowedThreadFailures, this.memory)
    this.results = new LocalResults(this.columns, this.memory)
    this.tasks = new AssignedTasks(worker, {
      columns: this.columns,
      results: this.results,
      fetches: this.fetches,
      dispatcher: this.dispatcher,
      emit: (instruction) => this.instructions.push(instruction),
    })
  }

  /** Sets the worker's own number, when a session begins. */
  setWorker(worker: number): void {
    this.tasks.worker = worker
  }

  /** Handles one event and returns what is to be done because of it. */
  handle(event: WorkerEvent<A>): WorkerInstruction[] {
    switch (event.kind) {
      case 'compute':
        this.tasks.assign(event.assignment)
        break
      case 'executed':
        this.onExecuted(event)
        break
      case 'seceded':
        if (this.isRunning(event.task, event.attempt)) this.dispatcher.secede(event.task)
        break
      case 'acquire':
        this.onAcquire(event)
        break
      case 'fetched':
        this.onFetched(event)
        break
      case 'free':
        this.results.free(event.tasks, event.attempts)
        break
      case 'cancel':
        this.onCancel(event.tasks, event.attempts)
        break
      case 'failed':
        if (this.isRunning(event.task, event.attempt)) this.tasks.leaveThread(event.task)
        break
      case 'not-fetched':
        this.onNotFetched(event.peer, event.tasks)
        break
      case 'peer-left':
        this.onPeerLeft(event.peer)
        break
      case 'peer-unreachable':
        this.fetches.markUnreachable(event.peer)
        break
      case 'peer-retried':
        this.fetches.markReachable(event.peer)
        break
      case 'thread-joined':
        this.dispatcher.addThread(event.thread)
        break
      case 'thread-left':
        this.onThreadLeft(event.thread, event.reason, event.isDeliberate === true)
        break
      case 'unreadable':
        if (this.isRunning(event.task, event.attempt))
          this.tasks.returnUnreadable(event.task, event.input)
        break
      case 'spilled':
        this.memory.onSpilled(event.task, event.write, event.fault, this.instructions)
        break
      case 'memory-measured':
        this.memory.onMeasured(event.processBytes, event.functionBytes ?? 0, this.instructions)
        this.dispatcher.onMeasured(this.instructions)
        break
      case 'reset':
        this.onReset()
        break
      default:
        event satisfies never
    }
    this.dispatcher.dispatch(this.instructions)
    this.fetches.requestDelayed(() => this.dispatcher.isIdle)
    this.memory.plan(this.instructions)
    return this.drain()
  }

  // Queries ----------------------------------------------------------------------------------------

  /** Whether a thread runs this attempt at a task, and its result is still wanted. */
  isRunning(task: number, attempt: number): boolean {
    return this.tasks.isRunning(task, attempt)
  }

  /** Whether the result of this attempt at a task is here. */
  has(task: number, attempt: number): boolean {
    return this.results.has(task, attempt)
  }

  /** Whether no task is assigned and no result is here. */
  get isEmpty(): boolean {
    const { phase, held, uses } = this.columns
    if (!this.fetches.isEmpty) return false
    return (
      phase.every((p) => p === PHASE_UNASSIGNED) &&
      held.every((h) => h === RESULT_ABSENT) &&
      uses.every((u) => u === 0)
    )
  }

  // Events -----------------------------------------------------------------------------------------

  private onExecuted(event: EventOf<A, 'executed'>): void {
    const { tasks, attempts, nbytes } = event
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if (!this.isRunning(task, attempts[i]!)) continue
      this.results.add(task, RESULT_OWN, attempts[i]!, nbytes?.[i] ?? 0)
      this.tasks.leaveThread(task)
      this.tasks.onResultMade(task)
    }
  }

  private onCancel(tasks: Int32Array, attempts: Int32Array): void {
    const { phase, attempt, held, version } = this.columns
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      if (task >= phase.length) continue
      if (phase[task] !== PHASE_UNASSIGNED && attempt[task]! <= attempts[i]!)
        this.tasks.remove(task)
      // The task may have finished before its cancellation arrived.
      if (held[task] === RESULT_OWN && version[task]! <= attempts[i]!) this.results.release(task)
    }
  }

  private onFetched(event: EventOf<A, 'fetched'>): void {
    const { columns, results } = this
    const kept: number[] = []
    const attempts: number[] = []
    for (let i = 0; i < event.tasks.length; i++) {
      const input = event.tasks[i]!
      const nbytes = event.nbytes[i]!
      const fetch = this.fetches.find(input)
      if (fetch === undefined || fetch.attempt !== event.attempts[i]) {
        results.discardFetched(input)
        continue
      }
      this.fetches.remove(input, fetch)
      results.add(input, RESULT_TEMPORARY, fetch.attempt, nbytes)
      const isAcquired = fetch.isAcquired || this.tasks.isAcquired(fetch)
      if (columns.uses[input] === 0 && !isAcquired) {
        results.drop(input)
        continue
      }
      if (nbytes >= this.replicateFrom || isAcquired) {
        results.keepAsReplica(input)
        kept.push(input)
        attempts.push(fetch.attempt)
      }
      if (columns.uses[input] === 0) this.memory.markIdle(input)
      this.tasks.onInputFetched(fetch)
    }
    if (kept.length > 0) this.instructions.push({ kind: 'replicated', tasks: kept, attempts })
  }

  private onAcquire({ tasks, attempts, holders, nbytes }: EventOf<A, 'acquire'>): void {
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      const attempt = attempts[i]!
      this.columns.reach(task)
      if (!this.results.has(task, attempt))
        this.fetches.acquire(task, { attempt, peer: holders[i]!, nbytes: nbytes[i]! })
    }
  }

  private onNotFetched(peer: number, tasks: ArrayLike<number>): void {
    for (let i = 0; i < tasks.length; i++) {
      const fetch = this.fetches.find(tasks[i]!)
      if (fetch?.peer === peer) this.tasks.failFetch(tasks[i]!, fetch)
    }
  }

  private onPeerLeft(peer: number): void {
    for (const [input, fetch] of this.fetches.removePeer(peer)) this.tasks.failFetch(input, fetch)
  }

  private onThreadLeft(thread: number, reason: string, isDeliberate: boolean): void {
    for (const { task, failures } of this.dispatcher.removeThread(thread, isDeliberate)) {
      const attempt = this.columns.attempt[task]!
      this.tasks.forget(task)
      this.instructions.push({ kind: 'threads-lost', task, attempt, failures, reason })
    }
  }

  private onReset(): void {
    const { phase, held, followers } = this.columns
    for (let task = 0; task < phase.length; task++) {
      if (phase[task] !== PHASE_UNASSIGNED) this.tasks.remove(task)
      if (held[task] !== RESULT_ABSENT) this.results.drop(task)
    }
    this.fetches.clear()
    followers.clear()
    this.dispatcher.clear()
  }

  /** Takes the instructions: cancelling first, then dropping, then the others, fetching last. */
  private drain(): WorkerInstruction[] {
    const { instructions } = this
    this.instructions = []
    const dropped = this.results.takeDropped()
    if (dropped.length > 0) instructions.unshift({ kind: 'drop', tasks: dropped })
    this.tasks.drainCancelled(instructions)
    this.fetches.drainTo(instructions)
    return instructions
  }
}
