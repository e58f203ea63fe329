/**
 * Warnings of a client that waits for something which nothing can do now: no scheduler answers, or no worker can
 * run its tasks. Each is printed once, after about five seconds.
 */
import { logEvent } from '../base/log.js'
import { Overdue } from '../base/overdue.js'
import type { WhyWaiting } from '../protocol/info.js'

/** Milliseconds between two questions to the scheduler why results do not come. */
const askInterval = 2500

interface WaitingClient {
  /** The scheduler's address to clients. */
  readonly address: string
  /** Whether anything is awaited. */
  isAwaiting(): boolean
  /** Whether there is a session. */
  isConnected(): boolean
  /** What the client does while no scheduler answers. */
  whatIsTried(): string
  /** Asks the scheduler why the client's tasks cannot run; undefined if they can. */
  askWhy(): Promise<WhyWaiting | undefined>
}

export class WaitWarnings {
  private readonly client: WaitingClient
  private readonly unanswered = new Overdue()
  /** A worker may be replaced while the scheduler is asked, so it is asked twice. */
  private readonly stuck = new Overdue({ after: askInterval - 500, longestGap: 4 * askInterval })
  private lastAsked: number | undefined
  private isAsking = false
  private joined: number | undefined

  constructor(client: WaitingClient) {
    this.client = client
  }

  /** Called about once a second, with the time in milliseconds. */
  tick(now: number): void {
    const { client } = this
    const isAwaiting = client.isAwaiting()
    const isConnected = client.isConnected()
    const waited = this.unanswered.check(isAwaiting && !isConnected, now)
    if (waited !== undefined) {
      const { address } = client
      const seconds = Math.round(waited / 1000)
      const what = `no scheduler has answered at ${address} for ${seconds} s; ${client.whatIsTried()}`
      logEvent('client', what, undefined, { address })
    }
    if (!isAwaiting || !isConnected) {
      this.lastAsked = undefined
      this.stuck.check(false, now)
      return
    }
    this.lastAsked ??= now
    if (this.isAsking || now - this.lastAsked < askInterval - 500) return
    this.lastAsked = now
    this.isAsking = true
    void this.ask(now)
  }

  private async ask(now: number): Promise<void> {
    const { client } = this
    try {
      const found = await client.askWhy()
      // A worker that joined meanwhile, and was lost too, is a new beginning.
      if (found?.joined !== this.joined) this.stuck.check(false, now)
      this.joined = found?.joined
      if (this.stuck.check(found !== undefined, now) === undefined) return
      const { address } = client
      logEvent('client', `the cluster at ${address} ${found!.why}`, undefined, { address })
    } catch {
      // The client was closed, or has lost its scheduler.
    } finally {
      this.isAsking = false
    }
  }
}
