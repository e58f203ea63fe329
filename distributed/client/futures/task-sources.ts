/** What a client knows of the tasks of its own runs, for the errors that name them. */
import type { Plan } from '../../../core/graph/planning/plan.js'
import type { PackedStrings } from '../../protocol/index.js'
import { unpackString } from '../../protocol/packed-strings.js'

/** What is known of the tasks of a run, by their numbers in its plan. */
type TaskSource = Pick<Plan, 'recipe' | 'key' | 'site'>

/** A task and its number in a source. */
export interface KnownTask {
  readonly source: TaskSource
  readonly task: number
}

/** Finds a task by its number in the submission of a run. */
export type FindTask = (task: number) => KnownTask | undefined

/**
 * Returns what finds the tasks of a submitted plan; `taskOf` has their numbers in the plan, `keys` their
 * keys. The plan itself is not kept: its layers may have futures, which would never be collected.
 */
export function tasksOfPlan(
  { recipes, recipeOf, site }: Pick<Plan, 'recipes' | 'recipeOf' | 'site'>,
  taskOf: ArrayLike<number>,
  keys: PackedStrings,
): FindTask {
  const recipesOf = Int32Array.from(taskOf, (task) => recipeOf[task]!)
  const source: TaskSource = {
    recipe: (task) => recipes[recipesOf[task]!]!,
    key: (task) => unpackString(keys, task),
    site,
  }
  return (task) => (task < recipesOf.length ? { source, task } : undefined)
}

/** Warnings about a task may come a little after its run is over: the last runs are kept for about this time, in milliseconds. */
const keptFor = 1000
/** Few, since their functions may have captured much. */
const mostKept = 10

export class TaskSources {
  private readonly prefix: string
  private readonly runs = new Map<number, FindTask>()
  /** Runs that are over, oldest first. */
  private readonly over = new Map<number, FindTask>()
  private timer: NodeJS.Timeout | undefined

  /** `client` is the name of the client, with which the names of its runs begin. */
  constructor(client: string) {
    this.prefix = `${client}/`
  }

  add(run: number, find: FindTask): void {
    this.runs.set(run, find)
  }

  delete(run: number): void {
    const find = this.runs.get(run)
    if (find === undefined) return
    this.runs.delete(run)
    this.over.set(run, find)
    if (this.over.size > mostKept) this.over.delete(this.over.keys().next().value!)
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.over.clear()
    }, keptFor).unref()
  }

  /** Finds a task by the name of its run; undefined for runs of other clients. */
  find(run: string, task: number): KnownTask | undefined {
    if (!run.startsWith(this.prefix)) return undefined
    const number = Number(run.slice(this.prefix.length))
    return (this.runs.get(number) ?? this.over.get(number))?.(task)
  }
}
