/** The default timeouts, all in milliseconds. */

/** Milliseconds between two heartbeats, in each direction. */
export const heartbeatInterval = 1000

/** What applies to silence unless something else is said, all in milliseconds. */
export const timeouts = {
  /** After which the scheduler gives up a worker. */
  worker: 15_000,
  /** After which the scheduler gives up a client. */
  client: 15_000,
  // A scheduler that shares its thread with a user's program may be silent for long; a new one at
  // the same address makes itself known at once.
  /** After which a worker gives up the scheduler, and drops all it has. */
  schedulerOfWorker: 300_000,
  /** After which a client gives up the scheduler, and what it waits for is rejected. */
  schedulerOfClient: 300_000,
  /** After which a worker no longer waits for data from another, and asks the scheduler for it. */
  peer: 30_000,
} as const
