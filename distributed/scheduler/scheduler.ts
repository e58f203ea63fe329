/**
 * The scheduler's shell: two doors, the engine between them, and collections under names. It owns
 * the sockets and timers; whatever fails in here is told to those it concerns, and on stderr.
 */
import { randomUUID } from 'node:crypto'
import { type StoredValue, store } from '../../core/stored-value.js'
import { assertHostname, assertPort, bindAddress, publicAddress } from '../address.js'
import type { SchedulerInfo } from '../info.js'
import { log } from '../log.js'
import * as shapes from '../message-shapes.js'
import { assertOptions } from '../options.js'
import type {
  Bundle,
  ClientHello,
  ClientRequest,
  ClientToScheduler,
  Goodbye,
  Heartbeat,
  Hello,
  SchedulerToClient,
  SchedulerToWorker,
  WorkerHello,
  WorkerToScheduler,
} from '../protocol.js'
import { bundlesFor } from './bundle-shelf.js'
import type { ClientLink } from './clients.js'
import { Collections } from './collections.js'
import { Door, type Guest, goodbye } from './door.js'
import { Engine } from './engine.js'
import type { WorkerLink } from './workers.js'

const optionNames = ['hostname', 'portToWorkers', 'portToClients', 'insecure']

/** How to start a scheduler. */
export interface SchedulerOptions {
  /** The address to listen on; by default only this machine can reach it. */
  readonly hostname?: string
  /** By default one that the system chooses. */
  readonly portToWorkers?: number
  readonly portToClients?: number
  /** Allows a hostname that other machines can reach: whoever reaches it can run code here. */
  readonly insecure?: boolean
}

type FromClient = Exclude<ClientToScheduler, Hello | Heartbeat | Goodbye>

export class Scheduler implements AsyncDisposable {
  /** Where workers connect, such as `tcp://127.0.0.1:4444`. */
  addressToWorkers = ''
  /** Where clients connect. */
  addressToClients = ''
  private readonly id = randomUUID()
  private readonly engine = new Engine({
    now: () => performance.now(),
    log: (what, error) => log('scheduler', what, error),
  })
  private readonly collections = new Collections(this.engine.shelf)
  private readonly workerDoor: Door<WorkerHello, WorkerToScheduler, SchedulerToWorker, WorkerLink>
  private readonly clientDoor: Door<ClientHello, ClientToScheduler, SchedulerToClient, ClientLink>
  private closing: Promise<void> | undefined

  private constructor() {
    const { engine } = this
    const onError = (error: unknown): void => engine.failAll(error)
    this.workerDoor = new Door({
      kind: 'worker',
      shapes: shapes.workerToScheduler,
      admit: ({ mailbox }, hello) =>
        engine.addWorker(hello, (message) => {
          if (message.op === 'free' || message.op === 'forget-recipes') mailbox.postLater(message)
          else mailbox.post(message)
        }),
      welcome: ({ nonce, session, link: { worker } }) => ({
        op: 'welcome',
        nonce,
        session,
        scheduler: this.id,
        worker,
      }),
      onAdmitted: ({ link }) => engine.startWorker(link),
      onMessage: ({ link }, message) => engine.fromWorker(link, message),
      onLeft: ({ link }, reason) => this.onWorkerLeft(link, reason),
      onError,
    })
    this.clientDoor = new Door({
      kind: 'client',
      shapes: shapes.clientToScheduler,
      admit: ({ session, mailbox }) =>
        engine.addClient(session, (message) => mailbox.post(message)),
      welcome: ({ nonce, session }) => ({ op: 'welcome', nonce, session }),
      onMessage: (guest, message) => this.onClientMessage(guest, message),
      onLeft: ({ link }) => engine.removeClient(link),
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
    assertOptions(options, 'Scheduler.start', optionNames)
    const { hostname = '127.0.0.1', portToWorkers, portToClients, insecure = false } = options
    assertHostname(hostname, insecure, 'Scheduler.start')
    assertPort(portToWorkers, 'Scheduler.start: portToWorkers')
    assertPort(portToClients, 'Scheduler.start: portToClients')
    const scheduler = new Scheduler()
    try {
      const toWorkers = await scheduler.workerDoor.open(bindAddress(hostname, portToWorkers))
      scheduler.addressToWorkers = publicAddress(hostname, toWorkers)
      const toClients = await scheduler.clientDoor.open(bindAddress(hostname, portToClients))
      scheduler.addressToClients = publicAddress(hostname, toClients)
    } catch (error) {
      await scheduler.close()
      throw error
    }
    return scheduler
  }

  /** Says goodbye to workers and clients, and ends; what clients wait for is rejected at their side. */
  close(): Promise<void> {
    this.closing ??= Promise.all([this.clientDoor.close(), this.workerDoor.close()]).then(() => {})
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Who is there, and what is being done. */
  info(): SchedulerInfo {
    const { engine } = this
    return {
      addressToWorkers: this.addressToWorkers,
      addressToClients: this.addressToClients,
      pid: process.pid,
      workers: engine.workers.info(),
      clients: engine.clients.size,
      runs: engine.runs,
      collections: this.collections.names,
      dropped: engine.dropped + this.workerDoor.dropped + this.clientDoor.dropped,
    }
  }

  /** A worker's process has ended, as whoever started it knows for certain. */
  workerExited(pid: number, reason: string): void {
    this.workerDoor.dismissWhere(({ hello }) => hello.pid === pid, reason)
  }

  /** There will be no workers any more: what is being computed fails. */
  giveUp(reason: string): void {
    this.engine.failAll(new Error(reason))
  }

  private onWorkerLeft(link: WorkerLink, reason: string): void {
    const { name, pid } = link.hello
    if (reason !== goodbye) log('scheduler', `worker ${name} (pid ${pid}) is gone: ${reason}`)
    this.engine.removeWorker(link)
  }

  private onClientMessage(
    { link: client }: Guest<SchedulerToClient, ClientLink>,
    message: FromClient,
  ): void {
    try {
      if (message.op === 'submit') this.engine.submit(client, message)
      else if (message.op === 'cancel-run') this.engine.cancelRun(client, message.run)
      else this.answer(client, message)
    } catch (error) {
      log('scheduler', `could not do '${message.op}' for a client`, error)
      const why = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
      if (message.op === 'submit' || message.op === 'cancel-run') {
        client.failed(message.run, { kind: 'internal', message: why })
      } else client.refuse(message.request, why)
    }
  }

  private answer(client: ClientLink, request: ClientRequest): void {
    const { collections } = this
    const { shelf } = this.engine
    const reply = (value: StoredValue, bundles: readonly Bundle[] = []): void => {
      client.post({ op: 'reply', request: request.request, value, bundles })
    }
    switch (request.op) {
      case 'set-collection':
        client.keep(request.bundles)
        collections.set(request.name, request.value)
        reply(undefined)
        break
      case 'get-collection': {
        const value = collections.get(request.name)
        if (value === undefined) client.unknownCollection(request, collections.names)
        else reply(value, bundlesFor(value.bundles, new Set(), shelf))
        break
      }
      case 'delete-collection':
        if (collections.delete(request.name)) reply(undefined)
        else client.unknownCollection(request, collections.names)
        break
      case 'list-collections':
        reply(store(collections.names))
        break
      case 'info':
        reply(store(this.info()))
    }
  }
}
