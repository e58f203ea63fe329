/** Figures that shape the scheduling. */
export interface SchedulerSettings {
  /** Milliseconds of expected work that a worker may have in hand for each of its executors. */
  readonly budget: number
  /** Most tasks that a worker may have in hand for each executor. */
  readonly maxInHand: number
  /** Bytes of expected results and inputs to be fetched that it may have in hand for each. */
  readonly bytesInHand: number
  /** Bytes of results for each executor from which on a worker starts no roots ahead. */
  readonly bytesHeld: number
  /** How many workers may die running a task before it is blamed. */
  readonly allowedDeaths: number
  /** Bytes a millisecond between workers, to weigh fetching against waiting; infinite for threads. */
  readonly bandwidth: number
  /** How many transitions of tasks are kept for who asks what became of them. */
  readonly storyLength: number
}

/** What applies unless something else is said. */
export const defaultSettings: SchedulerSettings = {
  budget: 8,
  maxInHand: 4096,
  bytesInHand: 4 * 1024 * 1024,
  bytesHeld: 8 * 1024 * 1024,
  allowedDeaths: 3,
  bandwidth: Number.POSITIVE_INFINITY,
  storyLength: 0,
}
