/**
 * Creates the error of a failed task, the same for every `get`. Its stack has the user's frames, then the
 * location where the operation was added, and no frames of this package.
 */
import { isError, TaskError } from '../base/errors.js'
import { mapsOwnStacks, userFrames, writtenLocation } from '../functions/build/stack-frames.js'
import type { Plan } from '../graph/planning/plan.js'
import { stepName } from '../graph/recipe.js'

/** Returns the error of a task whose step threw `cause`; `isHere` if it was thrown in this thread. */
export function createTaskError(
  plan: Pick<Plan, 'recipe' | 'key' | 'site'>,
  task: number,
  step: number,
  cause: unknown,
  isHere = false,
): TaskError {
  const failed = plan.recipe(task).steps[step]
  const added = failed?.site?.location
  const location = added ?? plan.site.location
  const site = location === undefined ? undefined : writtenLocation(location)
  const frames = keepUserFrames(cause, isHere && mapsOwnStacks(), 0)
  const error = new TaskError(
    {
      key: plan.key(task, step),
      step,
      operation: failed === undefined ? 'a task' : stepName(failed),
      site,
      isRun: added === undefined,
      isSampled: failed?.site?.isSampled,
    },
    cause,
  )
  const isListed = site === undefined || frames.some((frame) => frame.includes(site))
  const siteFrame = isListed ? [] : [`    at ${site}`]
  error.stack = [`${error.name}: ${error.message}`, ...frames, ...siteFrame].join('\n')
  return error
}

/**
 * Removes all frames but the user's from the stacks of an error, its causes and its inner errors. Returns
 * the frames of the error.
 */
function keepUserFrames(error: unknown, isMapped: boolean, depth: number): string[] {
  try {
    if (!isError(error) || depth > 10) return []
    if (depth < 10) {
      keepUserFrames(error.cause, isMapped, depth + 1)
      const { errors } = error as { errors?: unknown }
      if (Array.isArray(errors))
        for (const inner of errors.slice(0, 100)) keepUserFrames(inner, isMapped, depth + 1)
    }
    const { stack } = error
    if (typeof stack !== 'string') return []
    const start = stack.search(/\n\s+at /)
    const heading = `${error.name}: ${error.message}`
    const at = stack.startsWith(heading) ? heading.length : Math.max(start, 0)
    const frames = userFrames(stack.slice(at), isMapped)
    const descriptor = Object.getOwnPropertyDescriptor(error, 'stack')
    if (descriptor?.writable === true || descriptor?.set !== undefined)
      error.stack = [stack.slice(0, at), ...frames].join('\n')
    return frames
  } catch {
    // An error may have any form; one that cannot be read or changed is left as it is.
    return []
  }
}
