/** The events that the scheduler's state handles: plain data, without sockets or promises. */
import type { TaskSubmission } from './submission.js'

export type SchedulerEvent =
  | {
      readonly kind: 'worker-joined'
      readonly worker: number
      readonly nthreads: number
      /** The names by which tasks may be restricted to it: its name and its address. */
      readonly names?: readonly string[]
      /** The names of its host, by which tasks may be restricted to it, too. */
      readonly hosts?: readonly string[]
      /** The amounts of resources that it has. */
      readonly resources?: Readonly<Record<string, number>>
    }
  | {
      readonly kind: 'worker-left'
      readonly worker: number
      /** Whether it was stopped on purpose: its tasks' failure counts stay as they are. */
      readonly isPlanned?: boolean
    }
  /** A worker is to leave: it gets no more tasks. */
  | { readonly kind: 'worker-retiring'; readonly worker: number }
  /** A worker that left was only unreachable; it may have joined again under another number. */
  | { readonly kind: 'worker-alive'; readonly worker: number }
  | { readonly kind: 'submit'; readonly submission: TaskSubmission }
  /** The caller has the results of a run, or gives it up: the run is forgotten. */
  | { readonly kind: 'release'; readonly run: number }
  /** The caller releases targets of a run that keeps them, by position. */
  | {
      readonly kind: 'release-targets'
      readonly run: number
      readonly positions: ArrayLike<number>
    }
  /** The caller asks which targets of a run that keeps them are in memory, and which have failed. */
  | { readonly kind: 'report-targets'; readonly run: number }
  /** Failed targets of a run are to be computed again. */
  | { readonly kind: 'retry'; readonly run: number; readonly positions: ArrayLike<number> }
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
      /** Passed to the caller as it is. */
      readonly error: unknown
    }
  /** A worker could not fetch inputs of a task from the workers that should hold them. */
  | {
      readonly kind: 'missing'
      readonly worker: number
      readonly task: number
      readonly attempt: number
      readonly inputs: readonly number[]
      /** For each of `inputs` the worker that does not have it. */
      readonly holders: readonly number[]
    }
  /** Running tasks of a worker wait for tasks that they started: it can run others meanwhile. */
  | { readonly kind: 'seceded'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** A worker has fetched results and holds the copies. */
  | { readonly kind: 'replicated'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** A worker does not need its copies of these results. */
  | { readonly kind: 'surplus'; readonly worker: number; readonly tasks: ArrayLike<number> }
  /** What a worker's memory holds, and whether it is short of memory. */
  | {
      readonly kind: 'worker-memory'
      readonly worker: number
      /** Bytes of results in memory. */
      readonly stored: number
      readonly isPaused: boolean
    }

/** The event of one kind. */
export type SchedulerEventOf<Kind extends SchedulerEvent['kind']> = Extract<
  SchedulerEvent,
  { kind: Kind }
>
