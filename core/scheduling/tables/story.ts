/**
 * The story of tasks: the last transitions of all of them with their reasons, in columns of a ring
 * buffer, without strings. An entry costs six stores and no memory of its own; sentences are made
 * when somebody asks (`story-sentences.ts`).
 *
 * The story reads no clock: the caller of the scheduler's state sets `now` before each event.
 */

/** Some inputs are not in memory; `a` is how many. */
export const WAITS = 0
/** Ready; in the queue that all workers share. */
export const QUEUED_SHARED = 1
/** Ready; in the queue of the worker that holds most bytes of its inputs. */
export const QUEUED_AT_WORKER = 2
/** Ready; it has no inputs. */
export const QUEUED_ROOT = 3
/** Ready; only some workers may run it. */
export const QUEUED_RESTRICTED = 4
/** Ready; it runs alone, since workers were lost while they ran it; `a` is how many. */
export const QUEUED_ALONE = 5
/** Sent to a worker. */
export const SENT = 6
/** Sent to a worker right behind a task that it reads. */
export const SENT_IN_CHAIN = 7
/** Finished; `a` is the size of the result in bytes, `b` the milliseconds. */
export const FINISHED = 8
/** Failed and runs again; `a` is how many retries are left. */
export const FAILED_RETRIES_LEFT = 9
/** Failed, with no retries left. */
export const FAILED = 10
/** A task that it needs failed; `a` is the slot of that task. */
export const FAILED_WITH_INPUT = 11
/** Failed since too many workers were lost while they ran it; `a` is how many. */
export const FAILED_LOST_WORKERS = 12
/** The worker that it was assigned to is lost. */
export const WORKER_LOST = 13
/** The last worker that held the result is lost, or does not have it. */
export const RESULT_LOST = 14
/** The worker could not fetch its inputs. */
export const INPUTS_MISSING = 15
/** Taken back from a worker that does not finish the task before it. */
export const RECALLED = 16
/** Not needed any more; taken back from its worker. */
export const CANCELLED = 17
/** Not needed any more before it was assigned. */
export const RELEASED_UNFINISHED = 18
/** Not needed any more; the result was freed. */
export const RESULT_FREED = 19
/** A client asked to compute it again. */
export const RETRIED = 20
/** It waits for tasks that it started; its worker can run others meanwhile. */
export const SECEDED = 21

export type StoryCode =
  | typeof WAITS
  | typeof QUEUED_SHARED
  | typeof QUEUED_AT_WORKER
  | typeof QUEUED_ROOT
  | typeof QUEUED_RESTRICTED
  | typeof QUEUED_ALONE
  | typeof SENT
  | typeof SENT_IN_CHAIN
  | typeof FINISHED
  | typeof FAILED_RETRIES_LEFT
  | typeof FAILED
  | typeof FAILED_WITH_INPUT
  | typeof FAILED_LOST_WORKERS
  | typeof WORKER_LOST
  | typeof RESULT_LOST
  | typeof INPUTS_MISSING
  | typeof RECALLED
  | typeof CANCELLED
  | typeof RELEASED_UNFINISHED
  | typeof RESULT_FREED
  | typeof RETRIED
  | typeof SECEDED

/** One transition of a task. */
export interface StoryEntry {
  /** The time in milliseconds, by the caller's clock. */
  readonly time: number
  readonly slot: number
  readonly code: StoryCode
  /** A worker's number; -1 for none. */
  readonly worker: number
  /** Their meaning depends on the code. */
  readonly a: number
  readonly b: number
}

export class Story {
  /** The time of the event that is being handled. */
  now = 0
  /** How many entries were ever added. */
  total = 0
  /** How many entries are kept. */
  readonly length: number
  private readonly slots: Int32Array
  private readonly codes: Uint8Array
  private readonly workers: Int32Array
  private readonly as: Float64Array
  private readonly bs: Float32Array
  private readonly times: Float64Array
  private at = 0

  /** `length` is how many entries are kept; 0 for none. */
  constructor(length: number) {
    this.length = length
    this.slots = new Int32Array(length)
    this.codes = new Uint8Array(length)
    this.workers = new Int32Array(length)
    this.as = new Float64Array(length)
    this.bs = new Float32Array(length)
    this.times = new Float64Array(length)
  }

  /** Adds an entry; the code says what `a` and `b` are. */
  note(slot: number, code: StoryCode, worker = -1, a = 0, b = 0): void {
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

  /** Returns a slot's entries numbered `from` up to before `to`, as far as kept, oldest first. */
  of(slot: number, from = 0, to = this.total): StoryEntry[] {
    const found: StoryEntry[] = []
    for (let i = Math.max(from, this.total - this.length); i < to; i++)
      if (this.slots[i % this.length] === slot) found.push(this.entry(i))
    return found
  }

  /** Returns the last entries of all tasks, oldest first. */
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
      code: this.codes[i]! as StoryCode,
      worker: this.workers[i]!,
      a: this.as[i]!,
      b: this.bs[i]!,
    }
  }
}
