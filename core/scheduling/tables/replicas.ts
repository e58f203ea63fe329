/**
 * Which workers hold which results: the first holder in the table's column, the others here.
 */
import type { Outbox } from '../interface/outbox.js'
import { MEMORY, RELEASED, type TaskTable } from './task-table.js'

export class Replicas {
  private readonly tasks: TaskTable
  private readonly outbox: Outbox
  /** Told how many bytes more, or less, a worker holds. */
  private readonly hold: (worker: number, nbytes: number) => void
  /** Workers that hold a result besides the first. */
  private readonly replicas = new Map<number, Set<number>>()

  constructor(tasks: TaskTable, outbox: Outbox, hold: (worker: number, nbytes: number) => void) {
    this.hold = hold
    this.tasks = tasks
    this.outbox = outbox
  }

  /** Whether no result is held twice. */
  get isEmpty(): boolean {
    return this.replicas.size === 0
  }

  /** The workers that hold a task's result. */
  holdersOf(slot: number): number[] {
    if (this.tasks.state[slot] !== MEMORY) return []
    const others = this.replicas.get(slot)
    const first = this.tasks.worker[slot]!
    return others === undefined ? [first] : [first, ...others]
  }

  /** The worker to fetch a result from: the one that asks if it has it, else the first that holds it. */
  holderFor(slot: number, asking: number): number {
    const first = this.tasks.worker[slot]!
    if (first === asking || this.replicas.size === 0) return first
    return this.replicas.get(slot)?.has(asking) ? asking : first
  }

  /** A worker is gone: it holds nothing any more besides another one. */
  leave(worker: number): void {
    for (const [slot, others] of this.replicas)
      if (others.delete(worker) && others.size === 0) this.replicas.delete(slot)
  }

  /** Removes a worker from a result's holders; true if that was the last one. */
  drop(slot: number, worker: number): boolean {
    const { tasks } = this
    if (tasks.state[slot] !== MEMORY) return false
    const others = this.replicas.get(slot)
    if (others?.delete(worker)) {
      this.hold(worker, -tasks.nbytes[slot]!)
      if (others.size === 0) this.replicas.delete(slot)
      return false
    }
    if (tasks.worker[slot] !== worker) return false
    this.hold(worker, -tasks.nbytes[slot]!)
    const [next] = others ?? []
    if (next !== undefined) {
      tasks.worker[slot] = next
      others!.delete(next)
      if (others!.size === 0) this.replicas.delete(slot)
      return false
    }
    tasks.state[slot] = RELEASED
    tasks.worker[slot] = -1
    return true
  }

  /** A worker has copies of results; those that are not wanted any more it is told to drop. */
  add(worker: number, slots: ArrayLike<number>): void {
    const { tasks } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== MEMORY) {
        this.outbox.free(worker, slot)
        continue
      }
      if (tasks.worker[slot] === worker) continue
      const others = this.replicas.get(slot)
      if (!others?.has(worker)) this.hold(worker, tasks.nbytes[slot]!)
      if (others === undefined) this.replicas.set(slot, new Set([worker]))
      else others.add(worker)
    }
  }

  /** Copies of a result are to stay until it is freed. */
  pin(slot: number): void {
    this.tasks.pinned.add(slot)
  }

  /** Has a worker drop copies of results, those that another one holds too. */
  reduce(worker: number, slots: ArrayLike<number>): void {
    const { tasks } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== MEMORY || !this.replicas.has(slot)) continue
      if (tasks.pinned.has(slot)) continue
      if (!this.holdersOf(slot).includes(worker)) continue
      this.drop(slot, worker)
      this.outbox.free(worker, slot)
    }
  }

  /** Has every holder drop a result, which is released by that. */
  free(slot: number): void {
    const { tasks } = this
    if (tasks.pinned.size > 0) tasks.pinned.delete(slot)
    this.outbox.free(tasks.worker[slot]!, slot)
    this.hold(tasks.worker[slot]!, -tasks.nbytes[slot]!)
    const others = this.replicas.get(slot)
    if (others !== undefined) {
      for (const worker of others) {
        this.outbox.free(worker, slot)
        this.hold(worker, -tasks.nbytes[slot]!)
      }
      this.replicas.delete(slot)
    }
    tasks.state[slot] = RELEASED
    tasks.worker[slot] = -1
  }
}
