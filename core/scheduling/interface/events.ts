/** What goes into the scheduler's state and what comes out: plain data, no sockets or promises. */

/** A computation: tasks with edges, and which results are wanted. */
export interface Submission {
  /** The caller's name for the computation, not in use now. */
  readonly run: number
  readonly count: number
  /** For each task, the number of its recipe, unique over all submissions. */
  readonly recipeOf: ArrayLike<number>
  /** Task t reads `inputs[inputStart[t]]` up to `inputs[inputStart[t + 1] - 1]`, tasks with smaller numbers. */
  readonly inputStart: ArrayLike<number>
  readonly inputs: ArrayLike<number>
  /** Slots of tasks that came before, as inputs and targets name them: -1 for the first, -2 for the next. */
  readonly externals?: ArrayLike<number>
  /** For each task its place in the static order. */
  readonly ranks: ArrayLike<number>
  /** The tasks whose results are wanted, each once. */
  readonly targets: ArrayLike<number>
  /** Each target is told and fails by itself, and is held until it is released by itself. */
  readonly keeps?: boolean
  /** What is asked for a task beyond its running somewhere, some time. */
  readonly settingsOf?: (task: number) => TaskSettings | undefined
  /** Keys made from content, by which tasks of several computations are the same; undefined for private ones. */
  readonly sharedKey?: (task: number) => string | undefined
  /** Whatever the caller wants to find again from a task of it, kept as long as any of its tasks. */
  readonly origin?: unknown
}

/** What can be asked for a task. */
export interface TaskSettings {
  /** The user's priority; more is sooner. */
  readonly urgency?: number
  /** How often it may fail and be tried again. */
  readonly retries?: number
  /** Copies of what it reads are to be kept where it runs. */
  readonly acquires?: boolean
  /** Where it may run; workers that agree share one object. */
  readonly place?: TaskPlace
}

/** Which workers may run a task. */
export interface TaskPlace {
  /** Names of workers; undefined for any. */
  readonly workers?: readonly string[]
  /** What it takes of a worker's resources while it runs. */
  readonly resources?: Readonly<Record<string, number>>
}

export type SchedulerEvent =
  | {
      readonly kind: 'worker-joined'
      readonly worker: number
      readonly nthreads: number
      /** What tasks may call it that are to run on it: its name, its address, its machine. */
      readonly names?: readonly string[]
      /** How much it has of what tasks may ask for. */
      readonly resources?: Readonly<Record<string, number>>
    }
  | {
      readonly kind: 'worker-left'
      readonly worker: number
      /** It was ended on purpose: what it ran is not blamed. */
      readonly isBlameless?: boolean
    }
  | { readonly kind: 'submit'; readonly submission: Submission }
  /** The caller has the results, or gives up: the computation is forgotten. */
  | { readonly kind: 'release'; readonly run: number }
  /** A worker that left was only out of reach; it may have joined anew, under another number. */
  | { readonly kind: 'worker-lives'; readonly worker: number }
  /** Places of targets that a run which keeps its targets lets go. */
  | { readonly kind: 'release-targets'; readonly run: number; readonly places: ArrayLike<number> }
  /** Whoever has a run that keeps its targets wants to be told again which are done or have failed. */
  | { readonly kind: 'tell'; readonly run: number }
  /** Failed targets that are to be tried again. */
  | { readonly kind: 'retry'; readonly run: number; readonly places: ArrayLike<number> }
  | {
      readonly kind: 'finished'
      readonly worker: number
      readonly tasks: ArrayLike<number>
      readonly attempts: ArrayLike<number>
      readonly nbytes: ArrayLike<number>
      /** Milliseconds. */
      readonly durations: ArrayLike<number>
    }
  | {
      readonly kind: 'erred'
      readonly worker: number
      readonly task: number
      readonly attempt: number
      /** What the caller will be told; the state does not look into it. */
      readonly error: unknown
    }
  /** A worker could not get inputs of a task from the workers it was told have them. */
  | {
      readonly kind: 'missing'
      readonly worker: number
      readonly task: number
      readonly attempt: number
      readonly inputs: readonly number[]
      readonly holders: readonly number[]
    }
  /** Tasks in hand of a worker wait for others: it has room for more. */
  | { readonly kind: 'seceded'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** A worker has fetched results and keeps the copies. */
  | { readonly kind: 'replicated'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** A worker does not need its copies of these results. */
  | { readonly kind: 'surplus'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** A worker is short of memory, or no more. */
  | {
      readonly kind: 'worker-memory'
      readonly worker: number
      /** Bytes of results that it has in memory. */
      readonly stored: number
      readonly isPaused: boolean
    }

export type SchedulerMessage =
  /** Run these; ask the state for recipe, inputs and who holds them. */
  | { readonly kind: 'compute'; readonly worker: number; readonly tasks: number[] }
  /** Drop these results. */
  | { readonly kind: 'free'; readonly worker: number; readonly tasks: number[] }
  /** Forget these tasks, done or not; one that runs may run on, its result is dropped. */
  | { readonly kind: 'cancel'; readonly worker: number; readonly tasks: number[] }
  /** All results that a computation wants are in memory. */
  | { readonly kind: 'run-done'; readonly run: number }
  /** A task that a computation needs has failed; the computation is forgotten. */
  | {
      readonly kind: 'run-failed'
      readonly run: number
      readonly failure: RunFailure
    }
  /** Of a run that keeps its targets: these, by place, are in memory. */
  | { readonly kind: 'targets-done'; readonly run: number; readonly places: number[] }
  /** These were in memory and are to be made again. */
  | { readonly kind: 'targets-lost'; readonly run: number; readonly places: number[] }
  | {
      readonly kind: 'target-failed'
      readonly run: number
      readonly places: number[]
      readonly failure: RunFailure
    }
  /** The last task that came with a submission is forgotten; others may have kept them for longer. */
  | {
      readonly kind: 'forgotten'
      readonly origin: unknown
      /** The slots that its tasks had, by position. */
      readonly slotOf: Int32Array
    }

/** Why a computation, or one of its targets, failed. */
export type RunFailure = FailedTask &
  (
    | { readonly kind: 'erred'; readonly error: unknown }
    /** Workers died again and again while they ran it; these are their numbers. */
    | { readonly kind: 'killed-workers'; readonly workers: readonly number[] }
  )

/** The task with which it began. */
export interface FailedTask {
  /** The origin of the submission that brought the task. */
  readonly origin: unknown
  /** Its position there. */
  readonly task: number
}
