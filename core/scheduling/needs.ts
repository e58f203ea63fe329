/**
 * Need, as it flows from targets to inputs and ends again: what becomes wanted is made to wait for its
 * inputs, what nobody wants any more is freed, taken from its queue or cancelled.
 */
import { Handler } from './context.js'
import * as story from './tables/story.js'
import { ERRED, MEMORY, PROCESSING, QUEUED, RELEASED, WAITING } from './tables/task-table.js'

export class Needs extends Handler {
  /** One more needs this result: it, and what it takes to make it, become wanted. */
  need(root: number, ready: number[], doomed: number[]): void {
    this.needAll([root], ready, doomed)
  }

  /** One more needs each of these results, and what it takes to make them. */
  needAll(stack: number[], ready: number[], doomed: number[]): void {
    const { tasks } = this
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (tasks.neededBy[slot]!++ > 0) continue
      if (tasks.state[slot] === RELEASED) this.activate(slot, stack, ready, doomed)
    }
  }

  /**
   * Makes a released task wait for its inputs, which it puts on the stack of what becomes needed. One
   * with an input that has failed is doomed.
   */
  activate(slot: number, stack: number[], ready: number[], doomed: number[]): void {
    const { tasks } = this
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    const start = group.inputStart[at]!
    let waitingOn = 0
    for (let i = group.inputStart[at + 1]! - 1; i >= start; i--) {
      const input = group.inputs[i]!
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) doomed.push(slot)
      stack.push(input)
    }
    tasks.waitingOn[slot] = waitingOn
    tasks.state[slot] = WAITING
    if (waitingOn === 0) ready.push(slot)
    else this.story.note(slot, story.WAITS, -1, waitingOn)
  }

  /** One fewer needs this result: what nobody needs is freed, taken from its queue, or cancelled. */
  unneed(root: number): void {
    const { tasks } = this
    if (--tasks.neededBy[root]! > 0) return
    if (tasks.state[root] === MEMORY) {
      this.free(root)
      return
    }
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        this.free(slot)
        continue
      }
      if (state === RELEASED) continue
      if (state === ERRED) {
        this.failures.delete(slot)
        tasks.state[slot] = RELEASED
        continue
      }
      if (state === QUEUED) this.placement.unqueue(slot)
      if (state === PROCESSING) {
        const worker = tasks.worker[slot]!
        this.outbox.cancel(worker, slot)
        this.placement.takeFromHand(slot)
        this.story.note(slot, story.CANCELLED, worker)
      } else this.story.note(slot, story.RELEASED_UNDONE)
      tasks.state[slot] = RELEASED
      for (const input of this.tasks.inputsOf(slot)) {
        if (--tasks.neededBy[input]! === 0) stack.push(input)
      }
    }
  }

  /** Has a result dropped that nobody needs. */
  private free(slot: number): void {
    this.story.note(slot, story.DROPPED)
    this.replicas.free(slot)
  }
}
