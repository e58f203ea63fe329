/** The events that a worker's state takes and the instructions that it gives: plain data. */

/** The columns of a `compute` message that the state reads. */
export interface TaskAssignment {
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly inputEnd: Int32Array
  readonly inputs: Int32Array
  readonly inputAttempts: Int32Array
  readonly holders: Int32Array
  /** Positions in `tasks` of those whose inputs are to be kept here; omitted if there are none. */
  readonly acquire?: Int32Array
  /** The approximate bytes of each input; 0 where omitted. */
  readonly inputBytes?: Float32Array
}

export type WorkerEvent<A extends TaskAssignment = TaskAssignment> =
  /** The scheduler assigns tasks. */
  | { readonly kind: 'compute'; readonly assignment: A }
  /** The scheduler does not need these results here any more. */
  | { readonly kind: 'free'; readonly tasks: Int32Array; readonly attempts: Int32Array }
  /** The scheduler does not need these tasks any more. */
  | { readonly kind: 'cancel'; readonly tasks: Int32Array; readonly attempts: Int32Array }
  /** The scheduler wants copies of these results to be kept here. */
  | {
      readonly kind: 'acquire'
      readonly tasks: Int32Array
      readonly attempts: Int32Array
      readonly holders: Int32Array
      readonly nbytes: Float64Array
    }
  /** Results came from another worker, and are in the result store. */
  | {
      readonly kind: 'fetched'
      readonly tasks: ArrayLike<number>
      readonly attempts: ArrayLike<number>
      readonly nbytes: ArrayLike<number>
    }
  /** Another worker does not have these results, or could not be asked for them. */
  | { readonly kind: 'not-fetched'; readonly peer: number; readonly tasks: ArrayLike<number> }
  /** Another worker has left the cluster. */
  | { readonly kind: 'peer-left'; readonly peer: number }
  /** This worker cannot reach another one, or got no answer; others may still reach it. */
  | { readonly kind: 'peer-unreachable'; readonly peer: number }
  /** An unreachable worker may be asked directly again. */
  | { readonly kind: 'peer-retried'; readonly peer: number }
  | { readonly kind: 'thread-joined'; readonly thread: number }
  | {
      readonly kind: 'thread-left'
      readonly thread: number
      readonly reason: string
      /** Whether it was ended on purpose, which does not count as a failure of its tasks. */
      readonly isDeliberate?: boolean
    }
  /** A thread has finished tasks; the results are in the result store. */
  | {
      readonly kind: 'executed'
      readonly thread: number
      readonly tasks: ArrayLike<number>
      readonly attempts: ArrayLike<number>
      /** Bytes of the worker's memory that each result takes; 0 where omitted. */
      readonly nbytes?: ArrayLike<number>
    }
  /** A task waits for tasks that it has started: its thread may run others meanwhile. */
  | {
      readonly kind: 'seceded'
      readonly thread: number
      readonly task: number
      readonly attempt: number
    }
  /** A task failed on a thread. */
  | {
      readonly kind: 'failed'
      readonly thread: number
      readonly task: number
      readonly attempt: number
    }
  /** An input of a task that was handed to a thread could not be read from disk. */
  | {
      readonly kind: 'unreadable'
      readonly task: number
      readonly attempt: number
      readonly input: number
    }
  /** A result was written to disk or, with `fault`, could not be. */
  | {
      readonly kind: 'spilled'
      readonly task: number
      readonly write: number
      readonly fault?: string
    }
  /** The memory of the process was measured, which happens about once a second. */
  | {
      readonly kind: 'memory-measured'
      readonly processBytes: number
      /** Bytes of functions with what they captured; 0 where omitted. */
      readonly functionBytes?: number
    }
  /** The session with the scheduler has ended: all tasks and results are discarded. */
  | { readonly kind: 'reset' }

export type WorkerInstruction =
  /** Fetch these results from another worker. */
  | {
      readonly kind: 'fetch'
      readonly peer: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Ask the scheduler to relay these results from a worker that cannot be reached. */
  | {
      readonly kind: 'relay'
      readonly peer: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Hand these tasks to a thread; their inputs are here, or are made by tasks before them. */
  | { readonly kind: 'run'; readonly thread: number; readonly tasks: number[] }
  /** Cancel these tasks on a thread. */
  | {
      readonly kind: 'cancel-on-thread'
      readonly thread: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Drop these results. */
  | { readonly kind: 'drop'; readonly tasks: number[] }
  /** Return a task to the scheduler, because an input could not be had. */
  | {
      readonly kind: 'missing'
      readonly task: number
      readonly attempt: number
      readonly input: number
      readonly inputAttempt: number
      readonly holder: number
    }
  /** Write these results to disk, each under a number; they stay in memory until `unload`. */
  | { readonly kind: 'spill'; readonly tasks: number[]; readonly writes: number[] }
  /** Free the memory of these results, which are on disk. */
  | { readonly kind: 'unload'; readonly tasks: number[] }
  /** Report to the scheduler that replicas of these results need not be kept here. */
  | { readonly kind: 'surplus'; readonly tasks: number[] }
  /** Report the state of the memory to the scheduler. */
  | { readonly kind: 'report-memory' }
  /** Report to the scheduler that replicas of these results are kept here. */
  | { readonly kind: 'replicated'; readonly tasks: number[]; readonly attempts: number[] }
  /** Report to the scheduler that a task failed, because the threads that ran it ended. */
  | {
      readonly kind: 'threads-lost'
      readonly task: number
      readonly attempt: number
      /** The number of threads that ended. */
      readonly failures: number
      /** Why the last one ended. */
      readonly reason: string
    }
