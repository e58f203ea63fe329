/**
 * The tasks that a thread has run last, so that an error which no task threw, such as a rejected promise
 * that nobody awaits, can be reported with the tasks it may come from.
 */

/** A task's number and attempt. */
export type TaskAttempt = readonly [task: number, attempt: number]

/** The number of tasks that are remembered. */
const capacity = 16

export class RecentTasks {
  /** Numbers and attempts, in turn, as a ring. */
  private readonly ring = new Int32Array(2 * capacity)
  private count = 0
  private turnStart = 0

  /** Adds a task that has started. */
  add(task: number, attempt: number): void {
    const at = 2 * (this.count++ % capacity)
    this.ring[at] = task
    this.ring[at + 1] = attempt
  }

  /** Begins a turn of the event loop: rejected promises of earlier turns have been reported. */
  startTurn(): void {
    this.turnStart = this.count
  }

  /** Returns the tasks of this turn, the last one first; at most 16. */
  ofTurn(): TaskAttempt[] {
    return this.since(this.turnStart)
  }

  /** Returns the tasks that ran last, the last one first; at most 16. */
  all(): TaskAttempt[] {
    return this.since(0)
  }

  private since(start: number): TaskAttempt[] {
    const tasks: TaskAttempt[] = []
    for (let i = this.count - 1; i >= Math.max(start, this.count - capacity); i--) {
      const at = 2 * (i % capacity)
      tasks.push([this.ring[at]!, this.ring[at + 1]!])
    }
    return tasks
  }
}
