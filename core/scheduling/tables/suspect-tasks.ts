/**
 * Suspect tasks: those that were assigned to workers when these were lost.
 *
 * The loss of a worker adds to the failure count of every task that was assigned to it, but only a
 * task that was assigned alone can reach the limit. So a task whose count is one below the limit runs
 * alone on its worker from then on: one that makes workers fail reaches the limit there, and any other
 * finishes, which clears its count.
 */
import { QUEUED } from './task-states.js'
import type { TaskTable } from './task-table.js'

/** The number of the suspects' queue in the column `queue`. */
export const SUSPECT_QUEUE = -3

export class SuspectTasks {
  private readonly tasks: TaskTable
  private readonly allowedFailures: number
  /** Tasks that wait to run alone; those that are not queued any more are skipped. */
  private queue: number[] = []

  constructor(tasks: TaskTable, allowedFailures: number) {
    this.tasks = tasks
    this.allowedFailures = allowedFailures
  }

  /** Whether a task must be the only one that is assigned to its worker. */
  mustRunAlone(slot: number): boolean {
    const failures = this.tasks.failures[slot]!
    return failures > 0 && failures >= this.allowedFailures - 1
  }

  /**
   * Counts the loss of a worker for the tasks that it ran; returns the task that reached the limit, or
   * -1. `seceded` are tasks that waited there for others which they had started: if these never
   * failed, a task whose own tasks make workers fail would do so for ever.
   */
  workerLost(worker: number, assigned: readonly number[], seceded: readonly number[] = []): number {
    for (const slot of seceded) this.tasks.addFailure(slot, worker)
    const failed = this.countAssigned(worker, assigned)
    if (failed >= 0) return failed
    return seceded.find((slot) => this.tasks.failures[slot]! >= this.allowedFailures) ?? -1
  }

  private countAssigned(worker: number, assigned: readonly number[]): number {
    const wasAlone = assigned.length === 1
    for (const slot of assigned) {
      if (wasAlone || !this.mustRunAlone(slot)) this.tasks.addFailure(slot, worker)
    }
    const hasFailed = wasAlone && this.tasks.failures[assigned[0]!]! >= this.allowedFailures
    return hasFailed ? assigned[0]! : -1
  }

  push(slot: number): void {
    this.queue.push(slot)
  }

  /** Removes and returns the first queued suspect that passes a test, or -1. */
  take(test: (slot: number) => boolean): number {
    const at = this.queue.findIndex((slot) => this.isQueued(slot) && test(slot))
    return at < 0 ? -1 : this.queue.splice(at, 1)[0]!
  }

  /** Whether any queued suspect passes a test. */
  some(test: (slot: number) => boolean): boolean {
    return this.queue.some((slot) => this.isQueued(slot) && test(slot))
  }

  /** Whether any suspect is queued. */
  get areQueued(): boolean {
    if (this.queue.length === 0) return false
    this.queue = this.queue.filter((slot) => this.isQueued(slot))
    return this.queue.length > 0
  }

  private isQueued(slot: number): boolean {
    return this.tasks.state[slot] === QUEUED && this.tasks.queue[slot] === SUSPECT_QUEUE
  }
}
