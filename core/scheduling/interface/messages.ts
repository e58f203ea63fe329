/** The messages that the scheduler's state answers events with: plain data. */

export type SchedulerMessage =
  /** A worker is to run these tasks; the state has their recipes, inputs and holders. */
  | { readonly kind: 'compute'; readonly worker: number; readonly tasks: number[] }
  /** A worker is to free these results. */
  | { readonly kind: 'free'; readonly worker: number; readonly tasks: number[] }
  /** A worker is to forget these tasks, finished or not; one that runs may finish, without a result. */
  | { readonly kind: 'cancel'; readonly worker: number; readonly tasks: number[] }
  /** All targets of a run are in memory. */
  | { readonly kind: 'run-done'; readonly run: number }
  /** A task that a run needs has failed; the run is forgotten. */
  | { readonly kind: 'run-failed'; readonly run: number; readonly failure: RunFailure }
  /** Targets of a run that keeps them, by position, are in memory. */
  | { readonly kind: 'targets-done'; readonly run: number; readonly positions: number[] }
  /** Targets that were in memory are lost, and computed again. */
  | { readonly kind: 'targets-lost'; readonly run: number; readonly positions: number[] }
  | {
      readonly kind: 'targets-failed'
      readonly run: number
      readonly positions: number[]
      readonly failure: RunFailure
    }
  /** The last task of a submission is forgotten, other runs that shared its tasks included. */
  | {
      readonly kind: 'forgotten'
      readonly origin: unknown
      /** The slots that its tasks had, by position. */
      readonly slotOf: Int32Array
    }

/** Why a run, or one of its targets, failed. */
export type RunFailure = FailedTask &
  (
    | { readonly kind: 'erred'; readonly error: unknown }
    /** Worker after worker was lost while it ran the task; these are their numbers. */
    | { readonly kind: 'killed-workers'; readonly workers: readonly number[] }
  )

/** The task whose failure made others fail. */
export interface FailedTask {
  /** The origin of the submission that brought the task. */
  readonly origin: unknown
  /** Its position there. */
  readonly task: number
}
