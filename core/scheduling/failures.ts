/**
 * Tasks that have failed: the tasks that wait for them fail too. Runs that want one of them get a message,
 * and can have it computed again.
 */
import type { SchedulerContext } from './context.js'
import type { FailedTask, RunFailure } from './interface/messages.js'
import type { Activated, Needs } from './needs.js'
import type { Queueing } from './queueing.js'
import type { RunLifecycle } from './run-lifecycle.js'
import type { Run } from './tables/runs.js'
import * as story from './tables/story.js'
import { ERRED, MEMORY, RELEASED, WAITING } from './tables/task-states.js'

export class Failures {
  private readonly context: SchedulerContext
  private readonly needs: Needs
  private readonly queueing: Queueing
  private readonly lifecycle: RunLifecycle

  constructor(
    context: SchedulerContext,
    needs: Needs,
    queueing: Queueing,
    lifecycle: RunLifecycle,
  ) {
    this.context = context
    this.needs = needs
    this.queueing = queueing
    this.lifecycle = lifecycle
  }

  /** Fails a task for a reason of its own, with the tasks that wait for it. */
  fail(slot: number, failure: RunFailure, reason: story.StoryCode, worker: number, a = 0): void {
    this.context.transitions.applyFor(slot, ERRED, reason, worker, a)
    this.failAll([slot], failure, slot)
  }

  /** Fails those of some tasks that wait for an input which has failed. */
  failWithInputs(slots: readonly number[]): void {
    const { tasks, failures, transitions } = this.context
    for (const slot of slots) {
      if (tasks.state[slot] !== WAITING) continue
      for (const input of tasks.inputsOf(slot)) {
        const failure = failures.get(input)
        if (failure === undefined) continue
        transitions.applyFor(slot, ERRED, story.FAILED_WITH_INPUT, -1, input)
        this.failAll([slot], failure, input)
        break
      }
    }
  }

  /** Fails the tasks that wait for failed ones, and notifies the runs that want any of them. */
  private failAll(failed: readonly number[], failure: RunFailure, cause: number): void {
    const { tasks, failures, transitions, groups, runs } = this.context
    const all = new Set(failed)
    for (const slot of all) {
      failures.set(slot, failure)
      groups.eachDependent(slot, (dependent) => {
        if (tasks.state[dependent] !== WAITING) return
        transitions.applyFor(dependent, ERRED, story.FAILED_WITH_INPUT, -1, cause)
        all.add(dependent)
      })
    }
    const slotsByRun = new Map<Run, number[]>()
    for (const slot of all) {
      for (const run of runs.wantingOf(slot)) {
        const slots = slotsByRun.get(run)
        if (slots === undefined) slotsByRun.set(run, [slot])
        else if (slots.at(-1) !== slot) slots.push(slot)
      }
    }
    for (const slot of all) for (const input of tasks.inputsOf(slot)) this.needs.unneed(input)
    for (const [run, slots] of slotsByRun) this.failTargets(run, slots, failure)
  }

  private failTargets(run: Run, slots: readonly number[], failure: RunFailure): void {
    if (!run.keeps) {
      this.failRun(run, failure)
      return
    }
    const positions: number[] = []
    for (const slot of slots) run.eachPosition(slot, (position) => positions.push(position))
    this.context.outbox.targetsFailed(run.id, positions, failure)
  }

  private failRun(run: Run, failure: RunFailure): void {
    if (this.context.runs.get(run.id) !== run) return
    this.context.outbox.add({ kind: 'run-failed', run: run.id, failure })
    this.lifecycle.forget(run)
  }

  /** Reports the targets of a run that have failed before. */
  reportTargets(run: Run): void {
    for (let position = 0; position < run.targets.length; position++) {
      const failure = this.context.failures.get(run.targets[position]!)
      if (failure === undefined || run.held[position] !== 1) continue
      if (!run.keeps) {
        this.failRun(run, failure)
        return
      }
      this.context.outbox.targetsFailed(run.id, [position], failure)
    }
  }

  /** Computes failed targets of a run again, with their failed inputs. */
  retry(id: number, positions: ArrayLike<number>): void {
    const { tasks, runs, outbox, transitions } = this.context
    if (runs.get(id) === undefined) return
    const again = new Set<number>()
    for (let i = 0; i < positions.length; i++) {
      const slot = runs.heldTarget(id, positions[i]!)
      if (slot < 0) continue
      if (tasks.state[slot] === ERRED) again.add(slot)
      // Another run has had it retried, or it failed with a former scheduler only.
      else if (tasks.state[slot] === MEMORY) outbox.targetDone(id, positions[i]!)
    }
    for (const slot of again)
      for (const input of tasks.inputsOf(slot)) if (tasks.state[input] === ERRED) again.add(input)
    for (const slot of again) {
      transitions.applyFor(slot, RELEASED, story.RETRIED)
      tasks.clearFailures(slot)
    }
    const activated: Activated = { ready: [], failing: [] }
    const stack: number[] = []
    for (const slot of again)
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.needs.activate(slot, stack, activated)
    this.needs.needAll(stack, activated)
    for (const slot of activated.ready) this.queueing.queue(slot)
    this.failWithInputs(activated.failing)
  }

  /** Returns where a task comes from, for reports of its failure. */
  sourceOf(slot: number): FailedTask {
    const { tasks } = this.context
    return { origin: tasks.group[slot]!.origin, task: tasks.position[slot]! }
  }
}
