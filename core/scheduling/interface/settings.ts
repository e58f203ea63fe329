/** Limits and estimates that the scheduler works with. */
export interface SchedulerSettings {
  /** Milliseconds of expected work that may be assigned to a worker for each of its threads. */
  readonly budget: number
  /** How many tasks may be assigned to a worker for each of its threads. */
  readonly maxAssigned: number
  /** Bytes of expected results and inputs to be fetched that may be assigned for each thread. */
  readonly maxAssignedBytes: number
  /** Bytes of results for each thread above which a worker starts root tasks for idle threads only. */
  readonly maxHeldBytes: number
  /** How many workers may be lost while they run a task before the task fails. */
  readonly allowedFailures: number
  /** Bytes a millisecond between workers, to compare fetching with waiting; infinite for threads. */
  readonly bandwidth: number
  /** How many story entries are kept for all tasks together; 0 for none. */
  readonly storyLength: number
}

/** The settings of threads of this process; the cluster has its own. */
export const defaultSettings: SchedulerSettings = {
  budget: 8,
  maxAssigned: 4096,
  maxAssignedBytes: 4 * 1024 * 1024,
  maxHeldBytes: 8 * 1024 * 1024,
  allowedFailures: 3,
  bandwidth: Number.POSITIVE_INFINITY,
  storyLength: 0,
}
