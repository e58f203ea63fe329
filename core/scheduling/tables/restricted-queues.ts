/**
 * The queues of ready tasks that only some workers may run: one for each restriction. Every worker
 * that may run its tasks looks into it.
 */
import type { TaskRestriction } from '../interface/submission.js'
import { isBefore, TaskHeap } from './task-heap.js'
import type { TaskTable } from './task-table.js'
import type { WorkerCapacity } from './worker-capacity.js'

/** The number of these queues in the column `queue`. */
export const RESTRICTED_QUEUE = -4

interface RestrictedQueue {
  readonly restriction: TaskRestriction
  readonly heap: TaskHeap
}

export class RestrictedQueues {
  private readonly tasks: TaskTable
  private readonly queues = new Map<TaskRestriction, RestrictedQueue>()

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  get isEmpty(): boolean {
    return this.queues.size === 0
  }

  /** Whether some of the tasks may run elsewhere, too. */
  get allowOthers(): boolean {
    for (const { allowsOthers } of this.queues.keys()) if (allowsOthers === true) return true
    return false
  }

  push(slot: number, restriction: TaskRestriction): void {
    let queue = this.queues.get(restriction)
    if (queue === undefined) {
      queue = { restriction, heap: new TaskHeap(this.tasks, RESTRICTED_QUEUE) }
      this.queues.set(restriction, queue)
    }
    queue.heap.push(slot)
  }

  /** Returns the first task that a worker can run now and that is to run there, or -1. */
  peek(capacity: WorkerCapacity): number {
    return this.first(
      (restriction) => capacity.isChosen(restriction) && capacity.canRunNow(restriction),
    )
  }

  /** Returns the first task that a worker can run now although it is to run at others, or -1. `isFree` says whether one of those has room. */
  peekOfOthers(
    capacity: WorkerCapacity,
    isFree: (restriction: TaskRestriction) => boolean,
  ): number {
    return this.first(
      (restriction) =>
        restriction.allowsOthers === true &&
        !capacity.isChosen(restriction) &&
        capacity.canRunNow(restriction) &&
        !isFree(restriction),
    )
  }

  private first(mayRun: (restriction: TaskRestriction) => boolean): number {
    let best = -1
    for (const queue of this.queues.values()) {
      const slot = this.firstOf(queue)
      if (slot < 0 || !mayRun(queue.restriction)) continue
      if (best < 0 || isBefore(this.tasks, slot, best)) best = slot
    }
    return best
  }

  /** Visits the first task of each queue. */
  eachFirst(visit: (slot: number, restriction: TaskRestriction) => void): void {
    for (const queue of [...this.queues.values()]) {
      const slot = this.firstOf(queue)
      if (slot >= 0) visit(slot, queue.restriction)
    }
  }

  /** Removes a task that `peek` returned. */
  remove(slot: number): void {
    this.queues.get(this.tasks.restriction.get(slot)!)!.heap.removeFirst()
  }

  /** Returns the first task of a queue; an empty queue is deleted and gives -1. */
  private firstOf({ restriction, heap }: RestrictedQueue): number {
    let slot = heap.peek()
    // The slot may stand for another task by now, which is in another of these queues.
    while (slot >= 0 && this.tasks.restriction.get(slot) !== restriction) {
      heap.removeFirst()
      slot = heap.peek()
    }
    if (slot < 0) this.queues.delete(restriction)
    return slot
  }
}
