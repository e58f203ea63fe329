/**
 * The scheduler's shell: two doors, the engine between them, and collections under names. It owns
 * the sockets and timers; whatever fails in here is told to those it concerns, and on stderr.
 */
import { randomUUID } from 'node:crypto'
import { hostname as machineName } from 'node:os'
import { type StoredValue, store } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { isInfoLogged, logEvent, logInfo } from '../base/log.js'
import { describeExit, type ProcessExit } from '../base/process-exit.js'
import { timeouts } from '../base/timeouts.js'
import type {
  Bundle,
  ClientHello,
  ClientRequest,
  ClientToScheduler,
  Goodbye,
  Heartbeat,
  Hello,
  Reply,
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
import { StateFolder } from '../storage/scheduler-state-folder.js'
import { bindAddress, publicAddress } from '../transport/address.js'
import type { OpenConnection } from '../transport/connection.js'
import { takeNewBundles } from './computations/bundle-cache.js'
import { findExternalsFault } from './computations/computation.js'
import { Engine } from './engine/engine.js'
import { validateEngine } from './engine/validate-engine.js'
import { ClusterInspector } from './introspection/cluster-inspector.js'
import { HealthMonitor } from './introspection/health-monitor.js'
import { findInspectFault } from './introspection/inspect-checks.js'
import type { RemoteClient } from './peers/clients.js'
import { Endpoint, goodbyeReason, type Peer } from './peers/endpoint.js'
import { copyMessageValues } from './peers/message-copies.js'
import { ReconnectTimeouts } from './peers/reconnect-timeouts.js'
import type { RemoteWorker } from './peers/workers.js'
import { readSchedulerOptions, type SchedulerOptions } from './scheduler-options.js'
import { StoredCollections } from './stored-collections.js'

type ClientGuest = Peer<SchedulerToClient, RemoteClient>
type FromClient = Exclude<ClientToScheduler, Hello | Heartbeat | Goodbye>

/** How many tasks a worker runs at once, whatever it says. */
function countOfThreads({ nthreads }: WorkerHello): number {
  return Number.isInteger(nthreads) && nthreads >= 1 ? Math.min(nthreads, 1024) : 1
}

export type { SchedulerOptions } from './scheduler-options.js'

export class Scheduler implements AsyncDisposable {
  /** Where workers connect, such as `tcp://127.0.0.1:4444`. */
  addressToWorkers = ''
  /** Where clients connect. */
  addressToClients = ''
  /**
   * The line of a client of this very process: what is said goes as it is, without a socket.
   *
   * @internal
   */
  readonly openConnection: OpenConnection<SchedulerToClient, ClientToScheduler> = (name, events) =>
    this.clientDoor.openConnection(name, {
      ...events,
      onEnvelope: ({ messages, ...envelope }) =>
        events.onEnvelope({ ...envelope, messages: messages.map(copyMessageValues) }),
    })
  private readonly id = randomUUID()
  private readonly engine: Engine
  private readonly collections: StoredCollections
  private readonly introspection: ClusterInspector
  private readonly folder: StateFolder | undefined
  private readonly watch: HealthMonitor
  private readonly isNoting = isInfoLogged()
  private readonly absences: ReconnectTimeouts<RemoteClient>
  private readonly clientTimeout: number
  private readonly workerDoor: Endpoint<
    WorkerHello,
    WorkerToScheduler,
    SchedulerToWorker,
    RemoteWorker
  >
  private readonly clientDoor: Endpoint<
    ClientHello,
    ClientToScheduler,
    SchedulerToClient,
    RemoteClient
  >
  private closing: Promise<void> | undefined

  private constructor(options: SchedulerOptions, folder: StateFolder | undefined) {
    const { workerTimeout, clientTimeout, allowedFailures } = options
    const engine = new Engine(
      {
        now: () => performance.now(),
        log: (what, error) => logEvent('scheduler', what, error),
        ...(this.isNoting && {
          logInfo: (what: string, facts: Record<string, unknown>) =>
            logInfo('scheduler', what, facts),
        }),
        ...(options.validate === true && {
          validate: {
            check: validateEngine,
            onBreach: (error: unknown, event: string) => this.watch.reportViolation(error, event),
          },
        }),
      },
      {
        keepsSources: folder !== undefined,
        ...(allowedFailures === undefined ? {} : { allowedFailures }),
      },
    )
    this.folder = folder
    this.engine = engine
    this.absences = new ReconnectTimeouts((link) => {
      this.noteClient('client given up', link)
      engine.removeClient(link)
    })
    this.clientTimeout = clientTimeout ?? timeouts.client
    this.collections = new StoredCollections(engine, {
      newHold: () => `collection/${randomUUID()}`,
      log: (what, error) => logEvent('scheduler', what, error),
      ...(folder === undefined ? {} : { folder }),
    })
    // Their clients may come back, as after any loss of a connection.
    for (const client of this.collections.recover()) this.absences.start(client, this.clientTimeout)
    this.introspection = new ClusterInspector(engine, {
      now: () => performance.now(),
      info: () => this.info(),
      options: { ...options },
    })
    this.watch = new HealthMonitor(engine, this.introspection)
    const onError = (error: unknown): void => engine.failAll(error)
    this.workerDoor = new Endpoint(workerTimeout ?? timeouts.worker, {
      kind: 'worker',
      otherAddress: () => this.addressToClients,
      shapes: shapes.workerToScheduler,
      helloShape: shapes.workerHelloShape,
      admit: ({ mailbox }, hello) =>
        engine.addWorker({ ...hello, nthreads: countOfThreads(hello) }, (message) => {
          if (message.op === 'free' || message.op === 'forget-recipes') mailbox.postLater(message)
          else mailbox.post(message)
        }),
      welcome: ({ nonce, session, link: { worker } }) => ({
        op: 'welcome',
        nonce,
        session,
        scheduler: this.id,
        worker,
        addressToClients: this.addressToClients,
      }),
      onAdmitted: ({ link }) => {
        this.noteWorker('worker joined', link)
        engine.startWorker(link)
      },
      onMessage: ({ link }, message) => engine.fromWorker(link, message),
      onSessionlessMessage: (message) => {
        if (message.op !== 'exit-report') return
        const { pid, hostname, code, signal } = message
        this.onWorkerEnded(pid, hostname, {
          code: typeof code === 'number' ? code : null,
          signal: typeof signal === 'string' ? signal : null,
        })
      },
      onHeartbeat: ({ link }, { rss }) => {
        if (typeof rss === 'number') link.rss = rss
      },
      onLeft: ({ link }, reason) => this.onWorkerLeft(link, reason),
      onError,
    })
    this.clientDoor = new Endpoint(this.clientTimeout, {
      kind: 'client',
      otherAddress: () => this.addressToWorkers,
      shapes: shapes.clientToScheduler,
      helloShape: shapes.clientHelloShape,
      admit: ({ session, mailbox }, { name }) =>
        this.absences.cancel(
          engine.addClient({ session, name }, (message) => mailbox.post(message)),
        ),
      welcome: ({ nonce, session, link: { knownRuns } }) => ({
        op: 'welcome',
        nonce,
        session,
        runs: Int32Array.from(knownRuns),
      }),
      onAdmitted: ({ link }) => this.noteClient('client joined', link),
      onMessage: (guest, message) => this.onClientMessage(guest, message),
      onLeft: (guest, reason) => this.onClientLeft(guest, reason),
      onError,
    })
  }

  /**
   * Starts a scheduler in this process.
   *
   * @throws RangeError or TypeError for options that make no sense, BindError when a port is in use.
   * @example const scheduler = await Scheduler.start({ portToWorkers: 4444, portToClients: 5555 })
   */
  static async start(options: SchedulerOptions = {}): Promise<Scheduler> {
    const { hostname, portToWorkers, portToClients, stateDir } = readSchedulerOptions(options)
    const folder = stateDir === undefined ? undefined : await StateFolder.open(stateDir)
    let scheduler: Scheduler | undefined
    try {
      scheduler = new Scheduler(options, folder)
      const toWorkers = await scheduler.workerDoor.open(bindAddress(hostname, portToWorkers))
      scheduler.addressToWorkers = publicAddress(hostname, toWorkers)
      const toClients = await scheduler.clientDoor.open(bindAddress(hostname, portToClients))
      scheduler.addressToClients = publicAddress(hostname, toClients)
    } catch (error) {
      if (scheduler === undefined) await folder?.close()
      else await scheduler.close()
      throw error
    }
    return scheduler
  }

  /**
   * Says goodbye to workers and clients, and ends. What clients wait for is rejected at their side, unless
   * this scheduler has a `stateDir`: then they wait for another in its place, as long as they would in silence.
   */
  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  private async shutDown(): Promise<void> {
    this.watch.close()
    this.absences.clear()
    const returns = this.folder !== undefined
    await Promise.all([this.clientDoor.close(returns), this.workerDoor.close(returns)])
    await this.folder?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Who is there, and what is being done. */
  info(): SchedulerInfo {
    const { engine } = this
    const silences = this.workerDoor.silences()
    return {
      addressToWorkers: this.addressToWorkers,
      addressToClients: this.addressToClients,
      pid: process.pid,
      workers: engine.workers.info((link) => silences.get(link) ?? 0),
      clients: engine.clients.size,
      runs: engine.runs,
      collections: this.collections.names,
      relayed: engine.workers.relayed,
      dropped: engine.dropped + this.workerDoor.drops.count + this.clientDoor.drops.count,
    }
  }

  /** For each key the names of the workers that hold its result; of all that are held if no keys are given. */
  whoHas(keys?: readonly string[]): WhoHas {
    return this.introspection.whoHas(keys?.map((key) => ({ key, run: null, target: -1 })))
  }

  /** For each worker the keys of the results that it holds. */
  hasWhat(workers?: readonly string[]): KeysByWorker {
    return this.introspection.hasWhat(workers)
  }

  /** For each worker the keys of the tasks that it has in hand. */
  processing(workers?: readonly string[]): KeysByWorker {
    return this.introspection.processing(workers)
  }

  /** What became of a task, and why it is where it is. */
  story(key: string): TaskStory {
    return this.introspection.story({ key, run: null, target: -1 })
  }

  /** Everything that is known here as plain data for JSON, with at most so many tasks. */
  dump({ tasks = defaultDumpedTasks }: { readonly tasks?: number } = {}): ClusterDump {
    return this.introspection.dump(tasks)
  }

  /** The process of a worker of this machine has ended, as whoever started it knows for certain. */
  workerExited(pid: number, exit: ProcessExit): void {
    this.onWorkerEnded(pid, machineName(), exit)
  }

  private onWorkerEnded(pid: number, hostname: string, exit: ProcessExit): void {
    this.engine.lostWorkers.reportExit(pid, hostname, exit)
    const reason = `its process ended with ${describeExit(exit)}`
    const isIt = ({ hello }: RemoteWorker): boolean =>
      hello.pid === pid && hello.hostname === hostname
    this.workerDoor.dismissWhere(isIt, reason)
  }

  /** There will be no workers any more: what is being computed fails. */
  giveUp(reason: string): void {
    this.engine.failAll(new Error(reason))
  }

  private onWorkerLeft(link: RemoteWorker, reason: string): void {
    const { name, pid } = link.hello
    if (reason === goodbyeReason) this.noteWorker('worker left', link)
    else
      logEvent('scheduler', `worker ${name} (pid ${pid}) is gone: ${reason}`, undefined, {
        ...{ worker: name, workerPid: pid, reason },
      })
    this.engine.removeWorker(link, reason, reason === goodbyeReason)
  }

  private noteWorker(what: string, { hello }: RemoteWorker): void {
    if (!this.isNoting) return
    const { name: worker, pid: workerPid, hostname, address, nthreads } = hello
    logInfo('scheduler', `${what}: ${worker}`, {
      worker,
      workerPid,
      host: hostname,
      address,
      nthreads,
    })
  }

  private noteClient(what: string, { name }: RemoteClient): void {
    if (this.isNoting) logInfo('scheduler', `${what}: ${name}`, { client: name })
  }

  /** A client that did not say goodbye may come back, until it was silent for too long. */
  private onClientLeft({ link, session, lastHeard }: ClientGuest, reason: string): void {
    // It may have come in by another connection.
    if (link.session !== session) return
    const left = this.clientTimeout - (performance.now() - lastHeard)
    if (reason === goodbyeReason || left <= 0) {
      this.noteClient('client left', link)
      this.engine.removeClient(link)
    } else {
      this.noteClient('client away', link)
      this.engine.clientDisconnected(link)
      this.absences.start(link, left)
    }
  }

  private onClientMessage({ link: client }: ClientGuest, message: FromClient): void {
    if (message.op === 'forget-bundles') {
      client.dropBundles(message.tokens)
      return
    }
    try {
      if (message.op === 'submit') this.engine.submit(client, message)
      else if (message.op === 'cancel-run') this.engine.cancelRun(client, message.run)
      else if (message.op === 'resume') this.engine.resume(client, message)
      else if (message.op === 'fetch-values') this.engine.fetchValues(client, message)
      else if (message.op === 'release') this.engine.releaseTargets(client, message)
      else if (message.op === 'retry') this.engine.retry(client, message)
      else this.answer(client, message)
    } catch (error) {
      logEvent('scheduler', `could not do '${message.op}' for a client`, error)
      if (error instanceof StorageError && 'request' in message) {
        client.postError(message.request, error.message)
        return
      }
      const why = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
      if (!('request' in message))
        client.postFailure(message.run, { kind: 'internal', message: why })
      else client.postError(message.request, why)
    }
  }

  private answer(client: RemoteClient, request: ClientRequest): void {
    const { collections } = this
    const { bundleCache } = this.engine
    const reply = (
      value: StoredValue,
      bundles: readonly Bundle[] = [],
      hold: Reply['hold'] = null,
    ): void => {
      client.post({ op: 'reply', request: request.request, value, bundles, hold })
    }
    switch (request.op) {
      case 'set-collection':
        client.keepBundles(request.bundles)
        if (findExternalsFault(request.externals) !== undefined || !collections.set(request))
          client.postError(
            request.request,
            `setCollection: '${request.name}' mentions a result that is not on the cluster any more: its future was released or cancelled`,
          )
        else reply(undefined)
        break
      case 'get-collection': {
        const found = collections.get(request.name)
        if (found === undefined) client.postUnknownCollection(request, collections.names)
        else
          reply(
            found.value,
            takeNewBundles(found.value.bundles, new Set(), bundleCache),
            found.hold,
          )
        break
      }
      case 'delete-collection':
        if (collections.delete(request.name)) reply(undefined)
        else client.postUnknownCollection(request, collections.names)
        break
      case 'list-collections':
        reply(store(collections.names))
        break
      case 'get-info':
        reply(store(this.info()))
        break
      case 'inspect': {
        const fault = findInspectFault(request)
        if (fault === undefined) reply(store(this.introspection.answer(request)))
        else client.postError(request.request, `The scheduler could not read a question: ${fault}`)
      }
    }
  }
}
