/**
 * The sockets. This is the only file that imports zeromq.
 *
 * Both high-water marks are 0, because a ROUTER silently drops messages beyond them; callers bound how
 * much is in flight. A socket accepts one send at a time, so sends are queued here. Sending does not
 * copy: frames that were passed to `send` must never be written to again.
 */
import type { Dealer, Reply, Router } from 'zeromq'
import { lazyPackage } from '../../core/base/lazy-package.js'
import type { AwaitedCount } from '../base/awaited-count.js'
import { BindError } from '../base/errors.js'
import { largestFrame } from '../protocol/sendable.js'
import { Authenticator, type Question } from './authenticator.js'
import { watchConnection, watchFaults, watchHandshakes } from './connection-events.js'
import type { CurveClient, CurveServer, HandshakeFault } from './curve.js'
import { MessageReceiver } from './message-receiver.js'
import { PolledMonitor } from './polled-monitor.js'
import { lingerFor, SendQueue } from './send-queue.js'

const load = lazyPackage<typeof import('zeromq')>('zeromq')

function zeromq(): typeof import('zeromq') {
  const loaded = load()
  // Otherwise a process that exits waits for messages to peers that have left, and prints a warning.
  // Only `linger` determines how long a closed socket continues to send.
  loaded.context.blocky = false
  return loaded
}

/** The domain of sockets without keys. */
const plainDomain = 'skein'

const socketOptions = {
  maxMessageSize: largestFrame,
  sendHighWaterMark: 0,
  receiveHighWaterMark: 0,
  linger: lingerFor,
  reconnectInterval: 50,
  reconnectMaxInterval: 1000,
  ipv6: true,
  // With a domain for authentication, libzmq refuses peers whose protocol is ZMTP 1 or 2. In these any bytes are
  // messages, so that a web page can send some by an HTTP request. In this domain all peers of ZMTP 3 are accepted.
  zapDomain: plainDomain,
  handshakeInterval: 10_000,
} as const

/** The handlers of a socket. */
export interface SocketEvents {
  /** A message was received. `peer` is empty on sockets with a single peer. Its errors are passed to `onError`. */
  onMessage(frames: Uint8Array[], peer: string): void
  /** A message was not sent, since no peer of that name is connected. */
  onUnreachable?(peer: string): void
  /** A connection was refused, broken or timed out, and is being retried. For sockets that connect. */
  onBroken?(): void
  /** Connections were accepted that do not speak ZMTP 3: they are closed. For sockets that listen. */
  onRefused?(count: number): void
  /** The handshake of a connection has failed, which is tried again. For sockets that connect. */
  onHandshakeFault?(fault: HandshakeFault): void
  /** A handler threw, or the socket failed. */
  onError(error: unknown): void
}

interface RouterOptions {
  /** Larger frames end the connection. */
  readonly largestFrame?: number
  readonly awaited?: AwaitedCount | undefined
  /** Only owners of keys may connect. */
  readonly curve?: CurveServer | undefined
}

/** Ports that this process has closed, and when. The system releases them a little later. */
const closedPorts = new Map<string, number>()
/** Milliseconds that this may take. */
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

/** Milliseconds between two looks for questions about keys, after one and otherwise. */
const [soon, later] = [10, 100]
/** For how many milliseconds after a question others are likely. */
const likelyFor = 1000

/** The socket that answers questions about keys. It does not keep the process alive. */
class QuestionSocket {
  private readonly socket: Reply
  private readonly answer: (question: Question) => Uint8Array[]
  private lastQuestion = performance.now()

  private constructor(socket: Reply, answer: QuestionSocket['answer']) {
    this.socket = socket
    this.answer = answer
    this.lookLater()
  }

  static async open(answer: QuestionSocket['answer']): Promise<QuestionSocket> {
    const socket = new (zeromq().Reply)({ linger: 0, receiveTimeout: 0 })
    try {
      await socket.bind('inproc://zeromq.zap.01')
    } catch (cause) {
      socket.close()
      throw new BindError(
        'inproc://zeromq.zap.01',
        'Keys cannot be checked, because another part of this process answers all questions about keys (ZAP); start Skein in a process of its own',
        { cause },
      )
    }
    return new QuestionSocket(socket, answer)
  }

  close(): void {
    this.socket.close()
  }

  private lookLater(): void {
    const isLikely = performance.now() - this.lastQuestion < likelyFor
    setTimeout(() => void this.look(), isLikely ? soon : later).unref()
  }

  private async look(): Promise<void> {
    try {
      while (!this.socket.closed) {
        const question = await this.socket.receive()
        this.lastQuestion = performance.now()
        await this.socket.send(this.answer(question))
      }
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') this.lookLater()
    }
  }
}

const authenticator = new Authenticator(plainDomain, QuestionSocket.open)

/** Returns the options of a socket that listens and checks keys, and what ends the checks. */
async function curveServerOptions(curve: CurveServer | undefined) {
  if (curve === undefined) return { options: {}, release: () => {} }
  const { domain, release } = await authenticator.open((key) => curve.isAllowed(key))
  // Without `zapEnforceDomain` libzmq accepts any key while nobody answers.
  const options = { curveServer: true, curveSecretKey: curve.secretKey, zapDomain: domain }
  return { options: { ...options, zapEnforceDomain: true }, release }
}

function curveClientOptions(curve: CurveClient | undefined) {
  if (curve === undefined) return {}
  const { publicKey, secretKey, serverKey } = curve
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: serverKey }
}

/** A ROUTER socket: listens at an address and exchanges messages with named peers. */
export class RouterSocket {
  /** The bound address, with the port that the system chose. */
  readonly bound: string
  private readonly socket: Router
  private readonly queue: SendQueue
  private readonly release: () => void
  private isClosed = false

  private constructor(
    socket: Router,
    { bound, release }: { readonly bound: string; readonly release: () => void },
    events: SocketEvents,
    awaited: AwaitedCount | undefined,
  ) {
    this.socket = socket
    this.release = release
    this.bound = bound
    this.queue = new SendQueue(socket, (frames, error) => {
      if (this.isClosed) return
      const code = codeOf(error)
      if (code === 'EHOSTUNREACH' || code === 'EAGAIN') events.onUnreachable?.(nameOf(frames[0]!))
      else events.onError(error)
    })
    void this.receive(new MessageReceiver(socket, awaited), events)
  }

  /**
   * Throws BindError if the address is in use, or is not an address of this machine. With `awaited` the socket
   * keeps the process alive only while something is awaited. With `curve` only owners of keys may connect.
   */
  static async bind(
    address: string,
    events: SocketEvents,
    { largestFrame: largest = largestFrame, awaited, curve }: RouterOptions = {},
  ): Promise<RouterSocket> {
    const { options, release } = await curveServerOptions(curve)
    // A send to a peer that is disconnecting would wait, and delay all others.
    const socket = new (zeromq().Router)({
      ...socketOptions,
      mandatory: true,
      handover: true,
      maxMessageSize: largest,
      sendTimeout: 0,
      ...options,
    })
    if (events.onRefused !== undefined) {
      const monitor =
        awaited === undefined
          ? socket.events
          : new PolledMonitor(socket, () => new (zeromq().Observer)(socket))
      watchHandshakes(monitor, (count) => events.onRefused!(count))
    }
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
        release()
        throw bindError(address, error)
      }
    }
    return new RouterSocket(socket, { bound: socket.lastEndpoint!, release }, events, awaited)
  }

  send(peer: string, frames: readonly Uint8Array[]): void {
    if (!this.isClosed) this.queue.push([Buffer.from(peer, 'latin1'), ...frames])
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.queue.drained()
    this.socket.close()
    this.release()
    closedPorts.set(portOf(this.bound), performance.now())
  }

  private async receive(receiver: MessageReceiver, events: SocketEvents): Promise<void> {
    try {
      for (;;) {
        const frames = await receiver.receive()
        if (this.isClosed) return
        const name = frames.shift()!
        deliver(events, frames, nameOf(name))
      }
    } catch (error) {
      if (!this.isClosed) events.onError(error)
    }
  }
}

interface DealerOptions {
  readonly awaited?: AwaitedCount | undefined
  readonly curve?: CurveClient | undefined
}

/** A DEALER socket: connects to one address, where nothing need listen yet, and reconnects by itself. */
export class DealerSocket {
  readonly address: string
  private readonly socket: Dealer
  private readonly queue: SendQueue
  private isClosed = false

  /**
   * `name` identifies this side to the other. With `awaited` the socket keeps the process alive only while
   * something is awaited. With `curve` the other side must have the key that is named there.
   */
  constructor(
    address: string,
    name: string,
    events: SocketEvents,
    { awaited, curve }: DealerOptions = {},
  ) {
    this.address = address
    const options = { ...socketOptions, routingId: name, ...curveClientOptions(curve) }
    this.socket = new (zeromq().Dealer)(options)
    this.watchFaults(events, awaited)
    // Waiting for events keeps the process alive.
    if (awaited === undefined) this.watch(events)
    this.socket.connect(address)
    this.queue = new SendQueue(this.socket, (_frames, error) => {
      if (!this.isClosed) events.onError(error)
    })
    void this.receive(new MessageReceiver(this.socket, awaited), events)
  }

  send(frames: readonly Uint8Array[]): void {
    if (!this.isClosed) this.queue.push([...frames])
  }

  /** Closes the socket. Without `lingering`, messages that were not sent yet are dropped. */
  async close(lingering = true): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    if (lingering) await this.queue.drained()
    else this.socket.linger = 0
    this.socket.close()
  }

  private watchFaults({ onHandshakeFault }: SocketEvents, awaited: AwaitedCount | undefined): void {
    if (onHandshakeFault === undefined) return
    const report = (fault: HandshakeFault): void => {
      if (!this.isClosed) onHandshakeFault(fault)
    }
    if (awaited === undefined) {
      watchFaults(this.socket.events, report)
      return
    }
    const monitor = new PolledMonitor(this.socket, () => new (zeromq().Observer)(this.socket), 100)
    watchFaults(monitor, report)
    // Each look costs some time, and what matters most is the first connection.
    monitor.on('handshake', () => {
      monitor.interval = 1000
    })
  }

  private watch(events: SocketEvents): void {
    watchConnection(this.socket.events, {
      onBroken: () => {
        if (!this.isClosed) events.onBroken?.()
      },
      onGivenUp: () => {
        if (this.isClosed) return
        // libzmq connects only once to an address that it has not been disconnected from.
        this.socket.disconnect(this.address)
        this.socket.connect(this.address)
      },
    })
  }

  private async receive(receiver: MessageReceiver, events: SocketEvents): Promise<void> {
    try {
      for (;;) {
        const frames = await receiver.receive()
        if (this.isClosed) return
        deliver(events, frames, '')
      }
    } catch (error) {
      if (!this.isClosed) events.onError(error)
    }
  }
}

/** Calls the handler; an error must not end the loop that receives all messages. */
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
