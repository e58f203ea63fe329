/**
 * Notices ready tasks that no worker can run, for as long as that lasts, so that whoever runs the
 * cluster is told once and not every time somebody looks.
 */
import type { TaskPlace } from '../interface/events.js'
import type { SchedulerState } from '../state.js'
import { QUEUED } from '../tables/task-table.js'
import { whyUnrunnable } from './explain.js'

/** A ready task that waits for what is not there. */
export interface StuckTask {
  /** One of those that wait for the same; -1 for all that are ready. */
  readonly slot: number
  /** `it asks for 2 GPU, and no worker has any GPU`. */
  readonly why: string
}

interface Case {
  readonly since: number
  isTold: boolean
}

/** What is stuck that asks for no place: all workers are gone, or paused. */
const everything = Symbol('everything')

export class StuckTasks {
  private readonly state: SchedulerState
  private readonly patience: number
  private cases = new Map<TaskPlace | typeof everything, Case>()

  /** `patience` is for how many milliseconds a task is stuck before it is told. */
  constructor(state: SchedulerState, patience: number) {
    this.state = state
    this.patience = patience
  }

  /** What has been stuck for long and was not told before; `now` is in milliseconds. */
  look(now: number): StuckTask[] {
    const { state } = this
    const former = this.cases
    this.cases = new Map()
    if (state.queuedTasks === 0) return []
    const found: StuckTask[] = []
    const add = (key: TaskPlace | typeof everything, stuck: StuckTask): void => {
      const known = former.get(key) ?? { since: now, isTold: false }
      this.cases.set(key, known)
      if (known.isTold || now - known.since < this.patience) return
      known.isTold = true
      found.push(stuck)
    }
    const workers = state.lookAtWorkers()
    if (workers.length === 0) add(everything, { slot: -1, why: 'there are no workers' })
    else if (workers.every(({ isPaused, inHand }) => isPaused && inHand === 0))
      add(everything, { slot: -1, why: 'all workers are paused, since they are short of memory' })
    if (workers.length === 0) return found
    state.eachPlaceWaiting((slot, place) => {
      if (state.tasks.state[slot] !== QUEUED) return
      const why = whyUnrunnable(state, slot)
      if (why !== undefined) add(place, { slot, why })
    })
    return found
  }
}
