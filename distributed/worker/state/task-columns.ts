/** What a worker knows of each task and result, in flat columns by the scheduler's slot. */
import type { Work } from './worker-events.js'

/** Not in hand. */
export const NONE = 0
/** In hand; some inputs are on their way. */
export const WAITING = 1
/** In hand; all inputs are here. */
export const READY = 2
/** Given to a thread. */
export const RUNNING = 3

/** How a result is here: not at all. */
export const ABSENT = 0
/** Computed here; kept until the scheduler frees it. */
export const OWN = 1
/** Fetched; kept while tasks in hand read it. */
export const COPY = 2
/** Fetched; the scheduler was told, and frees it. */
export const REPLICA = 3

/** The columns. Only the worker's state writes to them. */
export class WorkerColumns<W extends Work> {
  phase = new Uint8Array(1024)
  /** The attempt of the task in hand. */
  attempt = new Int32Array(1024)
  /** How many inputs are not here; counts repeats. */
  missing = new Int32Array(1024)
  /** While running: the thread. */
  thread = new Int32Array(1024)
  /** How the slot's result is here. */
  held = new Uint8Array(1024)
  /** Which attempt made that result. */
  version = new Int32Array(1024)
  /** The bytes of that result. */
  nbytes = new Float64Array(1024)
  /** How often tasks in hand read the slot's result. */
  uses = new Int32Array(1024)
  /** Tasks in hand that wait for the result of another task in hand; one that reads it twice is in twice. */
  readonly followers = new Map<number, number[]>()
  /** The message that a task in hand came with, and its place there. */
  work: (W | undefined)[] = []
  place = new Int32Array(1024)

  /** Makes room for a slot. */
  reach(slot: number): void {
    if (slot < this.phase.length) return
    let size = this.phase.length
    while (size <= slot) size *= 2
    this.phase = widen(this.phase, new Uint8Array(size))
    this.attempt = widen(this.attempt, new Int32Array(size))
    this.missing = widen(this.missing, new Int32Array(size))
    this.thread = widen(this.thread, new Int32Array(size))
    this.held = widen(this.held, new Uint8Array(size))
    this.version = widen(this.version, new Int32Array(size))
    this.nbytes = widen(this.nbytes, new Float64Array(size))
    this.uses = widen(this.uses, new Int32Array(size))
    this.place = widen(this.place, new Int32Array(size))
  }
}

function widen<T extends { set(other: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
