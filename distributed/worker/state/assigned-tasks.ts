/**
 * The tasks that the scheduler has assigned to a worker, and what they wait for: inputs that are
 * fetched from other workers, and results of tasks before them on this one. A pure part of the
 * worker's state.
 *
 * A task whose input cannot be had is returned to the scheduler, which decides what to do.
 */
import { type AttemptLists, appendAttempt, drainLists } from './attempt-lists.js'
import type { LocalResults } from './local-results.js'
import type { PendingFetch, PendingFetches } from './pending-fetches.js'
import { PHASE_RUNNING, PHASE_UNASSIGNED, PHASE_WAITING, type TaskColumns } from './task-columns.js'
import type { ThreadDispatcher } from './thread-dispatcher.js'
import type { TaskAssignment, WorkerInstruction } from './worker-events.js'

interface StateParts<A extends TaskAssignment> {
  readonly columns: TaskColumns<A>
  readonly results: LocalResults<A>
  readonly fetches: PendingFetches
  readonly dispatcher: ThreadDispatcher<A>
  readonly emit: (instruction: WorkerInstruction) => void
}

export class AssignedTasks<A extends TaskAssignment> {
  /** The worker's own number. */
  worker: number
  private readonly columns: TaskColumns<A>
  private readonly results: LocalResults<A>
  private readonly fetches: PendingFetches
  private readonly dispatcher: ThreadDispatcher<A>
  private readonly emit: (instruction: WorkerInstruction) => void
  private readonly toCancel: AttemptLists = new Map()

  constructor(worker: number, parts: StateParts<A>) {
    this.worker = worker
    this.columns = parts.columns
    this.results = parts.results
    this.fetches = parts.fetches
    this.dispatcher = parts.dispatcher
    this.emit = parts.emit
  }

  /** Whether a thread runs this attempt at a task. */
  isRunning(task: number, attempt: number): boolean {
    const { phase, attempt: attemptOf } = this.columns
    return phase[task] === PHASE_RUNNING && attemptOf[task] === attempt
  }

  /** Takes the tasks of a message: each becomes ready, waits for inputs, or is returned. */
  assign(assignment: A): void {
    const { columns, results } = this
    const { tasks, attempts, inputEnd, inputs, inputAttempts } = assignment
    for (let i = 0; i < inputs.length; i++) columns.reach(inputs[i]!)
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i]!
      columns.reach(task)
      if (columns.phase[task] !== PHASE_UNASSIGNED) this.remove(task)
      columns.attempt[task] = attempts[i]!
      columns.assignment[task] = assignment
      columns.position[task] = i
      columns.setPhase(task, PHASE_WAITING)
      let missing = 0
      let unavailable = -1
      const end = inputEnd[i]!
      for (let j = i === 0 ? 0 : inputEnd[i - 1]!; j < end; j++) {
        const input = inputs[j]!
        results.addReader(input)
        if (results.has(input, inputAttempts[j]!)) continue
        missing++
        if (unavailable < 0 && !this.awaitInput(task, assignment, j)) unavailable = j
      }
      columns.missing[task] = missing
      if (unavailable >= 0) {
        const holder = assignment.holders[unavailable]!
        this.returnTask(task, inputs[unavailable]!, inputAttempts[unavailable]!, holder)
      } else if (missing === 0) this.dispatcher.makeReady(task)
    }
  }

  /** Makes a task wait for input `j`; false if the input should be on this worker and is not. */
  private awaitInput(task: number, assignment: A, j: number): boolean {
    const input = assignment.inputs[j]!
    const attempt = assignment.inputAttempts[j]!
    const peer = assignment.holders[j]!
    const fetch = this.fetches.find(input)
    if (fetch !== undefined && fetch.attempt === attempt) {
      fetch.waiters.push(task)
      return true
    }
    if (peer === this.worker) {
      const { phase, attempt: attemptOf, followers } = this.columns
      // The input may be the result of a task that was assigned just before this one.
      if (phase[input] === PHASE_UNASSIGNED || attemptOf[input] !== attempt) return false
      const list = followers.get(input)
      if (list === undefined) followers.set(input, [task])
      else list.push(task)
      return true
    }
    const nbytes = assignment.inputBytes?.[j] ?? 0
    this.fetches.add(input, { attempt, peer, nbytes }, task)
    return true
  }

  /** Removes a task in any phase; one that runs is cancelled on its thread. */
  remove(task: number): void {
    const { columns } = this
    if (columns.phase[task] === PHASE_RUNNING) {
      appendAttempt(this.toCancel, columns.thread[task]!, task, columns.attempt[task]!)
      this.leaveThread(task)
      return
    }
    this.forget(task)
  }

  /** Removes a task that its thread is done with, successfully or not. */
  leaveThread(task: number): void {
    this.dispatcher.leaveThread(task)
    this.forget(task)
  }

  /** Removes a task that no thread has. */
  forget(task: number): void {
    const { columns, results } = this
    if (columns.missing[task]! > 0) this.stopWaiting(task)
    const { inputs } = columns.assignment[task]!
    const end = columns.inputsTo(task)
    for (let j = columns.inputsFrom(task); j < end; j++) results.removeReader(inputs[j]!)
    columns.assignment[task] = undefined
    this.dispatcher.forget(task)
  }

  private stopWaiting(task: number): void {
    const { columns } = this
    const { followers } = columns
    const { inputs } = columns.assignment[task]!
    const end = columns.inputsTo(task)
    for (let j = columns.inputsFrom(task); j < end; j++) {
      const input = inputs[j]!
      for (const waiters of [this.fetches.find(input)?.waiters, followers.get(input)]) {
        const at = waiters?.indexOf(task) ?? -1
        if (at >= 0) waiters!.splice(at, 1)
      }
      if (followers.get(input)?.length === 0) followers.delete(input)
    }
  }

  /** Returns a task to the scheduler, because an input cannot be had from its holder. */
  returnTask(task: number, input: number, inputAttempt: number, holder: number): void {
    const attempt = this.columns.attempt[task]!
    this.remove(task)
    this.emit({ kind: 'missing', task, attempt, input, inputAttempt, holder })
  }

  /** Returns a running task, because an input could not be read from disk. */
  returnUnreadable(task: number, input: number): void {
    const attempt = this.columns.attempt[task]!
    const inputAttempt = this.columns.version[input]!
    const holder = this.worker
    this.leaveThread(task)
    this.emit({ kind: 'missing', task, attempt, input, inputAttempt, holder })
    if (!this.results.isHere(input)) return
    this.results.drop(input)
    this.returnReaders(input, inputAttempt)
  }

  /** Returns the tasks that read a lost input. Running ones have it already, or report it themselves. */
  private returnReaders(input: number, inputAttempt: number): void {
    const { columns } = this
    const { phase } = columns
    for (let task = 0; task < phase.length; task++) {
      if (phase[task] === PHASE_UNASSIGNED || phase[task] === PHASE_RUNNING) continue
      const inputs = columns.assignment[task]!.inputs
      const at = inputs.indexOf(input, columns.inputsFrom(task))
      if (at >= 0 && at < columns.inputsTo(task)) {
        this.returnTask(task, input, inputAttempt, this.worker)
      }
    }
  }

  /** Continues the tasks that wait for a result which was made here. */
  onResultMade(slot: number): void {
    const { followers, missing, phase } = this.columns
    if (followers.size === 0) return
    const waiting = followers.get(slot)
    if (waiting === undefined) return
    followers.delete(slot)
    for (const task of waiting) {
      if (phase[task] === PHASE_UNASSIGNED) continue
      missing[task]!--
      if (phase[task] === PHASE_RUNNING) this.dispatcher.pinNewInput(task, slot)
      else if (missing[task] === 0) this.dispatcher.makeReady(task)
    }
  }

  /** Continues the tasks that wait for a result which was fetched. */
  onInputFetched({ waiters }: PendingFetch): void {
    const { missing } = this.columns
    for (const task of waiters) if (--missing[task]! === 0) this.dispatcher.makeReady(task)
  }

  /** Returns the tasks that wait for a result which cannot be fetched. */
  failFetch(input: number, fetch: PendingFetch): void {
    this.fetches.remove(input, fetch)
    for (const task of new Set(fetch.waiters)) {
      this.returnTask(task, input, fetch.attempt, fetch.peer)
    }
  }

  /** Whether a task that waits for a result asks for it to be kept here. */
  isAcquired({ waiters }: PendingFetch): boolean {
    const { assignment, position } = this.columns
    return waiters.some((task) => {
      const acquire = assignment[task]?.acquire
      return acquire !== undefined && acquire.length > 0 && acquire.includes(position[task]!)
    })
  }

  /** Puts the instructions that cancel tasks on threads before all others. */
  drainCancelled(instructions: WorkerInstruction[]): void {
    drainLists(this.toCancel, (thread, list) =>
      instructions.unshift({ kind: 'cancel-on-thread', thread, ...list }),
    )
  }
}
