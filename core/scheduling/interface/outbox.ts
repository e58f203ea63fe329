/** Collects the messages that one event causes, one for each worker and kind. */
import type { RunFailure, SchedulerMessage } from './messages.js'

export class Outbox {
  private computes = new Map<number, number[]>()
  private frees = new Map<number, number[]>()
  private cancels = new Map<number, number[]>()
  private others: SchedulerMessage[] = []
  private done = new Map<number, number[]>()
  private lost = new Map<number, number[]>()

  compute(worker: number, task: number): void {
    append(this.computes, worker, task)
  }

  free(worker: number, task: number): void {
    append(this.frees, worker, task)
  }

  cancel(worker: number, task: number): void {
    append(this.cancels, worker, task)
  }

  /** A target of a run that keeps its targets is in memory. */
  targetDone(run: number, position: number): void {
    append(this.done, run, position)
  }

  /** A target that was in memory is computed again. */
  targetLost(run: number, position: number): void {
    append(this.lost, run, position)
  }

  targetsFailed(run: number, positions: number[], failure: RunFailure): void {
    if (positions.length > 0) this.others.push({ kind: 'targets-failed', run, positions, failure })
  }

  add(message: SchedulerMessage): void {
    this.others.push(message)
  }

  /** Drops the messages to a worker that has left. */
  forgetWorker(worker: number): void {
    this.computes.delete(worker)
    this.frees.delete(worker)
    this.cancels.delete(worker)
  }

  /**
   * Returns the messages so far and starts anew. Messages about runs come first, so that results
   * exist when a caller reads them; then cancelling and freeing, before new work, since a slot may
   * stand for another task by then.
   */
  drain(): SchedulerMessage[] {
    let messages = this.others
    this.others = []
    if (this.lost.size + this.done.size > 0) messages = [...this.drainTargets(), ...messages]
    for (const [worker, tasks] of this.cancels) messages.push({ kind: 'cancel', worker, tasks })
    for (const [worker, tasks] of this.frees) messages.push({ kind: 'free', worker, tasks })
    for (const [worker, tasks] of this.computes) messages.push({ kind: 'compute', worker, tasks })
    if (this.cancels.size > 0) this.cancels = new Map()
    if (this.frees.size > 0) this.frees = new Map()
    if (this.computes.size > 0) this.computes = new Map()
    return messages
  }

  /** A lost target may fail in the same event: the loss is reported first. */
  private drainTargets(): SchedulerMessage[] {
    const messages: SchedulerMessage[] = []
    for (const [run, positions] of this.lost)
      messages.push({ kind: 'targets-lost', run, positions })
    for (const [run, positions] of this.done)
      messages.push({ kind: 'targets-done', run, positions })
    this.lost = new Map()
    this.done = new Map()
    return messages
  }
}

function append(lists: Map<number, number[]>, worker: number, task: number): void {
  const list = lists.get(worker)
  if (list === undefined) lists.set(worker, [task])
  else list.push(task)
}
