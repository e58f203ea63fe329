/**
 * The worker process's shell: the connection to the scheduler, the sockets to other workers, a pool
 * of executor threads, the results, and the state machine in their midst.
 *
 * This thread runs no user code, so it answers whatever the executors are doing. When the session with
 * the scheduler ends everything is forgotten, the threads included, and a new one is begun.
 */
import { randomUUID } from 'node:crypto'
import { hostname as machineName } from 'node:os'
import { TimeoutError } from '../../core/base/errors.js'
import { bundles, inSharedMemory } from '../../core/codec/index.js'
import { isEncoded, type StoredValue, storedSize } from '../../core/graph/stored-value.js'
import type { PoolEvents } from '../../core/run/threads/executor-pool.js'
import type { ExecutorReport } from '../../core/run/threads/executor-protocol.js'
import { serializeError } from '../../core/run/threads/serialize-error.js'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { heartbeatInterval, timeouts } from '../base/timeouts.js'
import type {
  Compute,
  Goodbye,
  Heartbeat,
  Refused,
  RelayReply,
  SchedulerToWorker,
  Unknown,
  WorkerHello,
  WorkerToScheduler,
  WorkerWelcome,
} from '../protocol/index.js'
import { schedulerToWorker } from '../protocol/message-shapes.js'
import { assertSendable } from '../protocol/sendable.js'
import { ownVersions, refusalError } from '../protocol/version.js'
import { removeStaleFolders } from '../storage/temporary-folder.js'
import { bindAddress, onHostOf, publicAddress } from '../transport/address.js'
import { connectSocket } from '../transport/connection.js'
import { SchedulerLink } from '../transport/scheduler-link.js'
import { ClientRelays } from './client-relays.js'
import { Executors } from './executor-threads.js'
import { Peers } from './peer-exchange.js'
import { collectGarbage, processBytes } from './results/memory-limit.js'
import { bundlesBehind, FinishedReport, gathered } from './results/result-messages.js'
import { ResultStore } from './results/result-store.js'
import { land } from './results/shared-memory-values.js'
import { validateColumns } from './state/validate-columns.js'
import type { WorkerEvent, WorkerInstruction } from './state/worker-events.js'
import { WorkerState } from './state/worker-state.js'
import { makeBatch, UnreadableInput } from './task-batches.js'
import { type CheckedOptions, readOptions, type WorkerOptions } from './worker-options.js'

export type { WorkerOptions } from './worker-options.js'

type Message = Exclude<SchedulerToWorker, WorkerWelcome | Heartbeat | Goodbye | Refused | Unknown>

export class Worker implements AsyncDisposable {
  /** Where other workers fetch data from it. */
  readonly address: string
  readonly name: string
  readonly nthreads: number
  /** Fulfilled when the scheduler first lets this worker in, rejected when it does not. */
  readonly ready: Promise<void>
  private readonly state: WorkerState<Compute>
  private readonly memoryLimit: number
  private lastReport = ''
  /** For how many ticks it has been short of memory. */
  private pausedFor = 0
  private readonly results: ResultStore
  private readonly peers: Peers
  private readonly link: SchedulerLink<SchedulerToWorker, WorkerToScheduler, WorkerWelcome>
  private readonly timer: NodeJS.Timeout
  private readonly usesKeys: boolean
  private readonly resources: Readonly<Record<string, number>>
  /** Tasks whose results a client waits for. */
  private readonly toDeliver = new Set<number>()
  private readonly executors: Executors
  private readonly relays = new ClientRelays()
  private welcomed!: () => void
  private refuse!: (error: Error) => void
  private closing: Promise<void> | undefined
  /** Whether something went wrong since the last session began. */
  private hasFaulted = false
  private readonly validates: boolean

  private constructor(options: CheckedOptions, peers: (worker: Worker) => Peers, address: string) {
    this.address = address
    this.name = options.name
    this.nthreads = options.nthreads
    this.usesKeys = options.data !== undefined
    this.resources = { ...options.resources }
    this.validates = options.validate
    this.memoryLimit = options.memory.limit
    this.state = new WorkerState({ memory: options.memory })
    this.results = new ResultStore(options.data, {
      directory: options.localDirectory,
      onSpilled: (task, write, fault) => this.handle({ kind: 'spilled', task, write, fault }),
    })
    this.ready = new Promise((resolve, reject) => {
      this.welcomed = resolve
      this.refuse = reject
    })
    // Nobody need listen.
    this.ready.catch(() => {})
    this.peers = peers(this)
    const events: Required<PoolEvents> = {
      joined: (thread) => this.handle({ kind: 'thread-joined', thread }),
      left: (thread, reason, isBlameless) => {
        this.relays.close(thread)
        this.handle({ kind: 'thread-left', thread, reason, isDeliberate: isBlameless })
      },
      reported: (thread, report) => this.onReport(thread, report),
      seceded: (thread, task, attempt) => this.onSeceded(thread, task, attempt),
      timedOut: (thread, task, attempt, timeout) => {
        if (!this.state.isRunning(task, attempt)) return
        this.postError(task, attempt, 0, serializeError(new TimeoutError(timeout)))
        this.handle({ kind: 'failed', thread, task, attempt })
      },
      connected: (thread, port) => this.relays.open(thread, port),
    }
    this.executors = new Executors(this.nthreads, events, options.scheduler)
    this.executors.start()
    const dial = connectSocket<SchedulerToWorker, WorkerToScheduler>(
      options.scheduler,
      schedulerToWorker,
    )
    this.link = new SchedulerLink<SchedulerToWorker, WorkerToScheduler, WorkerWelcome>(
      dial,
      `worker-${randomUUID()}`,
      {
        timeout: options.schedulerTimeout ?? timeouts.schedulerOfWorker,
        hello: (nonce) => this.hello(nonce),
        heartbeat: () => ({ op: 'heartbeat', rss: process.memoryUsage.rss() }),
        onWelcome: ({ worker, scheduler, addressToClients }) => {
          this.hasFaulted = false
          this.relays.address = onHostOf(options.scheduler, addressToClients)
          this.state.setWorker(worker)
          this.peers.start(scheduler)
          this.lastReport = ''
          this.welcomed()
        },
        onMessage: (message) => this.onMessage(message as Message),
        onLost: (reason) => this.onLost(reason),
        onRefused: (refused) => {
          const error = refusalError(options.scheduler, refused, 'worker')
          logEvent('worker', error.message)
          this.refuse(error)
          void this.close()
        },
        onError: (error) => this.onFault(error),
      },
    )
    this.timer = setInterval(() => this.tick(), heartbeatInterval)
  }

  /**
   * Starts a worker in this process, with threads of its own. The scheduler may be started later.
   *
   * @throws TypeError or RangeError for options that make no sense, BindError for a bad hostname.
   * @example const worker = await Worker.start({ scheduler: 'tcp://127.0.0.1:4444', nthreads: 2 })
   */
  static async start(options: WorkerOptions): Promise<Worker> {
    const checked = readOptions(options)
    const { hostname, port, contactAddress, peerTimeout } = checked
    removeStaleFolders(checked.localDirectory)
    let worker: Worker | undefined
    const peers = new Peers(
      {
        find: (task, attempt) => worker?.find(task, attempt),
        onData: (tasks, attempts, values) => worker?.onData(tasks, attempts, values),
        onAbsent: (peer, tasks) => worker?.handle({ kind: 'not-fetched', peer, tasks }),
        onPeerLeft: (peer) => worker?.handle({ kind: 'peer-left', peer }),
        onPeerUnreachable: (peer) => worker?.handle({ kind: 'peer-unreachable', peer }),
        onRetry: (peer) => worker?.handle({ kind: 'peer-retried', peer }),
      },
      { name: `worker-${randomUUID()}`, timeout: peerTimeout },
    )
    const bound = await peers.open(bindAddress(hostname, port))
    const address = contactAddress ?? publicAddress(hostname, bound)
    worker = new Worker(checked, () => peers, address)
    return worker
  }

  /** Whether the scheduler knows this worker now. */
  get isConnected(): boolean {
    return this.link.isConnected
  }

  /** Leaves the scheduler, which computes again what is lost, and ends the threads. */
  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.timer)
    await this.link.close()
    await Promise.all([this.relays.closeAll(), this.peers.close(), this.executors.close()])
    await this.results.close()
  }

  private tick(): void {
    this.peers.tick(performance.now())
    let bytes = processBytes(this.memoryLimit)
    if (bytes > this.memoryLimit * collectFrom) {
      collectGarbage()
      bytes = processBytes(this.memoryLimit)
    }
    this.handle({ kind: 'memory-measured', processBytes: bytes })
    this.reportMemory()
    this.pausedFor = this.state.memory.isPaused ? this.pausedFor + 1 : 0
    if (this.pausedFor !== tellPauseAfter) return
    const { stored, spilled } = this.state.memory
    logEvent(
      'worker',
      `${this.name} is short of memory: ${stored} bytes of results, ${spilled} more on disk, ${process.memoryUsage.rss()} bytes in all, of ${this.memoryLimit}`,
    )
  }

  /** Tells the scheduler how it stands with the memory, if that has changed. */
  private reportMemory(): void {
    const { stored, peak, spilled, isPaused } = this.state.memory
    const report = `${stored}/${peak}/${spilled}/${isPaused}`
    if (report === this.lastReport || !this.link.isConnected) return
    this.lastReport = report
    this.link.post({ op: 'memory', stored, peak, spilled, isPaused })
  }

  private hello(nonce: string): WorkerHello {
    return {
      op: 'hello',
      role: 'worker',
      versions: ownVersions(),
      nonce,
      pid: process.pid,
      hostname: machineName(),
      nthreads: this.nthreads,
      address: this.address,
      name: this.name,
      includeKeys: this.usesKeys,
      resources: this.resources,
      rss: process.memoryUsage.rss(),
      memoryLimit: Number.isFinite(this.memoryLimit) ? this.memoryLimit : 0,
      afterError: this.hasFaulted,
    }
  }

  // The scheduler ------------------------------------------------------------------------------------

  private onMessage(message: Message): void {
    switch (message.op) {
      case 'compute':
        this.onCompute(message)
        return
      case 'cancel':
        for (const task of message.tasks) this.toDeliver.delete(task)
        this.handle({ kind: 'cancel', tasks: message.tasks, attempts: message.attempts })
        return
      case 'free':
        this.handle({ kind: 'free', tasks: message.tasks, attempts: message.attempts })
        return
      case 'forget-recipes':
        this.executors.forgetRecipes([...message.recipes])
        return
      case 'gather':
        for (const part of gathered(message, (task, attempt) => this.find(task, attempt))) {
          this.link.post(part)
        }
        return
      case 'relay-reply':
        this.onRelayed(message)
        return
      case 'peer-update':
        for (const [peer, address] of message.joined) this.peers.join(peer, address)
        for (const peer of message.left) this.peers.leave(peer)
    }
  }

  private onCompute(message: Compute): void {
    for (const [token, bytes] of message.bundles) bundles.add(token, inSharedMemory(bytes))
    for (const [number, bytes] of message.newRecipes) {
      this.executors.defineRecipe(number, inSharedMemory(bytes))
    }
    for (const at of message.deliver) this.toDeliver.add(message.tasks[at]!)
    this.handle({ kind: 'compute', assignment: message })
  }

  /** Data of a worker that cannot be reached from here. */
  private onRelayed({ holder, tasks, attempts, values, bundles: sent, absent }: RelayReply): void {
    for (const [token, bytes] of sent) bundles.add(token, bytes)
    if (tasks.length > 0) this.onData(tasks, attempts, values)
    if (absent.length > 0) this.handle({ kind: 'not-fetched', peer: holder, tasks: absent })
  }

  private onLost(reason: string): void {
    if (this.closing !== undefined) return
    logEvent('worker', `${this.name} has lost the scheduler: ${reason}`)
    this.handle({ kind: 'reset' })
    this.peers.start('')
    this.toDeliver.clear()
    // Threads may still run tasks, whose numbers will soon mean others.
    this.executors.reset(reason)
  }

  /** Something is wrong with the worker itself: it starts anew, and its tasks go elsewhere. */
  private onFault(error: unknown): void {
    logEvent('worker', 'an error in the worker', error)
    this.hasFaulted = true
    this.link.restart('an error in the worker')
  }

  // Other workers ------------------------------------------------------------------------------------

  private find(task: number, attempt: number): { value: StoredValue } | undefined {
    if (!this.state.has(task, attempt)) return undefined
    try {
      return { value: this.results.peek(task) }
    } catch (error) {
      logEvent('worker', 'a result could not be read', error)
      return undefined
    }
  }

  private onData(tasks: Int32Array, attempts: Int32Array, values: readonly StoredValue[]): void {
    const nbytes = new Float64Array(values.length)
    for (let i = 0; i < values.length; i++) {
      const value = land(values[i]!)
      if (!this.state.has(tasks[i]!, attempts[i]!)) this.results.putCopy(tasks[i]!, value)
      nbytes[i] = storedSize(value)
    }
    this.handle({ kind: 'fetched', tasks, attempts, nbytes })
  }

  // The state ----------------------------------------------------------------------------------------

  private handle(event: WorkerEvent<Compute>): void {
    for (const instruction of this.state.handle(event)) this.obey(instruction)
    if (this.validates && !this.hasFaulted) this.check(event.kind)
  }

  /** Starts anew if a rule of the state was broken: what is in hand goes back. */
  private check(event: string): void {
    try {
      validateColumns(this.state.columns)
    } catch (error) {
      const what = `${this.name}'s state broke a rule after '${event}'`
      logEvent('worker', what, error, { level: 'error', worker: this.name, event })
      this.onFault(error)
    }
  }

  private obey(instruction: WorkerInstruction): void {
    switch (instruction.kind) {
      case 'run':
        this.run(instruction.thread, instruction.tasks)
        return
      case 'fetch':
        this.peers.fetch(instruction.peer, instruction.tasks, instruction.attempts)
        return
      case 'relay':
        this.link.post({
          op: 'relay',
          holder: instruction.peer,
          tasks: Int32Array.from(instruction.tasks),
          attempts: Int32Array.from(instruction.attempts),
        })
        return
      case 'drop':
        for (const task of instruction.tasks) this.results.delete(task)
        return
      case 'spill':
        this.results.spill(instruction.tasks, instruction.writes)
        return
      case 'unload':
        this.results.unload(instruction.tasks)
        return
      case 'surplus': {
        const tasks = Int32Array.from(instruction.tasks)
        const attempts = tasks.map((task) => this.state.columns.version[task]!)
        this.link.post({ op: 'excess-replicas', tasks, attempts })
        return
      }
      case 'report-memory':
        this.reportMemory()
        return
      case 'cancel-on-thread':
        this.executors.cancel(instruction.thread, instruction.tasks, instruction.attempts)
        return
      case 'missing': {
        const { task, attempt, input, inputAttempt, holder } = instruction
        this.link.post({ op: 'missing', task, attempt, input, inputAttempt, holder })
        return
      }
      case 'replicated': {
        const { tasks, attempts } = instruction
        this.link.post({
          op: 'replicated',
          tasks: Int32Array.from(tasks),
          attempts: Int32Array.from(attempts),
        })
        return
      }
      case 'threads-lost': {
        const { task, attempt, failures, reason } = instruction
        const error = new Error(`${failures} threads ended while they ran it: ${reason}`)
        this.postError(task, attempt, 0, serializeError(error))
      }
    }
  }

  private run(thread: number, tasks: readonly number[]): void {
    const { batch, timeouts } = makeBatch(
      this.state,
      this.results,
      tasks,
      (task, attempt, error) => {
        setImmediate(() => {
          if (error instanceof UnreadableInput) {
            this.handle({ kind: 'unreadable', task, attempt, input: error.input })
            return
          }
          if (!this.state.isRunning(task, attempt)) return
          this.postError(task, attempt, 0, serializeError(error))
          this.handle({ kind: 'failed', thread, task, attempt })
        })
      },
    )
    this.executors.run(thread, batch, timeouts)
  }

  // Threads ----------------------------------------------------------------------------------------

  private onReport(thread: number, report: ExecutorReport): void {
    const { state } = this
    const finished = new FinishedReport(report.tasks.length)
    for (let i = 0; i < report.tasks.length; i++) {
      const task = report.tasks[i]!
      const attempt = report.attempts[i]!
      if (task < 0 || !state.isRunning(task, attempt)) continue
      const value = report.values[i]
      try {
        assertSendable(value, () => 'The result', 'split it into several results')
        this.assertRoom(value)
        this.results.put(task, value, this.keyOf(task))
      } catch (error) {
        this.postError(task, attempt, 0, serializeError(error))
        this.handle({ kind: 'failed', thread, task, attempt })
        continue
      }
      const isWanted = this.toDeliver.size > 0 && this.toDeliver.delete(task)
      finished.add(task, attempt, value, { duration: report.durations[i]!, isWanted })
    }
    if (finished.count > 0) {
      const message = finished.message()
      this.link.post(message)
      const { tasks, attempts } = message
      // What the user's mapping keeps is the user's to count.
      const nbytes = this.usesKeys ? undefined : message.nbytes
      this.handle({ kind: 'executed', thread, tasks, attempts, nbytes })
    }
    for (const { task, attempt, step, error } of report.failures) {
      if (!state.isRunning(task, attempt)) continue
      this.postError(task, attempt, step, error)
      this.handle({ kind: 'failed', thread, task, attempt })
    }
  }

  /** Fails if there is no room for a result, neither in memory nor on disk. */
  private assertRoom(value: StoredValue): void {
    if (this.usesKeys || this.state.memory.diskFault === undefined) return
    const size = storedSize(value)
    const fault = this.state.memory.whyNoRoom(size)
    if (fault === undefined) return
    throw new StorageError(
      '',
      `There is no memory for the result of ${size} bytes (the worker may use ${this.memoryLimit}), and it cannot go to disk: ${fault}`,
    )
  }

  /** A task waits for tasks that it has started: others may run instead. */
  private onSeceded(thread: number, task: number, attempt: number): void {
    if (!this.state.isRunning(task, attempt)) return
    const columns = { tasks: Int32Array.of(task), attempts: Int32Array.of(attempt) }
    this.link.post({ op: 'seceded', ...columns })
    this.handle({ kind: 'seceded', thread, task, attempt })
  }

  private keyOf(task: number): string {
    if (!this.usesKeys) return ''
    const { assignment, position } = this.state.columns
    return assignment[task]!.keys[position[task]!] ?? String(task)
  }

  private postError(task: number, attempt: number, step: number, error: StoredValue): void {
    this.toDeliver.delete(task)
    const needed = isEncoded(error) ? bundlesBehind(error.bundles) : []
    this.link.post({ op: 'erred', task, attempt, step, error, bundles: needed })
  }
}

/** The part of the memory limit above which the collector is called. */
const collectFrom = 0.7

/** Ticks without memory after which whoever runs the worker is told. */
const tellPauseAfter = 5
