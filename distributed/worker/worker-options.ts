/** The options of a worker, their defaults and their checks. */
import { checkSettings } from '../../core/base/settings.js'
import { assertAnnotations } from '../../core/graph/annotate.js'
import { threadMemory } from '../../core/run/threads/thread-exit.js'
import type { PeerKeys } from '../base/curve-keys.js'
import { assertBoolean, assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { timeouts } from '../base/timeouts.js'
import { newWorkerName } from '../base/worker-name.js'
import { readKeysOfPeer } from '../security/read-security.js'
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
  'data',
  'nthreads',
  'hostname',
  'port',
  'contactAddress',
  'insecure',
  'keys',
  'name',
  'resources',
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
  readonly scheduler: string
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
export type CheckedWorkerOptions = ReturnType<typeof readWorkerOptions>

/** Checks options and adds their defaults. Throws TypeError or RangeError for invalid ones. */
export function readWorkerOptions(options: WorkerOptions) {
  assertOptions(options, 'Worker.start', optionNames)
  const { scheduler, data, nthreads = 1, hostname = '127.0.0.1', insecure = false } = options
  assertAddress(scheduler, 'Worker.start: scheduler')
  const keys = readKeysOfPeer(options.keys, 'worker', 'Worker.start')
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
  const { schedulerTimeout, peerTimeout = timeouts.peer, port, contactAddress } = options
  assertPort(port, 'Worker.start: port')
  if (contactAddress !== undefined) assertAddress(contactAddress, 'Worker.start: contactAddress')
  assertTimeout(schedulerTimeout, 'Worker.start: schedulerTimeout', minimumTimeout)
  assertTimeout(peerTimeout, 'Worker.start: peerTimeout')
  assertBoolean(options.validate, 'Worker.start: validate')
  threadMemory()
  const limit = readMemoryLimit(options.memoryLimit, nthreads, 'Worker.start')
  checkSettings()
  checkMemoryLimit(limit, 'worker')
  const memory = memoryThresholds(limit, options, 'Worker.start')
  const localDirectory = readLocalDirectory(options.localDirectory, 'Worker.start')
  return {
    ...{ scheduler, data, nthreads, hostname, port, contactAddress, schedulerTimeout, peerTimeout },
    ...{ keys, memory, localDirectory, validate: options.validate === true },
    resources: { ...resources },
    name: options.name ?? newWorkerName(),
  }
}
