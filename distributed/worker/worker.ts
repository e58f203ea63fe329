/**
 * A worker: its session with the scheduler, and the state machine with the parts that carry out its
 * instructions (`TaskExecution`, `PeerExchange`, `ResultStore`, `MemoryMonitor`).
 *
 * This thread runs no user code, so it answers whatever the executor threads are doing. When the
 * session with the scheduler ends, all tasks and results are discarded, the threads too, and a new
 * session begins.
 */
import { checkArguments } from '../../core/base/argument-checks.js'
import { formatByteSize } from '../../core/base/available-memory.js'
import { collectUsed, limitGarbage } from '../../core/base/collect-garbage.js'
import { assertOpenFiles, filesOfThread } from '../../core/base/open-files.js'
import { inSharedMemory } from '../../core/codec/index.js'
import { receiveBundles, type StoredValue, storedSize } from '../../core/graph/stored-value.js'
import { newKeyPair } from '../base/curve-keys.js'
import { ConnectionError } from '../base/errors.js'
import { logEvent, logInfo } from '../base/log.js'
import { filesOfWorker } from '../base/open-files.js'
import { Overdue } from '../base/overdue.js'
import { assertOwnCall, makeProcessBound } from '../base/public-objects.js'
import { heartbeatInterval, timeouts } from '../base/timeouts.js'
import type {
  Compute,
  Goodbye,
  Heartbeat,
  PeerUpdate,
  Refused,
  RelayReply,
  SchedulerToWorker,
  Unknown,
  WorkerToScheduler,
  WorkerWelcome,
} from '../protocol/index.js'
import { schedulerToWorker } from '../protocol/message-shapes.js'
import { refusalError } from '../protocol/version.js'
import { removeStaleFolders } from '../storage/temporary-folder.js'
import { bindAddress, onHostOf, publicAddress } from '../transport/address.js'
import { connectSocket } from '../transport/connection.js'
import { describeHandshakeFault, type HandshakeFault } from '../transport/curve.js'
import { SchedulerLink } from '../transport/scheduler-link.js'
import { carryOut, type WorkerParts } from './carry-out-instructions.js'
import { ClientRelays } from './client-relays.js'
import { MemoryMonitor } from './memory-monitor.js'
import { PeerExchange } from './peer-exchange.js'
import { type FoundResult, gatherReplies } from './results/result-messages.js'
import { ResultStore } from './results/result-store.js'
import { moveToSharedMemory } from './results/shared-memory-values.js'
import { validateColumns } from './state/validate-columns.js'
import type { WorkerEvent } from './state/worker-events.js'
import { WorkerState } from './state/worker-state.js'
import { TaskExecution } from './task-execution.js'
import { WorkerBundles } from './worker-bundles.js'
import { workerHello } from './worker-hello.js'
import {
  type CheckedWorkerOptions,
  readWorkerOptions,
  type WorkerOptions,
} from './worker-options.js'

export type { WorkerOptions } from './worker-options.js'

/** The messages of the scheduler within a session. */
type SessionMessage = Exclude<
  SchedulerToWorker,
  WorkerWelcome | Heartbeat | Goodbye | Refused | Unknown
>

type WorkerLink = SchedulerLink<SchedulerToWorker, WorkerToScheduler, WorkerWelcome>

/** A worker of a cluster: runs the tasks that the scheduler sends, and keeps their results. */
export class Worker implements AsyncDisposable {
  static {
    makeProcessBound(Worker.prototype, 'a Worker')
  }

  /** The address from which other workers fetch results. */
  readonly address: string
  /** The name in logs and errors. */
  readonly name: string
  /** The number of tasks that run at once. */
  readonly nthreads: number
  /** Fulfilled when the scheduler first accepts this worker, rejected when it refuses. */
  readonly ready: Promise<void>
  /**
   * Fulfilled when the scheduler refuses this worker, also after it had accepted it. The worker closes.
   *
   * @internal
   */
  readonly refused: Promise<Error>
  /**
   * Fulfilled when the worker was retired, and, with `exitWithScheduler`, when the scheduler was closed for good or there was none
   * for too long. The worker closes.
   *
   * @internal
   */
  readonly finished: Promise<void>
  /**
   * The secret with which the parent process reports how this one ended.
   *
   * @internal
   */
  readonly secret = crypto.randomUUID()
  private readonly options: CheckedWorkerOptions
  private readonly state: WorkerState<Compute>
  private readonly results: ResultStore
  private readonly peers: PeerExchange
  private readonly relays = new ClientRelays()
  private readonly bundles = new WorkerBundles()
  private readonly execution: TaskExecution
  private readonly memory: MemoryMonitor
  /** The parts that instructions of the state are about. */
  private readonly parts: WorkerParts
  private readonly link: WorkerLink
  private readonly timer: NodeJS.Timeout
  private resolveReady!: () => void
  private rejectReady!: (error: Error) => void
  private resolveRefused!: (error: Error) => void
  private resolveFinished!: () => void
  private closing: Promise<void> | undefined
  /** Whether an error of the worker itself has ended the last session. */
  private hasFaulted = false
  private hasJoined = false
  private isRetiring = false
  private readonly handshakeFaults = new Overdue({ again: 60_000 })
  private readonly unanswered = new Overdue({ again: 60_000 })

  private constructor(
    options: CheckedWorkerOptions,
    peers: PeerExchange,
    address: string,
    isLocal: boolean,
  ) {
    assertOwnCall(
      peers instanceof PeerExchange,
      options,
      'a Worker',
      "await Worker.start({ scheduler: 'tcp://127.0.0.1:4444' })",
    )
    const { name, nthreads, scheduler, memory, data, localDirectory } = options
    this.options = options
    this.address = address
    this.name = name
    this.nthreads = nthreads
    this.ready = new Promise((resolve, reject) => {
      this.resolveReady = resolve
      this.rejectReady = reject
    })
    this.ready.catch(() => {})
    this.refused = new Promise((resolve) => {
      this.resolveRefused = resolve
    })
    this.finished = new Promise((resolve) => {
      this.resolveFinished = resolve
    })
    this.state = new WorkerState({ memory })
    this.results = new ResultStore(data, {
      directory: localDirectory,
      onSpilled: (task, write, fault) => this.handle({ kind: 'spilled', task, write, fault }),
    })
    this.peers = peers
    peers.attach({
      findResult: (task, attempt) => this.findResult(task, attempt),
      onResults: (tasks, attempts, values) => this.onResults(tasks, attempts, values),
      onEvent: (event) => this.handle(event),
    })
    const post = (message: WorkerToScheduler): void => this.link.post(message)
    this.memory = new MemoryMonitor(name, memory.limit, this.state.memory, post)
    this.execution = new TaskExecution(
      {
        ...{ nthreads, scheduler, usesKeys: data !== undefined, memoryLimit: memory.limit },
        logsStrayErrors: () => !isLocal || !this.link.isConnected,
      },
      {
        state: this.state,
        results: this.results,
        relays: this.relays,
        handle: (event) => this.handle(event),
        post,
      },
    )
    this.parts = {
      ...{ state: this.state, results: this.results, peers, execution: this.execution, post },
      reportMemory: () => this.reportMemory(),
    }
    limitGarbage(memory.limit)
    this.execution.threads.start()
    this.link = this.openLink()
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
  }

  /**
   * Starts a worker in this process, with threads of its own. The scheduler may be started later.
   *
   * @throws TypeError or RangeError for invalid options, BindError for a hostname or port that cannot
   *   be listened on.
   * @example const worker = await Worker.start({ scheduler: 'tcp://127.0.0.1:4444', nthreads: 2 })
   */
  static async start(options: WorkerOptions): Promise<Worker> {
    checkArguments('Worker.start', arguments, 1, 'Worker.start(options)')
    return Worker.startFor(options, false)
  }

  /**
   * Starts a worker. If `isLocal`, its output is also that of its clients, which print warnings about tasks.
   *
   * @internal
   */
  static async startFor(options: WorkerOptions, isLocal: boolean): Promise<Worker> {
    const checked = await readWorkerOptions(options)
    assertOpenFiles(
      filesOfWorker + checked.nthreads * filesOfThread,
      `Worker.start with nthreads ${checked.nthreads}`,
      checked.nthreads === 1 ? undefined : 'give fewer threads',
    )
    const { hostname, port, contactAddress, peerTimeout } = checked
    await removeStaleFolders(checked.localDirectory)
    const keys = checked.keys && newKeyPair()
    const peers = new PeerExchange(`worker-${crypto.randomUUID()}`, peerTimeout, keys)
    const bound = await peers.listen(bindAddress(hostname, port))
    return new Worker(checked, peers, contactAddress ?? publicAddress(hostname, bound), isLocal)
  }

  /** Whether the worker has a session with the scheduler now. */
  get isConnected(): boolean {
    return this.link.isConnected
  }

  /**
   * The address of the scheduler, and its public key if it needs keys.
   *
   * @internal
   */
  get schedulerPlace(): { readonly scheduler: string; readonly serverKey?: string } {
    const { scheduler, keys } = this.options
    return { scheduler, ...(keys !== undefined && { serverKey: keys.serverKey }) }
  }

  /**
   * Leaves the scheduler without loss: the worker gets no more tasks, finishes those that it has, and closes once other workers
   * have copies of the results that only it holds. Without a session it closes at once.
   */
  retire(): Promise<void> {
    checkArguments('retire', arguments, 0, 'worker.retire()')
    if (this.closing !== undefined) return this.closing
    this.isRetiring = true
    if (!this.isConnected) return this.close()
    this.link.post({ op: 'retire' })
    return this.finished.then(() => this.close())
  }

  /** Leaves the scheduler, which computes the lost results again, and ends the threads. */
  close(): Promise<void> {
    checkArguments('close', arguments, 0, 'worker.close()')
    this.closing ??= this.shutDown()
    return this.closing
  }

  /** Closes the worker, at the end of the block of `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Returns the name, the address, the threads, the memory limit and the state in one line. */
  toString(): string {
    const { name, address, nthreads, options, closing } = this
    const { limit } = options.memory
    const memory = Number.isFinite(limit) ? formatByteSize(limit) : 'no memory limit'
    const state =
      closing !== undefined ? 'closed' : this.isConnected ? 'connected' : 'not connected'
    return `Worker<${name} at ${address}, ${nthreads} thread${nthreads === 1 ? '' : 's'}, ${memory}, ${state}>`
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.timer)
    await this.link.close()
    await Promise.all([this.relays.closeAll(), this.peers.close(), this.execution.threads.close()])
    await this.results.close()
  }

  private tick(): void {
    this.peers.tick(performance.now())
    const functionBytes = this.bundles.nbytes + this.execution.threads.bundleBytes
    this.handle({
      kind: 'memory-measured',
      processBytes: this.memory.measure(),
      functionBytes,
    })
    this.reportMemory()
    this.memory.logShortage()
    this.warnUnanswered()
  }

  /** Warns after 5 s without an answer of a scheduler, and then each minute. */
  private warnUnanswered(): void {
    const waited = this.unanswered.check(!this.link.isConnected, performance.now())
    if (waited === undefined) return
    const { scheduler } = this.options
    const seconds = Math.round(waited / 1000)
    logEvent(
      'worker',
      `no scheduler has answered at ${scheduler} for ${seconds} s; ${this.name} waits to join: is a scheduler running there, and is this its address to workers?`,
      undefined,
      { worker: this.name, scheduler },
    )
  }

  private reportMemory(): void {
    if (this.link.isConnected) this.memory.report()
  }

  // Session ----------------------------------------------------------------------------------------

  private openLink(): WorkerLink {
    const { scheduler, schedulerTimeout, keys } = this.options
    return new SchedulerLink<SchedulerToWorker, WorkerToScheduler, WorkerWelcome>(
      connectSocket(scheduler, schedulerToWorker, { curve: keys }),
      `worker-${crypto.randomUUID()}`,
      {
        timeout: schedulerTimeout ?? timeouts.schedulerOfWorker,
        hello: (nonce) => {
          const { address, secret, hasFaulted: afterError } = this
          const { publicKey: peerKey } = this.peers
          return workerHello(this.options, { nonce, secret, address, afterError, peerKey })
        },
        heartbeat: () => ({ op: 'heartbeat', rss: process.memoryUsage.rss() }),
        onWelcome: (welcome) => this.onWelcome(welcome),
        onMessage: (message) => this.onMessage(message as SessionMessage),
        onLost: (reason, isClosed) => this.onLost(reason, isClosed),
        onGivenUp: () => {
          if (this.options.exitWithScheduler) this.finish('no scheduler has answered for too long')
        },
        onRefused: (refused) =>
          this.refuse(refusalError(this.options.scheduler, refused, 'worker')),
        onHandshakeFault: (fault) => this.onHandshakeFault(fault),
        onError: (error) => this.onFault(error),
      },
    )
  }

  private onWelcome({ worker, scheduler, addressToClients, taskKeys }: WorkerWelcome): void {
    this.hasFaulted = false
    this.hasJoined = true
    this.relays.address = onHostOf(this.options.scheduler, addressToClients)
    const { keys } = this.options
    this.relays.keys = keys && taskKeys && { ...taskKeys, serverKey: keys.serverKey }
    this.state.setWorker(worker)
    this.peers.startSession(scheduler)
    this.memory.startSession()
    this.resolveReady()
    const { name } = this
    logInfo('worker', `${name} has joined the scheduler at ${this.options.scheduler}`, {
      ...{ worker: name, address: this.address, nthreads: this.nthreads },
    })
  }

  /** A worker that had joined tries again: the scheduler may come back with other keys. */
  private onHandshakeFault(fault: HandshakeFault): void {
    const { scheduler: address, keys } = this.options
    if (this.closing !== undefined) return
    const message = describeHandshakeFault(fault, { address, role: 'worker', keys })
    if (!this.hasJoined) this.refuse(new ConnectionError(address, message))
    else if (this.handshakeFaults.check(true, performance.now()) !== undefined)
      logEvent('worker', message)
  }

  private refuse(error: Error): void {
    logEvent('worker', error.message)
    this.rejectReady(error)
    this.resolveRefused(error)
    void this.close()
  }

  private onLost(reason: string, isClosed: boolean): void {
    if (this.closing !== undefined) return
    if (this.isRetiring || (isClosed && this.options.exitWithScheduler)) {
      this.finish(reason)
      return
    }
    logEvent('worker', `${this.name} has lost the scheduler: ${reason}`)
    this.handle({ kind: 'reset' })
    this.peers.startSession('')
    this.execution.reset(reason)
    this.bundles.clear()
  }

  private finish(reason: string): void {
    if (this.closing !== undefined) return
    logInfo('worker', `${this.name} ends: ${reason}`, { worker: this.name })
    this.resolveFinished()
    void this.close()
  }

  /** Handles an error of the worker itself: begins a new session, and its tasks go to other workers. */
  private onFault(error: unknown): void {
    logEvent('worker', 'an error in the worker', error)
    this.hasFaulted = true
    this.link.restart('an error in the worker')
  }

  // Messages of the scheduler ----------------------------------------------------------------------

  private onMessage(message: SessionMessage): void {
    switch (message.op) {
      case 'compute':
        this.onCompute(message)
        return
      case 'cancel':
        this.execution.cancelDelivery(message.tasks)
        this.handle({ kind: 'cancel', tasks: message.tasks, attempts: message.attempts })
        return
      case 'acquire': {
        const { tasks, attempts, holders, nbytes } = message
        this.handle({ kind: 'acquire', tasks, attempts, holders, nbytes })
        return
      }
      case 'retired':
        this.finish('it was retired')
        return
      case 'free':
        this.handle({ kind: 'free', tasks: message.tasks, attempts: message.attempts })
        return
      case 'forget-recipes':
        this.execution.threads.forgetRecipes([...message.recipes])
        return
      case 'forget-bundles':
        this.bundles.forget(message.tokens)
        return
      case 'gather': {
        const find = (task: number, attempt: number) => this.findResult(task, attempt)
        for (const reply of gatherReplies(message, find)) this.link.post(reply)
        return
      }
      case 'relay-reply':
        this.onRelayReply(message)
        return
      case 'peer-update':
        this.onPeerUpdate(message)
        return
      case 'peer-keys':
        this.peers.updateKeys(message.admitted, message.removed)
        return
      default:
        message satisfies never
    }
  }

  private onCompute(message: Compute): void {
    this.bundles.receive(message.bundles)
    this.bundles.hold(message.params)
    if (this.options.validate)
      this.bundles.validate([...message.params, ...message.newRecipes.map(([, bytes]) => bytes)])
    for (const [number, bytes] of message.newRecipes) {
      this.bundles.hold([bytes])
      this.execution.threads.defineRecipe(number, inSharedMemory(bytes))
    }
    this.execution.expectDelivery(message)
    this.handle({ kind: 'compute', assignment: message })
  }

  private onRelayReply(message: RelayReply): void {
    const { holder, tasks, attempts, values, absent } = message
    receiveBundles(message.bundles, values)
    if (tasks.length > 0) this.onResults(tasks, attempts, values)
    if (absent.length > 0) this.handle({ kind: 'not-fetched', peer: holder, tasks: absent })
  }

  private onPeerUpdate({ joined, left }: PeerUpdate): void {
    for (const [peer, address, key] of joined) this.peers.addPeer(peer, address, key)
    for (const peer of left) this.peers.removePeer(peer)
  }

  // Results ----------------------------------------------------------------------------------------

  private findResult(task: number, attempt: number): FoundResult | undefined {
    if (!this.state.has(task, attempt)) return undefined
    try {
      return { value: this.results.peek(task) }
    } catch (error) {
      logEvent('worker', 'a result could not be read', error)
      return undefined
    }
  }

  /** Stores results that were fetched from other workers. */
  private onResults(tasks: Int32Array, attempts: Int32Array, values: readonly StoredValue[]): void {
    const nbytes = new Float64Array(values.length)
    for (let i = 0; i < values.length; i++) {
      const value = moveToSharedMemory(values[i]!)
      if (!this.state.has(tasks[i]!, attempts[i]!)) this.results.putCopy(tasks[i]!, value)
      nbytes[i] = storedSize(value)
    }
    this.handle({ kind: 'fetched', tasks, attempts, nbytes })
    collectUsed()
  }

  // State ------------------------------------------------------------------------------------------

  /** Passes an event to the state machine and carries out its instructions. */
  private handle(event: WorkerEvent<Compute>): void {
    for (const instruction of this.state.handle(event)) carryOut(instruction, this.parts)
    if (this.options.validate && !this.hasFaulted) this.validate(event.kind)
  }

  /** Begins a new session if an invariant of the state is broken; the tasks return to the scheduler. */
  private validate(event: string): void {
    try {
      validateColumns(this.state.columns)
    } catch (error) {
      const what = `the state of ${this.name} broke an invariant after '${event}'`
      logEvent('worker', what, error, { level: 'error', worker: this.name, event })
      this.onFault(error)
    }
  }
}
