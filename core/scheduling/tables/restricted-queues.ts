/**
 * Ready tasks that may not run anywhere: those that ask for the same workers and the same resources
 * wait in one queue, which every worker that may run them looks into.
 */
import type { TaskPlace } from '../interface/events.js'
import { isBefore, PLACED, TaskHeap } from './task-heap.js'
import type { TaskTable } from './task-table.js'

/** What a worker says of itself. */
export interface WorkerQualities {
  readonly names?: readonly string[]
  readonly resources?: Readonly<Record<string, number>>
}

interface PlacedQueue {
  readonly place: TaskPlace
  readonly heap: TaskHeap
}

/** What is left of a worker's resources. */
export class Capacity {
  readonly names: ReadonlySet<string>
  readonly total: Readonly<Record<string, number>>
  private readonly used: Record<string, number> = {}

  constructor({ names = [], resources = {} }: WorkerQualities) {
    this.names = new Set(names)
    this.total = resources
  }

  /** Whether a task of this place may run here at all. */
  mayEver({ workers, resources }: TaskPlace): boolean {
    if (workers !== undefined && !workers.some((name) => this.names.has(name))) return false
    for (const name in resources) if (!((this.total[name] ?? 0) >= resources[name]!)) return false
    return true
  }

  /** Whether it may run here now. */
  mayNow(place: TaskPlace): boolean {
    if (!this.mayEver(place)) return false
    const { resources } = place
    for (const name in resources)
      if ((this.total[name] ?? 0) - (this.used[name] ?? 0) < resources[name]!) return false
    return true
  }

  take({ resources }: TaskPlace): void {
    for (const name in resources) this.used[name] = (this.used[name] ?? 0) + resources[name]!
  }

  giveBack({ resources }: TaskPlace): void {
    for (const name in resources) this.used[name]! -= resources[name]!
  }
}

export class PlacedQueues {
  private readonly tasks: TaskTable
  private readonly queues = new Map<TaskPlace, PlacedQueue>()

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  get isEmpty(): boolean {
    return this.queues.size === 0
  }

  push(slot: number, place: TaskPlace): void {
    let queue = this.queues.get(place)
    if (queue === undefined) {
      queue = { place, heap: new TaskHeap(this.tasks, PLACED) }
      this.queues.set(place, queue)
    }
    queue.heap.push(slot)
  }

  /** The first task that a worker may run now, or -1. */
  peek(capacity: Capacity): number {
    let best = -1
    for (const queue of this.queues.values()) {
      const slot = this.firstOf(queue)
      if (slot < 0 || !capacity.mayNow(queue.place)) continue
      if (best < 0 || isBefore(this.tasks, slot, best)) best = slot
    }
    return best
  }

  /** Visits the first task of each queue. */
  each(visit: (slot: number, place: TaskPlace) => void): void {
    for (const queue of [...this.queues.values()]) {
      const slot = this.firstOf(queue)
      if (slot >= 0) visit(slot, queue.place)
    }
  }

  /** The first task of a queue; -1 if there is none, and then there is no such queue any more. */
  private firstOf({ place, heap }: PlacedQueue): number {
    let slot = heap.peek()
    // A slot that stands for another task by now, which waits in another queue.
    while (slot >= 0 && this.tasks.place.get(slot) !== place) {
      heap.removeFirst()
      slot = heap.peek()
    }
    if (slot < 0) this.queues.delete(place)
    return slot
  }

  /** Takes a task that `peek` gave. */
  remove(slot: number): void {
    this.queues.get(this.tasks.place.get(slot)!)!.heap.removeFirst()
  }
}
