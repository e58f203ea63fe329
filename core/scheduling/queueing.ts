/** Puts ready tasks into queues. */
import type { SchedulerContext } from './context.js'
import { SHARED_QUEUE } from './tables/ready-queues.js'
import { RESTRICTED_QUEUE } from './tables/restricted-queues.js'
import { ROOT_QUEUE } from './tables/root-queue.js'
import * as story from './tables/story.js'
import { SUSPECT_QUEUE } from './tables/suspect-tasks.js'
import { QUEUED } from './tables/task-states.js'

export class Queueing {
  private readonly context: SchedulerContext

  constructor(context: SchedulerContext) {
    this.context = context
  }

  /** Queues the root tasks of a submission, which start when no other task is ready. */
  queueRoots(ready: number[]): void {
    const { tasks, queues, transitions } = this.context
    ready.sort((a, b) => tasks.rank[a]! - tasks.rank[b]!)
    for (const slot of ready) {
      if (this.queueRestricted(slot)) continue
      tasks.queue[slot] = ROOT_QUEUE
      transitions.applyFor(slot, QUEUED, story.QUEUED_ROOT)
      queues.roots.add(slot)
    }
  }

  /** Queues a task at the worker that holds most bytes of its inputs, or in the shared queue. */
  queue(slot: number): void {
    const { tasks, queues, suspects, workers, transitions } = this.context
    if (tasks.failures[slot]! > 0 && suspects.mustRunAlone(slot)) {
      tasks.queue[slot] = SUSPECT_QUEUE
      transitions.applyFor(slot, QUEUED, story.QUEUED_ALONE, -1, tasks.failures[slot]!)
      suspects.push(slot)
      return
    }
    if (this.queueRestricted(slot)) return
    const holder = this.bestHolder(slot)
    const worker = holder < 0 ? undefined : workers.find(holder)
    if (worker === undefined || worker.isRetiring) {
      tasks.queue[slot] = SHARED_QUEUE
      transitions.applyFor(slot, QUEUED, story.QUEUED_SHARED)
      queues.shared.push(slot)
    } else {
      tasks.queue[slot] = worker.id
      transitions.applyFor(slot, QUEUED, story.QUEUED_AT_WORKER, worker.id)
      worker.queue.push(slot)
    }
  }

  /** Queues a task that only some workers may run; returns false for any other task. */
  private queueRestricted(slot: number): boolean {
    const { tasks, queues, transitions } = this.context
    const restriction = tasks.restriction.size > 0 ? tasks.restriction.get(slot) : undefined
    if (restriction === undefined) return false
    tasks.queue[slot] = RESTRICTED_QUEUE
    transitions.applyFor(slot, QUEUED, story.QUEUED_RESTRICTED)
    queues.restricted.push(slot, restriction)
    return true
  }

  /** Returns the worker that holds most bytes of a task's inputs; -1 without inputs. */
  private bestHolder(slot: number): number {
    const { tasks } = this.context
    const inputs = tasks.inputsOf(slot)
    if (inputs.length === 0) return -1
    if (inputs.length === 1) return tasks.worker[inputs[0]!]!
    const bytes = new Map<number, number>()
    let best = -1
    let most = -1
    for (const input of inputs) {
      const holder = tasks.worker[input]!
      const sum = (bytes.get(holder) ?? 0) + tasks.nbytes[input]! + 1
      bytes.set(holder, sum)
      if (sum > most) {
        most = sum
        best = holder
      }
    }
    return best
  }
}
