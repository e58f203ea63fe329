/**
 * Names of the tasks that threads have run last, for warnings about errors that no task threw. They may
 * come after the computation is over and its data is released, so only keys and call sites are kept then.
 */
import type { CallSite } from '../../base/call-site.js'
import type { Key } from '../../base/keys.js'
import { writtenLocation } from '../../functions/build/stack-frames.js'
import type { Plan } from '../../graph/planning/plan.js'
import { type Recipe, stepName } from '../../graph/recipe.js'

/** An operation of a user's code, and where it was added. */
interface AddedOperation {
  readonly name: string
  readonly site: CallSite
}

/** A task's key, the different operations that it consists of, and where its graph was run. It has no functions and no data. */
export interface TaskSource {
  readonly key: Key
  readonly operations: readonly AddedOperation[]
  readonly site: CallSite
}

interface ReportedTask {
  readonly task: number
  readonly attempt: number
  readonly position: number
  plan: Plan | undefined
  source: TaskSource | undefined
}

/** As many tasks of each thread are kept as a thread reports with an error. */
const capacity = 16

/** The most operations of a task, and tasks, that a warning lists. */
const maxListed = 3

export class ReportedTasks {
  private readonly byThread = new Map<number, ReportedTask[]>()

  /** Adds a task that a thread has run. */
  add(thread: number, task: number, attempt: number, plan: Plan, position: number): void {
    let tasks = this.byThread.get(thread)
    if (tasks === undefined) this.byThread.set(thread, (tasks = []))
    if (tasks.length === capacity) tasks.shift()
    tasks.push({ task, attempt, position, plan, source: undefined })
  }

  /** Keeps only the names of a plan's tasks. */
  releasePlan(plan: Plan): void {
    for (const tasks of this.byThread.values()) {
      for (const task of tasks) {
        if (task.plan !== plan) continue
        task.source = sourceOf(plan, task.position)
        task.plan = undefined
      }
    }
  }

  find(thread: number, task: number, attempt: number): TaskSource | undefined {
    const found = this.byThread
      .get(thread)
      ?.findLast((each) => each.task === task && each.attempt === attempt)
    if (found === undefined) return undefined
    return found.plan === undefined ? found.source : sourceOf(found.plan, found.position)
  }

  removeThread(thread: number): void {
    this.byThread.delete(thread)
  }
}

/** Returns the key, the operations and the call site of a task. */
export function sourceOf(
  plan: Pick<Plan, 'recipe' | 'key' | 'site'>,
  position: number,
): TaskSource {
  const operations = operationsOf(plan.recipe(position))
  return { key: plan.key(position), operations, site: plan.site }
}

const listed = new WeakMap<Recipe, readonly AddedOperation[]>()

/** Returns the different operations of a recipe. One that computes many small blocks has thousands of steps. */
function operationsOf(recipe: Recipe): readonly AddedOperation[] {
  const known = listed.get(recipe)
  if (known !== undefined) return known
  const operations: AddedOperation[] = []
  const namesAt = new Map<CallSite, Set<string>>()
  for (const step of recipe.steps) {
    const { site } = step
    if (site === undefined) continue
    const name = stepName(step)
    const names = namesAt.get(site)
    if (names?.has(name)) continue
    if (names === undefined) namesAt.set(site, new Set([name]))
    else names.add(name)
    operations.push({ name, site })
  }
  listed.set(recipe, operations)
  return operations
}

/** Names tasks in a sentence: `task 'a' (map, added at /app/main.ts:3:7)`. */
export function describeTasks(sources: readonly TaskSource[]): string {
  const names = [...new Set(sources.map(describeTask))]
  if (names.length === 0) return 'a task'
  if (names.length === 1) return `task ${names[0]}`
  const rest = names.length > maxListed ? ` and ${names.length - maxListed} others` : ''
  return `one of the tasks ${names.slice(0, maxListed).join(', ')}${rest}`
}

function describeTask({ key, operations, site }: TaskSource): string {
  const added = operations.flatMap(({ name, site: { location } }) => {
    return location === undefined ? [] : [`${name}, added at ${writtenLocation(location)}`]
  })
  const shown = [...new Set(added)].slice(-maxListed).join('; ')
  if (shown !== '') return `'${key}' (${shown})`
  return site.location === undefined
    ? `'${key}'`
    : `'${key}' (run at ${writtenLocation(site.location)})`
}
