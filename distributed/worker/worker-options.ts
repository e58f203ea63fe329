/** The options of a worker, their defaults and their checks. */
import { checkSettings } from '../../core/base/settings.js'
import { assertAnnotations } from '../../core/graph/annotate.js'
import { threadMemory } from '../../core/run/threads/thread-exit.js'
import type { PeerKeys } from '../base/curve-keys.js'
import { logEvent } from '../base/log.js'
import { assertBoolean, assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { Overdue } from '../base/overdue.js'
import { timeouts } from '../base/timeouts.js'
import { newWorkerName } from '../base/worker-name.js'
import { readKeysOfPeer } from '../security/read-security.js'
import {
  assertSchedulerFile,
  awaitSchedulerFile,
  laterScheduler,
  type SchedulerFile,
} from '../storage/scheduler-file.js'
import { readLocalDirectory } from '../storage/temporary-folder.js'
import { assertAddress, assertHostname, assertPort } from '../transport/address.js'
import {
  checkMemoryLimit,
  type MemoryFractions,
  memoryThresholds,
  readMemoryLimit,
} from './results/memory-limit.js'
import { assertMapping, type ResultMapping } from './results/result-store.js'

const optionNames = [
  'scheduler',
  'schedulerFile',
  'exitWithScheduler',
  'data',
  'nthreads',
  'hostname',
  'port',
  'contactAddress',
  'insecure',
  'keys',
  'name',
  'resources',
  'hostAliases',
  'schedulerTimeout',
  'peerTimeout',
  'memoryLimit',
  'memoryTarget',
  'memorySpill',
  'memoryPause',
  'localDirectory',
  'validate',
]

/** Options of `Worker.start`. */
export interface WorkerOptions extends MemoryFractions {
  /** The scheduler's address to workers; the scheduler may be started later. */
  readonly scheduler?: string
  /** Instead of the address, the file that the scheduler writes (its option `schedulerFile`); the worker waits for it. */
  readonly schedulerFile?: string
  /**
   * Closes the worker when the scheduler is closed for good, and when there was none for the time of `schedulerTimeout`. By
   * default it waits for another scheduler.
   */
  readonly exitWithScheduler?: boolean
  /** A store for results, by key. By default they are kept in the worker's memory. */
  readonly data?: ResultMapping
  /** The number of tasks that run at once. By default 1. */
  readonly nthreads?: number
  /** The hostname or IP address to listen on for other workers. By default 127.0.0.1. */
  readonly hostname?: string
  /** The port to listen on for other workers. By default the system chooses one. */
  readonly port?: number
  /** The address at which other workers reach this one, if it differs: behind a forwarded port, say. */
  readonly contactAddress?: string
  /**
   * The keys with which the scheduler accepts this worker: a file that `skein keys new` has made, a folder with `worker.key`, or
   * the keys themselves. By default the value of the environment variable `SKEIN_KEYS`. Null for none.
   */
  readonly keys?: string | PeerKeys | null
  /** Allows a hostname that other machines can reach without keys; everyone who can connect can read the results. */
  readonly insecure?: boolean
  /**
   * The name in logs, errors and `workers` restrictions, which no other worker of the cluster may have. By default
   * made from the machine's name, the process id and a random part.
   */
  readonly name?: string
  /** Resources that tasks may require, with their amounts: `{ GPU: 2 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /** Other names of the machine, by which tasks may be restricted to it (`workers`), as `annotate` does. */
  readonly hostAliases?: readonly string[]
  /** Milliseconds without the scheduler after which all results are dropped. By default 300,000. */
  readonly schedulerTimeout?: number
  /**
   * Milliseconds to wait for another worker before its results are fetched through the scheduler. By
   * default 30,000.
   */
  readonly peerTimeout?: number
  /**
   * The memory that the worker may use: bytes, a string such as `'2GB'`, a fraction of the machine's
   * memory, or 0 for no limit. By default a share of the memory of the machine, or of the container,
   * in proportion to its threads.
   */
  readonly memoryLimit?: number | string
  /** The folder for results that are written to disk. By default the system's temporary folder. */
  readonly localDirectory?: string
  /** Checks all invariants of the worker's state after every event; slow. By default false. */
  readonly validate?: boolean
}

/** Checked options with their defaults. */
export type CheckedWorkerOptions = ReturnType<typeof readOptionsFor>

/**
 * Checks options and adds their defaults; waits for the scheduler's file if there is one.
 *
 * @throws TypeError or RangeError for invalid options.
 */
export async function readWorkerOptions(options: WorkerOptions): Promise<CheckedWorkerOptions> {
  assertOptions(options, 'Worker.start', optionNames)
  const { scheduler, schedulerFile } = options
  assertSchedulerFile(schedulerFile, 'Worker.start')
  if (schedulerFile === undefined) {
    assertAddress(scheduler, 'Worker.start: scheduler')
    return readOptionsFor({ addressToWorkers: scheduler }, options)
  }
  if (scheduler !== undefined)
    throw new TypeError('Worker.start: scheduler and schedulerFile are given; one of them suffices')
  readOptionsFor(laterScheduler, options)
  const late = new Overdue({ again: 60_000 })
  const onWait = (waited: number): void => {
    if (late.check(true, waited) === undefined) return
    const seconds = Math.round(waited / 1000)
    logEvent('worker', `there is no scheduler file '${schedulerFile}' after ${seconds} s; waiting`)
  }
  return readOptionsFor(await awaitSchedulerFile(schedulerFile, { onWait }), options)
}

function readOptionsFor(
  { addressToWorkers: scheduler, serverKey }: Omit<SchedulerFile, 'addressToClients'>,
  options: WorkerOptions,
) {
  const { data, nthreads = 1, hostname = '127.0.0.1', insecure = false } = options
  const keys = readKeysOfPeer(options.keys, 'worker', 'Worker.start', serverKey)
  assertHostname(hostname, insecure || keys !== undefined, 'Worker.start')
  if (!Number.isInteger(nthreads) || nthreads < 1 || nthreads > 1024) {
    throw new RangeError(`Worker.start: nthreads is a whole number from 1 to 1024, got ${nthreads}`)
  }
  if (data !== undefined) assertMapping(data, 'Worker.start')
  if (options.name !== undefined && typeof options.name !== 'string') {
    throw new TypeError(`Worker.start: name is a string, got ${typeof options.name}`)
  }
  if (options.name?.trim() === '') throw new RangeError('Worker.start: name is empty')
  const { resources } = options
  if (resources !== undefined) assertAnnotations({ resources }, 'Worker.start')
  const { hostAliases = [] } = options
  if (hostAliases.length > 0)
    assertAnnotations({ workers: hostAliases }, 'Worker.start: hostAliases')
  const { schedulerTimeout, peerTimeout = timeouts.peer, port, contactAddress } = options
  assertPort(port, 'Worker.start: port')
  if (contactAddress !== undefined) assertAddress(contactAddress, 'Worker.start: contactAddress')
  assertTimeout(schedulerTimeout, 'Worker.start: schedulerTimeout', minimumTimeout)
  assertTimeout(peerTimeout, 'Worker.start: peerTimeout')
  assertBoolean(options.validate, 'Worker.start: validate')
  assertBoolean(options.exitWithScheduler, 'Worker.start: exitWithScheduler')
  threadMemory()
  const limit = readMemoryLimit(options.memoryLimit, nthreads, 'Worker.start')
  checkSettings()
  checkMemoryLimit(limit, 'worker')
  const memory = memoryThresholds(limit, options, 'Worker.start')
  const localDirectory = readLocalDirectory(options.localDirectory, 'Worker.start')
  return {
    ...{ scheduler, data, nthreads, hostname, port, contactAddress, schedulerTimeout, peerTimeout },
    ...{ keys, memory, localDirectory, validate: options.validate === true },
    exitWithScheduler: options.exitWithScheduler === true,
    resources: { ...resources },
    hostAliases: [...hostAliases],
    name: options.name ?? newWorkerName(),
  }
}
