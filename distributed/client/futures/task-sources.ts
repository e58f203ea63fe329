/** What a client knows of the tasks of its own runs, for the errors that name them. */
import type { Plan } from '../../../core/graph/planning/plan.js'

/** What is known of the tasks of a run, by their numbers in its plan. */
type TaskSource = Pick<Plan, 'recipe' | 'key' | 'site'>

/** A task and its number in a source. */
export interface KnownTask {
  readonly source: TaskSource
  readonly task: number
}

/** Finds a task by its number in the submission of a run. */
export type FindTask = (task: number) => KnownTask | undefined

export class TaskSources {
  private readonly prefix: string
  private readonly runs = new Map<number, FindTask>()

  /** `client` is the name of the client, with which the names of its runs begin. */
  constructor(client: string) {
    this.prefix = `${client}/`
  }

  add(run: number, find: FindTask): void {
    this.runs.set(run, find)
  }

  delete(run: number): void {
    this.runs.delete(run)
  }

  /** Finds a task by the name of its run; undefined for runs of other clients. */
  find(run: string, task: number): KnownTask | undefined {
    if (!run.startsWith(this.prefix)) return undefined
    return this.runs.get(Number(run.slice(this.prefix.length)))?.(task)
  }
}
