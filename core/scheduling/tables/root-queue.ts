/** The queue of ready tasks without inputs, which start when no other task is ready. */
import { QUEUED } from './task-states.js'
import type { TaskTable } from './task-table.js'

/** The number of the queue in the column `queue`. */
export const ROOT_QUEUE = -2

/** Root tasks of one priority, in order. */
interface RootList {
  readonly priority: number
  slots: number[]
  next: number
}

/** A list is copied without its used front part when that has so many entries. */
const COMPACT_FROM = 4096

export class RootQueue {
  private readonly tasks: TaskTable
  private readonly lists: RootList[] = []

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  /** Adds a root task; those of one submission must be added in the order of their ranks. */
  add(slot: number): void {
    const priority = this.tasks.priority[slot]!
    let at = this.lists.length
    while (at > 0 && this.lists[at - 1]!.priority < priority) at--
    const list = this.lists[at - 1]
    if (list?.priority === priority) list.slots.push(slot)
    else this.lists.splice(at, 0, { priority, slots: [slot], next: 0 })
  }

  /** Returns the first root task that is still queued, or -1. */
  peek(): number {
    while (this.lists.length > 0) {
      const list = this.lists[0]!
      while (list.next < list.slots.length) {
        const slot = list.slots[list.next]!
        if (this.tasks.state[slot] === QUEUED && this.tasks.queue[slot] === ROOT_QUEUE) return slot
        list.next++
      }
      this.lists.shift()
    }
    return -1
  }

  /** Removes the task that `peek` returned. */
  removeFirst(): void {
    const list = this.lists[0]!
    if (++list.next < COMPACT_FROM || list.next * 2 < list.slots.length) return
    list.slots = list.slots.slice(list.next)
    list.next = 0
  }
}
