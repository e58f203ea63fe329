/**
 * A client: runs graphs on the cluster of a scheduler, and keeps collections there under names.
 *
 * Every call ends: with its result, with the error of the task that failed, or, when the scheduler is
 * gone for too long, with a CancelledError that says why.
 */
import { randomUUID } from 'node:crypto'
import { hostname as machineName } from 'node:os'
import { decode, encode, bundles as knownBundles, prepare } from '../../core/codec/index.js'
import { assertGetOptions, type GetOptions } from '../../core/context.js'
import {
  type CollectionDescriptor,
  type Describable,
  describeCollection,
  isDescribable,
  type NamedCollection,
  reviveCollection,
} from '../../core/descriptor.js'
import { CancelledError, TaskError } from '../../core/errors.js'
import type { Keys } from '../../core/key.js'
import { type GraphLike, makePlan, type Plan, shapeResults } from '../../core/plan.js'
import { isEncoded, load, loadResult, type StoredValue } from '../../core/stored-value.js'
import { failedTask } from '../../core/task-failure.js'
import { assertAddress } from '../address.js'
import {
  ConnectionError,
  KilledWorkerError,
  SchedulerError,
  UnknownCollectionError,
  VersionMismatchError,
} from '../errors.js'
import type { SchedulerInfo } from '../info.js'
import { log } from '../log.js'
import { schedulerToClient } from '../message-shapes.js'
import { assertOptions, assertTimeout, shortestSilence } from '../options.js'
import type {
  Bundle,
  ClientRequest,
  ClientToScheduler,
  ClientWelcome,
  Failed,
  Goodbye,
  Heartbeat,
  Refused,
  SchedulerToClient,
  Unknown,
  Values,
} from '../protocol.js'
import { timeouts } from '../protocol.js'
import { SchedulerLink } from '../scheduler-link.js'
import { describeVersions, ownVersions } from '../version.js'
import { isStored } from '../wire.js'
import { makeSubmission, newBundles } from './submission.js'

/** How to connect. */
export interface ClientOptions {
  /** Milliseconds to wait for the scheduler's first answer; by default 10,000. */
  readonly timeout?: number
  /** Milliseconds of the scheduler's silence after which what is waited for is rejected; by default 30,000. */
  readonly schedulerTimeout?: number
}

type Message = Exclude<SchedulerToClient, ClientWelcome | Heartbeat | Goodbye | Refused | Unknown>

/** A computation under way. */
interface ClientRun {
  readonly plan: Plan
  readonly targets: readonly number[]
  readonly values: Map<number, StoredValue>
  readonly options: GetOptions
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly stopListening: () => void
}

interface Waiting {
  readonly resolve: (value: StoredValue) => void
  readonly reject: (error: unknown) => void
}

export class Client implements AsyncDisposable {
  /** The scheduler's address to clients. */
  readonly address: string
  private readonly link: SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>
  private readonly runs = new Map<number, ClientRun>()
  private readonly requests = new Map<number, Waiting>()
  private sentBundles = new Set<string>()
  private nextNumber = 0
  private connected!: () => void
  private refuse!: (error: Error) => void
  private readonly welcome: Promise<void>
  private closing: Promise<void> | undefined

  private constructor(address: string, schedulerTimeout: number) {
    this.address = address
    this.welcome = new Promise((resolve, reject) => {
      this.connected = resolve
      this.refuse = reject
    })
    this.welcome.catch(() => {})
    this.link = new SchedulerLink(address, `client-${randomUUID()}`, {
      shapes: schedulerToClient,
      patience: schedulerTimeout,
      hello: (nonce) => ({
        op: 'hello',
        versions: ownVersions(),
        nonce,
        pid: process.pid,
        hostname: machineName(),
      }),
      onWelcome: () => this.connected(),
      onMessage: (message) => this.onMessage(message as Message),
      onLost: (reason) => this.onLost(reason),
      onRefused: (versions) => {
        const theirs = describeVersions(versions)
        const ours = describeVersions(ownVersions())
        this.refuse(new VersionMismatchError(`The scheduler at ${address}`, ours, theirs))
      },
      onError: (error) => log('client', 'an error in the client', error),
    })
  }

  /**
   * Connects to a scheduler.
   *
   * @throws TypeError for what is no address, ConnectionError when nobody answers in time,
   *   VersionMismatchError when the scheduler runs another version.
   * @example const client = await Client.connect('tcp://127.0.0.1:5555')
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<Client> {
    assertAddress(address, 'Client.connect')
    assertOptions(options, 'Client.connect', ['timeout', 'schedulerTimeout'])
    const { timeout = 10_000, schedulerTimeout = timeouts.schedulerOfClient } = options
    assertTimeout(schedulerTimeout, 'Client.connect: schedulerTimeout', shortestSilence)
    if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31)) {
      throw new RangeError(`Client.connect: timeout is a number of milliseconds, got ${timeout}`)
    }
    const client = new Client(address, schedulerTimeout)
    const timer = setTimeout(() => {
      client.refuse(
        new ConnectionError(
          address,
          `No scheduler answered at ${address} within ${timeout} ms: is it running, and is this its address to clients?`,
        ),
      )
    }, timeout)
    try {
      await client.welcome
    } catch (error) {
      await client.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
    return client
  }

  /**
   * Runs what the keys need on the cluster and gives the results in the shape of the keys. Bound, so
   * that it can be handed over: `bag.compute({ get: client.get })`.
   *
   * @throws CycleError, MissingKeyError, GraphError for a graph or request that makes no sense;
   *   NotPortableError for what cannot travel; TaskError when a task throws; CancelledError when
   *   `options.signal` is aborted, the client is closed, or the scheduler is lost.
   */
  readonly get = async (
    graph: GraphLike,
    keys: Keys,
    options: GetOptions = {},
  ): Promise<unknown> => {
    assertGetOptions(options, 'client.get')
    const plan = makePlan(graph, keys, 'client.get')
    this.assertOpen('get')
    const { signal } = options
    if (signal?.aborted) throw aborted(signal)
    const run = this.nextNumber++
    const { sentBundles: sent } = this
    const wantsProgress = options.onProgress !== undefined
    const { message, targets } = makeSubmission(plan, { run, wantsProgress, sent })
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.abandon(run, aborted(signal!))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.runs.set(run, {
        plan,
        targets,
        values: new Map(),
        options,
        resolve,
        reject,
        stopListening: () => signal?.removeEventListener('abort', onAbort),
      })
      this.link.post(message)
    })
  }

  /** Gives up a computation for a reason of the caller's. */
  private abandon(run: number, reason: unknown): void {
    const given = this.takeRun(run)
    if (given === undefined) return
    this.link.post({ op: 'cancel-run', run })
    given.reject(reason)
  }

  /** Keeps a collection, its graph and not its data, under a name; a former one is replaced. */
  async setCollection(name: string, collection: Describable): Promise<void> {
    assertName(name, 'setCollection')
    if (!isDescribable(collection)) {
      throw new TypeError(
        `setCollection: '${name}' must be a collection, such as a Bag or an Array, got ${typeof collection}`,
      )
    }
    this.assertOpen('setCollection')
    const value = encode(collection[describeCollection](), { path: [name] })
    const bundles = newBundles(value.bundles, this.sentBundles)
    await this.ask((request) => ({ op: 'set-collection', request, name, value, bundles }))
  }

  /**
   * The collection of a name, of the kind it had; none of its author's code is needed here.
   * TypeScript can be told the kind: `client.getCollection<Bag<number>>('squares')`.
   *
   * @throws UnknownCollectionError when there is none.
   */
  async getCollection<T = NamedCollection>(name: string): Promise<T> {
    assertName(name, 'getCollection')
    const value = await this.ask((request) => ({ op: 'get-collection', request, name }))
    if (!isEncoded(value)) throw new SchedulerError(`The collection '${name}' came as nothing`)
    await prepare(value.bundles)
    return (await reviveCollection(decode(value) as CollectionDescriptor)) as T
  }

  /** The names under which collections are kept. */
  async listCollections(): Promise<string[]> {
    return load(await this.ask((request) => ({ op: 'list-collections', request }))) as string[]
  }

  /** Forgets a collection. Throws UnknownCollectionError when there is none of that name. */
  async deleteCollection(name: string): Promise<void> {
    assertName(name, 'deleteCollection')
    await this.ask((request) => ({ op: 'delete-collection', request, name }))
  }

  /** What the scheduler is doing, and with which workers. */
  async schedulerInfo(): Promise<SchedulerInfo> {
    return load(await this.ask((request) => ({ op: 'info', request }))) as SchedulerInfo
  }

  /** Leaves the scheduler; what is not done is cancelled. */
  close(): Promise<void> {
    if (this.closing === undefined) {
      this.endAll((what) => new CancelledError(`The client was closed before ${what} was done`))
      this.closing = this.link.close()
    }
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Messages ---------------------------------------------------------------------------------------

  private onMessage(message: Message): void {
    switch (message.op) {
      case 'values':
        this.onValues(message)
        return
      case 'done':
        return void this.onDone(message.run)
      case 'failed':
        return void this.onFailed(message)
      case 'progress': {
        const run = this.runs.get(message.run)
        try {
          run?.options.onProgress?.({ done: message.done, total: run.plan.count })
        } catch (error) {
          // The caller's own function failed: that is this computation's failure.
          this.abandon(message.run, error)
        }
        return
      }
      case 'reply': {
        addBundles(message.bundles)
        this.takeRequest(message.request)?.resolve(message.value)
        return
      }
      case 'reply-error': {
        const { code, known, message: text } = message
        const error =
          code === 'UNKNOWN_COLLECTION'
            ? new UnknownCollectionError(text, known)
            : new SchedulerError(text)
        this.takeRequest(message.request)?.reject(error)
      }
    }
  }

  private onValues({ run: number, targets, values, bundles }: Values): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    addBundles(bundles)
    for (let i = 0; i < targets.length; i++) {
      const task = run.targets[targets[i]!]
      if (task !== undefined && isStored(values[i])) run.values.set(task, values[i])
    }
  }

  private async onDone(number: number): Promise<void> {
    const run = this.takeRun(number)
    if (run === undefined) return
    const { plan, values, options } = run
    try {
      for (const value of values.values()) if (isEncoded(value)) await prepare(value.bundles)
      options.onProgress?.({ done: plan.count, total: plan.count })
      run.resolve(shapeResults(plan.targets, (task) => loadResult(values.get(task))))
    } catch (error) {
      run.reject(error)
    }
  }

  private async onFailed({ run: number, failure, bundles }: Failed): Promise<void> {
    const run = this.takeRun(number)
    if (run === undefined) return
    addBundles(bundles)
    try {
      if (failure.kind === 'internal') throw new SchedulerError(failure.message)
      const { plan } = run
      const { task, key } = failure
      const isOurs = Number.isInteger(task) && task >= 0 && task < plan.count
      let cause: unknown
      let step = 0
      if (failure.kind === 'killed-workers') cause = new KilledWorkerError(key, failure.workers)
      else {
        if (isEncoded(failure.error)) await prepare(failure.error.bundles)
        cause = loadResult(failure.error)
        step = failure.step
      }
      throw isOurs
        ? failedTask(plan, task, step, cause)
        : new TaskError({ key, step, operation: 'a task of another computation' }, cause)
    } catch (error) {
      run.reject(error)
    }
  }

  // Waiting ------------------------------------------------------------------------------------------

  private async ask(request: (number: number) => ClientRequest): Promise<StoredValue> {
    this.assertOpen('the request')
    const number = this.nextNumber++
    return new Promise((resolve, reject) => {
      this.requests.set(number, { resolve, reject })
      this.link.post(request(number))
    })
  }

  private takeRun(number: number): ClientRun | undefined {
    const run = this.runs.get(number)
    this.runs.delete(number)
    run?.stopListening()
    return run
  }

  private takeRequest(number: number): Waiting | undefined {
    const waiting = this.requests.get(number)
    this.requests.delete(number)
    return waiting
  }

  private assertOpen(what: string): void {
    if (this.closing !== undefined) {
      throw new CancelledError(`${what}: this client of ${this.address} is closed`)
    }
    if (!this.link.isConnected) {
      throw new ConnectionError(
        this.address,
        `${what}: the connection to the scheduler at ${this.address} is lost; it is being tried again`,
      )
    }
  }

  private onLost(reason: string): void {
    this.sentBundles = new Set()
    const cause = new ConnectionError(this.address, `The scheduler at ${this.address}: ${reason}`)
    this.endAll((what) => {
      const message = `${what} was given up, since the scheduler at ${this.address} is lost: ${reason}`
      return new CancelledError(message, { cause })
    })
  }

  private endAll(error: (what: string) => Error): void {
    for (const number of [...this.runs.keys()]) this.takeRun(number)!.reject(error('a computation'))
    for (const number of [...this.requests.keys()]) {
      this.takeRequest(number)!.reject(error('a request'))
    }
  }
}

function addBundles(bundles: readonly Bundle[]): void {
  for (const [token, bytes] of bundles) knownBundles.add(token, bytes)
}

function assertName(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && name !== '') return
  const given = name === '' ? 'an empty text' : typeof name
  throw new TypeError(`${what}: the name of a collection is a text, got ${given}`)
}

function aborted(signal: AbortSignal): CancelledError {
  return new CancelledError('The computation was aborted', { cause: signal.reason })
}
