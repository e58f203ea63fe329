/**
 * Tasks that cannot be done: what needs them fails with them, whoever wants one of them is told, and
 * may have them tried again.
 */

import { Handler, type Parts } from './context.js'
import type { RunFailure } from './interface/events.js'
import type { Needs } from './needs.js'
import type { Requests } from './run-lifecycle.js'
import type { Run } from './tables/runs.js'
import * as story from './tables/story.js'
import { ERRED, MEMORY, RELEASED, WAITING } from './tables/task-table.js'

export class Failures extends Handler {
  private readonly needs: Needs
  private readonly requests: Requests

  constructor(parts: Parts, needs: Needs, requests: Requests) {
    super(parts)
    this.needs = needs
    this.requests = requests
  }

  /** A task cannot be done, nor can what needs it: whoever wants one of them is told. */
  fail(root: number, failure: RunFailure, cause = root): void {
    const { tasks } = this
    const all = new Set([root])
    for (const slot of all) {
      const group = tasks.group[slot]!
      const position = tasks.position[slot]!
      const end = group.dependentStart[position + 1]!
      for (let d = group.dependentStart[position]!; d < end; d++)
        if (tasks.state[group.dependents[d]!] === WAITING) all.add(group.dependents[d]!)
      this.groups.eachForeignDependent(slot, (dependent) => {
        if (tasks.state[dependent] === WAITING) all.add(dependent)
      })
    }
    for (const slot of all) {
      tasks.state[slot] = ERRED
      tasks.worker[slot] = -1
      this.failures.set(slot, failure)
      if (slot !== cause) this.story.note(slot, story.FAILED_WITH, -1, cause)
    }
    const runs = new Map<Run, number[]>()
    for (const slot of all) {
      for (const run of this.runs.wantingOf(slot)) {
        const slots = runs.get(run)
        if (slots === undefined) runs.set(run, [slot])
        else if (slots.at(-1) !== slot) slots.push(slot)
      }
    }
    for (const slot of all) for (const input of tasks.inputsOf(slot)) this.needs.unneed(input)
    for (const [run, slots] of runs) {
      if (!run.keeps) this.failRun(run, failure)
      else {
        const places: number[] = []
        for (const slot of slots) run.eachPlace(slot, (place) => places.push(place))
        this.outbox.targetsFailed(run.id, places, failure)
      }
    }
  }

  /** Tasks that were added although an input of theirs has failed fail with it. */
  failDoomed(doomed: readonly number[]): void {
    for (const slot of doomed) {
      if (this.tasks.state[slot] !== WAITING) continue
      for (const input of this.tasks.inputsOf(slot)) {
        const failed = this.failures.get(input)
        if (failed === undefined) continue
        this.fail(slot, failed, input)
        break
      }
    }
  }

  /** Tells a run of those of its targets that have failed. */
  tell(run: Run): void {
    for (let place = 0; place < run.targets.length; place++) {
      const failed = this.failures.get(run.targets[place]!)
      if (failed === undefined || run.held[place] !== 1) continue
      if (!run.keeps) {
        this.failRun(run, failed)
        return
      }
      this.outbox.targetsFailed(run.id, [place], failed)
    }
  }

  /** Does failed targets again, with all that failed below them. */
  retry(id: number, places: ArrayLike<number>): void {
    const { tasks } = this
    const run = this.runs.get(id)
    if (run === undefined) return
    const again = new Set<number>()
    for (let i = 0; i < places.length; i++) {
      const slot = this.runs.heldTarget(id, places[i]!)
      if (slot < 0) continue
      if (tasks.state[slot] === ERRED) again.add(slot)
      // Somebody else had it done again, or a former scheduler's failure did not come again.
      else if (tasks.state[slot] === MEMORY) this.outbox.targetDone(id, places[i]!)
    }
    for (const slot of again)
      for (const input of tasks.inputsOf(slot)) if (tasks.state[input] === ERRED) again.add(input)
    for (const slot of again) {
      tasks.state[slot] = RELEASED
      tasks.clearDeaths(slot)
      this.failures.delete(slot)
      this.story.note(slot, story.RETRIED)
    }
    const ready: number[] = []
    const doomed: number[] = []
    const stack: number[] = []
    for (const slot of again)
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.needs.activate(slot, stack, ready, doomed)
    this.needs.needAll(stack, ready, doomed)
    for (const slot of ready) this.placement.queue(slot)
    this.failDoomed(doomed)
  }

  private failRun(run: Run, failure: RunFailure): void {
    if (this.runs.get(run.id) !== run) return
    this.outbox.add({ kind: 'run-failed', run: run.id, failure })
    this.requests.forget(run)
  }

  /** Where a task comes from, for those who are told of its failure. */
  whence(slot: number): { readonly origin: unknown; readonly task: number } {
    return { origin: this.tasks.group[slot]!.origin, task: this.tasks.position[slot]! }
  }
}
