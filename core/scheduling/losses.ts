/**
 * Results that are lost, and tasks that come back from their workers: what is still needed of them is
 * computed again, and the missing inputs of tasks are counted again.
 */
import type { SchedulerContext } from './context.js'
import type { Failures } from './failures.js'
import type { SchedulerEventOf } from './interface/events.js'
import type { Activated, Needs } from './needs.js'
import type { Queueing } from './queueing.js'
import * as story from './tables/story.js'
import { MEMORY, PROCESSING, QUEUED, RELEASED, WAITING } from './tables/task-states.js'

export class Losses {
  private readonly context: SchedulerContext
  private readonly needs: Needs
  private readonly queueing: Queueing
  private readonly failing: Failures

  constructor(context: SchedulerContext, needs: Needs, queueing: Queueing, failing: Failures) {
    this.context = context
    this.needs = needs
    this.queueing = queueing
    this.failing = failing
  }

  /** A worker has left, with the results that it held and the tasks that were assigned to it. */
  workerLeft({ worker: id, isPlanned = false }: SchedulerEventOf<'worker-left'>): void {
    const { tasks, workers, transitions, outbox, replicas, suspects } = this.context
    const worker = workers.find(id)
    if (worker === undefined) return
    const queued = worker.queue.all()
    for (const slot of queued) transitions.apply(slot, WAITING)
    workers.remove(worker)
    outbox.forgetWorker(id)
    replicas.removeWorker(id)
    const lost: number[] = []
    const assigned: number[] = []
    const seceded: number[] = []
    // Scanning one column for a million tasks takes less than a millisecond.
    const { worker: workerOf, high } = tasks
    for (let slot = 0; slot < high; slot++) {
      if (workerOf[slot] !== id) continue
      const state = tasks.state[slot]
      if (state === MEMORY) this.loseHolder(slot, id, lost)
      else if (state === PROCESSING) {
        ;(workers.hasSeceded(slot) ? seceded : assigned).push(slot)
        transitions.applyFor(slot, WAITING, story.WORKER_LOST, id)
      }
    }
    const failed = isPlanned ? -1 : suspects.workerLost(id, assigned, seceded)
    this.recover(lost, [...assigned, ...seceded, ...queued])
    // It may have failed already, with an input that could not be computed again.
    if (failed < 0 || !isPending(tasks.state[failed])) return
    const lostWorkers = [...(tasks.lostWorkers.get(failed) ?? [])]
    this.failing.fail(
      failed,
      { kind: 'killed-workers', workers: lostWorkers, ...this.failing.sourceOf(failed) },
      story.FAILED_LOST_WORKERS,
      id,
      lostWorkers.length,
    )
  }

  /** A worker is to leave: the tasks in its own queue go to others. What is assigned to it ends there. */
  workerRetiring({ worker: id }: SchedulerEventOf<'worker-retiring'>): void {
    const { workers, transitions } = this.context
    const worker = workers.find(id)
    if (worker === undefined || worker.isRetiring) return
    const queued = worker.queue.all()
    for (const slot of queued) transitions.apply(slot, WAITING)
    workers.retire(worker)
    for (const slot of queued) this.queueing.queue(slot)
  }

  /** A worker could not fetch inputs of a task. */
  missing({ worker, task, attempt, inputs, holders }: SchedulerEventOf<'missing'>): void {
    const { tasks, transitions } = this.context
    const lost: number[] = []
    inputs.forEach((input, i) => {
      this.loseHolder(input, holders[i]!, lost)
    })
    if (!tasks.isAssigned(worker, task, attempt)) {
      this.recover(lost, [])
      return
    }
    transitions.applyFor(task, WAITING, story.INPUTS_MISSING, worker)
    const failing = this.recall(task, worker)
    this.recover(lost, [task])
    this.failing.failWithInputs(failing)
  }

  /** A worker does not hold a result any more; a result without holders is released and listed. */
  private loseHolder(slot: number, worker: number, lost: number[]): void {
    if (!this.context.replicas.removeHolder(slot, worker)) return
    this.context.transitions.applyFor(slot, RELEASED, story.RESULT_LOST, worker)
    lost.push(slot)
  }

  /** Computes lost results again that are needed, and waits again with tasks that came back. */
  private recover(lost: readonly number[], back: readonly number[]): void {
    const { tasks, groups } = this.context
    const activated: Activated = { ready: [], failing: [] }
    const stack: number[] = []
    for (const slot of lost) {
      this.reportLost(slot)
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.needs.activate(slot, stack, activated)
    }
    this.needs.needAll(stack, activated)
    const { ready, failing } = activated
    const affected = new Set([...back, ...ready])
    for (const slot of lost) groups.eachDependent(slot, (dependent) => affected.add(dependent))
    for (const slot of [...affected].sort((a, b) => a - b)) {
      if (!isPending(tasks.state[slot])) continue
      // An input may have failed when it was computed again while this task was at a worker.
      if (this.needs.recount(slot)) failing.push(slot)
      this.waitOrQueue(slot)
    }
    this.failing.failWithInputs(failing)
  }

  /** Notifies the runs that want a result that it is lost. */
  private reportLost(slot: number): void {
    const { runs, outbox } = this.context
    for (const run of runs.wantingOf(slot)) {
      if (run.keeps) run.eachPosition(slot, (position) => outbox.targetLost(run.id, position))
      else {
        run.remaining++
        run.done = false
      }
    }
  }

  /** Moves a waiting or queued task to the state that its missing inputs ask for. */
  private waitOrQueue(slot: number): void {
    const { tasks, transitions } = this.context
    const waitingOn = tasks.waitingOn[slot]!
    if (tasks.state[slot] === QUEUED) {
      if (waitingOn > 0) transitions.applyFor(slot, WAITING, story.WAITS, -1, waitingOn)
    } else if (waitingOn === 0) this.queueing.queue(slot)
  }

  /** Makes a task that failed at a worker wait for its inputs again, which may be lost meanwhile. */
  waitAgain(slot: number): void {
    const { tasks, transitions } = this.context
    const { worker, retries } = tasks
    const left = --retries[slot]!
    transitions.applyFor(slot, WAITING, story.FAILED_RETRIES_LEFT, worker[slot]!, left)
    const hasFailedInput = this.needs.recount(slot)
    const waitingOn = tasks.waitingOn[slot]!
    if (waitingOn > 0) this.context.story.note(slot, story.WAITS, -1, waitingOn)
    if (hasFailedInput) this.failing.failWithInputs([slot])
    else if (waitingOn === 0) this.queueing.queue(slot)
  }

  /**
   * Takes back the tasks that a worker was assigned in a chain behind a task that it does not finish
   * now. Returns those with an input that has failed meanwhile, which must fail.
   */
  recall(first: number, worker: number): number[] {
    const { tasks, groups, outbox, transitions } = this.context
    const failing: number[] = []
    const stack = [first]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      groups.eachDependent(slot, (dependent) => {
        if (tasks.state[dependent] !== PROCESSING || tasks.worker[dependent] !== worker) return
        outbox.cancel(worker, dependent)
        transitions.applyFor(dependent, WAITING, story.RECALLED, worker)
        if (this.needs.recount(dependent)) failing.push(dependent)
        stack.push(dependent)
      })
    }
    return failing
  }
}

/** Whether a task waits for inputs or for a worker. */
function isPending(state: number | undefined): boolean {
  return state === WAITING || state === QUEUED
}
