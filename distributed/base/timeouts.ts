/** The default timeouts, all in milliseconds. */

/** The time between two heartbeats, in each direction. */
export const heartbeatInterval = 1000

/** How long a process may be silent before it is given up, unless options set another timeout. */
export const timeouts = {
  /** After this the scheduler removes a worker. */
  worker: 15_000,
  /** After this the scheduler removes a client. */
  client: 15_000,
  // A scheduler that shares its thread with a user's program may be silent for long. If it is restarted,
  // the new one at the same address makes itself known at once.
  /** After this a worker ends its session and drops all its results. */
  schedulerOfWorker: 300_000,
  /** After this a client rejects everything that it waits for. */
  schedulerOfClient: 300_000,
  /** After this a worker stops waiting for results of another worker and asks the scheduler for them. */
  peer: 30_000,
} as const
