/** The options of a scheduler, and their checks. */
import { checkSettings } from '../../core/base/settings.js'
import { assertBoolean, assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { readSchedulerKeys } from '../security/read-security.js'
import { assertSchedulerFile } from '../storage/scheduler-file.js'
import { assertHostname, assertPort } from '../transport/address.js'

const optionNames = [
  'hostname',
  'portToWorkers',
  'portToClients',
  'insecure',
  'keys',
  'workerTimeout',
  'clientTimeout',
  'allowedFailures',
  'stateDir',
  'schedulerFile',
  'validate',
]

/** The options of `Scheduler.start`. */
export interface SchedulerOptions {
  /** The host name or IP address to listen on; by default one that only this machine can reach. */
  readonly hostname?: string
  /** The port for workers; by default the system chooses one. */
  readonly portToWorkers?: number
  /** The port for clients; by default the system chooses one. */
  readonly portToClients?: number
  /**
   * The folder with `scheduler.key` and the list of the keys that are accepted, which the command `skein keys` makes: workers and
   * clients must have one of them, and connections are encrypted. By default the value of the environment
   * variable `SKEIN_KEYS`. Null for none.
   */
  readonly keys?: string | null
  /** Allows a hostname that other machines can reach without keys: anyone who reaches it can run code here. */
  readonly insecure?: boolean
  /** Milliseconds without a message after which a worker is removed; by default 15,000. */
  readonly workerTimeout?: number
  /** Milliseconds without a message after which a client is removed, connected or not; by default 15,000. */
  readonly clientTimeout?: number
  /** How many workers may be lost while they run a task before it fails; by default 3. */
  readonly allowedFailures?: number
  /**
   * The folder in which named collections are stored, so that they survive a restart of the scheduler. By default the
   * value of the environment variable `SKEIN_STATE_DIR`. Null for none.
   */
  readonly stateDir?: string | null
  /**
   * A file to write when the scheduler listens, with its addresses and its public key. Workers and clients that are given the
   * path wait for it. It is removed when the scheduler closes.
   */
  readonly schedulerFile?: string
  /**
   * Checks the invariants of the scheduler's state after every event. If one is violated, all computations fail,
   * and the log names a file with a dump. Slow; for finding bugs in Skein. By default false.
   */
  readonly validate?: boolean
}

/** Returns options with their defaults. Throws TypeError or RangeError for invalid ones. */
export function readSchedulerOptions(options: SchedulerOptions) {
  assertOptions(options, 'Scheduler.start', optionNames)
  const { hostname = '127.0.0.1', portToWorkers, portToClients, insecure = false } = options
  const keys = readSchedulerKeys(options.keys, 'Scheduler.start')
  assertHostname(hostname, insecure || keys !== undefined, 'Scheduler.start')
  assertPort(portToWorkers, 'Scheduler.start: portToWorkers')
  assertPort(portToClients, 'Scheduler.start: portToClients')
  if (portToWorkers !== undefined && portToWorkers !== 0 && portToWorkers === portToClients) {
    throw new RangeError(
      `Scheduler.start: workers and clients need a port each, got ${portToWorkers} for both`,
    )
  }
  const { workerTimeout, clientTimeout, allowedFailures } = options
  assertTimeout(workerTimeout, 'Scheduler.start: workerTimeout', minimumTimeout)
  assertTimeout(clientTimeout, 'Scheduler.start: clientTimeout', minimumTimeout)
  assertAllowedFailures(allowedFailures)
  checkSettings()
  assertBoolean(options.validate, 'Scheduler.start: validate')
  assertSchedulerFile(options.schedulerFile, 'Scheduler.start')
  const stateDir = readStateDir(options.stateDir)
  return { hostname, portToWorkers, portToClients, stateDir, keys }
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
