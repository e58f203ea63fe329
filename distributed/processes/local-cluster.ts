/**
 * A cluster on this machine: a scheduler in this process and workers in processes of their own.
 *
 * A worker process that dies is replaced, unless one after another dies before it was there. The
 * processes end by themselves when this one does, however that happens.
 */
import type { ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { CancelledError, SkeinError } from '../../core/base/errors.js'
import { assertAnnotations } from '../../core/graph/annotate.js'
import { logEvent } from '../base/log.js'
import { assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { describeExit } from '../base/process-exit.js'
import { Client, type ClientOptions } from '../client/client.js'
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.js'
import { readLocalDirectory, removeStaleFolders } from '../storage/temporary-folder.js'
import { memoryShare, readMemoryLimit } from '../worker/results/memory-limit.js'
import type { WorkerOptions } from '../worker/worker.js'
import { endProcess, startWorkerProcess } from './worker-process.js'

/** How to start a cluster on this machine. */
export interface LocalClusterOptions
  extends Pick<
      SchedulerOptions,
      | 'portToWorkers'
      | 'portToClients'
      | 'workerTimeout'
      | 'clientTimeout'
      | 'allowedFailures'
      | 'validate'
    >,
    Pick<WorkerOptions, 'schedulerTimeout' | 'peerTimeout' | 'localDirectory'> {
  /** How many worker processes; by default one for each core. */
  readonly nworkers?: number
  /** How many tasks each runs at once; by default 1. */
  readonly nthreads?: number
  /** What tasks may ask of each worker, and how much of it there is: `{ GPU: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /**
   * Memory that each worker may use: bytes, a text such as `'2GB'`, a fraction of the machine's
   * memory, or 0 for no limit. By default all of the machine's, or the container's, in equal parts.
   */
  readonly memoryLimit?: number | string
}

/** A worker process. */
export interface LocalWorker {
  readonly name: string
  readonly pid: number
}

const optionNames = [
  'nworkers',
  'nthreads',
  'resources',
  'portToWorkers',
  'portToClients',
  'workerTimeout',
  'clientTimeout',
  'allowedFailures',
  'validate',
  'schedulerTimeout',
  'peerTimeout',
  'memoryLimit',
  'localDirectory',
]

interface Child {
  readonly name: string
  readonly process: ChildProcess
  readonly started: Promise<void>
  hasStarted: boolean
}

/** How many worker processes may end in a row before they were there, for each that was asked for. */
const futileStartsEach = 5
/** Milliseconds before the next is started when one ended before it was there. */
const restartAfter = 200
/** Milliseconds that a worker process may take to start. */
const startWithin = 60_000

export class LocalCluster implements AsyncDisposable {
  readonly scheduler: Scheduler
  private readonly workerArguments: readonly string[]
  private localDirectory: string | undefined
  private readonly children = new Set<Child>()
  private readonly clients = new Set<Client>()
  private readonly mostFutileStarts: number
  /** Worker processes that ended in a row before they were there. */
  private futileStarts = 0
  private nextName = 0
  private closing: Promise<void> | undefined

  private constructor(scheduler: Scheduler, nworkers: number, workerArguments: readonly string[]) {
    this.scheduler = scheduler
    this.workerArguments = workerArguments
    this.mostFutileStarts = nworkers * futileStartsEach
  }

  /**
   * Starts a scheduler and workers, and waits until they are there.
   *
   * @throws RangeError for numbers that make no sense, BindError when a port is in use.
   * @example const cluster = await LocalCluster.start({ nworkers: 2 })
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    assertOptions(options, 'LocalCluster.start', optionNames)
    const { nworkers = availableParallelism(), nthreads = 1 } = options
    const { schedulerTimeout, peerTimeout, resources, memoryLimit, localDirectory, ...others } =
      options
    if (resources !== undefined) assertAnnotations({ resources }, 'LocalCluster.start')
    const amounts = Object.entries(resources ?? {}).map(([name, amount]) => `${name}=${amount}`)
    assertTimeout(schedulerTimeout, 'LocalCluster.start: schedulerTimeout', minimumTimeout)
    assertTimeout(peerTimeout, 'LocalCluster.start: peerTimeout')
    for (const [name, number] of Object.entries({ nworkers, nthreads })) {
      if (Number.isInteger(number) && number >= 1 && number <= 1024) continue
      throw new RangeError(
        `LocalCluster.start: ${name} is a whole number from 1 to 1024, got ${number}`,
      )
    }
    const limit =
      memoryLimit === undefined || memoryLimit === 'auto'
        ? memoryShare(1 / nworkers)
        : readMemoryLimit(memoryLimit, nthreads, 'LocalCluster.start')
    readLocalDirectory(localDirectory, 'LocalCluster.start')
    const { nworkers: _nworkers, nthreads: _nthreads, ...forScheduler } = others
    const scheduler = await Scheduler.start({ ...forScheduler, stateDir: null })
    const cluster = new LocalCluster(scheduler, nworkers, [
      ...['--nthreads', String(nthreads)],
      ...['--memory-limit', String(Number.isFinite(limit) ? limit : 0)],
      ...(localDirectory === undefined ? [] : ['--local-directory', localDirectory]),
      ...(options.validate === true ? ['--validate'] : []),
      ...(schedulerTimeout === undefined ? [] : ['--scheduler-timeout', String(schedulerTimeout)]),
      ...(amounts.length === 0 ? [] : ['--resources', amounts.join()]),
      ...(peerTimeout === undefined ? [] : ['--peer-timeout', String(peerTimeout)]),
    ])
    cluster.localDirectory = localDirectory
    try {
      for (let i = 0; i < nworkers; i++) cluster.spawn()
      await Promise.all([...cluster.children].map(({ started }) => started))
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  /** The worker processes there are now. */
  get workers(): readonly LocalWorker[] {
    return [...this.children].map(({ name, process }) => ({ name, pid: process.pid! }))
  }

  /** A client of this cluster, which is closed with it. */
  async client(options: ClientOptions = {}): Promise<Client> {
    if (this.closing !== undefined)
      throw new CancelledError('This cluster is closed: start another one')
    const { addressToClients, openConnection } = this.scheduler
    const client = await Client.dial(addressToClients, openConnection, options)
    this.clients.add(client)
    return client
  }

  /** Ends clients, workers and scheduler. */
  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async shutDown(): Promise<void> {
    await Promise.all([...this.clients].map((client) => client.close()))
    await Promise.all([...this.children].map(({ process }) => endProcess(process)))
    await this.scheduler.close()
    // What workers left that were killed.
    removeStaleFolders(this.localDirectory)
  }

  private spawn(): void {
    const name = `worker-${this.nextName++}`
    const address = this.scheduler.addressToWorkers
    const child = startWorkerProcess([
      ...[address, ...this.workerArguments],
      ...['--name', name, '--quiet'],
    ])
    const started = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new SkeinError('WORKER_START', `${name} did not start within ${startWithin} ms`))
      }, startWithin)
      child.once('message', () => {
        clearTimeout(timer)
        resolve()
      })
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        const how = describeExit({ code, signal })
        reject(new SkeinError('WORKER_START', `${name} ended while it started (${how})`))
      })
    })
    const entry: Child = { name, process: child, started, hasStarted: false }
    started.then(() => {
      entry.hasStarted = true
      this.futileStarts = 0
    }, ignore)
    this.children.add(entry)
    child.on('error', (error) => logEvent('cluster', `${name} failed`, error))
    child.on('exit', (code, signal) => this.onExit(entry, code, signal))
  }

  private onExit(child: Child, code: number | null, signal: NodeJS.Signals | null): void {
    this.children.delete(child)
    if (this.closing !== undefined) return
    this.scheduler.workerExited(child.process.pid!, { code, signal })
    if (child.hasStarted) {
      this.spawn()
      return
    }
    if (++this.futileStarts < this.mostFutileStarts) {
      setTimeout(() => {
        if (this.closing === undefined) this.spawn()
      }, restartAfter)
      return
    }
    logEvent(
      'cluster',
      'too many worker processes have ended before they were there; no more are started',
    )
    if (this.children.size === 0) this.scheduler.giveUp('all worker processes have died')
  }
}

// A worker that cannot start is told by its exit.
function ignore(): void {}
