import type { Describable, NamedCollection } from '../../core/graph/descriptor.js'
import { load } from '../../core/graph/stored-value.js'
import type { SecededTask } from '../../core/run/threads/task-runtime.js'
import { ConnectionError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { assertOptions, assertTimeout, minimumTimeout } from '../base/options.js'
import { timeouts } from '../base/timeouts.js'
import type { ClientToScheduler, ClientWelcome, SchedulerToClient } from '../protocol/index.js'
import type {
  ClusterDump,
  KeysByWorker,
  SchedulerInfo,
  TaskStory,
  WhoHas,
  WorkerInfo,
} from '../protocol/info.js'
import { schedulerToClient } from '../protocol/message-shapes.js'
import { assertAddress } from '../transport/address.js'
import type { OpenConnection } from '../transport/connection.js'
import { SchedulerLink } from '../transport/scheduler-link.js'
import { clientHello } from './client-hello.js'
import type { Connect } from './client-session.js'
import { type DumpOptions, type Inspectable, Introspection } from './cluster-inspection.js'
import { Calls } from './function-calls.js'
import type { Future } from './futures/future.js'
import type { ClientMessage } from './port-connection.js'

/** How to connect. */
export interface ClientOptions {
  /** Milliseconds to wait for the scheduler's first answer; by default 10,000. */
  readonly timeout?: number
  /**
   * Milliseconds without a scheduler after which what is waited for is rejected; by default 300,000.
   * Until then a client waits for the scheduler to come back, and hands over what is not done.
   */
  readonly schedulerTimeout?: number
}

export class Client extends Calls {
  private readonly introspection = new Introspection(async (request) => {
    this.held.flush()
    // What was released in this turn is told at its end: the answer is to be about what comes after.
    await undefined
    return this.ask(request)
  })

  /**
   * Connects to a scheduler.
   *
   * @throws TypeError for what is no address, ConnectionError when nobody answers in time,
   *   VersionMismatchError when the scheduler runs another version.
   * @example const client = await Client.connect('tcp://127.0.0.1:5555')
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<Client> {
    assertAddress(address, 'Client.connect')
    const { connectSocket } = await import('../transport/connection.js')
    return Client.dial(address, connectSocket(address, schedulerToClient), options)
  }

  /**
   * Connects to a scheduler by a line of some kind.
   *
   * @internal
   */
  static async dial(
    address: string,
    dial: OpenConnection<SchedulerToClient, ClientToScheduler>,
    options: ClientOptions,
  ): Promise<Client> {
    assertOptions(options, 'Client.connect', ['timeout', 'schedulerTimeout'])
    const { timeout = 10_000, schedulerTimeout = timeouts.schedulerOfClient } = options
    assertTimeout(schedulerTimeout, 'Client.connect: schedulerTimeout', minimumTimeout)
    if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31)) {
      throw new RangeError(`Client.connect: timeout is a number of milliseconds, got ${timeout}`)
    }
    const client = new Client(address, (name, events) => {
      return new SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>(
        dial,
        `client-${name}`,
        {
          ...events,
          timeout: schedulerTimeout,
          hello: (nonce) => clientHello(name, nonce),
          onMessage: (message) => events.onMessage(message as ClientMessage),
          onError: (error) => logEvent('client', 'an error in the client', error),
        },
      )
    })
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
   * A client over a connection that somebody else has made, which it shares with others: closing it
   * does nothing. What a task has started by it ends when nobody wants the task any more.
   *
   * @internal
   */
  static over(address: string, connect: Connect, scopeNow: () => SecededTask | undefined): Client {
    return new Client(address, connect, scopeNow)
  }

  // Names ------------------------------------------------------------------------------------------

  /**
   * Keeps a collection or a future under a name; a former one is replaced. Of a collection it is the
   * graph that is kept; of one that was persisted, and of a future, the data too.
   */
  async setCollection(name: string, value: Describable | Future<unknown>): Promise<void> {
    this.held.flush()
    await this.names.set(name, value)
  }

  /**
   * What is kept under a name, of the kind it had; none of its author's code is needed here.
   * TypeScript can be told the kind: `client.getCollection<Bag<number>>('squares')`.
   *
   * @throws UnknownCollectionError when there is none.
   */
  async getCollection<T = NamedCollection>(name: string): Promise<T> {
    return (await this.names.get(name)) as T
  }

  /** The names under which collections are kept. */
  async listCollections(): Promise<string[]> {
    return this.names.list()
  }

  /** Forgets a collection. Throws UnknownCollectionError when there is none of that name. */
  async deleteCollection(name: string): Promise<void> {
    await this.names.delete(name)
  }

  // Introspection ----------------------------------------------------------------------------------

  /** What the scheduler is doing, and with which workers. */
  async schedulerInfo(): Promise<SchedulerInfo> {
    return load((await this.ask((request) => ({ op: 'get-info', request }))).value) as SchedulerInfo
  }

  /** The workers: name, address, process, threads, memory, resources, and how much each has to do. */
  async workers(): Promise<readonly WorkerInfo[]> {
    return (await this.schedulerInfo()).workers
  }

  /** For each worker, by name, how many tasks it runs at once. */
  async nthreads(): Promise<Readonly<Record<string, number>>> {
    const workers = await this.workers()
    return Object.fromEntries(workers.map(({ name, nthreads }) => [name, nthreads]))
  }

  /**
   * For each key the names of the workers that hold its result. Without an argument for all results
   * that are held; for a future or key whose result is nowhere, an empty list.
   *
   * @example await client.whoHas([future]) // { 'add-1f3c': ['worker-0'] }
   */
  async whoHas(of?: Inspectable | readonly Inspectable[]): Promise<WhoHas> {
    return this.introspection.whoHas(of)
  }

  /** For each worker, by name, the keys of the results that it holds; for some workers, or all. */
  async hasWhat(workers?: string | readonly string[]): Promise<KeysByWorker> {
    return this.introspection.byWorker('has-what', workers, 'hasWhat')
  }

  /** For each worker, by name, the keys of the tasks that it was sent and has not done. */
  async processing(workers?: string | readonly string[]): Promise<KeysByWorker> {
    return this.introspection.byWorker('processing', workers, 'processing')
  }

  /**
   * What became of a task, and why it is where it is: `why` says what it waits for, `events` what
   * happened to it so far.
   *
   * @example (await client.story(future)).why
   *   // is ready, but it asks for 2 GPU, and no worker has so much: the most is 1
   */
  async story(of: Inspectable): Promise<TaskStory> {
    return this.introspection.story(of)
  }

  /**
   * Everything that the scheduler knows, as plain data and, if told to, in a file as JSON: versions,
   * options, workers, clients, computations, tasks, queues, and what happened last. No values, no code.
   *
   * @example await client.dump({ filename: 'cluster.json' })
   */
  async dump(options: DumpOptions = {}): Promise<ClusterDump> {
    return this.introspection.dump(options)
  }
}
