/**
 * The errors of the cluster, each with a literal `code` and the facts it is about as fields.
 *
 * What a graph gets wrong, and what a task throws, are the core's errors, the same as locally.
 */
import { SkeinError } from '../../core/base/errors.js'

declare module '../../core/base/errors.js' {
  interface SkeinErrorsByCode {
    BIND: BindError
    CONNECTION: ConnectionError
    KILLED_WORKER: KilledWorkerError
    SCHEDULER: SchedulerError
    STORAGE: StorageError
    TOO_FEW_WORKERS: TooFewWorkersError
    UNKNOWN_COLLECTION: UnknownCollectionError
    VERSION_MISMATCH: VersionMismatchError
    WORKER_START: SkeinError & { readonly code: 'WORKER_START' }
  }
}

/** Nobody answers at an address, or the connection was lost for too long. */
export class ConnectionError extends SkeinError {
  declare readonly code: 'CONNECTION'
  readonly address: string
  constructor(address: string, message: string) {
    super('CONNECTION', message)
    this.address = address
  }
}

/** An address or a port that cannot be listened on. */
export class BindError extends SkeinError {
  declare readonly code: 'BIND'
  readonly address: string
  constructor(address: string, message: string, options?: { cause?: unknown }) {
    super('BIND', message, options)
    this.address = address
  }
}

/** The other side speaks another version of the protocol. */
export class VersionMismatchError extends SkeinError {
  declare readonly code: 'VERSION_MISMATCH'
  readonly ours: string
  readonly theirs: string
  constructor(what: string, ours: string, theirs: string) {
    super(
      'VERSION_MISMATCH',
      `${what} runs ${theirs}, this process runs ${ours}: install the same version of skein on both sides`,
    )
    this.ours = ours
    this.theirs = theirs
  }
}

/** A name under which no collection is stored. */
export class UnknownCollectionError extends SkeinError {
  declare readonly code: 'UNKNOWN_COLLECTION'
  readonly collection: string
  readonly known: readonly string[]
  constructor(collection: string, known: readonly string[]) {
    const list = known.length === 0 ? 'there are none' : known.map((k) => `'${k}'`).join(', ')
    super('UNKNOWN_COLLECTION', `No collection is stored as '${collection}'; known names: ${list}`)
    this.collection = collection
    this.known = known
  }
}

/** What is known of a worker that is gone. */
export interface WorkerDeath {
  readonly name: string
  readonly pid: number
  readonly hostname: string
  /** How it was noticed. */
  readonly reason: string
  /** The process's exit code, where whoever started it has told. */
  readonly exitCode: number | undefined
  /** The signal that ended the process, where whoever started it has told. */
  readonly signal: string | undefined
  /** Bytes of memory that the process held when it was last heard. */
  readonly rss: number | undefined
}

/** A task that was running on several workers as they died, in the end alone; it is not tried again. */
export class KilledWorkerError extends SkeinError {
  declare readonly code: 'KILLED_WORKER'
  readonly key: string
  /** How many workers died. */
  readonly deaths: number
  /** What is known of each of them. */
  readonly workers: readonly WorkerDeath[]
  constructor(key: string, workers: readonly WorkerDeath[]) {
    const each = workers.map(describeDeath).join('; ')
    const many = workers.length === 1 ? '1 worker' : `${workers.length} workers`
    super('KILLED_WORKER', `${many} died while they ran task '${key}': ${each}`)
    this.key = key
    this.deaths = workers.length
    this.workers = workers
  }
}

function describeDeath({ name, pid, reason, exitCode, signal, rss }: WorkerDeath): string {
  const how =
    signal !== undefined
      ? `signal ${signal}`
      : exitCode !== undefined
        ? `exit code ${exitCode}`
        : reason
  const memory = rss === undefined ? '' : `, ${Math.round(rss / 1e6)} MB of memory when last heard`
  return `${name === '' ? 'a worker' : name} (pid ${pid}): ${how}${memory}`
}

/** There were not so many workers in time. */
export class TooFewWorkersError extends SkeinError {
  declare readonly code: 'TOO_FEW_WORKERS'
  readonly wanted: number
  readonly found: number
  constructor(wanted: number, found: number, within: number) {
    super(
      'TOO_FEW_WORKERS',
      `waitForWorkers: there are ${found} workers after ${within} ms, and ${wanted} were waited for`,
    )
    this.wanted = wanted
    this.found = found
  }
}

/** The scheduler could not do what a client asked, for a reason that is not the client's. */
export class SchedulerError extends SkeinError {
  declare readonly code: 'SCHEDULER'
  constructor(message: string) {
    super('SCHEDULER', message)
  }
}

/** What was to be kept on disk could not be: the folder is no good, or the disk is full. */
export class StorageError extends SkeinError {
  declare readonly code: 'STORAGE'
  readonly path: string
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super('STORAGE', message, options)
    this.path = path
  }
}
