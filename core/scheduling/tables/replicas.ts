/** Which workers hold which results: the first holder in the table's column `worker`, the others here. */
import type { Outbox } from '../interface/outbox.js'
import { MEMORY } from './task-states.js'
import type { TaskTable } from './task-table.js'
import type { WorkerTable } from './worker-table.js'

export class Replicas {
  private readonly tasks: TaskTable
  private readonly workers: WorkerTable
  private readonly outbox: Outbox
  /** The workers that hold a result besides the first. */
  private readonly others = new Map<number, Set<number>>()

  constructor(tasks: TaskTable, workers: WorkerTable, outbox: Outbox) {
    this.tasks = tasks
    this.workers = workers
    this.outbox = outbox
  }

  /** Whether no result has a second holder. */
  get isEmpty(): boolean {
    return this.others.size === 0
  }

  /** Returns the workers that hold a task's result. */
  holdersOf(slot: number): number[] {
    if (this.tasks.state[slot] !== MEMORY) return []
    const others = this.others.get(slot)
    const first = this.tasks.worker[slot]!
    return others === undefined ? [first] : [first, ...others]
  }

  /** Returns the worker to fetch a result from: `worker` itself if it holds it, else the first holder. */
  holderFor(slot: number, worker: number): number {
    const first = this.tasks.worker[slot]!
    if (first === worker || this.others.size === 0) return first
    return this.others.get(slot)?.has(worker) ? worker : first
  }

  /** Removes a worker that has left from the second and later holders of all results. */
  removeWorker(worker: number): void {
    for (const [slot, others] of this.others)
      if (others.delete(worker) && others.size === 0) this.others.delete(slot)
  }

  /**
   * Removes a worker from a result's holders. Returns true if it was the last one: the result is
   * lost then, and the caller must release the task.
   */
  removeHolder(slot: number, worker: number): boolean {
    const { tasks } = this
    if (tasks.state[slot] !== MEMORY) return false
    const others = this.others.get(slot)
    if (others?.delete(worker)) {
      this.workers.addHeld(worker, -tasks.nbytes[slot]!)
      if (others.size === 0) this.others.delete(slot)
      return false
    }
    if (tasks.worker[slot] !== worker) return false
    this.workers.addHeld(worker, -tasks.nbytes[slot]!)
    const [next] = others ?? []
    if (next === undefined) return true
    tasks.worker[slot] = next
    others!.delete(next)
    if (others!.size === 0) this.others.delete(slot)
    return false
  }

  /** Returns the results whose holders are all to leave. */
  heldByRetiring(): number[] {
    const { worker, state, high } = this.tasks
    const ids = new Set(Array.from(this.workers.retiring, ({ id }) => id))
    const found: number[] = []
    for (let slot = 0; ids.size > 0 && slot < high; slot++) {
      if (state[slot] !== MEMORY || !ids.has(worker[slot]!)) continue
      if (this.holdersOf(slot).every((holder) => ids.has(holder))) found.push(slot)
    }
    return found
  }

  /** Adds a worker to the holders of results; those that are not needed any more are freed. */
  add(worker: number, slots: ArrayLike<number>): void {
    const { tasks } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== MEMORY) {
        this.outbox.free(worker, slot)
        continue
      }
      if (tasks.worker[slot] === worker) continue
      const others = this.others.get(slot)
      if (!others?.has(worker)) this.workers.addHeld(worker, tasks.nbytes[slot]!)
      if (others === undefined) this.others.set(slot, new Set([worker]))
      else others.add(worker)
    }
  }

  /**
   * Has a worker free its copies of results, except pinned ones and the last copy of each at workers that stay.
   */
  reduce(worker: number, slots: ArrayLike<number>): void {
    const { tasks } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== MEMORY || !this.others.has(slot)) continue
      if (tasks.pinned.has(slot)) continue
      const holders = this.holdersOf(slot)
      if (!holders.includes(worker)) continue
      // The other copies are of no use if their workers are to leave.
      const others = holders.filter((holder) => holder !== worker)
      if (others.every((holder) => this.workers.find(holder)?.isRetiring === true)) continue
      this.removeHolder(slot, worker)
      this.outbox.free(worker, slot)
    }
  }

  /** Has every holder free a result; the caller must release the task. */
  free(slot: number): void {
    const { tasks } = this
    if (tasks.pinned.size > 0) tasks.pinned.delete(slot)
    this.outbox.free(tasks.worker[slot]!, slot)
    this.workers.addHeld(tasks.worker[slot]!, -tasks.nbytes[slot]!)
    const others = this.others.get(slot)
    if (others === undefined) return
    for (const worker of others) {
      this.outbox.free(worker, slot)
      this.workers.addHeld(worker, -tasks.nbytes[slot]!)
    }
    this.others.delete(slot)
  }
}
