/**
 * How much memory a worker's results take, and what to do about it; a pure part of the worker's state.
 *
 * - Above the `target`, results are written to disk until the rest is below it, least recently used
 *   first. A result that is on disk already is only unloaded.
 * - Results that running tasks read are pinned: unloading them would free nothing.
 * - Idle replicas, which no assigned task reads, are offered back to the scheduler before anything is
 *   written.
 * - Above the `spill` threshold, the memory of the whole process counts too.
 * - Above the `pause` threshold, threads get one task at a time. They get that one because the task
 *   that frees memory may be the next one; so the worker never hangs.
 */
import type { WorkerInstruction } from './worker-events.js'

/** Thresholds in bytes; all infinite for no limit. */
export interface MemoryThresholds {
  readonly limit: number
  /** Stored bytes above which results are written to disk. */
  readonly target: number
  /** Bytes of the process above which more results are written. */
  readonly spill: number
  /** Bytes, stored or of the process, above which threads get one task at a time. */
  readonly pause: number
}

export const noMemoryLimit: MemoryThresholds = {
  limit: Number.POSITIVE_INFINITY,
  target: Number.POSITIVE_INFINITY,
  spill: Number.POSITIVE_INFINITY,
  pause: Number.POSITIVE_INFINITY,
}

/** Bytes below which a result always stays in memory: its record on disk would take as much. */
export const smallestSpilled = 512
/** Limits of what may wait to be written: what is chosen later is chosen better. */
const maxPendingBytes = 16 * 1024 * 1024
const maxPendingWrites = 256
/** Measurements after which an idle replica is offered back even when memory is not short. */
const maxIdleMeasurements = 5

/** A result that is large enough to be written. */
interface Entry {
  readonly nbytes: number
  /** How many running tasks read it. */
  pins: number
  inMemory: boolean
  onDisk: boolean
  /** The number of the pending write; 0 if there is none. */
  writing: number
}

export class MemoryState {
  /** Bytes of results in memory. */
  stored = 0
  /** The highest value of `stored` so far. */
  peak = 0
  /** Bytes of functions with what they captured, as of the last measurement. They count as results do. */
  functions = 0
  /** Bytes of results on disk and not in memory. */
  spilled = 0
  /** Whether threads get one task at a time. */
  isPaused = false
  /** Why the last write to disk failed, until writing is tried again. */
  diskFault: string | undefined
  private readonly thresholds: MemoryThresholds
  /** Entries in memory, least recently used first. */
  private readonly entries = new Map<number, Entry>()
  /** Entries that are on disk alone. */
  private readonly unloaded = new Map<number, Entry>()
  /** Replicas that no assigned task reads, with the number of measurements when they became idle. */
  private readonly idle = new Map<number, number>()
  /** Replicas that were offered back since the last measurement. */
  private readonly offered = new Set<number>()
  private pendingBytes = 0
  private pendingWrites = 0
  private nextWrite = 1
  private measurements = 0
  private processBytes = 0
  /** The target for stored bytes that follows from the memory of the process. */
  private processTarget = Number.POSITIVE_INFINITY

  constructor(thresholds: MemoryThresholds = noMemoryLimit) {
    this.thresholds = thresholds
  }

  /** Whether writes are pending. */
  get isWriting(): boolean {
    return this.pendingWrites > 0
  }

  /** The most bytes of inputs that all threads together may be assigned beyond what they run. */
  get maxAheadBytes(): number {
    return this.thresholds.limit / 8
  }

  /** Whether inputs of `nbytes` fit, besides the `requestedBytes` that are on their way. */
  hasRoomFor(nbytes: number, requestedBytes: number): boolean {
    // What is on its way takes memory of the sender too, and until it is collected, of the socket.
    if (requestedBytes > 0 && requestedBytes + nbytes > this.thresholds.limit / 16) return false
    return this.stored + this.functions + requestedBytes + nbytes <= this.target
  }

  /** Why a result of `nbytes` cannot be stored; undefined if it can. */
  whyNoRoom(nbytes: number): string | undefined {
    return this.stored + nbytes > this.thresholds.limit ? this.diskFault : undefined
  }

  /** Counts a result that is here now. */
  add(slot: number, nbytes: number): void {
    this.count(nbytes)
    if (nbytes < smallestSpilled) return
    this.entries.set(slot, { nbytes, pins: 0, inMemory: true, onDisk: false, writing: 0 })
  }

  /** Removes a result of `nbytes` that is not here any more. */
  remove(slot: number, nbytes: number): void {
    const entry =
      nbytes < smallestSpilled ? undefined : (this.entries.get(slot) ?? this.unloaded.get(slot))
    if (entry === undefined || entry.inMemory) this.stored -= nbytes
    else this.spilled -= nbytes
    if (entry === undefined) return
    if (entry.writing > 0) this.endWrite(entry)
    this.entries.delete(slot)
    this.unloaded.delete(slot)
    this.idle.delete(slot)
    this.offered.delete(slot)
  }

  /** Pins a result that a task on a thread reads, and counts it as loaded if it was not in memory. */
  pin(slot: number): void {
    const entry = this.entries.get(slot) ?? this.unloaded.get(slot)
    if (entry === undefined) return
    entry.pins++
    if (!entry.inMemory) {
      entry.inMemory = true
      this.count(entry.nbytes)
      this.spilled -= entry.nbytes
      this.unloaded.delete(slot)
    }
    // To the end of the order: most recently used.
    this.entries.delete(slot)
    this.entries.set(slot, entry)
  }

  /** Undoes one `pin`. */
  unpin(slot: number): void {
    const entry = this.entries.get(slot)
    if (entry !== undefined && entry.pins > 0) entry.pins--
  }

  /** Notes that no assigned task reads a replica any more. */
  markIdle(slot: number): void {
    if (this.entries.has(slot) || this.unloaded.has(slot)) this.idle.set(slot, this.measurements)
  }

  /** Notes that an assigned task reads a replica again. */
  markUsed(slot: number): void {
    if (this.idle.size > 0) this.idle.delete(slot)
  }

  /** Handles the end of a write; `fault` says why it failed. */
  onSpilled(
    slot: number,
    write: number,
    fault: string | undefined,
    instructions: WorkerInstruction[],
  ): void {
    const entry = this.entries.get(slot)
    if (entry?.writing !== write) return
    this.endWrite(entry)
    if (fault !== undefined) {
      this.diskFault = fault
      return
    }
    this.diskFault = undefined
    entry.onDisk = true
    if (entry.pins === 0) this.unload([slot], instructions)
  }

  /** Handles a measurement of the process's memory, which comes about once a second. */
  onMeasured(processBytes: number, functionBytes: number, instructions: WorkerInstruction[]): void {
    const { target, spill } = this.thresholds
    this.measurements++
    this.processBytes = processBytes
    this.functions = functionBytes
    const others = processBytes - this.stored
    const processTarget = (processBytes > spill ? target : spill) - others
    this.processTarget = processBytes > 0 ? Math.max(0, processTarget) : Number.POSITIVE_INFINITY
    // A disk that was full may have room by now.
    this.diskFault = undefined
    // The scheduler knows no other holder of replicas that are still here: treat them as results.
    for (const slot of this.offered) this.idle.delete(slot)
    this.offered.clear()
    const surplus: number[] = []
    for (const [slot, since] of this.idle) {
      if (this.measurements - since > maxIdleMeasurements) surplus.push(slot)
    }
    this.offer(surplus, instructions)
  }

  /** Adds the instructions that the state of the memory calls for. */
  plan(instructions: WorkerInstruction[]): void {
    if (this.thresholds.limit === Number.POSITIVE_INFINITY) return
    let excess = this.stored + this.functions - this.pendingBytes - this.target
    if (excess > 0) {
      excess -= this.offerIdle(excess, instructions)
      this.free(excess, instructions)
    }
    this.checkPause(instructions)
  }

  /** The bytes of results that may be in memory. */
  private get target(): number {
    return Math.min(this.thresholds.target, this.processTarget)
  }

  private count(nbytes: number): void {
    this.stored += nbytes
    if (this.stored > this.peak) this.peak = this.stored
  }

  private checkPause(instructions: WorkerInstruction[]): void {
    const { target, pause } = this.thresholds
    // Resumes well below the threshold, because every change is reported to the scheduler.
    const threshold = this.isPaused ? (target + pause) / 2 : pause
    const isPaused = this.stored + this.functions > threshold || this.processBytes > pause
    if (isPaused === this.isPaused) return
    this.isPaused = isPaused
    instructions.push({ kind: 'report-memory' })
  }

  /** Offers idle replicas back; returns the bytes of those offered, before or now. */
  private offerIdle(excess: number, instructions: WorkerInstruction[]): number {
    let bytes = 0
    const surplus: number[] = []
    for (const slot of this.idle.keys()) {
      if (bytes >= excess) break
      const entry = this.entries.get(slot)
      if (entry === undefined || entry.writing > 0) continue
      bytes += entry.nbytes
      if (!this.offered.has(slot)) surplus.push(slot)
    }
    this.offer(surplus, instructions)
    return bytes
  }

  private offer(surplus: number[], instructions: WorkerInstruction[]): void {
    if (surplus.length === 0) return
    for (const slot of surplus) this.offered.add(slot)
    instructions.push({ kind: 'surplus', tasks: surplus })
  }

  /** Frees `excess` bytes, or has them written, least recently used results first. */
  private free(excess: number, instructions: WorkerInstruction[]): void {
    const toUnload: number[] = []
    const tasks: number[] = []
    const writes: number[] = []
    let left = excess
    for (const [slot, entry] of this.entries) {
      if (left <= 0) break
      if (entry.pins > 0 || entry.writing > 0 || this.offered.has(slot)) continue
      if (entry.onDisk) {
        toUnload.push(slot)
        left -= entry.nbytes
        continue
      }
      if (this.diskFault !== undefined) continue
      if (this.pendingWrites >= maxPendingWrites || this.pendingBytes >= maxPendingBytes) break
      entry.writing = this.nextWrite++
      this.pendingWrites++
      this.pendingBytes += entry.nbytes
      left -= entry.nbytes
      tasks.push(slot)
      writes.push(entry.writing)
    }
    this.unload(toUnload, instructions)
    if (tasks.length > 0) instructions.push({ kind: 'spill', tasks, writes })
  }

  /** Frees the memory of results that are on disk. */
  private unload(tasks: number[], instructions: WorkerInstruction[]): void {
    if (tasks.length === 0) return
    for (const slot of tasks) {
      const entry = this.entries.get(slot)!
      entry.inMemory = false
      this.stored -= entry.nbytes
      this.spilled += entry.nbytes
      this.entries.delete(slot)
      this.unloaded.set(slot, entry)
    }
    instructions.push({ kind: 'unload', tasks })
  }

  private endWrite(entry: Entry): void {
    entry.writing = 0
    this.pendingWrites--
    this.pendingBytes -= entry.nbytes
  }
}
