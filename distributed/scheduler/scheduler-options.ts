/** How a scheduler is started, and what of it makes no sense. */

import { assertBoolean, assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { assertHostname, assertPort } from '../transport/address.js'

const optionNames = [
  'hostname',
  'portToWorkers',
  'portToClients',
  'insecure',
  'workerTimeout',
  'clientTimeout',
  'allowedFailures',
  'stateDir',
  'validate',
]

/** How to start a scheduler. */
export interface SchedulerOptions {
  /** The address to listen on; by default only this machine can reach it. */
  readonly hostname?: string
  /** By default one that the system chooses. */
  readonly portToWorkers?: number
  readonly portToClients?: number
  /** Allows a hostname that other machines can reach: whoever reaches it can run code here. */
  readonly insecure?: boolean
  /** Milliseconds of silence after which a worker is given up; by default 15,000. */
  readonly workerTimeout?: number
  /** Milliseconds of silence after which a client is given up, connected or not; by default 15,000. */
  readonly clientTimeout?: number
  /** How many workers may die while they run a task before it is blamed; by default 3. */
  readonly allowedFailures?: number
  /**
   * The folder to keep named collections in, so that a scheduler that is started there again has them;
   * by default what the environment variable `SKEIN_STATE_DIR` says. Null for none.
   */
  readonly stateDir?: string | null
  /**
   * Checks after every event that all rules of the scheduler's state hold, and fails what is computed
   * when one is broken, with a dump in a file that the log names. Slow: to hunt a fault. By default false.
   */
  readonly validate?: boolean
}

/** Options with their defaults; throws TypeError or RangeError for those that make no sense. */
export function readSchedulerOptions(options: SchedulerOptions) {
  assertOptions(options, 'Scheduler.start', optionNames)
  const { hostname = '127.0.0.1', portToWorkers, portToClients, insecure = false } = options
  assertHostname(hostname, insecure, 'Scheduler.start')
  assertPort(portToWorkers, 'Scheduler.start: portToWorkers')
  assertPort(portToClients, 'Scheduler.start: portToClients')
  const { workerTimeout, clientTimeout, allowedFailures } = options
  assertTimeout(workerTimeout, 'Scheduler.start: workerTimeout', minimumTimeout)
  assertTimeout(clientTimeout, 'Scheduler.start: clientTimeout', minimumTimeout)
  assertAllowedFailures(allowedFailures)
  assertBoolean(options.validate, 'Scheduler.start: validate')
  return { hostname, portToWorkers, portToClients, stateDir: readStateDir(options.stateDir) }
}

function readStateDir(given: unknown): string | undefined {
  if (given === null) return undefined
  if (given === undefined) return process.env.SKEIN_STATE_DIR || undefined
  if (typeof given === 'string' && given !== '') return given
  throw new TypeError(
    `Scheduler.start: stateDir is a folder's path, or null for none, got ${JSON.stringify(given)}`,
  )
}

function assertAllowedFailures(count: unknown): void {
  if (count === undefined) return
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 100) return
  throw new RangeError(
    `Scheduler.start: allowedFailures is a whole number from 1 to 100, got ${String(count)}`,
  )
}
