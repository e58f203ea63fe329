/** The errors that users get for the failures that the scheduler reports. */
import { CancelledError, TaskError } from '../../../core/base/errors.js'
import { prepare } from '../../../core/codec/index.js'
import { isEncoded, loadResult } from '../../../core/graph/stored-value.js'
import { createTaskError } from '../../../core/run/task-error.js'
import { KilledWorkerError, SchedulerError } from '../../base/errors.js'
import type { WireFailure } from '../../protocol/index.js'
import type { KnownTask } from './task-sources.js'

/** Returns the error for a failure; `find` finds a task of a run of this client. */
export async function errorOf(
  failure: WireFailure,
  find: (run: string, task: number) => KnownTask | undefined,
): Promise<unknown> {
  try {
    switch (failure.kind) {
      case 'internal':
        return new SchedulerError(failure.message)
      case 'released':
        return new CancelledError(
          'A result that this reads is not kept any more: its future was released or cancelled, or the collection that held it was deleted; or another cluster keeps it, whose results cannot be used here',
        )
      case 'killed-workers':
        return taskError(failure, 0, new KilledWorkerError(failure.key, failure.workers), find)
      case 'erred':
        if (isEncoded(failure.error)) await prepare(failure.error.bundles)
        return taskError(failure, failure.step, loadResult(failure.error), find)
      default:
        return failure satisfies never
    }
  } catch (error) {
    return error
  }
}

function taskError(
  { run, task, key }: { readonly run: string; readonly task: number; readonly key: string },
  step: number,
  cause: unknown,
  find: (run: string, task: number) => KnownTask | undefined,
): TaskError {
  const known = find(run, task)
  if (known !== undefined) return createTaskError(known.source, known.task, step, cause)
  return new TaskError({ key, step, operation: 'a task of another computation' }, cause)
}
