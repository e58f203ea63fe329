/**
 * The sockets: the only importer of zeromq.
 *
 * Both high-water marks are 0, since a ROUTER drops what goes beyond them without a word; how much
 * is under way is for the callers to bound. A socket takes one send at a time, so sends queue here.
 * Sending does not copy: what was given to `send` must never be written to again.
 */
import { context, Dealer, Router } from 'zeromq'
import { BindError } from '../base/errors.js'
import { largestFrame } from '../protocol/sendable.js'

/** Milliseconds that a closed socket goes on trying to send what was given to it. */
const lingerFor = 300

// Otherwise a process that ends waits for messages to peers that are gone, and warns that it does;
// how long a closed socket goes on sending is said by `linger` alone.
context.blocky = false

const socketOptions = {
  maxMessageSize: largestFrame,
  sendHighWaterMark: 0,
  receiveHighWaterMark: 0,
  linger: lingerFor,
  reconnectInterval: 50,
  reconnectMaxInterval: 1000,
  ipv6: true,
} as const

/** What a socket tells its owner. */
export interface SocketEvents {
  /** A message; `peer` is empty on sockets that have one peer only. Errors go to `onError`. */
  onMessage(frames: Uint8Array[], peer: string): void
  /** A message could not be sent since nobody of that name is connected. */
  onUnreachable?(peer: string): void
  /** A connection was refused, broken or silent; it is being tried again. For sockets that connect. */
  onBroken?(): void
  /** The owner's own handler failed, or the socket did. */
  onError(error: unknown): void
}

/** Ports that this process has closed, and when: the system lets go of them a little later. */
const closedPorts = new Map<string, number>()
/** Milliseconds that it may take. */
const closingFor = 2000

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}

function isClosing(port: string): boolean {
  const closed = closedPorts.get(port)
  if (closed === undefined) return false
  if (performance.now() - closed < closingFor) return true
  closedPorts.delete(port)
  return false
}

interface Sendable {
  send(frames: Uint8Array[]): Promise<void>
}

/** Sends one message after another. */
class SendQueue {
  private readonly socket: Sendable
  private readonly onFailure: (frames: Uint8Array[], error: unknown) => void
  private queue: Uint8Array[][] = []
  private sending: Promise<void> | undefined

  constructor(socket: Sendable, onFailure: SendQueue['onFailure']) {
    this.socket = socket
    this.onFailure = onFailure
  }

  push(frames: Uint8Array[]): void {
    this.queue.push(frames)
    this.sending ??= this.pump()
  }

  /** Until all that was given is with the socket, or it has had its time. */
  async drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lingerFor)
    })
    await Promise.race([this.sending, late])
    clearTimeout(timer)
  }

  private async pump(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue
      this.queue = []
      for (const frames of batch) {
        try {
          await this.socket.send(frames)
        } catch (error) {
          this.onFailure(frames, error)
        }
      }
    }
    this.sending = undefined
  }
}

/** Listens at an address and talks to whoever connects, by their names. */
export class RouterSocket {
  /** The address that was bound, with the port that the system chose. */
  readonly bound: string
  private readonly socket: Router
  private readonly queue: SendQueue
  private isClosed = false

  private constructor(socket: Router, bound: string, events: SocketEvents) {
    this.socket = socket
    this.bound = bound
    this.queue = new SendQueue(socket, (frames, error) => {
      if (this.isClosed) return
      const code = codeOf(error)
      if (code === 'EHOSTUNREACH' || code === 'EAGAIN') events.onUnreachable?.(nameOf(frames[0]!))
      else events.onError(error)
    })
    void this.receive(events)
  }

  /** Throws BindError when the address is taken, or is none of this machine's. */
  static async bind(
    address: string,
    events: SocketEvents,
    limits: { largestFrame?: number } = {},
  ): Promise<RouterSocket> {
    // A send that would wait, since its peer is just going away, would keep all others waiting.
    const socket = new Router({
      ...socketOptions,
      mandatory: true,
      handover: true,
      maxMessageSize: limits.largestFrame ?? largestFrame,
      sendTimeout: 0,
    })
    for (;;) {
      try {
        await socket.bind(address)
        break
      } catch (error) {
        if (codeOf(error) === 'EADDRINUSE' && isClosing(portOf(address))) {
          await new Promise((resolve) => setTimeout(resolve, 10))
          continue
        }
        socket.close()
        throw bindError(address, error)
      }
    }
    return new RouterSocket(socket, socket.lastEndpoint!, events)
  }

  send(peer: string, frames: readonly Uint8Array[]): void {
    if (!this.isClosed) this.queue.push([Buffer.from(peer, 'latin1'), ...frames])
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.queue.drained()
    this.socket.close()
    closedPorts.set(portOf(this.bound), performance.now())
  }

  private async receive(events: SocketEvents): Promise<void> {
    try {
      for (;;) {
        const frames: Uint8Array[] = await this.socket.receive()
        if (this.isClosed) return
        const name = frames.shift()!
        deliver(events, frames, nameOf(name))
      }
    } catch (error) {
      if (!this.isClosed) events.onError(error)
    }
  }
}

/** Talks to one address, which need not be there yet; connects again by itself when it went away. */
export class DealerSocket {
  readonly address: string
  private readonly socket: Dealer
  private readonly queue: SendQueue
  private isClosed = false

  /** `name` is what the other side knows this end by. */
  constructor(address: string, name: string, events: SocketEvents) {
    this.address = address
    this.socket = new Dealer({ ...socketOptions, routingId: name })
    if (events.onBroken !== undefined) {
      this.socket.events.on('connect:retry', () => {
        if (!this.isClosed) events.onBroken!()
      })
    }
    this.socket.connect(address)
    this.queue = new SendQueue(this.socket, (_frames, error) => {
      if (!this.isClosed) events.onError(error)
    })
    void this.receive(events)
  }

  send(frames: readonly Uint8Array[]): void {
    if (!this.isClosed) this.queue.push([...frames])
  }

  /** Closes; without `lingering` what is not sent yet is dropped, such as when nobody is there. */
  async close(lingering = true): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    if (lingering) await this.queue.drained()
    else this.socket.linger = 0
    this.socket.close()
  }

  private async receive(events: SocketEvents): Promise<void> {
    try {
      for (;;) {
        const frames = await this.socket.receive()
        if (this.isClosed) return
        deliver(events, frames, '')
      }
    } catch (error) {
      if (!this.isClosed) events.onError(error)
    }
  }
}

/** A handler that fails must not end the loop that receives for everybody. */
function deliver(events: SocketEvents, frames: Uint8Array[], peer: string): void {
  try {
    events.onMessage(frames, peer)
  } catch (error) {
    events.onError(error)
  }
}

function nameOf(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('latin1')
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code
}

function bindError(address: string, cause: unknown): BindError {
  const code = codeOf(cause)
  const why =
    code === 'EADDRINUSE'
      ? 'another program listens there already; choose another port, or none to have one chosen'
      : code === 'ENODEV' || code === 'EADDRNOTAVAIL'
        ? 'it is not an address of this machine'
        : code === 'EACCES'
          ? 'the system does not allow it; ports below 1024 need privileges'
          : cause instanceof Error
            ? cause.message
            : String(cause)
  return new BindError(address, `Cannot listen at ${address}: ${why}`, { cause })
}
