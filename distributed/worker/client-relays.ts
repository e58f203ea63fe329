/**
 * Relays for the clients of tasks: the worker's main thread owns their connections to the scheduler,
 * and passes messages between them and the threads of the tasks. A relay ends with its thread.
 */
import { randomUUID } from 'node:crypto'
import type { MessagePort } from 'node:worker_threads'
import type { PeerKeys } from '../base/curve-keys.js'
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
  /** The number of sessions and losses so far: messages of a former session are dropped. */
  epoch: number
}

export class ClientRelays {
  private readonly relays = new Map<number, Relay>()
  private readonly closing = new Set<Promise<void>>()
  /** The scheduler's address to clients; empty before the scheduler has sent it. */
  address = ''
  /** The keys of the clients of tasks, if the scheduler needs some. */
  keys: PeerKeys | undefined

  /** Opens the relay of a thread, in place of a former one. */
  open(thread: number, port: MessagePort): void {
    this.close(thread)
    const relay: Relay = { port, link: undefined, epoch: 0 }
    this.relays.set(thread, relay)
    port.on('message', (message: ToRelay) => this.onMessage(relay, message))
  }

  /** Closes the relay of a thread that has ended. */
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
    switch (message.kind) {
      case 'open':
        relay.link ??= this.connect(relay, message.secret)
        return
      case 'post':
        if (message.epoch === relay.epoch) relay.link?.post(message.message)
        return
      default:
        message satisfies never
    }
  }

  private connect(relay: Relay, secret: string): Link {
    const send = (message: FromRelay): void => relay.port.postMessage(message)
    return new SchedulerLink<SchedulerToClient, ClientToScheduler, ClientWelcome>(
      connectSocket(this.address, schedulerToClient, { curve: this.keys }),
      `client-${randomUUID()}`,
      {
        timeout: timeouts.schedulerOfClient,
        hello: (nonce) => clientHello(secret, nonce, this.keys),
        onWelcome: (welcome: ClientWelcome) =>
          send({ kind: 'welcome', epoch: ++relay.epoch, welcome }),
        onMessage: (message) => send({ kind: 'message', message: message as ClientMessage }),
        onLost: (reason, isClosed) => {
          relay.epoch++
          send({ kind: 'lost', reason, isClosed })
        },
        onGivenUp: () => send({ kind: 'given-up' }),
        onRefused: () => logEvent('worker', 'the scheduler refuses the client of a task'),
        onError: (error) => logEvent('worker', 'an error in the client of a task', error),
      },
    )
  }
}
