/** The errors that users get for what the scheduler says of their tasks. */

import { CancelledError, TaskError } from '../../../core/base/errors.js'
import { prepare } from '../../../core/codec/index.js'
import type { Plan } from '../../../core/graph/plan.js'
import { isEncoded, loadResult } from '../../../core/graph/stored-value.js'
import { createTaskError } from '../../../core/run/task-error.js'
import { KilledWorkerError, SchedulerError } from '../../base/errors.js'
import type { WireFailure } from '../../protocol/index.js'

/** What is known of the tasks of a run, by their numbers in its submission. */
export type TaskSource = Pick<Plan, 'recipe' | 'key' | 'site'>

/** The error for a failure; `find` gives what is known of a run of this client. */
export async function errorOf(
  failure: WireFailure,
  find: (run: string, task: number) => { source: TaskSource; task: number } | undefined,
): Promise<unknown> {
  try {
    if (failure.kind === 'internal') return new SchedulerError(failure.message)
    if (failure.kind === 'released')
      return new CancelledError(
        'A result that this reads is not there any more: its future was released or cancelled, or the collection that held it was deleted',
      )
    const { key } = failure
    let cause: unknown
    let step = 0
    if (failure.kind === 'killed-workers') cause = new KilledWorkerError(key, failure.workers)
    else {
      if (isEncoded(failure.error)) await prepare(failure.error.bundles)
      cause = loadResult(failure.error)
      step = failure.step
    }
    const found = find(failure.run, failure.task)
    if (found !== undefined) return createTaskError(found.source, found.task, step, cause)
    return new TaskError({ key, step, operation: 'a task of another computation' }, cause)
  } catch (error) {
    return error
  }
}
