/**
 * The queues of ready tasks. The column `queue` says which one a task is in: the number of a worker,
 * or a negative number for the shared queue, the root tasks, the restricted or the suspect ones.
 */
import { invariant } from '../../base/errors.js'
import { RestrictedQueues } from './restricted-queues.js'
import { RootQueue } from './root-queue.js'
import { TaskHeap } from './task-heap.js'
import { QUEUED } from './task-states.js'
import type { TaskTable } from './task-table.js'
import type { WorkerTable } from './worker-table.js'

/** The number of the queue that all workers share. */
export const SHARED_QUEUE = -1

export class ReadyQueues {
  /** How many tasks are in all queues together. */
  size = 0
  readonly shared: TaskHeap
  readonly roots: RootQueue
  readonly restricted: RestrictedQueues
  private readonly tasks: TaskTable
  private readonly workers: WorkerTable

  constructor(tasks: TaskTable, workers: WorkerTable) {
    this.tasks = tasks
    this.workers = workers
    this.shared = new TaskHeap(tasks, SHARED_QUEUE)
    this.roots = new RootQueue(tasks)
    this.restricted = new RestrictedQueues(tasks)
  }

  /** Counts a task that enters the queue of its column `queue`; the caller pushes it. */
  countIn(slot: number): void {
    this.size++
    const queue = this.tasks.queue[slot]!
    if (queue >= 0) this.workers.addQueued(queue, 1)
  }

  /** Counts a task that leaves its queue; the entry is skipped when it comes up. */
  countOut(slot: number): void {
    this.size--
    const queue = this.tasks.queue[slot]!
    if (queue >= 0) this.workers.addQueued(queue, -1)
  }

  /** Checks the count against a recount; for `validate`. */
  validate(): void {
    const { tasks } = this
    let queued = 0
    for (let slot = 0; slot < tasks.high; slot++) if (tasks.state[slot] === QUEUED) queued++
    invariant(queued === this.size, `${queued} tasks are queued, not ${this.size}`)
  }
}
