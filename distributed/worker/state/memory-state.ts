/**
 * What a worker's results take of its memory, and what to do about it; a part of the worker's state,
 * and as pure.
 *
 * Above the *target*, results are written to disk, those first that were not used for longest, until
 * what stays is below it; a result that is on disk already is only let go of. Results that threads
 * read now are *pinned*: letting go of them would free nothing. Copies of others' results that no
 * task in hand reads are offered back to the scheduler before anything is written. What the process
 * holds apart from results counts from the *spill* mark on. Above the *pause* mark threads get one
 * task at a time, since the task that frees memory may be the next one; so nothing can hang.
 */
import type { WorkerInstruction } from './worker-events.js'

/** Marks in bytes; all infinite for no limit. */
export interface MemoryMarks {
  readonly limit: number
  /** Stored bytes above which results are written to disk. */
  readonly target: number
  /** Bytes of the process above which more results are written. */
  readonly spill: number
  /** Bytes, stored or of the process, above which threads get one task at a time. */
  readonly pause: number
}

/** No limit. */
export const boundless: MemoryMarks = {
  limit: Number.POSITIVE_INFINITY,
  target: Number.POSITIVE_INFINITY,
  spill: Number.POSITIVE_INFINITY,
  pause: Number.POSITIVE_INFINITY,
}

/** Smaller results stay: noting where they are on disk takes as much. */
export const smallest = 512
/** Bytes that may wait to be written; what is chosen later is chosen better. */
const writingAtMost = 16 * 1024 * 1024
const writesAtMost = 256
/** Measurements after which a copy that nobody reads is offered back, short of memory or not. */
const idleFor = 5

interface Entry {
  readonly nbytes: number
  /** How many running tasks read it. */
  pins: number
  inMemory: boolean
  onDisk: boolean
  /** The number of the write under way, 0 if none is. */
  writing: number
}

export class MemoryState {
  /** Bytes of results in memory. */
  stored = 0
  /** The most that `stored` has been. */
  peak = 0
  /** Bytes of results on disk and not in memory. */
  spilled = 0
  /** Whether threads get one task at a time. */
  isPaused = false
  /** Why nothing can be written to disk, until that is tried again. */
  fault: string | undefined
  private readonly marks: MemoryMarks
  /** Results large enough to be written, the one longest not used first. */
  private readonly entries = new Map<number, Entry>()
  /** Those of them that are on disk alone. */
  private readonly away = new Map<number, Entry>()
  /** Copies that no task in hand reads, with the number of the last measurement before that. */
  private readonly idle = new Map<number, number>()
  /** Copies that were offered back since the last measurement. */
  private readonly offered = new Set<number>()
  private writingBytes = 0
  private writes = 0
  private nextWrite = 1
  private measurements = 0
  private processBytes = 0
  /** Stored bytes to come down to because of what the process holds. */
  private processTarget = Number.POSITIVE_INFINITY

  constructor(marks: MemoryMarks = boundless) {
    this.marks = marks
  }

  /** Whether writes are under way. */
  get isWriting(): boolean {
    return this.writes > 0
  }

  /** Bytes of inputs that all threads together may be given ahead of what they run. */
  get ahead(): number {
    return this.marks.limit / 8
  }

  /** Whether there is room for so many more bytes of inputs from other workers, with what is on its way. */
  hasRoomFor(nbytes: number, onTheirWay: number): boolean {
    return this.stored + onTheirWay + nbytes <= this.marks.target
  }

  /** Why a result of this size cannot be kept, if it cannot. */
  refusal(nbytes: number): string | undefined {
    return this.stored + nbytes > this.marks.limit ? this.fault : undefined
  }

  /** A result is here now. */
  add(slot: number, nbytes: number): void {
    this.hold(nbytes)
    if (nbytes < smallest) return
    this.entries.set(slot, { nbytes, pins: 0, inMemory: true, onDisk: false, writing: 0 })
  }

  /** A result of this size is here no more. */
  remove(slot: number, nbytes: number): void {
    const entry = nbytes < smallest ? undefined : (this.entries.get(slot) ?? this.away.get(slot))
    if (entry === undefined || entry.inMemory) this.stored -= nbytes
    else this.spilled -= nbytes
    if (entry === undefined) return
    if (entry.writing > 0) this.stopWriting(entry)
    this.entries.delete(slot)
    this.away.delete(slot)
    this.idle.delete(slot)
    this.offered.delete(slot)
  }

  /** A thread is given a task that reads it: it is taken into memory if it is not there. */
  pin(slot: number): void {
    const entry = this.entries.get(slot) ?? this.away.get(slot)
    if (entry === undefined) return
    entry.pins++
    if (!entry.inMemory) {
      entry.inMemory = true
      this.hold(entry.nbytes)
      this.spilled -= entry.nbytes
      this.away.delete(slot)
    }
    // Last in the order: used most lately.
    this.entries.delete(slot)
    this.entries.set(slot, entry)
  }

  /** A task that reads it left its thread. */
  unpin(slot: number): void {
    const entry = this.entries.get(slot)
    if (entry !== undefined && entry.pins > 0) entry.pins--
  }

  /** No task in hand reads this copy of another worker's result. */
  rest(slot: number): void {
    if (this.entries.has(slot) || this.away.has(slot)) this.idle.set(slot, this.measurements)
  }

  /** A task in hand reads it again. */
  wake(slot: number): void {
    if (this.idle.size > 0) this.idle.delete(slot)
  }

  /** A write has ended, or failed. */
  onSpilled(slot: number, write: number, fault: string | undefined, to: WorkerInstruction[]): void {
    const entry = this.entries.get(slot)
    if (entry?.writing !== write) return
    this.stopWriting(entry)
    if (fault !== undefined) {
      this.fault = fault
      return
    }
    this.fault = undefined
    entry.onDisk = true
    if (entry.pins === 0) this.letGo([slot], to)
  }

  /** What the process holds was measured; comes about once a second. */
  onMeasured(processBytes: number, to: WorkerInstruction[]): void {
    const { target, spill } = this.marks
    this.measurements++
    this.processBytes = processBytes
    this.processTarget =
      processBytes > spill
        ? Math.max(0, this.stored - (processBytes - target))
        : Number.POSITIVE_INFINITY
    // A disk that was full may have room by now.
    this.fault = undefined
    // The scheduler had no other holder of copies that are still here: they are kept like any result.
    for (const slot of this.offered) this.idle.delete(slot)
    this.offered.clear()
    const surplus: number[] = []
    for (const [slot, since] of this.idle) {
      if (this.measurements - since > idleFor) surplus.push(slot)
    }
    this.offer(surplus, to)
  }

  /** What is to be done about the memory now. */
  plan(to: WorkerInstruction[]): void {
    const { limit, target } = this.marks
    if (limit === Number.POSITIVE_INFINITY) return
    let excess = this.stored - this.writingBytes - Math.min(target, this.processTarget)
    if (excess > 0) {
      excess -= this.offerIdle(excess, to)
      this.free(excess, to)
    }
    this.checkPause(to)
  }

  private hold(nbytes: number): void {
    this.stored += nbytes
    if (this.stored > this.peak) this.peak = this.stored
  }

  private checkPause(to: WorkerInstruction[]): void {
    const { target, pause } = this.marks
    // Resuming well below the mark: every change is told to the scheduler.
    const mark = this.isPaused ? (target + pause) / 2 : pause
    const isPaused = this.stored > mark || this.processBytes > pause
    if (isPaused === this.isPaused) return
    this.isPaused = isPaused
    to.push({ kind: 'status' })
  }

  /** Offers idle copies back; the bytes of those offered, before or now. */
  private offerIdle(excess: number, to: WorkerInstruction[]): number {
    let bytes = 0
    const surplus: number[] = []
    for (const slot of this.idle.keys()) {
      if (bytes >= excess) break
      const entry = this.entries.get(slot)
      if (entry === undefined || entry.writing > 0) continue
      bytes += entry.nbytes
      if (!this.offered.has(slot)) surplus.push(slot)
    }
    this.offer(surplus, to)
    return bytes
  }

  private offer(surplus: number[], to: WorkerInstruction[]): void {
    if (surplus.length === 0) return
    for (const slot of surplus) this.offered.add(slot)
    to.push({ kind: 'surplus', tasks: surplus })
  }

  /** Frees so many bytes, or has them written, the results first that were not used for longest. */
  private free(excess: number, to: WorkerInstruction[]): void {
    const gone: number[] = []
    const tasks: number[] = []
    const writes: number[] = []
    let left = excess
    for (const [slot, entry] of this.entries) {
      if (left <= 0) break
      if (entry.pins > 0 || entry.writing > 0 || this.offered.has(slot)) continue
      if (entry.onDisk) {
        gone.push(slot)
        left -= entry.nbytes
        continue
      }
      if (this.fault !== undefined) continue
      const isFull = this.writes >= writesAtMost || this.writingBytes >= writingAtMost
      if (isFull) break
      entry.writing = this.nextWrite++
      this.writes++
      this.writingBytes += entry.nbytes
      left -= entry.nbytes
      tasks.push(slot)
      writes.push(entry.writing)
    }
    this.letGo(gone, to)
    if (tasks.length > 0) to.push({ kind: 'spill', tasks, writes })
  }

  /** Lets go of results that are on disk. */
  private letGo(tasks: number[], to: WorkerInstruction[]): void {
    if (tasks.length === 0) return
    for (const slot of tasks) {
      const entry = this.entries.get(slot)!
      entry.inMemory = false
      this.stored -= entry.nbytes
      this.spilled += entry.nbytes
      this.entries.delete(slot)
      this.away.set(slot, entry)
    }
    to.push({ kind: 'unload', tasks })
  }

  private stopWriting(entry: Entry): void {
    entry.writing = 0
    this.writes--
    this.writingBytes -= entry.nbytes
  }
}
