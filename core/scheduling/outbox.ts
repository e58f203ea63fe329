import type { SchedulerMessage } from './events.js'

/** Gathers what one event causes, one message a worker and kind. */
export class Outbox {
  private computes = new Map<number, number[]>()
  private frees = new Map<number, number[]>()
  private cancels = new Map<number, number[]>()
  private others: SchedulerMessage[] = []

  compute(worker: number, task: number): void {
    append(this.computes, worker, task)
  }

  free(worker: number, task: number): void {
    append(this.frees, worker, task)
  }

  cancel(worker: number, task: number): void {
    append(this.cancels, worker, task)
  }

  add(message: SchedulerMessage): void {
    this.others.push(message)
  }

  /** Drops what was to be said to a worker that is gone. */
  forget(worker: number): void {
    this.computes.delete(worker)
    this.frees.delete(worker)
    this.cancels.delete(worker)
  }

  /**
   * The messages so far. Cancelling and freeing come before new work, since a slot may be in use
   * again; what requests are told comes before freeing, so that results are still there.
   */
  drain(): SchedulerMessage[] {
    const messages = this.others
    this.others = []
    for (const [worker, tasks] of this.cancels) messages.push({ kind: 'cancel', worker, tasks })
    for (const [worker, tasks] of this.frees) messages.push({ kind: 'free', worker, tasks })
    for (const [worker, tasks] of this.computes) messages.push({ kind: 'compute', worker, tasks })
    if (this.cancels.size > 0) this.cancels = new Map()
    if (this.frees.size > 0) this.frees = new Map()
    if (this.computes.size > 0) this.computes = new Map()
    return messages
  }
}

function append(lists: Map<number, number[]>, worker: number, task: number): void {
  const list = lists.get(worker)
  if (list === undefined) lists.set(worker, [task])
  else list.push(task)
}
