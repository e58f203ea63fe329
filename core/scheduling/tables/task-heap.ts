/**
 * Heaps of ready tasks, by priority and rank. Entries are removed lazily: a task that leaves the queue
 * stays in the heap until it is first, and is skipped then.
 */
import { QUEUED } from './task-states.js'
import type { TaskTable } from './task-table.js'

/** Whether task `a` runs before task `b`. */
export function isBefore(tasks: TaskTable, a: number, b: number): boolean {
  const first = tasks.priority[a]!
  const second = tasks.priority[b]!
  return first === second ? tasks.rank[a]! < tasks.rank[b]! : first > second
}

/** A binary heap of slots, for the queue with a number (see `ready-queues.ts`). */
export class TaskHeap {
  private readonly tasks: TaskTable
  private readonly queue: number
  private readonly heap: number[] = []

  constructor(tasks: TaskTable, queue: number) {
    this.tasks = tasks
    this.queue = queue
  }

  push(slot: number): void {
    const { heap, tasks } = this
    let at = heap.push(slot) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!isBefore(tasks, slot, heap[up]!)) break
      heap[at] = heap[up]!
      at = up
    }
    heap[at] = slot
  }

  /** Returns the first task that is still queued here, or -1. */
  peek(): number {
    const { heap, tasks } = this
    while (heap.length > 0) {
      const slot = heap[0]!
      if (tasks.state[slot] === QUEUED && tasks.queue[slot] === this.queue) return slot
      this.removeFirst()
    }
    return -1
  }

  /** Returns all tasks that are still queued here, in no order. */
  all(): number[] {
    const { tasks, queue } = this
    const found = this.heap.filter(
      (slot) => tasks.state[slot] === QUEUED && tasks.queue[slot] === queue,
    )
    return [...new Set(found)]
  }

  /** Removes the task that `peek` returned. */
  removeFirst(): void {
    const { heap, tasks } = this
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= size) break
      if (down + 1 < size && isBefore(tasks, heap[down + 1]!, heap[down]!)) down++
      if (!isBefore(tasks, heap[down]!, last)) break
      heap[at] = heap[down]!
      at = down
    }
    heap[at] = last
  }
}
