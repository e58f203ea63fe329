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

  /** All tasks that are still queued here, in no order. */
  all(): number[] {
    const { tasks, owner } = this
    const found = this.heap.filter(
      (slot) => tasks.state[slot] === QUEUED && tasks.home[slot] === owner,
    )
    return [...new Set(found)]
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

/** Root tasks of one urgency, in order. */
interface RootList {
  readonly urgency: number
  slots: number[]
  next: number
}

/** Used places at the front of a list are given up when there are so many. */
const COMPACT_FROM = 4096

/** Tasks that need nothing, by urgency: they start only when nothing else is ready. */
export class RootQueue {
  private readonly tasks: TaskTable
  private readonly lists: RootList[] = []

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  /** Adds a root; those of one submission must come in the order of their rank. */
  add(slot: number): void {
    const urgency = this.tasks.urgency[slot]!
    let at = this.lists.length
    while (at > 0 && this.lists[at - 1]!.urgency < urgency) at--
    const list = this.lists[at - 1]
    if (list?.urgency === urgency) list.slots.push(slot)
    else this.lists.splice(at, 0, { urgency, slots: [slot], next: 0 })
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
    const list = this.lists[0]!
    if (++list.next < COMPACT_FROM || list.next * 2 < list.slots.length) return
    list.slots = list.slots.slice(list.next)
    list.next = 0
  }
}

/** The `home` of a queued root task. */
export const ROOT = -2
/** The `home` of a queued task that no worker is preferred for. */
export const ANYWHERE = -1
/** The `home` of a queued task that may run at some workers only. */
export const PLACED = -4
