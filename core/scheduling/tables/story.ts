/**
 * What became of tasks, and why: the last transitions of all of them, in columns of a ring, without
 * texts. Noting one costs six stores; nothing else is kept, so that the memory stays flat. Texts are
 * made when somebody asks for the story of a task.
 *
 * Like the state it belongs to it reads no clock: whoever drives the state sets `now` before events.
 */

import type { stateNames } from './task-table.js'

/** Some inputs are not in memory; `a` is how many. */
export const WAITS = 0
/** Ready, in everybody's queue. */
export const QUEUED_ANYWHERE = 1
/** Ready, in the queue of a worker, which holds most bytes of its inputs. */
export const QUEUED_AT = 2
/** Ready, needs no inputs. */
export const QUEUED_ROOT = 3
/** Ready, may run at some workers only. */
export const QUEUED_PLACED = 4
/** Ready, is to run alone since workers died with it in hand; `a` is how many. */
export const QUEUED_ALONE = 5
/** Sent to a worker. */
export const SENT = 6
/** Sent to the worker right behind a task that it reads. */
export const SENT_BEHIND = 7
/** Done; `a` is the bytes of the result, `b` the milliseconds. */
export const FINISHED = 8
/** It failed and is tried again; `a` is how often it may still fail. */
export const FAILED_ONCE = 9
/** It failed for good. */
export const FAILED = 10
/** A task that it needs failed; `a` is the slot of that. */
export const FAILED_WITH = 11
/** Blamed for deaths of workers; `a` is how many. */
export const BLAMED = 12
/** The worker that had it in hand is gone. */
export const WORKER_GONE = 13
/** The last worker that held the result is gone, or does not have it after all. */
export const LOST = 14
/** The worker could not get its inputs. */
export const INPUTS_MISSING = 15
/** Taken back from a worker that does not do the task before it after all. */
export const RECALLED = 16
/** Nobody needs it: taken back from the worker that had it in hand. */
export const CANCELLED = 17
/** Nobody needs it: not to be done. */
export const RELEASED_UNDONE = 18
/** Nobody needs the result: it was dropped. */
export const DROPPED = 19
/** A client wants it to be tried again. */
export const RETRIED = 20

/** It waits for tasks that it started itself, and its worker may run others meanwhile. */
export const SECEDED = 21

/** A transition as it was noted. */
export interface StoryEntry {
  /** Milliseconds, of the clock of whoever drives the state. */
  readonly time: number
  readonly slot: number
  readonly code: number
  /** A worker's number; -1 for none. */
  readonly worker: number
  readonly a: number
  readonly b: number
}

export class Story {
  /** The time of the event that is being handled. */
  now = 0
  /** How many transitions were noted, ever. */
  total = 0
  /** How many are kept. */
  readonly length: number
  private readonly slots: Int32Array
  private readonly codes: Uint8Array
  private readonly workers: Int32Array
  private readonly as: Float64Array
  private readonly bs: Float32Array
  private readonly times: Float64Array
  private at = 0

  /** `length` is how many transitions are kept; 0 for none. */
  constructor(length: number) {
    this.length = length
    this.slots = new Int32Array(length)
    this.codes = new Uint8Array(length)
    this.workers = new Int32Array(length)
    this.as = new Float64Array(length)
    this.bs = new Float32Array(length)
    this.times = new Float64Array(length)
  }

  /** Notes a transition; what `a` and `b` are is the code's business. */
  note(slot: number, code: number, worker = -1, a = 0, b = 0): void {
    if (this.length === 0) return
    const { at } = this
    this.slots[at] = slot
    this.codes[at] = code
    this.workers[at] = worker
    this.as[at] = a
    this.bs[at] = b
    this.times[at] = this.now
    this.at = at + 1 === this.length ? 0 : at + 1
    this.total++
  }

  /** What is kept of a slot, of the transitions from number `from` up to before `to`, the oldest first. */
  of(slot: number, from = 0, to = this.total): StoryEntry[] {
    const found: StoryEntry[] = []
    for (let i = Math.max(from, this.total - this.length); i < to; i++)
      if (this.slots[i % this.length] === slot) found.push(this.entry(i))
    return found
  }

  /** The last transitions of all tasks, the oldest first. */
  last(count: number): StoryEntry[] {
    const found: StoryEntry[] = []
    const from = Math.max(0, this.total - Math.min(count, this.length))
    for (let i = from; i < this.total; i++) found.push(this.entry(i))
    return found
  }

  private entry(number: number): StoryEntry {
    const i = number % this.length
    return {
      time: this.times[i]!,
      slot: this.slots[i]!,
      code: this.codes[i]!,
      worker: this.workers[i]!,
      a: this.as[i]!,
      b: this.bs[i]!,
    }
  }
}

/** What tasks and workers are called. */
export interface StoryNames {
  task(slot: number): string
  worker(worker: number): string
}

/** The state that a transition leads to. */
export function stateAfter(code: number): (typeof stateNames)[number] {
  if (code === WAITS || code === FAILED_ONCE) return 'waiting'
  if (code === WORKER_GONE || code === INPUTS_MISSING || code === RECALLED) return 'waiting'
  if (code >= QUEUED_ANYWHERE && code <= QUEUED_ALONE) return 'queued'
  if (code === SENT || code === SENT_BEHIND || code === SECEDED) return 'processing'
  if (code === FINISHED) return 'memory'
  if (code === FAILED || code === FAILED_WITH || code === BLAMED) return 'erred'
  return 'released'
}

/** A transition in words; `attempt` counts how often the task was sent to a worker, this time included. */
export function tell(entry: StoryEntry, names: StoryNames, attempt = 0): string {
  const { code, a, b } = entry
  const worker = entry.worker < 0 ? 'a worker' : names.worker(entry.worker)
  switch (code) {
    case WAITS:
      return `waits for ${many(a, 'input')}`
    case QUEUED_ANYWHERE:
      return 'ready: queued for whichever worker has room first'
    case QUEUED_AT:
      return `ready: queued at ${worker}, which holds most bytes of its inputs`
    case QUEUED_ROOT:
      return 'ready, since it reads nothing: queued for when no other task is ready'
    case QUEUED_PLACED:
      return 'ready: queued for the workers that it may run at'
    case QUEUED_ALONE:
      return `ready: queued to run alone, since ${many(a, 'worker')} died with it in hand`
    case SENT:
      return `sent to ${worker}${attempt > 0 ? `, attempt ${attempt}` : ''}`
    case SENT_BEHIND:
      return `sent to ${worker} right behind what it reads${attempt > 0 ? `, attempt ${attempt}` : ''}`
    case FINISHED:
      return `finished at ${worker} in ${round(b)} ms, with ${many(a, 'byte')}`
    case FAILED_ONCE:
      return `failed at ${worker}; it is tried again, and may fail ${many(a, 'more time')}`
    case FAILED:
      return `failed at ${worker}`
    case FAILED_WITH:
      return `failed, since '${names.task(a)}' did`
    case BLAMED:
      return `blamed for the deaths of ${many(a, 'worker')}`
    case WORKER_GONE:
      return `${worker}, which had it in hand, is gone`
    case LOST:
      return `the result is lost: ${worker} held it, and is gone or does not have it any more`
    case INPUTS_MISSING:
      return `${worker} could not get its inputs, and gave it back`
    case RECALLED:
      return `taken back from ${worker}, since a task that it reads was not done there after all`
    case CANCELLED:
      return `cancelled at ${worker}: nobody needs it any more`
    case RELEASED_UNDONE:
      return 'released undone: nobody needs it any more'
    case DROPPED:
      return 'the result was dropped: nobody needs it any more'
    case RETRIED:
      return 'to be tried again, as a client asked'
    case SECEDED:
      return `waits at ${worker} for tasks that it started, and makes room for others`
    default:
      return 'something that has no words'
  }
}

/** `3 inputs`, `1 input`. */
export function many(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
