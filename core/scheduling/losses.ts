/**
 * Results that are lost and tasks that come back from their workers: what is still needed of them is
 * wanted again, and what they wait for is counted anew.
 */

import { Handler, type Parts } from './context.js'
import type { Failures } from './failures.js'
import type { SchedulerEvent } from './interface/events.js'
import type { Needs } from './needs.js'
import * as story from './tables/story.js'
import { ERRED, MEMORY, PROCESSING, QUEUED, RELEASED, WAITING } from './tables/task-table.js'

export class Losses extends Handler {
  private readonly needs: Needs
  private readonly failing: Failures

  constructor(parts: Parts, needs: Needs, failing: Failures) {
    super(parts)
    this.needs = needs
    this.failing = failing
  }

  /** A worker is gone, with all that it held and had in hand. */
  workerLeft(id: number, isBlameless: boolean): void {
    const { tasks } = this
    if (!this.placement.hasWorker(id)) return
    const queued = this.placement.removeWorker(id)
    for (const slot of queued) tasks.state[slot] = WAITING
    this.outbox.forget(id)
    this.replicas.leave(id)
    const lost: number[] = []
    const inHand: number[] = []
    const waiting: number[] = []
    // Of a million other tasks it is one column that is looked at, which takes less than a millisecond.
    const { worker: workerOf, high } = tasks
    for (let slot = 0; slot < high; slot++) {
      if (workerOf[slot] !== id) continue
      const state = tasks.state[slot]
      if (state === MEMORY) {
        if (!this.replicas.drop(slot, id)) continue
        lost.push(slot)
        this.story.note(slot, story.LOST, id)
      } else if (state === PROCESSING) {
        this.story.note(slot, story.WORKER_GONE, id)
        tasks.state[slot] = WAITING
        tasks.worker[slot] = -1
        ;(this.placement.returns(slot) ? waiting : inHand).push(slot)
      }
    }
    const guilty = isBlameless ? -1 : this.suspects.died(id, inHand, waiting)
    this.recover(lost, [...inHand, ...waiting, ...queued])
    if (guilty < 0) return
    const workers = [...(tasks.killed.get(guilty) ?? [])]
    if (tasks.state[guilty] === QUEUED) this.placement.unqueue(guilty)
    this.story.note(guilty, story.BLAMED, id, workers.length)
    this.failing.fail(guilty, { kind: 'killed-workers', workers, ...this.failing.whence(guilty) })
  }

  /** A worker could not get what a task reads. */
  missing(event: Extract<SchedulerEvent, { kind: 'missing' }>): void {
    const { tasks } = this
    const slot = event.task
    const lost: number[] = []
    event.inputs.forEach((input, i) => {
      if (!this.replicas.drop(input, event.holders[i]!)) return
      lost.push(input)
      this.story.note(input, story.LOST, event.holders[i]!)
    })
    const back: number[] = []
    if (tasks.isInHand(event.worker, slot, event.attempt)) {
      this.placement.takeFromHand(slot)
      this.recall(slot)
      tasks.state[slot] = WAITING
      tasks.worker[slot] = -1
      this.story.note(slot, story.INPUTS_MISSING, event.worker)
      back.push(slot)
    }
    this.recover(lost, back)
  }

  /**
   * Makes lost results wanted again by who needs them, and counts anew what tasks wait for that read
   * them, or that came back from a worker.
   */
  private recover(lost: readonly number[], back: readonly number[]): void {
    const { tasks } = this
    const ready: number[] = []
    const doomed: number[] = []
    const stack: number[] = []
    for (const slot of lost) {
      for (const run of this.runs.wantingOf(slot)) {
        if (run.keeps) run.eachPlace(slot, (place) => this.outbox.targetLost(run.id, place))
        else {
          run.remaining++
          run.done = false
        }
      }
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.needs.activate(slot, stack, ready, doomed)
    }
    this.needs.needAll(stack, ready, doomed)
    const affected = new Set([...back, ...ready])
    for (const slot of lost) this.groups.eachDependent(slot, (reader) => affected.add(reader))
    for (const slot of [...affected].sort((a, b) => a - b)) {
      const state = tasks.state[slot]
      if (state !== WAITING && state !== QUEUED) continue
      let waitingOn = 0
      for (const input of this.tasks.inputsOf(slot)) {
        if (tasks.state[input] !== MEMORY) waitingOn++
        // It failed when it was made again, while this task was at a worker.
        if (tasks.state[input] === ERRED) doomed.push(slot)
      }
      tasks.waitingOn[slot] = waitingOn
      if (state === QUEUED && waitingOn > 0) {
        this.placement.unqueue(slot)
        tasks.state[slot] = WAITING
        this.story.note(slot, story.WAITS, -1, waitingOn)
      } else if (state === WAITING && waitingOn === 0) this.placement.queue(slot)
    }
    this.failing.failDoomed(doomed)
  }

  /** Has a task that was at a worker wait for its inputs again, which may have been lost meanwhile. */
  wait(slot: number): void {
    const { tasks } = this
    let waitingOn = 0
    let isDoomed = false
    for (const input of tasks.inputsOf(slot)) {
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) isDoomed = true
    }
    tasks.state[slot] = WAITING
    tasks.worker[slot] = -1
    tasks.waitingOn[slot] = waitingOn
    if (waitingOn > 0) this.story.note(slot, story.WAITS, -1, waitingOn)
    if (isDoomed) this.failing.failDoomed([slot])
    else if (waitingOn === 0) this.placement.queue(slot)
  }

  /** Takes back what a worker was given right behind a task that it does not do after all. */
  recall(first: number): void {
    const { tasks } = this
    const worker = tasks.worker[first]!
    const stack = [first]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      this.groups.eachDependent(slot, (dependent) => {
        if (tasks.state[dependent] !== PROCESSING || tasks.worker[dependent] !== worker) return
        this.outbox.cancel(worker, dependent)
        this.placement.takeFromHand(dependent)
        this.story.note(dependent, story.RECALLED, worker)
        tasks.state[dependent] = WAITING
        tasks.worker[dependent] = -1
        let waitingOn = 0
        for (const input of tasks.inputsOf(dependent))
          if (tasks.state[input] !== MEMORY) waitingOn++
        tasks.waitingOn[dependent] = waitingOn
        stack.push(dependent)
      })
    }
  }
}
