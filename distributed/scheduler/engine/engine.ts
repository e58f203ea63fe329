/**
 * The scheduler without its sockets and timers: handles the messages of workers and clients, and lets the
 * state machine decide. Values pass through in encoded form, and are sent to clients as they arrive;
 * none are kept. Since there are no sockets, timers or promises, a simulation can drive it.
 */
import type { SchedulerState } from '../../../core/scheduling/state.js'
import type {
  Bundle,
  Externals,
  FetchValues,
  Release,
  Resume,
  Retry,
  SchedulerToClient,
  SchedulerToWorker,
  Submit,
  WorkerHello,
} from '../../protocol/index.js'
import { hostsOf } from '../../protocol/worker-hosts.js'
import type { BundleCache } from '../computations/bundle-cache.js'
import type { Computation } from '../computations/computation.js'
import type { RunNames } from '../computations/run-names.js'
import type { SourceRecord } from '../computations/run-sources.js'
import type { Clients, RemoteClient } from '../peers/clients.js'
import type { LostWorkers } from '../peers/lost-workers.js'
import type { RemoteWorker, Workers } from '../peers/workers.js'
import { ClientRuns } from './client-runs.js'
import { type EngineEnvironment, EngineParts, type EngineSettings } from './engine-parts.js'
import { EventHandler } from './event-handler.js'
import { Retirements } from './retirements.js'
import { WorkerMessageHandler, type WorkerSessionMessage } from './worker-messages.js'

export class Engine {
  readonly parts: EngineParts
  private readonly events: EventHandler
  private readonly runsOfClients: ClientRuns
  private readonly workerMessages: WorkerMessageHandler
  private readonly retirements: Retirements

  constructor(environment: EngineEnvironment, settings: EngineSettings = {}) {
    this.parts = new EngineParts(environment, settings)
    this.events = new EventHandler(this.parts)
    this.runsOfClients = new ClientRuns(this.parts, this.events)
    this.retirements = new Retirements(this.parts, this.events)
    this.workerMessages = new WorkerMessageHandler(this.parts, this.events, this.retirements)
  }

  get state(): SchedulerState {
    return this.parts.state
  }

  get workers(): Workers {
    return this.parts.workers
  }

  get clients(): Clients {
    return this.parts.clients
  }

  get lostWorkers(): LostWorkers {
    return this.parts.lostWorkers
  }

  get bundleCache(): BundleCache {
    return this.parts.bundleCache
  }

  get runNames(): RunNames {
    return this.parts.runNames
  }

  get computations(): ReadonlyMap<number, Computation> {
    return this.parts.computations
  }

  /** The number of unfinished computations. */
  get runs(): number {
    return this.parts.computations.size
  }

  /** The number of invalid messages that were dropped. */
  get dropped(): number {
    return this.parts.dropped
  }

  // Workers ----------------------------------------------------------------------------------------

  /** Adds a worker. Call `startWorker` once the worker was sent its number. */
  addWorker(hello: WorkerHello, post: (message: SchedulerToWorker) => void): RemoteWorker {
    return this.workers.join(hello, post)
  }

  /** Allows tasks to be assigned to a worker. */
  startWorker(remote: RemoteWorker): void {
    const { worker, hello } = remote
    if (!this.workers.has(worker)) return
    this.workers.exchangeKeys(remote)
    for (const former of this.lostWorkers.findReconnected(hello)) {
      this.events.handle({ kind: 'worker-alive', worker: former })
    }
    this.events.guard(() =>
      this.events.handle({
        kind: 'worker-joined',
        worker,
        nthreads: Math.max(1, hello.nthreads),
        names: [hello.name, hello.address],
        hosts: hostsOf(hello),
        resources: hello.resources,
      }),
    )
  }

  /** Removes a worker. If it left on purpose, this does not count as a failure of the tasks it was running. */
  removeWorker(remote: RemoteWorker, reason: string, isOnPurpose = false): void {
    this.workers.leave(remote)
    this.lostWorkers.add(remote, reason)
    this.events.guard(() => {
      this.events.handle({
        kind: 'worker-left',
        worker: remote.worker,
        isPlanned: isOnPurpose,
      })
      this.parts.delivery.gatherAgain()
    })
  }

  /** Handles a message of a worker. */
  fromWorker(remote: RemoteWorker, message: WorkerSessionMessage): void {
    this.events.guard(() => this.workerMessages.handle(remote, message))
    this.advanceRetirements()
  }

  /** Lets workers leave as soon as others have their results. */
  retire(workers: Iterable<number>): void {
    this.events.guard(() => this.retirements.begin(workers))
  }

  /** Goes on with workers that are to leave. Called with each heartbeat. */
  advanceRetirements(): void {
    this.events.guard(() => this.retirements.advance())
  }

  // Clients ----------------------------------------------------------------------------------------

  /** Adds a client, or reconnects one that is known. */
  addClient(
    who: { session: string; name: string },
    post: (message: SchedulerToClient) => void,
  ): RemoteClient {
    return this.clients.join(who, post)
  }

  /** Notes that a client is disconnected. Its computations continue, since it may reconnect. */
  clientDisconnected(client: RemoteClient): void {
    client.disconnect()
  }

  /** Removes a client and ends its computations. */
  removeClient(client: RemoteClient): void {
    this.clients.leave(client)
    this.events.guard(() => {
      for (const run of [...client.runs.values()]) this.events.release(run)
      client.releaseBundles()
    })
  }

  submit(client: RemoteClient, submit: Submit): void {
    this.runsOfClients.submit(client, submit)
  }

  cancelRun(client: RemoteClient, run: number): void {
    this.runsOfClients.cancel(client, run)
  }

  resume(client: RemoteClient, message: Resume): void {
    this.runsOfClients.resume(client, message)
  }

  fetchValues(client: RemoteClient, message: FetchValues): void {
    this.runsOfClients.fetchValues(client, message)
  }

  releaseTargets(client: RemoteClient, message: Release): void {
    this.runsOfClients.releaseTargets(client, message)
  }

  retry(client: RemoteClient, message: Retry): void {
    this.runsOfClients.retry(client, message)
  }

  // Held results -----------------------------------------------------------------------------------

  /** Holds results of other runs under a name. Returns false if one of them is unknown. */
  hold(name: string, externals: Externals): boolean {
    return this.runsOfClients.hold(name, externals)
  }

  /** Releases the results that are held under a name. */
  releaseHold(name: string): void {
    this.runsOfClients.releaseHold(name)
  }

  /** Computes a run of a previous scheduler again (`ClientRuns.recover`). */
  recover(source: SourceRecord, bundles: readonly Bundle[]): RemoteClient | undefined {
    return this.runsOfClients.recover(source, bundles)
  }

  /** Fails all computations because of an error of the scheduler itself. */
  failAll(error: unknown): void {
    this.events.failAll(error)
  }
}
