/**
 * The states of a task: small integers in the table's column, and their names. Tables that must
 * handle every state are typed as mappings over `SchedulerTaskState`.
 */
export const stateNumbers = {
  released: 0,
  waiting: 1,
  queued: 2,
  processing: 3,
  memory: 4,
  erred: 5,
  forgotten: 6,
} as const

/** The state of a task on the scheduler. */
export type SchedulerTaskState = keyof typeof stateNumbers
export type StateNumber = (typeof stateNumbers)[SchedulerTaskState]

/** The names of the states, by number. */
export const stateNames = Object.keys(stateNumbers) as readonly SchedulerTaskState[]

/** Known, without a result, and not needed. */
export const RELEASED = stateNumbers.released
/** Needed; some inputs are not in memory. */
export const WAITING = stateNumbers.waiting
/** All inputs are in memory; not assigned to a worker yet. */
export const QUEUED = stateNumbers.queued
/** Assigned to a worker. */
export const PROCESSING = stateNumbers.processing
/** Its result is held by at least one worker. */
export const MEMORY = stateNumbers.memory
/** Failed, with no retries left. */
export const ERRED = stateNumbers.erred
/** The slot is not in use. */
export const FORGOTTEN = stateNumbers.forgotten
