/** How a worker is started, and what of it makes no sense. */
import { hostname as machineName } from 'node:os'
import { assertAnnotations } from '../../core/graph/annotate.js'
import { assertBoolean, assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { timeouts } from '../base/timeouts.js'
import { readLocalDirectory } from '../storage/temporary-folder.js'
import { assertAddress, assertHostname, assertPort } from '../transport/address.js'
import { type MemoryFractions, memoryThresholds, readMemoryLimit } from './results/memory-limit.js'
import { assertMapping, type ResultMapping } from './results/result-store.js'

const optionNames = [
  'scheduler',
  'data',
  'nthreads',
  'hostname',
  'port',
  'contactAddress',
  'insecure',
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

/** How to start a worker. */
export interface WorkerOptions extends MemoryFractions {
  /** The scheduler's address to workers; it need not be there yet. */
  readonly scheduler: string
  /** Where results are kept, by key; by default in memory of the worker's own. */
  readonly data?: ResultMapping
  /** How many tasks run at once; by default 1. */
  readonly nthreads?: number
  /** Where other workers reach this one. */
  readonly hostname?: string
  /** The port to listen on for other workers; by default one that the system chooses. */
  readonly port?: number
  /** Where other workers are told to reach this one, if not where it listens: behind a forwarded port. */
  readonly contactAddress?: string
  /** Allows a hostname that other machines can reach: whoever reaches it can read the data here. */
  readonly insecure?: boolean
  /** What to call it in messages to people. */
  readonly name?: string
  /** What tasks may ask for, and how much of it there is: `{ GPU: 2 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /** Milliseconds of the scheduler's silence after which a worker drops all it has; by default 300,000. */
  readonly schedulerTimeout?: number
  /** Milliseconds to wait for data from another worker before asking the scheduler for it; by default 30,000. */
  readonly peerTimeout?: number
  /**
   * Memory that it may use: bytes, a text such as `'2GB'`, a fraction of the machine's memory, or 0 for
   * no limit. By default its share of the machine's, or the container's, by its threads.
   */
  readonly memoryLimit?: number | string
  /** Where results go that there is no memory for; by default the system's folder for temporary files. */
  readonly localDirectory?: string
  /** Checks after every event that all rules of the worker's state hold. Slow: to hunt a fault. By default false. */
  readonly validate?: boolean
}

/** Options with their defaults. */
export type CheckedOptions = ReturnType<typeof readOptions>

/** Options with their defaults; throws TypeError or RangeError for those that make no sense. */
export function readOptions(options: WorkerOptions) {
  assertOptions(options, 'Worker.start', optionNames)
  const { scheduler, data, nthreads = 1, hostname = '127.0.0.1', insecure = false } = options
  assertAddress(scheduler, 'Worker.start: scheduler')
  assertHostname(hostname, insecure, 'Worker.start')
  if (!Number.isInteger(nthreads) || nthreads < 1 || nthreads > 1024) {
    throw new RangeError(`Worker.start: nthreads is a whole number from 1 to 1024, got ${nthreads}`)
  }
  if (data !== undefined) assertMapping(data, 'Worker.start')
  if (options.name !== undefined && typeof options.name !== 'string') {
    throw new TypeError(`Worker.start: name is a text, got ${typeof options.name}`)
  }
  const { resources } = options
  if (resources !== undefined) assertAnnotations({ resources }, 'Worker.start')
  const { schedulerTimeout, peerTimeout = timeouts.peer, port, contactAddress } = options
  assertPort(port, 'Worker.start: port')
  if (contactAddress !== undefined) assertAddress(contactAddress, 'Worker.start: contactAddress')
  assertTimeout(schedulerTimeout, 'Worker.start: schedulerTimeout', minimumTimeout)
  assertTimeout(peerTimeout, 'Worker.start: peerTimeout')
  assertBoolean(options.validate, 'Worker.start: validate')
  const limit = readMemoryLimit(options.memoryLimit, nthreads, 'Worker.start')
  const memory = memoryThresholds(limit, options, 'Worker.start')
  const localDirectory = readLocalDirectory(options.localDirectory, 'Worker.start')
  return {
    ...{ scheduler, data, nthreads, hostname, port, contactAddress, schedulerTimeout, peerTimeout },
    ...{ resources, memory, localDirectory, validate: options.validate === true },
    name: options.name ?? `${machineName()}-${process.pid}`,
  }
}
