/**
 * The messages of a client to its scheduler: gives runs and requests their numbers, and keeps what a
 * new session needs, which are the submissions to repeat and the bundles that the scheduler has.
 */
import type { ClientToScheduler, Submit } from '../../protocol/index.js'
import { SentBundles, withNewBundles } from './sent-bundles.js'
import { type Handover, SubmittedRuns } from './submitted-runs.js'

export class ClientChannel {
  /** The client's name for its whole life, with which the names of its runs begin. */
  readonly name: string
  /** The scheduler's random string, by which large data is named; undefined before the first session. */
  salt: string | undefined
  readonly sentBundles = new SentBundles()
  /** Sends a message within the session; without one the message is dropped. */
  readonly post: (message: ClientToScheduler) => void
  private readonly submitted: SubmittedRuns
  private lastNumber = -1

  constructor(name: string, post: (message: ClientToScheduler) => void) {
    this.name = name
    this.post = post
    this.submitted = new SubmittedRuns(name)
  }

  /** Returns a number for a run or a request that this client has not used. */
  nextNumber(): number {
    return ++this.lastNumber
  }

  /** Returns a string that no other client and no other call gets, for a key. */
  uniqueSuffix(): string {
    return `${this.name.slice(0, 8)}-${this.nextNumber()}`
  }

  /** Returns the name by which everybody on the cluster knows a run of this client. */
  runName(run: number): string {
    return `${this.name}/${run}`
  }

  /** Submits a run, and again whenever a scheduler does not know it. */
  submit(message: Submit): void {
    this.submitted.add(message)
    this.post(message)
    this.forgetOldBundles()
  }

  /** Tells the scheduler to forget the bundles that were not used for a while. */
  private forgetOldBundles(): void {
    const tokens = this.sentBundles.takeOld()
    if (tokens.length > 0) this.post({ op: 'forget-bundles', tokens })
  }

  /** Returns the submission of a run as it was last sent. */
  submissionOf(run: number): Submit {
    return this.submitted.messageOf(run)
  }

  /** Submits a run again, in a form that asks only for what is still needed. */
  resubmit(message: Submit): void {
    this.submitted.replace(message)
    this.post(withNewBundles(message, this.sentBundles))
  }

  /** Notes that nothing of a run is needed any more. */
  endRun(run: number): void {
    this.submitted.end(run)
  }

  /** Begins a session with a scheduler that knows the runs `known` and no bundles. */
  startSession(known: Iterable<number>): Handover {
    this.sentBundles.clear()
    return this.submitted.handover(new Set(known))
  }
}
