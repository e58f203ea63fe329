/**
 * Which tasks are needed. Need goes from targets to their inputs (`need`) and ends again (`unneed`)
 * when a dependent finishes or a target is released. A task that becomes needed waits for its inputs;
 * one that is not needed any more is freed, taken from its queue or cancelled at once.
 */
import type { SchedulerContext } from './context.js'
import * as story from './tables/story.js'
import { ERRED, MEMORY, PROCESSING, RELEASED, WAITING } from './tables/task-states.js'

/** The tasks that a change of need has made active, for the caller to handle. */
export interface Activated {
  /** Waiting tasks whose inputs are all in memory, which must be queued. */
  readonly ready: number[]
  /** Waiting tasks with an input that has failed, which must fail with it. */
  readonly failing: number[]
}

export class Needs {
  private readonly context: SchedulerContext

  constructor(context: SchedulerContext) {
    this.context = context
  }

  /** Counts one more need of each result on a stack; unless it exists, its inputs are needed too. */
  needAll(stack: number[], activated: Activated): void {
    const { tasks } = this.context
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (tasks.neededBy[slot]!++ > 0) continue
      if (tasks.state[slot] === RELEASED) this.activate(slot, stack, activated)
    }
  }

  /** Makes a released task wait for its inputs, and pushes these on the stack of needed results. */
  activate(slot: number, stack: number[], { ready, failing }: Activated): void {
    const { tasks, transitions } = this.context
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    const start = group.inputStart[at]!
    let waitingOn = 0
    for (let i = group.inputStart[at + 1]! - 1; i >= start; i--) {
      const input = group.inputs[i]!
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) failing.push(slot)
      stack.push(input)
    }
    tasks.waitingOn[slot] = waitingOn
    transitions.apply(slot, WAITING)
    if (waitingOn === 0) ready.push(slot)
    else this.context.story.note(slot, story.WAITS, -1, waitingOn)
  }

  /** Counts again how many inputs of a task are missing; returns whether one of them has failed. */
  recount(slot: number): boolean {
    const { tasks } = this.context
    let waitingOn = 0
    let hasFailedInput = false
    for (const input of tasks.inputsOf(slot)) {
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) hasFailedInput = true
    }
    tasks.waitingOn[slot] = waitingOn
    return hasFailedInput
  }

  /** Counts one need of a result less; what is not needed any more is released, with its inputs. */
  unneed(root: number): void {
    const { tasks, transitions } = this.context
    if (--tasks.neededBy[root]! > 0) return
    if (tasks.state[root] === MEMORY) {
      this.free(root)
      return
    }
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      const state = tasks.state[slot]
      if (state === RELEASED) continue
      if (state === MEMORY) this.free(slot)
      else if (state === ERRED) transitions.apply(slot, RELEASED)
      else {
        this.deactivate(slot)
        for (const input of tasks.inputsOf(slot))
          if (--tasks.neededBy[input]! === 0) stack.push(input)
      }
    }
  }

  /** Releases a waiting, queued or processing task. */
  private deactivate(slot: number): void {
    const { tasks, transitions, outbox } = this.context
    if (tasks.state[slot] === PROCESSING) {
      const worker = tasks.worker[slot]!
      outbox.cancel(worker, slot)
      transitions.applyFor(slot, RELEASED, story.CANCELLED, worker)
    } else transitions.applyFor(slot, RELEASED, story.RELEASED_UNFINISHED)
  }

  /** Frees a result at all its holders. */
  private free(slot: number): void {
    const { replicas, transitions } = this.context
    replicas.free(slot)
    transitions.applyFor(slot, RELEASED, story.RESULT_FREED)
  }
}
