/**
 * A cluster on this machine: a scheduler in this process and workers in child processes.
 *
 * A worker process that ends is replaced, unless one after another ends before it has started. The
 * worker processes end when this process does, however it ends. An idle cluster does not keep the process alive.
 */
import { availableParallelism } from 'node:os'
import { checkArguments } from '../../core/base/argument-checks.js'
import { CancelledError } from '../../core/base/errors.js'
import { assertOpenFiles, filesOfThread } from '../../core/base/open-files.js'
import { prepareToCapture } from '../../core/functions/describe/prepare.js'
import { assertAnnotations } from '../../core/graph/annotate.js'
import { AwaitedCount, closeWhenDone } from '../base/awaited-count.js'
import { logEvent } from '../base/log.js'
import { filesOfChild, filesOfCommand, filesOfScheduler } from '../base/open-files.js'
import { assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import type { ProcessExit } from '../base/process-exit.js'
import { assertOwnCall, makeProcessBound } from '../base/public-objects.js'
import { Client, type ClientOptions, localClusters } from '../client/client.js'
import { describeWorkers } from '../protocol/worker-summary.js'
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.js'
import { readLocalDirectory, removeStaleFolders } from '../storage/temporary-folder.js'
import { checkMemoryLimit, memoryShare, readMemoryLimit } from '../worker/results/memory-limit.js'
import type { WorkerOptions } from '../worker/worker.js'
import {
  AdaptiveSize,
  type AdaptOptions,
  assertWorkerCount,
  readAdaptOptions,
  usefulWorkers,
} from './adaptive-size.js'
import type { Cluster } from './cluster.js'
import { LocalWorkerProcess } from './local-worker-process.js'

/** Options of `LocalCluster.start`. */
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
  /** The number of worker processes. By default one for each core. */
  readonly nworkers?: number
  /** The number of tasks that each worker runs at once. By default 1. */
  readonly nthreads?: number
  /** Resources of each worker that tasks may require, with their amounts: `{ GPU: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /**
   * The memory that each worker may use: bytes, a string such as `'2GB'`, a fraction of the machine's
   * memory, or 0 for no limit. By default an equal part of the memory of the machine, or of the
   * container.
   */
  readonly memoryLimit?: number | string
}

/** A worker process of a local cluster. */
export interface LocalWorker {
  /** The name in logs, errors and `client.workers()`: `worker-0` and so on. */
  readonly name: string
  /** The process id. */
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

/** For each worker of the cluster, the processes in a row that may end before they have started. */
const maxFailedStartsEach = 5
/** Milliseconds before a process is replaced that ended before it had started. */
const restartDelay = 200

/** What the workers are told; their memory limit is in bytes, 0 for none. */
type LocalWorkerOptions = Partial<WorkerOptions> & { readonly memoryLimit: number }

/** A scheduler in this process, with workers in child processes. */
export class LocalCluster implements Cluster {
  static {
    makeProcessBound(LocalCluster.prototype, 'a LocalCluster')
  }

  /** The scheduler, with its addresses. */
  readonly scheduler: Scheduler
  private readonly workerOptions: LocalWorkerOptions
  private localDirectory: string | undefined
  private readonly children = new Set<LocalWorkerProcess>()
  private readonly clients = new Set<Client>()
  private readonly maxFailedStarts: number
  /** The number of processes in a row that ended before they had started. */
  private failedStarts = 0
  private nextWorker: number
  /** What this program waits for: otherwise the cluster does not keep it alive. */
  private readonly awaited: AwaitedCount
  private staysOpen: (() => void) | undefined
  private adapting: NodeJS.Timeout | undefined
  private closing: Promise<void> | undefined

  private constructor(
    scheduler: Scheduler,
    nworkers: number,
    workerOptions: LocalWorkerOptions,
    awaited: AwaitedCount,
  ) {
    assertOwnCall(
      scheduler instanceof Scheduler,
      scheduler,
      'a LocalCluster',
      'await LocalCluster.start({ nworkers: 2 })',
    )
    this.scheduler = scheduler
    this.awaited = awaited
    this.workerOptions = workerOptions
    this.maxFailedStarts = nworkers * maxFailedStartsEach
    this.nextWorker = nworkers
  }

  /**
   * Starts a scheduler and workers, and waits until the scheduler has accepted the workers.
   *
   * @throws TypeError or RangeError for invalid options, BindError when a port is in use, SkeinError
   *   with the code `WORKER_START` when a worker does not start, or `OPEN_FILES` when the process may open too
   *   few files.
   * @example const cluster = await LocalCluster.start({ nworkers: 2 })
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    checkArguments('LocalCluster.start', arguments, 1, 'LocalCluster.start(options)')
    const { nworkers = availableParallelism(), nthreads = 1 } = options
    assertLocalOptions(options, nworkers, nthreads)
    // The workers have the same limit.
    const neededByWorker = filesOfCommand + nthreads * filesOfThread
    assertOpenFiles(
      Math.max(filesOfScheduler + nworkers * filesOfChild, neededByWorker),
      `LocalCluster.start with nworkers ${nworkers} and nthreads ${nthreads}`,
      nworkers * nthreads === 1 ? undefined : 'start fewer',
    )
    const workerOptions = workerOptionsOf(options, nworkers, nthreads)
    const awaited = new AwaitedCount()
    awaited.begin()
    // Processes take longer to start than all else, which is done meanwhile.
    const children = Array.from(
      { length: nworkers },
      (_, i) => new LocalWorkerProcess(nameOf(i), workerOptions.memoryLimit),
    )
    const cluster = await LocalCluster.startScheduler(
      options,
      nworkers,
      workerOptions,
      awaited,
    ).catch(async (error) => {
      await Promise.all(children.map((child) => child.end()))
      throw error
    })
    try {
      for (const child of children) cluster.add(child)
      // The processes take longer to start than this, which the first call would have to wait for.
      prepareToCapture()
      await Promise.all(children.map(({ started }) => started))
    } catch (error) {
      await cluster.close()
      throw error
    }
    awaited.end()
    cluster.staysOpen = closeWhenDone(cluster, awaited)
    localClusters.set(cluster.scheduler.addressToClients, cluster)
    return cluster
  }

  /** Starts a cluster that has no workers yet. */
  private static async startScheduler(
    options: LocalClusterOptions,
    nworkers: number,
    workerOptions: LocalWorkerOptions,
    awaited: AwaitedCount,
  ): Promise<LocalCluster> {
    const { portToWorkers, portToClients, workerTimeout, clientTimeout } = options
    const { allowedFailures, validate, localDirectory } = options
    readLocalDirectory(localDirectory, 'LocalCluster.start')
    const scheduler = await Scheduler.startFor(
      {
        ...{ portToWorkers, portToClients, workerTimeout, clientTimeout },
        ...{ allowedFailures, validate, stateDir: null, keys: null },
      },
      awaited,
    )
    const cluster = new LocalCluster(scheduler, nworkers, workerOptions, awaited)
    cluster.localDirectory = localDirectory
    return cluster
  }

  /** The scheduler's address to clients, such as `tcp://127.0.0.1:5555`. */
  get address(): string {
    return this.scheduler.addressToClients
  }

  /** The worker processes that there are now. */
  get workers(): readonly LocalWorker[] {
    return [...this.children].flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
  }

  /**
   * Starts workers, or lets some leave without loss, until there are `n`: those leave first that have least to do. Ends what `adapt`
   * began. Fulfilled when the workers have joined or left.
   *
   * @throws RangeError (as a rejection) unless `n` is a whole number from 0 to 1024, CancelledError when the cluster is closed.
   * @example await cluster.scale(8)
   */
  async scale(n: number): Promise<void> {
    checkArguments('scale', arguments, 1, 'cluster.scale(n)')
    assertWorkerCount(n, 'scale: n')
    clearInterval(this.adapting)
    await this.resize(n)
  }

  /**
   * From now on starts workers while tasks wait for them, and lets them leave when they have been idle for a while.
   *
   * @throws TypeError or RangeError for invalid options, CancelledError when the cluster is closed.
   * @example cluster.adapt({ minimum: 1, maximum: 8 })
   */
  adapt(options: AdaptOptions): void {
    checkArguments('adapt', arguments, 1, 'cluster.adapt({ minimum: 0, maximum: 8 })')
    const read = readAdaptOptions(options)
    this.assertOpen()
    clearInterval(this.adapting)
    const size = new AdaptiveSize(read)
    const { nthreads = 1 } = this.workerOptions
    let isResizing = false
    const look = (): void => {
      const current = this.staying.length
      const next = size.next(current, usefulWorkers(this.scheduler.info(), nthreads))
      if (next === current || isResizing) return
      isResizing = true
      this.resize(next)
        .catch((error) => {
          if (this.closing === undefined)
            logEvent('cluster', `could not adapt to ${next} workers`, error)
        })
        .finally(() => {
          isResizing = false
        })
    }
    look()
    this.adapting = setInterval(look, read.interval)
    this.adapting.unref()
  }

  private async resize(n: number): Promise<void> {
    this.assertOpen()
    const { staying } = this
    assertOpenFiles(filesOfScheduler + n * filesOfChild, `a LocalCluster of ${n} workers`)
    this.awaited.begin()
    try {
      if (n > staying.length) await this.startMore(n - staying.length)
      else await this.letLeave(staying.length - n)
    } finally {
      this.awaited.end()
    }
  }

  private async startMore(count: number): Promise<void> {
    const more = Array.from({ length: count }, () => this.newWorker())
    for (const child of more) this.add(child)
    await Promise.all(more.map(({ started }) => started))
  }

  private async letLeave(count: number): Promise<void> {
    const load = new Map(
      this.scheduler.info().workers.map(({ name, inHand, queued, memory }) => {
        return [name, [inHand + queued, memory.stored + memory.spilled] as const]
      }),
    )
    const loadOf = ({ name }: LocalWorkerProcess) => load.get(name) ?? [-1, -1]
    const leaving = this.staying
      .sort((a, b) => loadOf(a)[0] - loadOf(b)[0] || loadOf(a)[1] - loadOf(b)[1])
      .slice(0, count)
    for (const child of leaving) child.isLeaving = true
    this.scheduler.retireWorkers(leaving.map(({ name }) => name))
    await Promise.all(leaving.map((child) => (child.hasStarted ? child.ended : child.end())))
  }

  /** The worker processes that were not told to leave. */
  private get staying(): LocalWorkerProcess[] {
    return [...this.children].filter(({ isLeaving }) => !isLeaving)
  }

  private assertOpen(): void {
    if (this.closing === undefined) return
    throw new CancelledError('This cluster is closed: start another one')
  }

  /**
   * Makes a client of this cluster, which is closed with the cluster.
   *
   * @throws CancelledError (as a rejection) when the cluster is closed.
   * @throws TypeError or RangeError (as a rejection) for invalid options.
   */
  async client(options: ClientOptions = {}): Promise<Client> {
    checkArguments('client', arguments, 1, 'cluster.client(options)')
    this.assertOpen()
    const { addressToClients, openConnection } = this.scheduler
    const awaited = new AwaitedCount(this.awaited)
    const findWorkers = () => this.scheduler.info().workers
    const client = await Client.dial(addressToClients, openConnection, options, {
      awaited,
      findWorkers,
    })
    this.clients.add(client)
    return client
  }

  /** Closes the clients, the workers and the scheduler. */
  close(): Promise<void> {
    checkArguments('close', arguments, 0, 'cluster.close()')
    this.closing ??= this.shutDown()
    return this.closing
  }

  /** Closes the cluster, at the end of the block of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Returns the address and the workers: `LocalCluster<tcp://..., 2 workers, 2 threads, 8.0 GB>`. */
  toString(): string {
    const { addressToClients } = this.scheduler
    const workers =
      this.closing === undefined ? describeWorkers(this.scheduler.info().workers) : 'closed'
    return `LocalCluster<${addressToClients}, ${workers}>`
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.adapting)
    this.staysOpen?.()
    localClusters.delete(this.scheduler.addressToClients)
    this.awaited.begin()
    await Promise.all([...this.clients].map((client) => client.close()))
    await Promise.all([...this.children].map((child) => child.end()))
    await this.scheduler.close()
    // Killed workers could not remove their folders.
    await removeStaleFolders(this.localDirectory)
    this.awaited.end()
  }

  private newWorker(): LocalWorkerProcess {
    return new LocalWorkerProcess(nameOf(this.nextWorker++), this.workerOptions.memoryLimit)
  }

  private add(child: LocalWorkerProcess): void {
    this.children.add(child)
    void child.ended.then((exit) => this.onExit(child, exit))
    // A failed start is handled with the exit of the process.
    child.started.then(
      () => {
        this.failedStarts = 0
      },
      () => {},
    )
    const scheduler = this.scheduler.addressToWorkers
    child.run({ ...this.workerOptions, scheduler })
  }

  private onExit(child: LocalWorkerProcess, exit: ProcessExit): void {
    this.children.delete(child)
    if (this.closing !== undefined) return
    if (child.pid !== undefined) this.scheduler.workerExited(child.pid, exit)
    if (child.isLeaving) return
    if (child.hasStarted) {
      this.add(this.newWorker())
      return
    }
    if (++this.failedStarts < this.maxFailedStarts) {
      setTimeout(() => {
        if (this.closing === undefined) this.add(this.newWorker())
      }, restartDelay)
      return
    }
    logEvent(
      'cluster',
      'too many worker processes have ended before they had started; no more are started',
    )
    if (this.children.size === 0) this.scheduler.giveUp('all worker processes have ended')
  }
}

const nameOf = (worker: number): string => `worker-${worker}`

function assertLocalOptions(
  options: LocalClusterOptions,
  nworkers: number,
  nthreads: number,
): void {
  const what = 'LocalCluster.start'
  assertOptions(options, what, optionNames)
  const { resources, schedulerTimeout, peerTimeout } = options
  if (resources !== undefined) assertAnnotations({ resources }, what)
  assertTimeout(schedulerTimeout, `${what}: schedulerTimeout`, minimumTimeout)
  assertTimeout(peerTimeout, `${what}: peerTimeout`)
  for (const [name, number] of Object.entries({ nworkers, nthreads })) {
    if (Number.isInteger(number) && number >= 1 && number <= 1024) continue
    throw new RangeError(`${what}: ${name} is a whole number from 1 to 1024, got ${number}`)
  }
}

/** Returns the options that all workers have. */
function workerOptionsOf(
  options: LocalClusterOptions,
  nworkers: number,
  nthreads: number,
): LocalWorkerOptions {
  const { schedulerTimeout, peerTimeout, resources, memoryLimit, localDirectory, validate } =
    options
  const limit =
    memoryLimit === undefined || memoryLimit === 'auto'
      ? memoryShare(1 / nworkers)
      : checkMemoryLimit(readMemoryLimit(memoryLimit, nthreads, 'LocalCluster.start'), 'cluster')
  return {
    ...{ nthreads, memoryLimit: Number.isFinite(limit) ? limit : 0 },
    ...(localDirectory !== undefined && { localDirectory }),
    ...(validate !== undefined && { validate }),
    ...(schedulerTimeout !== undefined && { schedulerTimeout }),
    ...(resources !== undefined && { resources }),
    ...(peerTimeout !== undefined && { peerTimeout }),
  }
}
