/**
 * The error of a failed task, the same whatever ran the task: the user's lines first, where the
 * operation was added after them, and none of this package's own.
 */
import { TaskError } from '../base/errors.js'
import { mapsOwnStacks, userFrames, writtenPlace } from '../functions/build/stack-frames.js'
import type { Plan } from '../graph/plan.js'
import { stepName } from '../graph/recipe.js'

/** The error of a task whose step threw `cause`, here or, as is usual, in another thread. */
export function createTaskError(
  plan: Pick<Plan, 'recipe' | 'key' | 'site'>,
  task: number,
  step: number,
  cause: unknown,
  isHere = false,
): TaskError {
  const where = plan.recipe(task).steps[step]
  const added = where?.site?.location
  const called = added ?? plan.site.location
  const site = called === undefined ? undefined : writtenPlace(called)
  const frames = tidy(cause, isHere && mapsOwnStacks(), 0)
  const error = new TaskError(
    {
      key: plan.key(task),
      step,
      operation: where === undefined ? 'a task' : stepName(where),
      site,
      isRun: added === undefined,
    },
    cause,
  )
  const asked = site === undefined || frames.some((f) => f.includes(site)) ? [] : [`    at ${site}`]
  error.stack = [`${error.name}: ${error.message}`, ...frames, ...asked].join('\n')
  return error
}

/** Leaves the user's lines in the stack of an error, and of those that it was caused by. */
function tidy(error: unknown, isMapped: boolean, depth: number): string[] {
  try {
    if (!(error instanceof Error) || depth > 10) return []
    if (depth < 10) {
      tidy(error.cause, isMapped, depth + 1)
      const { errors } = error as { errors?: unknown }
      if (Array.isArray(errors))
        for (const inner of errors.slice(0, 100)) tidy(inner, isMapped, depth + 1)
    }
    const { stack } = error
    if (typeof stack !== 'string') return []
    const start = stack.search(/\n\s+at /)
    const told = `${error.name}: ${error.message}`
    const at = stack.startsWith(told) ? told.length : Math.max(start, 0)
    const frames = userFrames(stack.slice(at), isMapped)
    const descriptor = Object.getOwnPropertyDescriptor(error, 'stack')
    if (descriptor?.writable === true || descriptor?.set !== undefined)
      error.stack = [stack.slice(0, at), ...frames].join('\n')
    return frames
  } catch {
    // An error may be of any form; it is shown as it is then.
    return []
  }
}
