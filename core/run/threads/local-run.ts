/** One computation on this process's threads: its settings, its progress, and its errors. */
import type { Progress } from '../../graph/get.js'
import type { Plan } from '../../graph/planning/plan.js'
import type { Annotations } from '../../graph/recipe.js'
import type { RunFailure } from '../../scheduling/interface/messages.js'
import type { TaskSubmission } from '../../scheduling/interface/submission.js'
import { createTaskError } from '../task-error.js'
import type { ThreadExit } from './thread-exit.js'

/** A computation in progress. */
export interface LocalRun {
  readonly id: number
  readonly plan: Plan
  readonly targets: readonly number[]
  readonly resolve: (results: unknown) => void
  readonly reject: (error: unknown) => void
  /** The timeout of each recipe's tasks, in milliseconds; undefined if no task has one. */
  readonly timeouts: readonly (number | undefined)[] | undefined
  readonly onProgress: ((progress: Progress) => void) | undefined
  /** Removes the listener of the abort signal. */
  readonly stopListening: () => void
  /** The number of finished tasks. */
  done: number
  /** When `onProgress` was last called, in milliseconds. */
  lastProgress: number
}

/** Milliseconds between two calls of `onProgress`. */
const progressInterval = 100

/** Calls `onProgress` unless it was called less than 100 ms ago; throws what the callback throws. */
export function reportProgress(run: LocalRun): void {
  const now = performance.now()
  if (now - run.lastProgress < progressInterval) return
  run.lastProgress = now
  run.onProgress?.({ done: Math.min(run.done, run.plan.count), total: run.plan.count })
}

/** Returns the settings of a plan's tasks for the scheduler; `common` are annotations of all tasks. */
export function taskSettings(
  plan: Plan,
  common: Annotations | undefined,
): Pick<TaskSubmission, 'settingsOf'> {
  const settings = plan.recipes.map(({ annotations }) => {
    if (annotations === undefined && common === undefined) return undefined
    const { retries = 0, priority = 0 } = { ...common, ...annotations }
    return { retries, priority }
  })
  if (settings.every((one) => one === undefined)) return {}
  return { settingsOf: (task) => settings[plan.recipeOf[task]!] }
}

/** Returns the timeout of each recipe's tasks, in milliseconds; undefined if no task has one. */
export function recipeTimeouts(plan: Plan, common: Annotations | undefined): LocalRun['timeouts'] {
  const timeouts = plan.recipes.map(({ annotations }) => annotations?.timeout ?? common?.timeout)
  return timeouts.every((timeout) => timeout === undefined) ? undefined : timeouts
}

/** Returns the error of a failed computation; `exits` are the exits of threads, by number. */
export function runError(
  plan: Plan,
  failure: RunFailure,
  exits: ReadonlyMap<number, ThreadExit>,
): Error {
  switch (failure.kind) {
    case 'killed-workers': {
      const { workers, task } = failure
      const exit = workers.map((thread) => exits.get(thread)).findLast((one) => one !== undefined)
      const why = exit === undefined ? '' : `: ${exit.reason}`
      const cause = new Error(`${workers.length} threads ended while they ran it${why}`)
      return createTaskError(plan, task, exit?.step ?? 0, cause)
    }
    case 'erred': {
      const { step, error } = failure.error as { step: number; error: unknown }
      return createTaskError(plan, failure.task, step, error)
    }
  }
}
