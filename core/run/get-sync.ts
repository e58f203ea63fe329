/**
 * The synchronous get: runs a graph in the caller's thread and returns values, not a promise.
 *
 * A result is released when the last task that reads it has run.
 */

import { checkArguments } from '../base/argument-checks.js'
import { collectUsed } from '../base/collect-garbage.js'
import { CancelledError, GraphError, type TaskError } from '../base/errors.js'
import type { Keys } from '../base/keys.js'
import type { GetOptions } from '../graph/get.js'
import type { GraphLike } from '../graph/graph.js'
import { makePlan } from '../graph/planning/make-plan.js'
import { type Plan, shapeResults, targetSet } from '../graph/planning/plan.js'
import { assertLocal } from '../graph/remote-value.js'
import { assertGetOptions } from './choose-get.js'
import { compileRecipe, isThenable, type RecipeRunner, StepFailure } from './compile-recipe.js'
import { TaskCopies } from './task-copies.js'
import { createTaskError } from './task-error.js'

/**
 * Runs the tasks that the keys need and returns their results in the shape of the keys.
 *
 * Tasks of a graph that you wrote run with copies of its functions and values, made by this call, so that
 * they do not change your variables. A task that changes its input in place is seen by other tasks.
 *
 * @throws CycleError, MissingKeyError or GraphError for an invalid graph or request; NotPortableError for a
 *   function or value that cannot be copied; TaskError if a task throws or returns a promise; CancelledError if `options.signal` is already aborted. A running
 *   computation cannot be aborted.
 * @example getSync({ x: 1, y: [add, 'x', 2] }, 'y') // 3
 */
export function getSync(graph: GraphLike, keys: Keys, options: GetOptions = {}): unknown {
  checkArguments('getSync', arguments, 3, 'getSync(graph, keys, options)')
  assertGetOptions(options, 'getSync')
  const { signal, onProgress } = options
  if (signal?.aborted)
    throw new CancelledError('The computation was aborted', { cause: signal.reason })
  const plan = makePlan(graph, keys, 'getSync')
  assertLocal(plan.recipes, 'getSync')
  const { count, inputStart, inputs, recipeOf } = plan
  const copies = new TaskCopies(plan)
  const runners = plan.recipes.map((_, i) => new LazyRunner(copies, i))
  const uses = new Int32Array(count)
  for (const task of targetSet(plan.targets)) uses[task]!++
  for (let i = 0; i < inputs.length; i++) uses[inputs[i]!]!++
  const results = new Array<unknown>(count)
  for (let task = 0; task < count; task++) {
    const start = inputStart[task]!
    const end = inputStart[task + 1]!
    const values = end === start ? none : new Array<unknown>(end - start)
    for (let i = start; i < end; i++) values[i - start] = results[inputs[i]!]
    const params = copies.params(task)
    let result: unknown
    try {
      result = runners[recipeOf[task]!]!.get()(values, params)
    } catch (error) {
      throw taskError(plan, task, error)
    }
    if (typeof result === 'object' && isThenable(result)) throw promiseError(plan, task, result)
    results[task] = result
    collectUsed()
    for (let i = start; i < end; i++) if (--uses[inputs[i]!]! === 0) results[inputs[i]!] = undefined
  }
  onProgress?.({ done: count, total: count })
  return shapeResults(plan.targets, (task) => copies.result(results[task]))
}

const none: unknown[] = []

/** Compiles a recipe when its first task runs, so that a function that cannot be revived fails that task. */
class LazyRunner {
  private runner: RecipeRunner | undefined
  private readonly copies: TaskCopies
  private readonly index: number
  constructor(copies: TaskCopies, index: number) {
    this.copies = copies
    this.index = index
  }
  get(): RecipeRunner {
    return (this.runner ??= compileRecipe(this.copies.recipe(this.index)))
  }
}

/** Returns the error of a task from what its runner threw in this thread. */
function taskError(plan: Plan, task: number, error: unknown): TaskError {
  const failure = error instanceof StepFailure ? error : new StepFailure(0, error)
  return createTaskError(plan, task, failure.step, failure.cause, true)
}

function promiseError(plan: Plan, task: number, result: PromiseLike<unknown>): TaskError {
  // Nothing awaits the promise: its rejection must not end the process as an unhandled one.
  result.then(undefined, () => {})
  const cause = new GraphError(
    'it returned a promise, and getSync cannot wait; use `await collection.compute()` or `await getThreads(graph, keys)`',
  )
  return createTaskError(plan, task, Math.max(0, plan.recipe(task).steps.length - 1), cause, true)
}
