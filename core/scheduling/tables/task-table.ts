/**
 * The data of each task, in flat columns indexed by the task's slot: a small integer that is reused
 * once the task is forgotten. Growing doubles the columns. The column `state` is written by
 * `Transitions` only.
 */
import type { SharedKeys, TaskRestriction } from '../interface/submission.js'
import { FORGOTTEN, PROCESSING } from './task-states.js'

/** The tasks of one submission, with their edges as slots. */
export interface TaskGroup {
  /** Slots of the group's own tasks. */
  readonly slots: Int32Array
  /** Slots by position; a position may stand for a task of an older group. */
  readonly slotOf: Int32Array
  readonly inputStart: Int32Array
  /** Slots. */
  readonly inputs: Int32Array
  readonly dependentStart: Int32Array
  /** Slots, of tasks of this group only. */
  readonly dependents: Int32Array
  /** Older groups whose tasks it reads or shares; they live as long as this one. */
  readonly sharing: readonly TaskGroup[]
  /** The caller's own data about the submission. */
  readonly origin: unknown
  /** The keys by which other submissions share its tasks, by position; undefined if none has any. */
  readonly sharedKeys: SharedKeys | undefined
  /** How many runs and other groups use it. */
  users: number
}

/** The columns. Only the scheduler's state writes to them. */
export class TaskTable {
  /** A number of `stateNumbers`. */
  state = new Uint8Array(1024).fill(FORGOTTEN)
  /** How many unfinished dependents and runs need the result; repeated edges count. */
  neededBy = new Int32Array(1024)
  /** How many inputs are not in memory, while waiting or queued; repeated edges count. */
  waitingOn = new Int32Array(1024)
  /** The worker that it is assigned to, or the first that holds its result; -1 otherwise. */
  worker = new Int32Array(1024)
  /** How often it was assigned, over all uses of the slot: late messages have another attempt. */
  attempt = new Int32Array(1024)
  /** Size of the result in bytes. */
  nbytes = new Float64Array(1024)
  /** The recipe's number. */
  recipe = new Int32Array(1024)
  /** Position in its group. */
  position = new Int32Array(1024)
  /** Rank in the static order of all submissions; lower runs first. */
  rank = new Float64Array(1024)
  /** The user's priority; higher runs first. */
  priority = new Float32Array(1024)
  /** While queued: the worker whose queue it is in, or the number of another queue. */
  queue = new Int32Array(1024)
  /** While waiting: the stamp of the chain that last reached it (see `Chains`). */
  chainStamp = new Int32Array(1024)
  /** While waiting: how many of its inputs are assigned in that chain. */
  chainInputs = new Int32Array(1024)
  /** While processing: the milliseconds of a worker's budget that it uses. */
  cost = new Float64Array(1024)
  /** How many workers were lost while it was assigned to them. */
  failures = new Uint8Array(1024)
  /** How often it is run again if it fails. */
  retries = new Uint8Array(1024)
  /** Tasks whose results' copies stay until the results are freed. */
  readonly pinned = new Set<number>()
  /** Restrictions, of the tasks that have one. */
  readonly restriction = new Map<number, TaskRestriction>()
  /** The workers that were lost, for tasks with `failures`. */
  readonly lostWorkers = new Map<number, number[]>()
  group: (TaskGroup | undefined)[] = []

  private readonly freeSlots: number[] = []
  private next = 0

  /** One more than the highest slot ever used: scans end here. */
  get high(): number {
    return this.next
  }

  /** Returns a forgotten slot with initial values in its columns. */
  allocate(): number {
    const slot = this.freeSlots.pop() ?? this.next++
    if (slot >= this.state.length) this.grow()
    this.neededBy[slot] = 0
    this.waitingOn[slot] = 0
    this.worker[slot] = -1
    this.nbytes[slot] = 0
    this.chainStamp[slot] = 0
    this.failures[slot] = 0
    this.retries[slot] = 0
    return slot
  }

  /** Makes a slot available for another task. */
  recycle(slot: number): void {
    if (this.failures[slot]! > 0) this.clearFailures(slot)
    this.group[slot] = undefined
    if (this.restriction.size > 0) this.restriction.delete(slot)
    if (this.pinned.size > 0) this.pinned.delete(slot)
    this.freeSlots.push(slot)
  }

  /** The slots a task reads, in order. */
  inputsOf(slot: number): Int32Array {
    const { inputs, inputStart } = this.group[slot]!
    const at = this.position[slot]!
    return inputs.subarray(inputStart[at]!, inputStart[at + 1]!)
  }

  /** Whether this attempt at a task is assigned to a worker. */
  isAssigned(worker: number, slot: number, attempt: number): boolean {
    return (
      this.state[slot] === PROCESSING &&
      this.worker[slot] === worker &&
      this.attempt[slot] === attempt
    )
  }

  /** Counts the loss of a worker as a failure of a task. */
  addFailure(slot: number, worker: number): void {
    this.failures[slot]!++
    const lost = this.lostWorkers.get(slot)
    if (lost === undefined) this.lostWorkers.set(slot, [worker])
    else lost.push(worker)
  }

  /** Takes a worker that is alive after all from the failure counts of all tasks. */
  undoFailure(worker: number): void {
    for (const [slot, lost] of this.lostWorkers) {
      const left = lost.filter((id) => id !== worker)
      this.failures[slot] = left.length
      if (left.length > 0) this.lostWorkers.set(slot, left)
      else this.lostWorkers.delete(slot)
    }
  }

  /** Sets a task's failure count to 0. */
  clearFailures(slot: number): void {
    this.failures[slot] = 0
    this.lostWorkers.delete(slot)
  }

  private grow(): void {
    const size = this.state.length * 2
    const state = new Uint8Array(size).fill(FORGOTTEN)
    state.set(this.state)
    this.state = state
    this.neededBy = widen(this.neededBy, new Int32Array(size))
    this.waitingOn = widen(this.waitingOn, new Int32Array(size))
    this.worker = widen(this.worker, new Int32Array(size))
    this.attempt = widen(this.attempt, new Int32Array(size))
    this.nbytes = widen(this.nbytes, new Float64Array(size))
    this.recipe = widen(this.recipe, new Int32Array(size))
    this.position = widen(this.position, new Int32Array(size))
    this.rank = widen(this.rank, new Float64Array(size))
    this.priority = widen(this.priority, new Float32Array(size))
    this.queue = widen(this.queue, new Int32Array(size))
    this.chainStamp = widen(this.chainStamp, new Int32Array(size))
    this.chainInputs = widen(this.chainInputs, new Int32Array(size))
    this.cost = widen(this.cost, new Float64Array(size))
    this.failures = widen(this.failures, new Uint8Array(size))
    this.retries = widen(this.retries, new Uint8Array(size))
  }
}

function widen<T extends { set(other: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
