/**
 * Assigns tasks to workers. Right behind a task, its worker also gets the *chain* of tasks that wait
 * only for tasks which it was assigned in the same round: so a chain of small tasks does not cost a
 * message for each. Only tasks of known cost that fit into the budget are assigned so.
 */
import type { SchedulerContext } from './context.js'
import * as story from './tables/story.js'
import { PROCESSING, WAITING } from './tables/task-states.js'
import type { SchedulerWorker } from './tables/worker-table.js'

export class Assignments {
  private readonly context: SchedulerContext
  private nextStamp = 1

  constructor(context: SchedulerContext) {
    this.context = context
  }

  /** Assigns a queued task, and its chain, to a worker in a round of placement. */
  assign(slot: number, worker: SchedulerWorker, round: number): void {
    this.assignOne(slot, worker)
    this.context.story.note(slot, story.SENT, worker.id)
    if (this.context.tasks.failures[slot] === 0) this.assignChain(slot, worker, round)
  }

  private assignOne(slot: number, worker: SchedulerWorker): void {
    const { tasks, costs, transitions, outbox } = this.context
    tasks.worker[slot] = worker.id
    tasks.cost[slot] = costs.expected(slot) + costs.fetching(slot, worker.id)
    tasks.attempt[slot]!++
    transitions.apply(slot, PROCESSING)
    outbox.compute(worker.id, slot)
  }

  private assignChain(first: number, worker: SchedulerWorker, round: number): void {
    const { tasks, groups } = this.context
    if (worker.chainRound !== round) {
      worker.chainRound = round
      worker.chainStamp = this.nextStamp++
    }
    const stamp = worker.chainStamp
    const stack = [first]
    const visit = (dependent: number, times: number): void => {
      if (tasks.state[dependent] !== WAITING) return
      if (tasks.chainStamp[dependent] !== stamp) {
        tasks.chainStamp[dependent] = stamp
        tasks.chainInputs[dependent] = 0
      }
      tasks.chainInputs[dependent]! += times
      if (tasks.chainInputs[dependent] !== tasks.waitingOn[dependent]) return
      if (!this.fitsChain(dependent, worker)) return
      this.assignOne(dependent, worker)
      this.context.story.note(dependent, story.SENT_IN_CHAIN, worker.id)
      stack.push(dependent)
    }
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop())
      groups.eachDependent(slot, visit)
  }

  private fitsChain(slot: number, worker: SchedulerWorker): boolean {
    const { tasks, costs, settings } = this.context
    const { nthreads, assigned, cost, runsSuspect, isReserved, isPaused, isRetiring } = worker
    const own = costs.known(slot)
    if (own === undefined || cost + own > settings.budget * nthreads) return false
    if (assigned >= settings.maxAssigned * nthreads) return false
    if (runsSuspect || isReserved || isPaused || isRetiring) return false
    return tasks.failures[slot] === 0 && !tasks.restriction.has(slot)
  }
}
