/**
 * A client's connection to its scheduler by way of another thread, which owns the socket: that of a
 * task's client. The other thread keeps the session alive whatever this one is doing.
 */
import type { MessagePort } from 'node:worker_threads'
import type {
  ClientToScheduler,
  ClientWelcome,
  Goodbye,
  Heartbeat,
  Refused,
  SchedulerToClient,
  Unknown,
} from '../protocol/index.js'

/** What a client hears within its session. */
export type ClientMessage = Exclude<
  SchedulerToClient,
  ClientWelcome | Heartbeat | Goodbye | Refused | Unknown
>

/** What a connection tells its client. */
export interface ClientLinkEvents {
  onWelcome(welcome: ClientWelcome): void
  onMessage(message: ClientMessage): void
  /** The session is over; another is sought. The scheduler may have ended on purpose. */
  onLost(reason: string, isClosed: boolean): void
  /** There was no session for longer than a client waits for one. */
  onGivenUp(): void
}

/** What a client needs of its connection; what is posted without a session is dropped. */
export interface ClientLink {
  post(message: ClientToScheduler): void
  close(): Promise<void>
}

/** What the thread with the client says to the thread with the socket. */
export type ToRelay =
  | { readonly kind: 'open'; readonly name: string }
  /** `epoch` counts sessions: what was meant for a former one is dropped. */
  | { readonly kind: 'post'; readonly epoch: number; readonly message: ClientToScheduler }

/** And the other way. */
export type FromRelay =
  | { readonly kind: 'welcome'; readonly epoch: number; readonly welcome: ClientWelcome }
  | { readonly kind: 'message'; readonly message: ClientMessage }
  | { readonly kind: 'lost'; readonly reason: string; readonly isClosed: boolean }
  | { readonly kind: 'given-up' }

export class PortLink implements ClientLink {
  private readonly port: MessagePort
  private epoch = 0

  constructor(port: MessagePort, name: string, events: ClientLinkEvents) {
    this.port = port
    port.on('message', (message: FromRelay) => this.onMessage(message, events))
    this.tell({ kind: 'open', name })
  }

  post(message: ClientToScheduler): void {
    if (this.epoch > 0) this.tell({ kind: 'post', epoch: this.epoch, message })
  }

  async close(): Promise<void> {
    this.port.close()
  }

  private tell(message: ToRelay): void {
    this.port.postMessage(message)
  }

  private onMessage(message: FromRelay, events: ClientLinkEvents): void {
    switch (message.kind) {
      case 'welcome':
        this.epoch = message.epoch
        events.onWelcome(message.welcome)
        return
      case 'message':
        events.onMessage(message.message)
        return
      case 'lost':
        this.epoch = 0
        events.onLost(message.reason, message.isClosed)
        return
      case 'given-up':
        events.onGivenUp()
    }
  }
}
