import type { RunFailure, SchedulerMessage } from './events.js'

/** Gathers what one event causes, one message a worker and kind. */
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
  targetDone(run: number, place: number): void {
    append(this.done, run, place)
  }

  /** A target that was in memory is to be made again. */
  targetLost(run: number, place: number): void {
    append(this.lost, run, place)
  }

  targetsFailed(run: number, places: number[], failure: RunFailure): void {
    if (places.length > 0) this.others.push({ kind: 'target-failed', run, places, failure })
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

  /** What was lost may have failed in the same event, which is told after it. */
  private drainTargets(): SchedulerMessage[] {
    const messages: SchedulerMessage[] = []
    for (const [run, places] of this.lost) messages.push({ kind: 'targets-lost', run, places })
    for (const [run, places] of this.done) messages.push({ kind: 'targets-done', run, places })
    this.lost = new Map()
    this.done = new Map()
    return messages
  }

  /**
   * The messages so far. Cancelling and freeing come before new work, since a slot may be in use
   * again; what requests are told comes before freeing, so that results are still there.
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
}

function append(lists: Map<number, number[]>, worker: number, task: number): void {
  const list = lists.get(worker)
  if (list === undefined) lists.set(worker, [task])
  else list.push(task)
}
