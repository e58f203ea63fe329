/**
 * The errors of the cluster, each with a literal `code` and typed fields. Invalid graphs and failed tasks
 * raise the errors of `core`, the same as locally.
 */
import { SkeinError } from '../../core/base/errors.js'
import { operations } from '../../core/base/operations.js'

declare module '../../core/base/errors.js' {
  interface SkeinErrorsByCode {
    BIND: BindError
    COLLECTION_EXISTS: CollectionExistsError
    CONNECTION: ConnectionError
    KILLED_WORKER: KilledWorkerError
    NAME_TAKEN: NameTakenError
    SCHEDULER: SchedulerError
    STORAGE: StorageError
    TOO_FEW_WORKERS: TooFewWorkersError
    UNKNOWN_COLLECTION: UnknownCollectionError
    VERSION_MISMATCH: VersionMismatchError
    WORKER_START: SkeinError & { readonly code: 'WORKER_START' }
  }
}

/** Thrown when no scheduler answers at an address, or the connection was lost for longer than the timeout. */
export class ConnectionError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'CONNECTION'
  /** The address of the scheduler. */
  readonly address: string
  /** Made by Skein only. */
  constructor(address: string, message: string) {
    super('CONNECTION', message)
    this.address = address
  }
}

/** Thrown when a process cannot listen on an address or a port. */
export class BindError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'BIND'
  /** The address that cannot be listened on. */
  readonly address: string
  /** Made by Skein only. */
  constructor(address: string, message: string, options?: { cause?: unknown }) {
    super('BIND', message, options)
    this.address = address
  }
}

/** Thrown when two processes run different versions of Skein. */
export class VersionMismatchError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'VERSION_MISMATCH'
  /** The versions of this process. */
  readonly ours: string
  /** The versions of the other process. */
  readonly theirs: string
  /** Made by Skein only. */
  constructor(what: string, ours: string, theirs: string) {
    super(
      'VERSION_MISMATCH',
      `${what} runs ${theirs}, this process runs ${ours}: install the same version of skein on both sides`,
    )
    this.ours = ours
    this.theirs = theirs
  }
}

/** Thrown when a worker has the name of another worker of its scheduler. */
export class NameTakenError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'NAME_TAKEN'
  /** The name that two workers have. */
  readonly worker: string
  /** Made by Skein only. */
  constructor(
    address: string,
    {
      name,
      pid,
      hostname,
    }: { readonly name: string; readonly pid: number; readonly hostname: string },
  ) {
    super(
      'NAME_TAKEN',
      `The scheduler at ${address} has a worker '${name}' already (process ${pid} on ${hostname}): give each worker its own name (--name), or none`,
    )
    this.worker = name
  }
}

/** Thrown when no collection is stored under a name. */
export class UnknownCollectionError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'UNKNOWN_COLLECTION'
  /** The name that was asked for. */
  readonly collection: string
  /** The names of all stored collections. */
  readonly known: readonly string[]
  /** Made by Skein only. */
  constructor(collection: string, known: readonly string[]) {
    const list = known.length === 0 ? 'there are none' : known.map((k) => `'${k}'`).join(', ')
    super('UNKNOWN_COLLECTION', `No collection is stored as '${collection}'; known names: ${list}`)
    this.collection = collection
    this.known = known
  }
}

/** Thrown by `setCollection` with `override: false` when another collection is stored under the name. */
export class CollectionExistsError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'COLLECTION_EXISTS'
  /** The name. */
  readonly collection: string
  /** Made by Skein only. */
  constructor(collection: string) {
    super(
      'COLLECTION_EXISTS',
      `setCollection: a collection is stored as '${collection}' already; delete it first, use another name, or leave out override: false to replace it`,
    )
    this.collection = collection
  }
}

/** Facts about a worker that was lost. */
export interface WorkerDeath {
  /** The name of the worker. */
  readonly name: string
  /** The process id of the worker. */
  readonly pid: number
  /** The host on which it ran. */
  readonly hostname: string
  /** How the loss was detected. */
  readonly reason: string
  /** The process's exit code, if the process that started it has reported one. */
  readonly exitCode: number | undefined
  /** The signal that ended the process, if the process that started it has reported one. */
  readonly signal: string | undefined
  /** The process's resident memory in bytes, as of its last heartbeat. */
  readonly rss: number | undefined
  /** The worker's memory limit in bytes, if it had one. */
  readonly memoryLimit: number | undefined
}

/** Thrown for a task that was running each time when several workers were lost, the last time alone. It is not retried. */
export class KilledWorkerError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'KILLED_WORKER'
  /** The key of the task. */
  readonly key: string
  /** How many workers were lost. */
  readonly deaths: number
  /** Facts about each of them. */
  readonly workers: readonly WorkerDeath[]
  /** Made by Skein only. */
  constructor(key: string, workers: readonly WorkerDeath[]) {
    const each = workers.map(describeDeath).join('; ')
    const many = workers.length === 1 ? '1 worker' : `${workers.length} workers`
    super('KILLED_WORKER', `${many} died while they ran task '${key}': ${each}${adviceOn(workers)}`)
    this.key = key
    this.deaths = workers.length
    this.workers = workers
  }
}

/** What signals that Skein does not send usually mean. */
const signalCauses: Readonly<Record<string, string>> = {
  SIGKILL: ', as the kernel sends it when memory is short',
  SIGABRT: ', as by process.abort() or when the heap of the main thread is full',
  SIGSEGV: ', as by an error in native code',
  SIGBUS: ', as by an error in native code, or a full disk',
}

function describeDeath(death: WorkerDeath): string {
  const { name, pid, reason, exitCode, signal } = death
  const how =
    signal !== undefined
      ? `signal ${signal}${signalCauses[signal] ?? ''}`
      : exitCode !== undefined
        ? `exit code ${exitCode}`
        : reason
  return `${name === '' ? 'a worker' : name} (pid ${pid}): ${how}${describeMemory(death)}`
}

function describeMemory({ rss, memoryLimit }: WorkerDeath): string {
  if (rss === undefined) return ''
  const limit =
    memoryLimit === undefined ? 'without a limit' : `of a limit of ${megabytes(memoryLimit)}`
  return `, ${megabytes(rss)} of memory ${limit} when last heard`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function adviceOn(workers: readonly WorkerDeath[]): string {
  if (!workers.some(({ signal }) => signal === 'SIGKILL')) return ''
  return '. If the kernel did it, which its log says (dmesg), make the partitions smaller, or run fewer workers or threads on the machine; a memory limit holds for results, not for what one task allocates'
}

/** Thrown by `waitForWorkers` when there are too few workers after the timeout. */
export class TooFewWorkersError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'TOO_FEW_WORKERS'
  /** How many workers were waited for. */
  readonly wanted: number
  /** How many workers there were after the timeout. */
  readonly found: number
  /** Made by Skein only. */
  constructor(wanted: number, found: number, within: number) {
    super(
      'TOO_FEW_WORKERS',
      `waitForWorkers: there are ${found} workers after ${within} ms, and ${wanted} were waited for`,
    )
    this.wanted = wanted
    this.found = found
  }
}

/** Thrown when the scheduler fails to handle a request, for a reason other than the request. */
export class SchedulerError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'SCHEDULER'
  /** Made by Skein only. */
  constructor(message: string) {
    super('SCHEDULER', message)
  }
}

/** Thrown when data cannot be stored on disk: the folder is unusable, or the disk is full. */
export class StorageError extends SkeinError {
  /** Tells the classes of errors apart. */
  declare readonly code: 'STORAGE'
  /** The folder. */
  readonly path: string
  /** Made by Skein only. */
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super('STORAGE', message, options)
    this.path = path
  }
}

operations('distributed/base/errors', {
  ConnectionError,
  BindError,
  VersionMismatchError,
  NameTakenError,
  UnknownCollectionError,
  CollectionExistsError,
  KilledWorkerError,
  TooFewWorkersError,
  SchedulerError,
  StorageError,
})
