/** Warnings about errors that no task threw, and that would vanish in the thread that ran the task. */
import { userFrames } from '../../functions/build/stack-frames.js'
import type { StrayError } from './executor-protocol.js'

/**
 * Returns the warning for an error that no task threw; `tasks` names the tasks that it may come from. It has
 * the user's frames of the stack.
 */
export function strayWarning(error: StrayError, tasks: string): string {
  const { origin, description, stack, isRunning } = error
  const what =
    origin === 'rejection'
      ? 'a promise was rejected and nothing handled it'
      : 'nothing caught an error of a timer or another callback, which ended its thread'
  const when = isRunning ? 'while it ran' : 'after it had run'
  const at = stack.search(/\n\s+at /)
  const frames = at < 0 ? [] : userFrames(stack.slice(at + 1), false)
  return [`${what}, in ${tasks}, ${when}: ${description}`, ...frames].join('\n')
}
