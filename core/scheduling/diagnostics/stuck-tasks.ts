/** Notices ready tasks that no worker can run, and reports each case once for as long as it lasts. */
import type { TaskRestriction } from '../interface/submission.js'
import type { SchedulerState } from '../state.js'
import { QUEUED } from '../tables/task-states.js'
import { whyNoWorker } from './stuck-runs.js'
import { whyUnrunnable } from './unrunnable.js'

/** A ready task that no worker can run. */
interface StuckTask {
  /** One of the tasks with the same restriction; -1 for all ready tasks. */
  readonly slot: number
  /** `it asks for 2 GPU, and no worker has any GPU`. */
  readonly why: string
}

interface Case {
  readonly since: number
  isReported: boolean
}

/** The case of tasks without restriction: there are no workers, or all are paused. */
const allTasks = Symbol('all tasks')

export class StuckTasks {
  private readonly state: SchedulerState
  private readonly reportAfter: number
  private cases = new Map<TaskRestriction | typeof allTasks, Case>()

  /** `reportAfter` is for how many milliseconds a task is stuck before it is reported. */
  constructor(state: SchedulerState, reportAfter: number) {
    this.state = state
    this.reportAfter = reportAfter
  }

  /** Returns the cases that became due for a report; `now` is in milliseconds. */
  look(now: number): StuckTask[] {
    const { state } = this
    const former = this.cases
    this.cases = new Map()
    if (state.queuedTasks === 0) return []
    const found: StuckTask[] = []
    const add = (key: TaskRestriction | typeof allTasks, stuck: StuckTask): void => {
      const known = former.get(key) ?? { since: now, isReported: false }
      this.cases.set(key, known)
      if (known.isReported || now - known.since < this.reportAfter) return
      known.isReported = true
      found.push(stuck)
    }
    const whyNone = whyNoWorker(state)
    if (whyNone !== undefined) add(allTasks, { slot: -1, why: whyNone })
    if (state.workerViews().length === 0) return found
    state.eachRestricted((slot, restriction) => {
      if (state.tasks.state[slot] !== QUEUED) return
      const why = whyUnrunnable(state, slot)
      if (why !== undefined) add(restriction, { slot, why })
    })
    return found
  }
}
