/** Explains why runs wait: one of their ready tasks is such that no worker can run it now. */
import type { TaskRestriction } from '../interface/submission.js'
import type { SchedulerState } from '../state.js'
import { QUEUED } from '../tables/task-states.js'
import { whyUnrunnable } from './unrunnable.js'

/** A ready task that no worker can run. */
interface UnrunnableTask {
  readonly slot: number
  /** `it asks for 2 GPU, and no worker has any GPU`. */
  readonly why: string
}

/** Finds a ready task of some runs that no worker can run; undefined if there is none. */
export function findUnrunnable(
  state: SchedulerState,
  runs: Iterable<number>,
): UnrunnableTask | undefined {
  if (state.queuedTasks === 0) return undefined
  const whyNone = whyNoWorker(state)
  const known = new Map<TaskRestriction, string | undefined>()
  if (whyNone === undefined && !hasRestricted(state)) return undefined
  const { tasks } = state
  for (const run of runs) {
    if (!state.hasRun(run)) continue
    for (const slot of state.slotsOf(run)) {
      if (tasks.state[slot] !== QUEUED) continue
      if (whyNone !== undefined) return { slot, why: whyNone }
      const restriction = tasks.restriction.get(slot)
      if (restriction === undefined) continue
      if (!known.has(restriction)) known.set(restriction, whyUnrunnable(state, slot))
      const why = known.get(restriction)
      if (why !== undefined) return { slot, why }
    }
  }
  return undefined
}

/** Returns why no worker runs any task now; undefined if one can. */
export function whyNoWorker(state: SchedulerState): string | undefined {
  const workers = state.workerViews()
  if (workers.length === 0) return 'there are no workers'
  const areAllPaused = workers.every(({ isPaused, assigned }) => isPaused && assigned === 0)
  return areAllPaused ? 'all workers are paused, since they are short of memory' : undefined
}

function hasRestricted(state: SchedulerState): boolean {
  let isAny = false
  state.eachRestricted(() => {
    isAny = true
  })
  return isAny
}
