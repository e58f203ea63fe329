/**
 * A client's connection: the session with the scheduler, what of this client's is done there, and how
 * all of it survives the loss of the session, or ends with it.
 */

import { randomUUID } from 'node:crypto'
import { CancelledError } from '../../core/base/errors.js'
import { bundles as knownBundles } from '../../core/codec/index.js'
import type { SecededTask } from '../../core/run/threads/task-runtime.js'
import { ConnectionError } from '../base/errors.js'
import type {
  Bundle,
  ClientRequest,
  ClientWelcome,
  Refused,
  Reply,
  Submit,
} from '../protocol/index.js'
import { refusalError } from '../protocol/version.js'
import { Computations } from './computations.js'
import type { TaskSource } from './futures/failure-errors.js'
import { type Future, futureTarget } from './futures/future.js'
import { HeldRuns } from './futures/held-runs.js'
import { Names } from './named-collections.js'
import { Requests } from './pending-requests.js'
import type { ClientLink, ClientLinkEvents, ClientMessage } from './port-connection.js'
import { oldBundles, withBundles } from './submission/plan-submission.js'
import { SubmittedRuns } from './submission/submitted-runs.js'

/** Makes a client's connection. */
export type Connect = (
  name: string,
  events: ClientLinkEvents & { onRefused(refused: Refused): void },
) => ClientLink

/** How many bundles the scheduler keeps for a client, besides those in use. */
const mostBundles = 1000

export abstract class Connection implements AsyncDisposable {
  /** The scheduler's address to clients. */
  readonly address: string
  protected readonly link: ClientLink
  /** What the scheduler and other clients know it by, for its whole life. */
  protected readonly name = randomUUID()
  protected readonly computations: Computations
  protected readonly held: HeldRuns
  protected readonly names: Names
  protected readonly requests: Requests
  /** What is to be submitted again to a scheduler that does not know it. */
  protected readonly submitted = new SubmittedRuns(this.name)
  /** Whether the scheduler is gone for too long, or on purpose. */
  protected isAlone = false
  protected lostBecause = ''
  protected sentBundles = new Set<string>()
  protected nextNumber = 0
  protected connected!: () => void
  protected refuse!: (error: Error) => void
  protected readonly welcome: Promise<void>
  protected closing: Promise<void> | undefined
  /** For a client that tasks share, and may not close: the task that runs now. */
  protected readonly scopeNow: (() => SecededTask | undefined) | undefined

  protected constructor(
    address: string,
    connect: Connect,
    scopeNow?: () => SecededTask | undefined,
  ) {
    this.address = address
    this.scopeNow = scopeNow
    this.welcome = new Promise((resolve, reject) => {
      this.connected = resolve
      this.refuse = reject
    })
    this.welcome.catch(() => {})
    const find = (run: string, task: number) => this.findTask(run, task)
    this.computations = new Computations({
      find,
      onOver: (run) => {
        this.submitted.over(run)
        this.link.post({ op: 'cancel-run', run })
      },
    })
    this.held = new HeldRuns({
      name: this.name,
      nextRun: () => this.nextNumber++,
      post: (message) => this.link.post(message),
      submit: (message) => this.hand(message),
      submitAgain: (run) => this.handAgain(run),
      onOver: (run) => this.submitted.over(run),
      sentBundles: () => this.sentBundles,
      findTask: find,
      onFuture: (future) => this.endWithTask(future),
    })
    this.requests = new Requests({
      nextNumber: () => this.nextNumber++,
      post: (message) => this.link.post(message),
    })
    this.names = new Names({
      ask: (request) => this.ask(request),
      sentBundles: () => this.sentBundles,
      held: this.held,
    })
    this.link = connect(this.name, {
      onWelcome: (welcome) => this.onWelcome(welcome),
      onMessage: (message) => this.onMessage(message),
      onLost: (reason, isClosed) => this.onLost(reason, isClosed),
      onGivenUp: () => this.giveUp(),
      onRefused: (refused) => this.refuse(refusalError(address, refused, 'client')),
    })
  }

  /** Has a future let go of when the task that it was made for is not wanted any more. */
  private endWithTask(future: Future<unknown>): void {
    const scope = this.scopeNow?.()
    if (scope === undefined) return
    const forget = scope.onCancelled(() => future.release())
    future[futureTarget].onSettled(forget)
  }

  protected unique(): string {
    return `${this.name.slice(0, 8)}-${this.nextNumber++}`
  }

  protected findTask(run: string, task: number): { source: TaskSource; task: number } | undefined {
    const slash = run.lastIndexOf('/')
    if (run.slice(0, slash) !== this.name) return undefined
    const number = Number(run.slice(slash + 1))
    return this.computations.findTask(number, task) ?? this.held.findTask(number, task)
  }

  /** Leaves the scheduler; what is not done is cancelled. */
  close(): Promise<void> {
    if (this.scopeNow !== undefined) return Promise.resolve()
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

  protected onMessage(message: ClientMessage): void {
    switch (message.op) {
      case 'values':
        addBundles(message.bundles)
        if (this.held.has(message.run)) this.held.onValues(message)
        else this.computations.onValues(message)
        return
      case 'target-states':
        this.held.onStates(message)
        return
      case 'target-failed':
        addBundles(message.bundles)
        void this.held.onFailed(message)
        return
      case 'done':
        void this.computations.onDone(message.run)
        return
      case 'failed':
        addBundles(message.bundles)
        if (this.held.has(message.run)) this.held.onRefused(message.run, message.failure)
        else void this.computations.onFailed(message)
        return
      case 'progress':
        this.computations.onProgress(message)
        return
      case 'reply':
        addBundles(message.bundles)
        this.requests.onReply(message)
        return
      case 'reply-error':
        this.requests.onError(message)
    }
  }

  // Waiting ------------------------------------------------------------------------------------------

  protected async ask(request: (number: number) => ClientRequest): Promise<Reply> {
    this.assertOpen('the request')
    return this.requests.ask(request)
  }

  /** Submits a run, now and whenever a scheduler does not know it. */
  protected hand(message: Submit): void {
    this.submitted.add(message)
    this.link.post(message)
    const tokens = oldBundles(this.sentBundles, mostBundles)
    if (tokens.length > 0) this.link.post({ op: 'forget-bundles', tokens })
  }

  /** Submits what is still wanted of a run to a scheduler that does not know it. */
  private handAgain(run: number): void {
    const { submitted, held, computations } = this
    const former = submitted.messageOf(run)
    const message = former.holdTargets ? held.anew(former) : computations.withoutWhatCame(former)
    submitted.replace(message)
    this.link.post(withBundles(message, this.sentBundles))
  }

  protected assertOpen(what: string): void {
    if (this.closing !== undefined) {
      throw new CancelledError(`${what}: this client of ${this.address} is closed`)
    }
    if (this.isAlone) {
      throw new ConnectionError(
        this.address,
        `${what}: the connection to the scheduler at ${this.address} is lost; it is being tried again`,
      )
    }
  }

  /** A session begins: what the scheduler does not know of is handed over again. */
  protected onWelcome({ runs }: ClientWelcome): void {
    this.isAlone = false
    this.sentBundles = new Set()
    const { submitted, computations, held, link, sentBundles } = this
    const { submit, resume, drop } = submitted.handover(new Set(runs))
    for (const run of submit) this.handAgain(run)
    for (const run of resume) {
      const { holdTargets } = submitted.messageOf(run)
      const targets = holdTargets ? held.lacking(run) : computations.lacking(run)
      link.post({ op: 'resume', run, targets })
    }
    this.requests.askAgain(sentBundles)
    for (const run of [...submit, ...resume]) held.sayAgain(run)
    for (const run of drop) link.post({ op: 'cancel-run', run })
    this.connected()
  }

  protected onLost(reason: string, isClosed: boolean): void {
    this.lostBecause = reason
    if (isClosed) this.giveUp()
  }

  /** The scheduler is gone for good, as far as can be known. */
  protected giveUp(): void {
    this.isAlone = true
    const { address, lostBecause: reason } = this
    const cause = new ConnectionError(address, `The scheduler at ${address}: ${reason}`)
    this.endAll((what) => {
      const message = `${what} was given up, since the scheduler at ${address} is lost: ${reason}`
      return new CancelledError(message, { cause })
    })
  }

  protected endAll(error: (what: string) => Error): void {
    this.computations.endAll(error)
    this.held.endAll(error)
    this.requests.endAll(error)
  }
}

function addBundles(bundles: readonly Bundle[]): void {
  for (const [token, bytes] of bundles) knownBundles.add(token, bytes)
}
