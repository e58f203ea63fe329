/** What goes into a worker's state and what comes out: plain data, no sockets or promises. */

/** The columns of a `compute` message that the state looks at. */
export interface Work {
  readonly tasks: Int32Array
  readonly attempts: Int32Array
  readonly inputEnd: Int32Array
  readonly inputs: Int32Array
  readonly inputAttempts: Int32Array
  readonly holders: Int32Array
  /** Places in `tasks` of those whose inputs are to be kept here; missing if there are none. */
  readonly acquire?: Int32Array
  /** About how large each input is; what is not told counts nothing. */
  readonly inputBytes?: Float32Array
}

export type WorkerEvent<W extends Work = Work> =
  /** The scheduler gives tasks. */
  | { readonly kind: 'compute'; readonly work: W }
  /** The scheduler needs these results here no more. */
  | { readonly kind: 'free'; readonly tasks: Int32Array; readonly attempts: Int32Array }
  /** The scheduler wants these tasks no more. */
  | { readonly kind: 'cancel'; readonly tasks: Int32Array; readonly attempts: Int32Array }
  /** Results came from another worker; the shell has them. */
  | {
      readonly kind: 'fetched'
      readonly tasks: ArrayLike<number>
      readonly attempts: ArrayLike<number>
      readonly nbytes: ArrayLike<number>
    }
  /** Another worker does not have these results, or could not be asked. */
  | { readonly kind: 'not-fetched'; readonly peer: number; readonly tasks: ArrayLike<number> }
  /** Another worker is gone. */
  | { readonly kind: 'peer-left'; readonly peer: number }
  /** Another worker cannot be reached from here, or does not answer; it may be there for others. */
  | { readonly kind: 'peer-unreachable'; readonly peer: number }
  /** It is time to try whether another worker can be reached again. */
  | { readonly kind: 'peer-tried-again'; readonly peer: number }
  | { readonly kind: 'thread-joined'; readonly thread: number }
  | {
      readonly kind: 'thread-left'
      readonly thread: number
      readonly reason: string
      /** It was ended on purpose: what it ran is not blamed. */
      readonly isBlameless?: boolean
    }
  /** A thread has done tasks; the shell has the results. */
  | {
      readonly kind: 'executed'
      readonly thread: number
      readonly tasks: ArrayLike<number>
      readonly attempts: ArrayLike<number>
      /** What the results take of the worker's memory; nothing if left out. */
      readonly nbytes?: ArrayLike<number>
    }
  /** A task waits for others which it has started: its thread has room for more. */
  | {
      readonly kind: 'seceded'
      readonly thread: number
      readonly task: number
      readonly attempt: number
    }
  /** A thread has failed at a task. */
  | {
      readonly kind: 'failed'
      readonly thread: number
      readonly task: number
      readonly attempt: number
    }
  /** An input of a task that was given to a thread could not be read from disk. */
  | {
      readonly kind: 'unreadable'
      readonly task: number
      readonly attempt: number
      readonly input: number
    }
  /** A result was written to disk; `fault` says why it could not be. */
  | {
      readonly kind: 'spilled'
      readonly task: number
      readonly write: number
      readonly fault?: string
    }
  /** What the process holds was measured; comes about once a second. */
  | { readonly kind: 'measured'; readonly processBytes: number }
  /** The session with the scheduler is over: nothing of before counts. */
  | { readonly kind: 'reset' }

export type WorkerInstruction =
  /** Get these results from another worker. */
  | {
      readonly kind: 'fetch'
      readonly peer: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Have the scheduler get these results from a worker that cannot be reached. */
  | {
      readonly kind: 'relay'
      readonly peer: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Give these tasks to a thread; their inputs are here. */
  | { readonly kind: 'run'; readonly thread: number; readonly tasks: number[] }
  /** Take these tasks back from a thread. */
  | {
      readonly kind: 'take-back'
      readonly thread: number
      readonly tasks: number[]
      readonly attempts: number[]
    }
  /** Drop these results. */
  | { readonly kind: 'drop'; readonly tasks: number[] }
  /** Give a task back to the scheduler, since an input could not be had. */
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
  /** Let go of these results' memory: they are on disk. */
  | { readonly kind: 'unload'; readonly tasks: number[] }
  /** Tell the scheduler that copies of these results need not be kept here. */
  | { readonly kind: 'surplus'; readonly tasks: number[] }
  /** Tell the scheduler how it stands with the memory. */
  | { readonly kind: 'status' }
  /** Tell the scheduler that copies of these results are kept here. */
  | { readonly kind: 'replicated'; readonly tasks: number[]; readonly attempts: number[] }
  /** Tell the scheduler that a task ended the threads that ran it. */
  | {
      readonly kind: 'deadly'
      readonly task: number
      readonly attempt: number
      readonly deaths: number
      readonly reason: string
    }
