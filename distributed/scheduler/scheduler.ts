/**
 * The scheduler process: the endpoints for workers and clients, the engine between them, and the collections
 * that are stored by name. This class owns the sockets and timers; another server of the process, such as one
 * for HTTP, would be opened and closed here too.
 */
import { hostname as machineName } from 'node:os'
import { checkArguments } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import { assertOpenFiles } from '../../core/base/open-files.js'
import type { AwaitedCount } from '../base/awaited-count.js'
import type { KeyPair } from '../base/curve-keys.js'
import { isInfoLogged, logEvent, logInfo } from '../base/log.js'
import { filesOfScheduler } from '../base/open-files.js'
import { assertOptions } from '../base/options.js'
import { describeExit, type ProcessExit } from '../base/process-exit.js'
import { assertOwnCall, makeProcessBound } from '../base/public-objects.js'
import { timeouts } from '../base/timeouts.js'
import { clientNameOf } from '../protocol/client-names.js'
import type {
  ClientHello,
  ClientToScheduler,
  ExitReport,
  SchedulerToClient,
  SchedulerToWorker,
  WorkerHello,
  WorkerToScheduler,
} from '../protocol/index.js'
import {
  type ClusterDump,
  defaultDumpedTasks,
  type KeysByWorker,
  type SchedulerInfo,
  type TaskStory,
  type WhoHas,
} from '../protocol/info.js'
import * as shapes from '../protocol/message-shapes.js'
import { counted, describeWorkers } from '../protocol/worker-summary.js'
import { KeyGuard } from '../security/key-guard.js'
import type { SchedulerKeys } from '../security/read-security.js'
import { writeSchedulerFile } from '../storage/scheduler-file.js'
import { StateFolder } from '../storage/scheduler-state-folder.js'
import { bindAddress, publicAddress } from '../transport/address.js'
import type { OpenConnection } from '../transport/connection.js'
import { ClientMessageHandler } from './client-messages.js'
import { Engine } from './engine/engine.js'
import type { EngineEnvironment } from './engine/engine-parts.js'
import { validateEngine } from './engine/validate-engine.js'
import { ClusterInspector } from './introspection/cluster-inspector.js'
import { HealthMonitor } from './introspection/health-monitor.js'
import type { RemoteClient } from './peers/clients.js'
import { Endpoint, goodbyeReason, type Peer } from './peers/endpoint.js'
import { ExitReports } from './peers/exit-reports.js'
import { copyMessageValues } from './peers/message-copies.js'
import { ReconnectTimeouts } from './peers/reconnect-timeouts.js'
import type { RemoteWorker } from './peers/workers.js'
import { readSchedulerOptions, type SchedulerOptions } from './scheduler-options.js'
import { StoredCollections } from './stored-collections.js'

export type { SchedulerOptions } from './scheduler-options.js'

type WorkerEndpoint = Endpoint<WorkerHello, WorkerToScheduler, SchedulerToWorker, RemoteWorker>
type ClientEndpoint = Endpoint<ClientHello, ClientToScheduler, SchedulerToClient, RemoteClient>

/** Milliseconds between two looks at the list of keys. */
const keyInterval = 500

/** Shows the constructor that it is called by this file. */
const ownCaller = Symbol('own caller')

/** A scheduler in this process, to which workers and clients connect. */
export class Scheduler implements AsyncDisposable {
  static {
    makeProcessBound(Scheduler.prototype, 'a Scheduler')
  }

  /** Where workers connect, such as `tcp://127.0.0.1:4444`. */
  addressToWorkers = ''
  /** Where clients connect. */
  addressToClients = ''
  /**
   * Connects a client of this process without a socket. Values are copied, since messages are passed on as objects.
   *
   * @internal
   */
  readonly openConnection: OpenConnection<SchedulerToClient, ClientToScheduler> = (name, events) =>
    this.clientEndpoint.openConnection(name, {
      ...events,
      onEnvelope: ({ messages, ...envelope }) =>
        events.onEnvelope({ ...envelope, messages: messages.map(copyMessageValues) }),
    })
  private readonly id = crypto.randomUUID()
  private readonly salt = crypto.randomUUID()
  private readonly isInfoLogged = isInfoLogged()
  private readonly folder: StateFolder | undefined
  private readonly awaited: AwaitedCount | undefined
  /** The connected clients of other processes. */
  private readonly remoteClients = new Set<Peer<SchedulerToClient, RemoteClient>>()
  private readonly engine: Engine
  private readonly collections: StoredCollections
  private readonly inspector: ClusterInspector
  private readonly monitor: HealthMonitor
  private readonly exitReports: ExitReports
  private readonly guard: KeyGuard | undefined
  /** The keys of the clients of each worker's tasks. */
  private readonly taskKeys = new Map<RemoteWorker, KeyPair>()
  private keyTimer: NodeJS.Timeout | undefined
  private readonly reconnectTimeouts: ReconnectTimeouts<RemoteClient>
  private readonly clientTimeout: number
  private readonly workerEndpoint: WorkerEndpoint
  private readonly clientEndpoint: ClientEndpoint
  private removeFile: (() => void) | undefined
  private closing: Promise<void> | undefined

  private constructor(
    options: SchedulerOptions,
    parts: { readonly folder?: StateFolder | undefined; readonly keys?: SchedulerKeys | undefined },
    awaited?: AwaitedCount,
    caller?: typeof ownCaller,
  ) {
    const isOwn = caller === ownCaller
    assertOwnCall(isOwn, options, 'a Scheduler', 'await Scheduler.start({ portToWorkers: 4444 })')
    const { workerTimeout, clientTimeout, allowedFailures } = options
    const { folder, keys } = parts
    this.folder = folder
    this.guard =
      keys &&
      new KeyGuard(keys, {
        onChange: () => {
          this.workerEndpoint.removeRevoked()
          this.clientEndpoint.removeRevoked()
        },
        onFault: (error) => logEvent('scheduler', 'the list of keys cannot be read', error),
      })
    this.awaited = awaited
    this.engine = new Engine(this.makeEnvironment(options.validate === true), {
      keepsSources: folder !== undefined,
      ...(allowedFailures === undefined ? {} : { allowedFailures }),
    })
    this.reconnectTimeouts = new ReconnectTimeouts((client) => {
      this.logClient('client given up', client)
      this.engine.removeClient(client)
    })
    this.clientTimeout = clientTimeout ?? timeouts.client
    this.collections = new StoredCollections(this.engine, {
      newRunName: () => `collection/${crypto.randomUUID()}`,
      log: (what, error) => logEvent('scheduler', what, error),
      folder,
    })
    // The clients of recovered runs may reconnect, as after any lost connection.
    for (const client of this.collections.recover())
      this.reconnectTimeouts.start(client, this.clientTimeout)
    this.inspector = new ClusterInspector(this.engine.parts, {
      info: () => this.info(),
      options: { ...options },
    })
    this.monitor = new HealthMonitor(this.engine.state, this.inspector, awaited === undefined)
    this.exitReports = new ExitReports(this.engine)
    this.workerEndpoint = this.makeWorkerEndpoint(workerTimeout ?? timeouts.worker)
    this.clientEndpoint = this.makeClientEndpoint()
  }

  private makeEnvironment(validates: boolean): EngineEnvironment {
    return {
      now: () => performance.now(),
      log: (what, error) => logEvent('scheduler', what, error),
      ...(this.isInfoLogged && {
        logInfo: (what: string, facts: Record<string, unknown>) =>
          logInfo('scheduler', what, facts),
      }),
      ...(validates && {
        validate: {
          check: validateEngine,
          onViolation: (error: unknown, event: string) =>
            this.monitor.reportViolation(error, event),
        },
      }),
    }
  }

  private makeWorkerEndpoint(timeout: number): WorkerEndpoint {
    const { engine } = this
    return new Endpoint(timeout, {
      kind: 'worker',
      guard: this.guard,
      otherAddress: () => this.addressToClients,
      shapes: shapes.workerToScheduler,
      helloShape: shapes.workerHelloShape,
      namesake: ({ hello: { name, pid, hostname } }, hello) =>
        name === hello.name ? { name, pid, hostname } : undefined,
      admit: ({ mailbox }, hello) =>
        engine.addWorker({ ...hello, nthreads: validThreadCount(hello) }, (message) => {
          if (message.op === 'free' || message.op === 'forget-recipes') mailbox.postLater(message)
          else mailbox.post(message)
        }),
      welcome: ({ nonce, session, link }) => ({
        op: 'welcome',
        nonce,
        session,
        scheduler: this.id,
        worker: link.worker,
        addressToClients: this.addressToClients,
        ...this.issueTaskKeys(link),
      }),
      onAdmitted: ({ link }) => {
        this.logWorker('worker joined', link)
        engine.startWorker(link)
      },
      onMessage: ({ link }, message) => engine.fromWorker(link, message),
      onSessionlessMessage: (message) => {
        if (message.op === 'exit-report') this.onExitReport(message)
      },
      onHeartbeat: ({ link }, { rss }) => {
        if (typeof rss === 'number') link.rss = rss
        engine.advanceRetirements()
      },
      onLeft: ({ link }, reason) => this.onWorkerLeft(link, reason),
      onError: (error) => engine.failAll(error),
    })
  }

  private issueTaskKeys(link: RemoteWorker): { taskKeys?: KeyPair } {
    if (this.guard === undefined) return {}
    const taskKeys = this.guard.issueTaskKeys()
    this.taskKeys.set(link, taskKeys)
    return { taskKeys }
  }

  /** Looks for changes of the list of keys. */
  private watchKeys(): void {
    const { guard } = this
    if (guard === undefined) return
    this.keyTimer = setInterval(() => guard.refresh(), keyInterval)
    this.keyTimer.unref()
  }

  private writeFile(file: string | undefined, serverKey: string | undefined): void {
    if (file === undefined) return
    const { addressToWorkers, addressToClients } = this
    this.removeFile = writeSchedulerFile(file, {
      ...{ addressToWorkers, addressToClients },
      ...(serverKey !== undefined && { serverKey }),
    })
  }

  private makeClientEndpoint(): ClientEndpoint {
    const { engine, reconnectTimeouts, collections, inspector } = this
    const info = (): SchedulerInfo => this.info()
    const messages = new ClientMessageHandler({ engine, collections, inspector, info })
    return new Endpoint(this.clientTimeout, {
      kind: 'client',
      guard: this.guard,
      otherAddress: () => this.addressToWorkers,
      shapes: shapes.clientToScheduler,
      helloShape: shapes.clientHelloShape,
      findHelloFault: ({ name, secret }) =>
        name === clientNameOf(secret) ? undefined : 'is a hello with the name of another client',
      admit: ({ session, mailbox }, { name }) =>
        reconnectTimeouts.cancel(
          engine.addClient({ session, name }, (message) => mailbox.post(message)),
        ),
      welcome: ({ nonce, session, link: { knownRuns } }) => ({
        op: 'welcome',
        nonce,
        session,
        salt: this.salt,
        runs: Int32Array.from(knownRuns),
      }),
      onAdmitted: (peer) => {
        if (!this.clientEndpoint.isLocal(peer)) {
          this.remoteClients.add(peer)
          this.awaited?.begin()
        }
        this.logClient('client joined', peer.link)
      },
      onMessage: ({ link }, message) => messages.handle(link, message),
      onLeft: (peer, reason) => {
        if (this.remoteClients.delete(peer)) this.awaited?.end()
        this.onClientLeft(peer, reason)
      },
      onError: (error) => engine.failAll(error),
    })
  }

  /**
   * Starts a scheduler in this process.
   *
   * @throws RangeError or TypeError for invalid options, BindError when a port is in use.
   * @example const scheduler = await Scheduler.start({ portToWorkers: 4444, portToClients: 5555 })
   */
  static async start(options: SchedulerOptions = {}): Promise<Scheduler> {
    checkArguments('Scheduler.start', arguments, 1, 'Scheduler.start(options)')
    return Scheduler.startFor(options)
  }

  /**
   * Starts a scheduler. With `awaited` it keeps the process alive only while something is awaited there, or
   * clients of other processes are connected.
   *
   * @internal
   */
  static async startFor(options: SchedulerOptions, awaited?: AwaitedCount): Promise<Scheduler> {
    const { hostname, portToWorkers, portToClients, stateDir, keys } = readSchedulerOptions(options)
    assertOpenFiles(filesOfScheduler, 'Scheduler.start')
    const folder = stateDir === undefined ? undefined : await StateFolder.open(stateDir)
    let scheduler: Scheduler | undefined
    try {
      scheduler = new Scheduler(options, { folder, keys }, awaited, ownCaller)
      const toWorkers = await scheduler.workerEndpoint.open(
        bindAddress(hostname, portToWorkers),
        awaited,
      )
      scheduler.addressToWorkers = publicAddress(hostname, toWorkers)
      const toClients = await scheduler.clientEndpoint.open(
        bindAddress(hostname, portToClients),
        awaited,
      )
      scheduler.addressToClients = publicAddress(hostname, toClients)
      scheduler.watchKeys()
      scheduler.writeFile(options.schedulerFile, keys?.pair.publicKey)
    } catch (error) {
      if (scheduler === undefined) await folder?.close()
      else await scheduler.close()
      throw error
    }
    return scheduler
  }

  /**
   * Disconnects workers and clients, and stops. Clients reject what they wait for, unless this scheduler has a
   * `stateDir`: then they wait for another scheduler in its place until their timeout.
   */
  close(): Promise<void> {
    checkArguments('close', arguments, 0, 'scheduler.close()')
    this.closing ??= this.shutDown()
    return this.closing
  }

  private async shutDown(): Promise<void> {
    this.removeFile?.()
    clearInterval(this.keyTimer)
    this.monitor.close()
    this.reconnectTimeouts.clear()
    const willRestart = this.folder !== undefined
    await Promise.all([
      this.clientEndpoint.close(willRestart),
      this.workerEndpoint.close(willRestart),
    ])
    await this.folder?.close()
  }

  /** Closes the scheduler, at the end of the block of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Returns the addresses, the workers and the number of clients in one line. */
  toString(): string {
    const { addressToWorkers, addressToClients, engine } = this
    const addresses = `workers at ${addressToWorkers}, clients at ${addressToClients}`
    if (this.closing !== undefined) return `Scheduler<${addresses}, closed>`
    const workers = describeWorkers(engine.workers.info(() => 0))
    return `Scheduler<${addresses}, ${workers}, ${counted(engine.clients.size, 'client')}>`
  }

  /** Returns the addresses, the workers, and how many clients and computations there are. */
  info(): SchedulerInfo {
    checkArguments('info', arguments, 0, 'scheduler.info()')
    const { engine } = this
    const silences = this.workerEndpoint.silences()
    return {
      addressToWorkers: this.addressToWorkers,
      addressToClients: this.addressToClients,
      pid: process.pid,
      workers: engine.workers.info((worker) => silences.get(worker) ?? 0),
      clients: engine.clients.size,
      runs: engine.runs,
      queued: engine.state.queuedTasks,
      collections: this.collections.names,
      relayed: engine.workers.relayed,
      dropped: engine.dropped + this.workerEndpoint.drops.count + this.clientEndpoint.drops.count,
    }
  }

  /** Returns, for each key, the names of the workers that hold its result; for all results in memory without `keys`. */
  whoHas(keys?: readonly string[]): WhoHas {
    checkArguments('whoHas', arguments, 1, 'scheduler.whoHas(keys)')
    assertStrings(keys, 'whoHas', 'keys')
    return this.inspector.whoHas(keys?.map((key) => ({ key, run: null, target: -1 })))
  }

  /** Returns, for each worker, the keys of the results that it holds. */
  hasWhat(workers?: readonly string[]): KeysByWorker {
    checkArguments('hasWhat', arguments, 1, 'scheduler.hasWhat(workers)')
    assertStrings(workers, 'hasWhat', 'workers')
    return this.inspector.hasWhat(workers)
  }

  /** Returns, for each worker, the keys of the unfinished tasks that are assigned to it. */
  processing(workers?: readonly string[]): KeysByWorker {
    checkArguments('processing', arguments, 1, 'scheduler.processing(workers)')
    assertStrings(workers, 'processing', 'workers')
    return this.inspector.processing(workers)
  }

  /**
   * Returns the history of a task, and why it is in its state.
   *
   * @throws TypeError if the key is no string.
   */
  story(key: string): TaskStory {
    checkArguments('story', arguments, 1, 'scheduler.story(key)')
    if (typeof key !== 'string')
      throw new TypeError(`story: expected the key of a task, got ${describeValue(key)}`)
    return this.inspector.story({ key, run: null, target: -1 })
  }

  /**
   * Returns everything that the scheduler knows, as plain data for JSON, with at most `tasks` tasks.
   *
   * @throws TypeError for options that do not exist, RangeError if `tasks` is no number from 0 on.
   */
  dump(options: { readonly tasks?: number } = {}): ClusterDump {
    checkArguments('dump', arguments, 1, 'scheduler.dump({ tasks: 1000 })')
    assertOptions(options, 'dump', ['tasks'])
    const { tasks = defaultDumpedTasks } = options
    if (typeof tasks !== 'number' || !(tasks >= 0))
      throw new RangeError(
        `dump: tasks is a number of tasks from 0 on, got ${describeValue(tasks)}`,
      )
    return this.inspector.dump(tasks)
  }

  /**
   * Lets workers leave: they get no more tasks, others take the results that only they have, and then they end. The names or
   * addresses of workers that are not there are ignored.
   *
   * @throws TypeError for anything but a list of strings.
   */
  retireWorkers(workers: readonly string[]): void {
    checkArguments('retireWorkers', arguments, 1, "scheduler.retireWorkers(['worker-1'])")
    assertStrings(workers, 'retireWorkers', 'workers')
    const named = [...this.engine.workers.all()].filter(
      ({ hello: { name, address } }) => workers.includes(name) || workers.includes(address),
    )
    this.engine.retire(named.map(({ worker }) => worker))
  }

  /** Reports that the process of a worker on this machine has ended. Called by the process that started it. */
  workerExited(pid: number, exit: ProcessExit): void {
    const hostname = machineName()
    this.engine.lostWorkers.reportExit(pid, hostname, exit)
    this.removeExited(exit, (hello) => hello.pid === pid && hello.hostname === hostname)
  }

  /** Fails all computations, because there will be no workers any more. */
  giveUp(reason: string): void {
    this.engine.failAll(new Error(reason))
  }

  private onExitReport(report: ExitReport): void {
    const exit = this.exitReports.accept(report)
    if (exit !== undefined) this.removeExited(exit, ({ secret }) => secret === report.secret)
  }

  private removeExited(exit: ProcessExit, isIt: (hello: WorkerHello) => boolean): void {
    const reason = `its process ended with ${describeExit(exit)}`
    this.workerEndpoint.removeWhere(({ hello }) => isIt(hello), reason)
  }

  private onWorkerLeft(worker: RemoteWorker, reason: string): void {
    const { name, pid } = worker.hello
    const isOnPurpose = reason === goodbyeReason
    if (isOnPurpose) this.logWorker('worker left', worker)
    else
      logEvent('scheduler', `worker ${name} (pid ${pid}) is gone: ${reason}`, undefined, {
        ...{ worker: name, workerPid: pid, reason },
      })
    this.revokeTaskKeys(worker)
    this.engine.removeWorker(worker, reason, isOnPurpose)
  }

  private revokeTaskKeys(worker: RemoteWorker): void {
    const keys = this.taskKeys.get(worker)
    if (keys === undefined) return
    this.taskKeys.delete(worker)
    this.guard?.revokeTaskKeys(keys.publicKey)
    this.clientEndpoint.removeRevoked()
  }

  /** Keeps a client that has not said goodbye until its timeout, since it may reconnect. */
  private onClientLeft(
    { link: client, session, lastHeard }: Peer<SchedulerToClient, RemoteClient>,
    reason: string,
  ): void {
    // The client may have reconnected already.
    if (client.session !== session) return
    const remaining = this.clientTimeout - (performance.now() - lastHeard)
    if (reason === goodbyeReason || remaining <= 0) {
      this.logClient('client left', client)
      this.engine.removeClient(client)
    } else {
      this.logClient('client away', client)
      this.engine.clientDisconnected(client)
      this.reconnectTimeouts.start(client, remaining)
    }
  }

  private logWorker(what: string, { hello }: RemoteWorker): void {
    if (!this.isInfoLogged) return
    const { name: worker, pid: workerPid, hostname: host, address, nthreads } = hello
    logInfo('scheduler', `${what}: ${worker}`, { worker, workerPid, host, address, nthreads })
  }

  private logClient(what: string, { name }: RemoteClient): void {
    if (this.isInfoLogged) logInfo('scheduler', `${what}: ${name}`, { client: name })
  }
}

/** Throws TypeError unless an argument is a list of strings, or undefined. */
function assertStrings(list: unknown, what: string, name: string): void {
  if (list === undefined) return
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return
  throw new TypeError(`${what}: ${name} is a list of strings, got ${describeValue(list)}`)
}

/** Returns the number of threads that a worker states, if it is valid; it is not trusted. */
function validThreadCount({ nthreads }: WorkerHello): number {
  return Number.isInteger(nthreads) && nthreads >= 1 ? Math.min(nthreads, 1024) : 1
}
