/** Reports of workers about tasks: finished, failed, or waiting for tasks that they started. */
import type { SchedulerContext } from './context.js'
import type { Failures } from './failures.js'
import type { SchedulerEventOf } from './interface/events.js'
import type { Losses } from './losses.js'
import type { Needs } from './needs.js'
import type { Queueing } from './queueing.js'
import type { RunLifecycle } from './run-lifecycle.js'
import * as story from './tables/story.js'
import { MEMORY, PROCESSING, WAITING } from './tables/task-states.js'

/** The other parts that reports need. */
interface ResultParts {
  readonly needs: Needs
  readonly queueing: Queueing
  readonly lifecycle: RunLifecycle
  readonly failing: Failures
  readonly losses: Losses
}

export class Results {
  private readonly context: SchedulerContext
  private readonly parts: ResultParts

  constructor(context: SchedulerContext, parts: ResultParts) {
    this.context = context
    this.parts = parts
  }

  /** Results are in memory at a worker. */
  finished(event: SchedulerEventOf<'finished'>): void {
    const { tasks, runs } = this.context
    const { needs } = this.parts
    for (let i = 0; i < event.tasks.length; i++) {
      const slot = event.tasks[i]!
      // A late report about a task that was cancelled or assigned again is ignored.
      if (!tasks.isAssigned(event.worker, slot, event.attempts[i]!)) continue
      this.store(slot, event, i)
      this.countDownDependents(slot)
      if (runs.isWanted(slot)) this.reportTarget(slot)
      const group = tasks.group[slot]!
      const at = tasks.position[slot]!
      const end = group.inputStart[at + 1]!
      for (let k = group.inputStart[at]!; k < end; k++) needs.unneed(group.inputs[k]!)
    }
  }

  /** Notes the result of the task at a position of a report. */
  private store(slot: number, event: SchedulerEventOf<'finished'>, i: number): void {
    const { tasks, workers, costs, transitions, story: stories } = this.context
    const { worker } = event
    const nbytes = event.nbytes[i]!
    const duration = event.durations[i]!
    tasks.nbytes[slot] = nbytes
    transitions.apply(slot, MEMORY)
    stories.note(slot, story.FINISHED, worker, nbytes, duration)
    workers.addHeld(worker, nbytes)
    costs.learn(tasks.recipe[slot]!, duration, nbytes)
  }

  private countDownDependents(slot: number): void {
    const { tasks, groups } = this.context
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    for (let d = group.dependentStart[at]!; d < group.dependentStart[at + 1]!; d++)
      this.countDown(group.dependents[d]!)
    groups.eachForeignDependent(slot, (dependent, times) => {
      for (let i = 0; i < times; i++) this.countDown(dependent)
    })
  }

  private countDown(dependent: number): void {
    const { tasks } = this.context
    if (tasks.state[dependent] !== WAITING) return
    if (--tasks.waitingOn[dependent]! === 0) this.parts.queueing.queue(dependent)
  }

  /** Notifies the runs that want a result that it is in memory. */
  private reportTarget(slot: number): void {
    const { runs, outbox } = this.context
    for (const run of runs.wantingOf(slot)) {
      if (run.keeps) run.eachPosition(slot, (position) => outbox.targetDone(run.id, position))
      else if (--run.remaining === 0 && !run.done) this.parts.lifecycle.finish(run)
    }
  }

  /** A task failed at a worker: it runs again while it has retries left. */
  erred({ worker, task, attempt, error }: SchedulerEventOf<'erred'>): void {
    const { tasks } = this.context
    const { losses, failing } = this.parts
    if (!tasks.isAssigned(worker, task, attempt)) return
    const recalled = losses.recall(task, worker)
    if (tasks.retries[task]! > 0) {
      losses.waitAgain(task)
      failing.failWithInputs(recalled)
    } else {
      const failure = { kind: 'erred', error, ...failing.sourceOf(task) } as const
      failing.fail(task, failure, story.FAILED, worker)
    }
  }

  /** Tasks wait for others that they have started: their worker has room meanwhile. */
  seceded({ worker, tasks: slots }: SchedulerEventOf<'seceded'>): void {
    const { tasks, workers } = this.context
    const { losses, failing } = this.parts
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== PROCESSING || tasks.worker[slot] !== worker) continue
      const recalled = losses.recall(slot, worker)
      if (!workers.hasSeceded(slot)) {
        workers.secede(slot)
        this.context.story.note(slot, story.SECEDED, worker)
      }
      failing.failWithInputs(recalled)
    }
  }
}
