/**
 * A client's session with its scheduler: the connection, the runs and requests that are under way, and
 * how they continue when the session is lost and a new one begins, or end when none does.
 */
import { randomUUID } from 'node:crypto'
import { CancelledError } from '../../core/base/errors.js'
import { processBoundReason } from '../../core/base/process-bound.js'
import { load, receiveBundles } from '../../core/graph/stored-value.js'
import type { SecededTask } from '../../core/run/threads/task-runtime.js'
import { AwaitedCount, closeWhenDone } from '../base/awaited-count.js'
import type { PeerKeys } from '../base/curve-keys.js'
import { ConnectionError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { onlyHereReason } from '../base/public-objects.js'
import { clientNameOf } from '../protocol/client-names.js'
import type {
  ClientRequest,
  ClientToScheduler,
  ClientWelcome,
  Failed,
  Refused,
  Reply,
  SchedulerToClient,
  TargetFailed,
} from '../protocol/index.js'
import type { WhyWaiting } from '../protocol/info.js'
import { refusalError } from '../protocol/version.js'
import type { OpenConnection } from '../transport/connection.js'
import { describeHandshakeFault } from '../transport/curve.js'
import { SchedulerLink } from '../transport/scheduler-link.js'
import { clientHello } from './client-hello.js'
import { Computations } from './computations.js'
import { type Future, futureResult } from './futures/future.js'
import { HeldRuns } from './futures/held-runs.js'
import { TaskSources } from './futures/task-sources.js'
import { PendingRequests } from './pending-requests.js'
import type { ClientConnection, ClientConnectionEvents, ClientMessage } from './port-connection.js'
import { StrayWarnings } from './stray-warnings.js'
import { ClientChannel } from './submission/client-channel.js'
import { WaitWarnings } from './wait-warnings.js'

/** Opens the connection of the client with a secret. */
export type ConnectClient = (
  secret: string,
  events: ClientConnectionEvents & { onRefused(refused: Refused): void },
) => ClientConnection

/** Returns the scope of the task that runs now, in a client that tasks share. */
export type FindTaskScope = () => SecededTask | undefined

interface SessionOptions {
  readonly findTaskScope?: FindTaskScope
  /** Counts what the client waits for. */
  readonly awaited?: AwaitedCount
}

export class ClientSession {
  /** The scheduler's address to clients. */
  readonly address: string
  readonly channel: ClientChannel
  readonly computations: Computations
  readonly held: HeldRuns
  /** What this client waits for. */
  readonly awaited: AwaitedCount
  /** Fulfilled when the first session begins, rejected when the scheduler refuses the client. */
  readonly welcome: Promise<void>
  private readonly connection: ClientConnection
  private readonly warnings: WaitWarnings
  private readonly strayWarnings: StrayWarnings
  /** Whether there is a session. */
  private isConnected = false
  private readonly requests: PendingRequests
  private readonly findTaskScope: FindTaskScope | undefined
  /** The number of sessions so far. */
  sessions = 0
  /** Whether the scheduler was closed, or lost for longer than the timeout. */
  private isGivenUp = false
  private lossReason = ''
  private resolveWelcome!: () => void
  private rejectWelcome!: (error: Error) => void
  private closing: Promise<void> | undefined
  private staysOpen: (() => void) | undefined

  /** With `findTaskScope` the client is shared by tasks, and `close` does nothing. */
  constructor(
    address: string,
    connect: ConnectClient,
    { findTaskScope, awaited = new AwaitedCount() }: SessionOptions = {},
  ) {
    this.address = address
    this.findTaskScope = findTaskScope
    this.awaited = awaited
    this.welcome = new Promise((resolve, reject) => {
      this.resolveWelcome = resolve
      this.rejectWelcome = reject
    })
    this.welcome.catch(() => {})
    const secret = randomUUID()
    const name = clientNameOf(secret)
    this.channel = new ClientChannel(name, (message) => this.connection.post(message))
    const sources = new TaskSources(name)
    this.strayWarnings = new StrayWarnings(sources)
    this.computations = new Computations(this.channel, sources, awaited)
    this.held = new HeldRuns(this.channel, sources, awaited, (future) => {
      this.releaseWithTask(future)
    })
    this.requests = new PendingRequests(this.channel, awaited)
    this.warnings = new WaitWarnings({
      address,
      isAwaiting: () => awaited.isAny,
      isConnected: () => this.isConnected,
      whatIsTried: () => this.whatIsTried,
      askWhy: async () => {
        const reply = await this.requests.send((request) => ({ op: 'why-waiting', request }), false)
        return load(reply.value) as WhyWaiting | undefined
      },
    })
    this.connection = connect(secret, {
      onWelcome: (welcome) => this.onWelcome(welcome),
      onMessage: (message) => this.onMessage(message),
      onLost: (reason, isClosed) => this.onLost(reason, isClosed),
      onGivenUp: () => this.giveUp(),
      onRefused: (refused) => this.onRefused(refused),
      onTick: (now) => this.warnings.tick(now),
    })
  }

  /** The scope of the task that runs now; undefined in a client that no tasks share. */
  get taskScope(): SecededTask | undefined {
    return this.findTaskScope?.()
  }

  /** The state of the connection. */
  get state(): 'connected' | 'disconnected' | 'closed' {
    if (this.closing !== undefined) return 'closed'
    return this.isConnected ? 'connected' : 'disconnected'
  }

  /** The reason why it cannot be sent. */
  get [processBoundReason](): string {
    return onlyHereReason('the session of a Client')
  }

  /** Throws CancelledError or ConnectionError if nothing can be submitted; `what` is the operation. */
  assertOpen(what: string): void {
    if (this.closing !== undefined) {
      throw new CancelledError(`${what}: this client of ${this.address} is closed`)
    }
    if (this.isGivenUp) {
      throw new ConnectionError(
        this.address,
        `${what}: the connection to the scheduler at ${this.address} is lost; it is being tried again`,
      )
    }
  }

  /** Sends a request, which `make` makes for a number, and returns the reply. */
  async ask(make: (number: number) => ClientRequest): Promise<Reply> {
    this.assertOpen('the request')
    return this.requests.send(make)
  }

  private get whatIsTried(): string {
    return this.lossReason === ''
      ? 'the client tries to connect: is a scheduler running there, and is this its address to clients?'
      : `the connection is lost (${this.lossReason}), and what is awaited waits until it is back`
  }

  /** Rejects `welcome`, because no scheduler has answered. */
  failToConnect(error: Error): void {
    this.rejectWelcome(error)
  }

  /** Closes the client when the process has nothing left to do. */
  closeWhenDone(): void {
    this.staysOpen = closeWhenDone(this, this.awaited)
  }

  /** Ends the session; what is not done is cancelled. */
  close(): Promise<void> {
    if (this.findTaskScope !== undefined) return Promise.resolve()
    if (this.closing === undefined) {
      this.staysOpen?.()
      this.cancelAll((what) => new CancelledError(`The client was closed before ${what} was done`))
      this.closing = this.connection.close()
    }
    return this.closing
  }

  /** Releases a future when the task that it was made for is not wanted any more. */
  private releaseWithTask(future: Future<unknown>): void {
    const scope = this.taskScope
    if (scope === undefined) return
    const stopListening = scope.onCancelled(() => future.release())
    future[futureResult].onSettled(stopListening)
  }

  // Messages ---------------------------------------------------------------------------------------

  private onMessage(message: ClientMessage): void {
    switch (message.op) {
      case 'values':
        receiveBundles(message.bundles, message.values)
        if (this.held.has(message.run)) this.held.onValues(message)
        else this.computations.onValues(message)
        return
      case 'target-states':
        this.held.onStates(message)
        return
      case 'target-failed':
        receiveFailure(message)
        void this.held.onFailed(message)
        return
      case 'done':
        void this.computations.onDone(message.run)
        return
      case 'failed':
        receiveFailure(message)
        if (this.held.has(message.run)) this.held.onRunRefused(message.run, message.failure)
        else void this.computations.onFailed(message)
        return
      case 'progress':
        this.computations.onProgress(message)
        return
      case 'stray-error':
        this.strayWarnings.warn(message)
        return
      case 'reply':
        receiveBundles(message.bundles, [message.value])
        this.requests.onReply(message)
        return
      case 'reply-error':
        this.requests.onError(message)
        return
      default:
        message satisfies never
    }
  }

  // Sessions ---------------------------------------------------------------------------------------

  /** Hands over to the scheduler of a new session: submits what it does not know, resumes the rest. */
  private onWelcome({ runs, salt }: ClientWelcome): void {
    this.channel.salt = salt
    this.sessions++
    this.isConnected = true
    this.isGivenUp = false
    const { channel, held } = this
    const { submit, resume, cancel } = channel.startSession(runs)
    for (const run of submit) this.resubmit(run)
    for (const run of resume) channel.post({ op: 'resume', run, targets: this.missingValues(run) })
    this.requests.repeat()
    for (const run of [...submit, ...resume]) held.repeatRequests(run)
    for (const run of cancel) channel.post({ op: 'cancel-run', run })
    this.resolveWelcome()
  }

  /** Submits what is still needed of a run. */
  private resubmit(run: number): void {
    const former = this.channel.submissionOf(run)
    const owner = former.holdTargets ? this.held : this.computations
    this.channel.resubmit(owner.pendingSubmission(former))
  }

  private missingValues(run: number): Int32Array {
    const owner = this.channel.submissionOf(run).holdTargets ? this.held : this.computations
    return owner.missingValues(run)
  }

  /** The scheduler does not accept this client, or not any more. */
  private onRefused(refused: Refused): void {
    const error = refusalError(this.address, refused, 'client')
    this.rejectWelcome(error)
    if (this.sessions === 0) return
    this.lossReason =
      refused.refusedKey === undefined
        ? error.message
        : 'it does not accept the key of this client any more'
    this.giveUp()
  }

  private onLost(reason: string, isClosed: boolean): void {
    this.lossReason = reason
    this.isConnected = false
    if (isClosed) this.giveUp()
  }

  /** Cancels everything, because the scheduler was closed or lost for too long. */
  private giveUp(): void {
    this.isGivenUp = true
    const { address, lossReason: reason } = this
    const cause = new ConnectionError(address, `The scheduler at ${address}: ${reason}`)
    this.cancelAll((what) => {
      const message = `${what} was cancelled, because the scheduler at ${address} is lost: ${reason}`
      return new CancelledError(message, { cause })
    })
  }

  private cancelAll(error: (what: string) => Error): void {
    this.computations.cancelAll(error)
    this.held.cancelAll(error)
    this.requests.rejectAll(error)
  }
}

/**
 * Opens a session and waits until it begins. Timeouts are in milliseconds: `timeout` for the first
 * answer, `schedulerTimeout` for the scheduler to come back later.
 *
 * @throws ConnectionError when no scheduler answers in time, VersionMismatchError when it refuses.
 */
export async function openSession(
  address: string,
  dial: OpenConnection<SchedulerToClient, ClientToScheduler>,
  options: {
    timeout: number
    schedulerTimeout: number
    awaited: AwaitedCount
    keys?: PeerKeys | undefined
  },
): Promise<ClientSession> {
  const { timeout, schedulerTimeout, awaited, keys } = options
  const connect: ConnectClient = (secret, events) =>
    new SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>(
      dial,
      `client-${randomUUID()}`,
      {
        ...events,
        timeout: schedulerTimeout,
        hello: (nonce) => clientHello(secret, nonce, keys),
        onHandshakeFault: (fault) => {
          const message = describeHandshakeFault(fault, { address, role: 'client', keys })
          session.failToConnect(new ConnectionError(address, message))
        },
        onMessage: (message) => events.onMessage(message as ClientMessage),
        onError: (error) => logEvent('client', 'an error in the client', error),
      },
    )
  awaited.begin()
  const session = new ClientSession(address, connect, { awaited })
  const timer = setTimeout(() => {
    session.failToConnect(
      new ConnectionError(
        address,
        `No scheduler answered at ${address} within ${timeout} ms: is it running, and is this its address to clients?`,
      ),
    )
  }, timeout)
  try {
    await session.welcome
    session.closeWhenDone()
  } catch (error) {
    await session.close()
    throw error
  } finally {
    clearTimeout(timer)
    awaited.end()
  }
  return session
}

function receiveFailure({ failure, bundles }: Failed | TargetFailed): void {
  receiveBundles(bundles, failure.kind === 'erred' ? [failure.error] : [])
}
