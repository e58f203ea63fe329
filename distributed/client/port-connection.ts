/**
 * The connection of a task's client to the scheduler, through a message port to the worker's main
 * thread, which owns the socket. The main thread keeps the session alive while this thread is busy.
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

/** The messages of a scheduler to a client within a session. */
export type ClientMessage = Exclude<
  SchedulerToClient,
  ClientWelcome | Heartbeat | Goodbye | Refused | Unknown
>

/** The events of a client's connection. */
export interface ClientConnectionEvents {
  /** A session has begun. */
  onWelcome(welcome: ClientWelcome): void
  onMessage(message: ClientMessage): void
  /** The session has ended and another is sought; `isClosed` if the scheduler was closed for good. */
  onLost(reason: string, isClosed: boolean): void
  /** There was no session for longer than the client's timeout. */
  onGivenUp(): void
  /** Called about once a second. */
  onTick?(now: number): void
}

/** A client's connection to its scheduler. Messages that are posted without a session are dropped. */
export interface ClientConnection {
  post(message: ClientToScheduler): void
  close(): Promise<void>
}

/** The messages of the thread with the client to the thread with the socket. */
export type ToRelay =
  | { readonly kind: 'open'; readonly secret: string }
  /** `epoch` counts sessions: messages for a former session are dropped. */
  | { readonly kind: 'post'; readonly epoch: number; readonly message: ClientToScheduler }

/** The messages of the thread with the socket to the thread with the client. */
export type FromRelay =
  | { readonly kind: 'welcome'; readonly epoch: number; readonly welcome: ClientWelcome }
  | { readonly kind: 'message'; readonly message: ClientMessage }
  | { readonly kind: 'lost'; readonly reason: string; readonly isClosed: boolean }
  | { readonly kind: 'given-up' }

export class PortConnection implements ClientConnection {
  private readonly port: MessagePort
  private epoch = 0

  constructor(port: MessagePort, secret: string, events: ClientConnectionEvents) {
    this.port = port
    port.on('message', (message: FromRelay) => this.onMessage(message, events))
    this.send({ kind: 'open', secret })
  }

  post(message: ClientToScheduler): void {
    if (this.epoch > 0) this.send({ kind: 'post', epoch: this.epoch, message })
  }

  async close(): Promise<void> {
    this.port.close()
  }

  private send(message: ToRelay): void {
    this.port.postMessage(message)
  }

  private onMessage(message: FromRelay, events: ClientConnectionEvents): void {
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
        return
      default:
        message satisfies never
    }
  }
}
