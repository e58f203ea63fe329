/** A computation as it is submitted to the scheduler's state: its tasks, edges and targets. */

/** A computation: tasks with edges, and the tasks whose results are wanted. */
export interface TaskSubmission {
  /** The caller's number for the computation; no other known computation has it. */
  readonly run: number
  /** How many tasks it has. */
  readonly count: number
  /** For each task the number of its recipe, unique over all submissions. */
  readonly recipeOf: ArrayLike<number>
  /**
   * Task t reads `inputs[inputStart[t]]` up to `inputs[inputStart[t + 1] - 1]`. An input is a task
   * with a smaller number, or, if negative, one of `externals`.
   */
  readonly inputStart: ArrayLike<number>
  readonly inputs: ArrayLike<number>
  /** Slots of tasks of earlier submissions; inputs and targets name them -1, -2 and so on. */
  readonly externals?: ArrayLike<number>
  /** For each task its rank in the static order. */
  readonly ranks: ArrayLike<number>
  /** The tasks whose results are wanted, each once. */
  readonly targets: ArrayLike<number>
  /** Whether each target is reported, fails and is released by itself, rather than all together. */
  readonly keeps?: boolean
  /** The settings of a task; undefined for the defaults. */
  readonly settingsOf?: (task: number) => TaskSettings | undefined
  /** The keys made from the content of tasks, by which submissions share them; private tasks have none. */
  readonly sharedKeys?: SharedKeys
  /** The caller's own data about the submission, available as long as any of its tasks is known. */
  readonly origin?: unknown
}

/** The keys of a submission's tasks, each a name and a number, so that no string is made for each task. */
export interface SharedKeys {
  /** The part of a task's key before its number, or the key if it has none; undefined for a private task. */
  nameOf(task: number): string | undefined
  /** The number at the end of a task's key, or -1. */
  numberOf(task: number): number
}

/** Settings of one task. */
export interface TaskSettings {
  /** The user's priority, 0 by default; higher runs first. */
  readonly priority?: number
  /** How often it is run again after it failed, 0 by default. */
  readonly retries?: number
  /** Whether copies of its inputs stay at the worker that runs it. */
  readonly acquires?: boolean
  /** Which workers may run it. Tasks with equal restrictions share one object. */
  readonly restriction?: TaskRestriction
}

/** Which workers may run a task. */
export interface TaskRestriction {
  /** Names of workers or hosts; undefined for any. */
  readonly workers?: readonly string[]
  /** Whether other workers may run it while none of these has room. */
  readonly allowsOthers?: boolean
  /** The amounts of a worker's resources that it uses while it runs. */
  readonly resources?: Readonly<Record<string, number>>
}

const noNumbers: readonly number[] = []

/** A submission without tasks of its own that holds results of earlier ones, each as a target. */
export function submissionOfExternals(run: number, externals: ArrayLike<number>): TaskSubmission {
  return {
    run,
    count: 0,
    recipeOf: noNumbers,
    inputStart: [0],
    inputs: noNumbers,
    externals,
    ranks: noNumbers,
    targets: Int32Array.from({ length: externals.length }, (_, i) => -1 - i),
    keeps: true,
  }
}
