/** New runs, and what is reported to them about targets that exist or have failed already. */
import { invariant } from '../base/errors.js'
import type { SchedulerContext } from './context.js'
import type { Failures } from './failures.js'
import type { TaskSubmission } from './interface/submission.js'
import type { Activated, Needs } from './needs.js'
import type { Queueing } from './queueing.js'
import type { RunLifecycle } from './run-lifecycle.js'
import type { Run } from './tables/runs.js'
import { MEMORY } from './tables/task-states.js'
import type { TaskGroup } from './tables/task-table.js'

/** The other parts that submissions need. */
interface SubmissionParts {
  readonly needs: Needs
  readonly queueing: Queueing
  readonly lifecycle: RunLifecycle
  readonly failing: Failures
}

export class Submissions {
  private readonly context: SchedulerContext
  private readonly parts: SubmissionParts

  constructor(context: SchedulerContext, parts: SubmissionParts) {
    this.context = context
    this.parts = parts
  }

  /** Adds a submission's tasks and makes its targets needed. */
  add(submission: TaskSubmission): void {
    const { groups, runs, failures } = this.context
    const { needs, queueing, failing } = this.parts
    const { run: id, externals = noNumbers, keeps = false } = submission
    invariant(runs.get(id) === undefined, `run ${id} is submitted twice`)
    const group = groups.add(submission)
    this.pinInputs(submission, group)
    const targets = new Int32Array(submission.targets.length)
    for (let i = 0; i < targets.length; i++) {
      const task = submission.targets[i]!
      targets[i] = task < 0 ? externals[~task]! : group.slotOf[task]!
    }
    const run = runs.add(id, group, targets, keeps)
    const activated: Activated = { ready: [], failing: [] }
    for (const target of targets) needs.needAll([target], activated)
    queueing.queueRoots(activated.ready)
    if (keeps) this.reportDone(run)
    else this.countRemaining(run)
    failing.failWithInputs(activated.failing)
    // A target that has failed before is reported like one that fails now.
    if (failures.size > 0) failing.reportTargets(run)
  }

  /** Reports which held targets of a run that keeps them are in memory, and which have failed. */
  report(id: number): void {
    const run = this.context.runs.get(id)
    if (run?.keeps !== true) return
    this.reportDone(run)
    if (this.context.failures.size > 0) this.parts.failing.reportTargets(run)
  }

  /** Pins the inputs of tasks whose workers keep copies of them. */
  private pinInputs({ count, settingsOf }: TaskSubmission, group: TaskGroup): void {
    if (settingsOf === undefined) return
    const { tasks } = this.context
    for (let task = 0; task < count; task++) {
      if (settingsOf(task)?.acquires !== true) continue
      for (const input of tasks.inputsOf(group.slotOf[task]!)) tasks.pinned.add(input)
    }
  }

  private reportDone(run: Run): void {
    const { tasks, outbox } = this.context
    run.targets.forEach((slot, position) => {
      if (run.held[position] === 1 && tasks.state[slot] === MEMORY)
        outbox.targetDone(run.id, position)
    })
  }

  private countRemaining(run: Run): void {
    const { tasks } = this.context
    for (const slot of run.targets) if (tasks.state[slot] !== MEMORY) run.remaining++
    if (run.remaining === 0) this.parts.lifecycle.finish(run)
  }
}

const noNumbers: readonly number[] = []
