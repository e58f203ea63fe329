/**
 * What the scheduler knows of each task, in flat columns indexed by the task's slot, a small integer
 * that is reused once the computation it belonged to is forgotten. Growing doubles the columns.
 */

import type { TaskPlace } from '../interface/events.js'

/** Known, without result, not wanted now. */
export const RELEASED = 0
/** Wanted; some inputs are not in memory. */
export const WAITING = 1
/** All inputs are in memory; no worker has been chosen. */
export const QUEUED = 2
/** Sent to a worker. */
export const PROCESSING = 3
/** Its result is held by at least one worker. */
export const MEMORY = 4
/** It failed for good. */
export const ERRED = 5
/** The slot is not in use. */
export const FORGOTTEN = 6

export const stateNames = [
  'released',
  'waiting',
  'queued',
  'processing',
  'memory',
  'erred',
  'forgotten',
] as const

/** Where a task belongs: the submission that brought it, with its edges as slots. */
export interface TaskGroup {
  /** Slots of the group's own tasks. */
  readonly slots: Int32Array
  /** The group's tasks by position; a position may stand for a slot of an older group. */
  readonly slotOf: Int32Array
  readonly inputStart: Int32Array
  /** Slots. */
  readonly inputs: Int32Array
  readonly dependentStart: Int32Array
  /** Slots, of tasks of this group only. */
  readonly dependents: Int32Array
  /** Groups that some of its positions stand for tasks of; they are kept as long as this one. */
  readonly sharing: readonly TaskGroup[]
  /** What the caller gave with the submission. */
  readonly origin: unknown
  /** The keys of tasks, by position, that other submissions may share; undefined if none has any. */
  readonly sharedKey: ((task: number) => string | undefined) | undefined
  /** How many computations and other groups keep it. */
  users: number
}

/** The columns. Only the scheduler's state writes to them. */
export class TaskTable {
  /** One of the states above. */
  state = new Uint8Array(1024).fill(FORGOTTEN)
  /** How many wanted, unfinished dependents and requests need the result; counts repeats. */
  neededBy = new Int32Array(1024)
  /** How many inputs are not in memory; counts repeats. Kept while waiting or queued. */
  waitingOn = new Int32Array(1024)
  /** The worker that processes it, or that holds its result first; -1 otherwise. */
  worker = new Int32Array(1024)
  /** How often it was sent to a worker, over all uses of the slot: late messages name another attempt. */
  attempt = new Int32Array(1024)
  /** Size of the result in bytes. */
  nbytes = new Float64Array(1024)
  /** The recipe's number. */
  recipe = new Int32Array(1024)
  /** Position in its group. */
  position = new Int32Array(1024)
  /** Place in the order of all submissions; less is sooner. */
  rank = new Float64Array(1024)
  /** The user's priority; more is sooner. */
  urgency = new Float32Array(1024)
  /** While queued: the worker whose queue it is in, -1 for everybody's. */
  home = new Int32Array(1024)
  /** While waiting: the stamp of the worker and the round in which inputs were last given out. */
  stamp = new Int32Array(1024)
  /** And how many of them were. */
  given = new Int32Array(1024)
  /** While processing: the milliseconds it was expected to take. */
  cost = new Float64Array(1024)
  /** How many deaths of workers are held against it. */
  deaths = new Uint8Array(1024)
  /** How often it may still fail and be tried again. */
  retries = new Uint8Array(1024)
  /** Results whose copies stay, though nobody reads them for a while. */
  readonly pinned = new Set<number>()
  /** Where it may run, of those that may not run anywhere. */
  readonly place = new Map<number, TaskPlace>()
  /** For tasks with deaths held against them: the workers that died. */
  readonly killed = new Map<number, number[]>()
  /** The submission it came with. */
  group: (TaskGroup | undefined)[] = []

  private readonly free: number[] = []
  private next = 0

  /** Slots ever used: scans go up to here. */
  get high(): number {
    return this.next
  }

  /** A slot for a new task, in state RELEASED. */
  allocate(): number {
    const slot = this.free.pop() ?? this.next++
    if (slot >= this.state.length) this.grow()
    this.state[slot] = RELEASED
    this.neededBy[slot] = 0
    this.waitingOn[slot] = 0
    this.worker[slot] = -1
    this.nbytes[slot] = 0
    this.stamp[slot] = 0
    this.deaths[slot] = 0
    this.retries[slot] = 0
    return slot
  }

  /** The slots a task reads, in order. */
  inputsOf(slot: number): Int32Array {
    const { inputs, inputStart } = this.group[slot]!
    const at = this.position[slot]!
    return inputs.subarray(inputStart[at]!, inputStart[at + 1]!)
  }

  /** Whether a worker has this attempt at a task in hand. */
  isInHand(worker: number, slot: number, attempt: number): boolean {
    return (
      this.state[slot] === PROCESSING &&
      this.worker[slot] === worker &&
      this.attempt[slot] === attempt
    )
  }

  /** Holds a worker's death against a task. */
  addDeath(slot: number, worker: number): void {
    this.deaths[slot]!++
    const killed = this.killed.get(slot)
    if (killed === undefined) this.killed.set(slot, [worker])
    else killed.push(worker)
  }

  /** A worker has not died after all: what was held against tasks is not any more. */
  undoDeath(worker: number): void {
    for (const [slot, killed] of this.killed) {
      const left = killed.filter((id) => id !== worker)
      this.deaths[slot] = left.length
      if (left.length > 0) this.killed.set(slot, left)
      else this.killed.delete(slot)
    }
  }

  /** Holds nothing against a task any more. */
  clearDeaths(slot: number): void {
    this.deaths[slot] = 0
    this.killed.delete(slot)
  }

  /** Gives a slot back. */
  forget(slot: number): void {
    if (this.deaths[slot]! > 0) this.clearDeaths(slot)
    this.state[slot] = FORGOTTEN
    this.group[slot] = undefined
    if (this.place.size > 0) this.place.delete(slot)
    if (this.pinned.size > 0) this.pinned.delete(slot)
    this.free.push(slot)
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
    this.urgency = widen(this.urgency, new Float32Array(size))
    this.home = widen(this.home, new Int32Array(size))
    this.stamp = widen(this.stamp, new Int32Array(size))
    this.given = widen(this.given, new Int32Array(size))
    this.cost = widen(this.cost, new Float64Array(size))
    this.deaths = widen(this.deaths, new Uint8Array(size))
    this.retries = widen(this.retries, new Uint8Array(size))
  }
}

function widen<T extends { set(other: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
