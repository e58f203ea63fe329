/**
 * Queues of tasks that are ready to run: a heap by urgency and rank, and lists of root tasks.
 *
 * Entries are removed lazily: a task that is taken elsewhere or no longer wanted stays in the heap
 * until it comes up, and is then skipped.
 */
import { QUEUED, type TaskTable } from './task-table.js'

/** Whether task `a` comes before task `b`. */
export function isBefore(tasks: TaskTable, a: number, b: number): boolean {
  const ua = tasks.urgency[a]!
  const ub = tasks.urgency[b]!
  return ua === ub ? tasks.rank[a]! < tasks.rank[b]! : ua > ub
}

/** A binary heap of slots; `owner` is the worker whose queue it is, -1 for everybody's. */
export class TaskHeap {
  private readonly tasks: TaskTable
  private readonly owner: number
  private readonly heap: number[] = []

  constructor(tasks: TaskTable, owner: number) {
    this.tasks = tasks
    this.owner = owner
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

  /** The first task that is still queued here, or -1. */
  peek(): number {
    const { heap, tasks } = this
    while (heap.length > 0) {
      const slot = heap[0]!
      if (tasks.state[slot] === QUEUED && tasks.home[slot] === this.owner) return slot
      this.removeFirst()
    }
    return -1
  }

  /** Takes the task that `peek` gave. */
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

/** The root tasks of one submission, in order. */
interface RootList {
  readonly urgency: number
  readonly slots: readonly number[]
  next: number
}

/** Tasks that need nothing, by submission: they start only when nothing else is ready. */
export class RootQueue {
  private readonly tasks: TaskTable
  private readonly lists: RootList[] = []

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  /** Adds the roots of a submission, which must be in the order of their rank. */
  add(urgency: number, slots: readonly number[]): void {
    if (slots.length === 0) return
    let at = this.lists.length
    while (at > 0 && this.lists[at - 1]!.urgency < urgency) at--
    this.lists.splice(at, 0, { urgency, slots, next: 0 })
  }

  /** The first root that is still queued, or -1. */
  peek(): number {
    while (this.lists.length > 0) {
      const list = this.lists[0]!
      while (list.next < list.slots.length) {
        const slot = list.slots[list.next]!
        if (this.tasks.state[slot] === QUEUED && this.tasks.home[slot] === ROOT) return slot
        list.next++
      }
      this.lists.shift()
    }
    return -1
  }

  /** Takes the task that `peek` gave. */
  removeFirst(): void {
    this.lists[0]!.next++
  }
}

/** The `home` of a queued root task. */
export const ROOT = -2
/** The `home` of a queued task that no worker is preferred for. */
export const ANYWHERE = -1
