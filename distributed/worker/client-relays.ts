/**
 * The connections of clients that live in this worker's threads, for tasks that start tasks: this
 * thread has the sockets, and passes on what is said. A connection ends with its thread.
 */
import type { MessagePort } from 'node:worker_threads'
import { logEvent } from '../base/log.js'
import { timeouts } from '../base/timeouts.js'
import { clientHello } from '../client/client-hello.js'
import type { ClientMessage, FromRelay, ToRelay } from '../client/port-connection.js'
import type { ClientToScheduler, ClientWelcome, SchedulerToClient } from '../protocol/index.js'
import { schedulerToClient } from '../protocol/message-shapes.js'
import { connectSocket } from '../transport/connection.js'
import { SchedulerLink } from '../transport/scheduler-link.js'

type Link = SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>

interface Relay {
  readonly port: MessagePort
  link: Link | undefined
  /** Counts the sessions. */
  epoch: number
}

export class ClientRelays {
  private readonly relays = new Map<number, Relay>()
  private readonly closing = new Set<Promise<void>>()
  /** Where the scheduler lets clients in; empty before it has said so. */
  address = ''

  /** A thread's client wants to be connected. */
  open(thread: number, port: MessagePort): void {
    this.close(thread)
    const relay: Relay = { port, link: undefined, epoch: 0 }
    this.relays.set(thread, relay)
    port.on('message', (message: ToRelay) => this.onMessage(relay, message))
  }

  /** A thread is gone, and its client with it. */
  close(thread: number): void {
    const relay = this.relays.get(thread)
    if (relay === undefined) return
    this.relays.delete(thread)
    relay.port.close()
    if (relay.link === undefined) return
    const closing = relay.link.close()
    this.closing.add(closing)
    void closing.finally(() => this.closing.delete(closing))
  }

  async closeAll(): Promise<void> {
    for (const thread of [...this.relays.keys()]) this.close(thread)
    await Promise.all(this.closing)
  }

  private onMessage(relay: Relay, message: ToRelay): void {
    if (message.kind === 'open') relay.link ??= this.connect(relay, message.name)
    else if (message.epoch === relay.epoch) relay.link?.post(message.message)
  }

  private connect(relay: Relay, name: string): Link {
    const tell = (message: FromRelay): void => relay.port.postMessage(message)
    return new SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>(
      connectSocket(this.address, schedulerToClient),
      `client-${name}`,
      {
        timeout: timeouts.schedulerOfClient,
        hello: (nonce) => clientHello(name, nonce),
        onWelcome: (welcome: ClientWelcome) =>
          tell({ kind: 'welcome', epoch: ++relay.epoch, welcome }),
        onMessage: (message) => tell({ kind: 'message', message: message as ClientMessage }),
        onLost: (reason, isClosed) => {
          relay.epoch++
          tell({ kind: 'lost', reason, isClosed })
        },
        onGivenUp: () => tell({ kind: 'given-up' }),
        onRefused: () => logEvent('worker', 'the scheduler refuses the client of a task'),
        onError: (error) => logEvent('worker', 'an error in the client of a task', error),
      },
    )
  }
}
