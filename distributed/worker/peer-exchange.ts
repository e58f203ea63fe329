/**
 * The exchange of results between workers: a ROUTER socket that answers other workers, and a DEALER
 * socket to each worker that results are fetched from, opened when it is first needed.
 *
 * One request asks for everything that is wanted from a worker in one turn of the event loop; it is
 * answered in messages of bounded size. A worker that refuses the connection, breaks it, or does not
 * answer within the timeout is unreachable until it is tried again.
 */
import { receiveBundles, type StoredValue } from '../../core/graph/stored-value.js'
import type { KeyPair } from '../base/curve-keys.js'
import { logEvent } from '../base/log.js'
import { isStored } from '../protocol/field-kinds.js'
import type { FetchReply, FetchResults } from '../protocol/index.js'
import { betweenWorkers } from '../protocol/message-shapes.js'
import { isAddress } from '../transport/address.js'
import { DroppedMessages } from '../transport/dropped-messages.js'
import { fromFrames, toFrames } from '../transport/framing.js'
import { refusedConnectionsLog } from '../transport/refused-connections.js'
import { DealerSocket, RouterSocket } from '../transport/zmq.js'
import { type FindResult, fetchReplies } from './results/result-messages.js'
import type { WorkerEvent } from './state/worker-events.js'

/** Milliseconds after which a worker that could not be reached is tried again. */
const retryInterval = 60_000

/** The events of other workers that the exchange reports. */
type PeerEvent = Extract<
  WorkerEvent,
  { kind: 'not-fetched' | 'peer-left' | 'peer-unreachable' | 'peer-retried' }
>

/** The worker that results are exchanged for. */
interface PeerExchangeHandler {
  readonly findResult: FindResult
  onResults(tasks: Int32Array, attempts: Int32Array, values: readonly StoredValue[]): void
  onEvent(event: PeerEvent): void
}

interface PeerConnection {
  readonly socket: DealerSocket
  /** The numbers of unanswered requests. */
  readonly requests: Set<number>
  lastHeard: number
}

export class PeerExchange {
  /** Counts the messages that are not valid. */
  readonly drops = new DroppedMessages('worker', 'another worker')
  private readonly name: string
  private readonly timeout: number
  private readonly addresses = new Map<number, string>()
  private readonly connections = new Map<number, PeerConnection>()
  /** For each unreachable worker the time when that was found. */
  private readonly unreachable = new Map<number, number>()
  private handler: PeerExchangeHandler | undefined
  private router: RouterSocket | undefined
  /** The id of the scheduler of this session, which requests between workers name. */
  private scheduler = ''
  private nextRequest = 0
  /** The keys of this worker's sockets for others, if the cluster has keys. */
  private readonly keys: KeyPair | undefined
  /** The keys of the other workers, which may connect. */
  private readonly admitted = new Set<string>()
  /** The keys of other workers' sockets. */
  private readonly peerKeys = new Map<number, string>()

  /** Another worker counts as unreachable after `timeout` milliseconds without an answer. */
  constructor(name: string, timeout: number, keys?: KeyPair) {
    this.name = name
    this.timeout = timeout
    this.keys = keys
  }

  /** The key of this worker's socket; empty without keys. */
  get publicKey(): string {
    return this.keys?.publicKey ?? ''
  }

  /** Starts to listen; returns the bound address. */
  async listen(address: string): Promise<string> {
    const refused = refusedConnectionsLog(
      'worker',
      () => this.router?.bound ?? address,
      this.keys !== undefined,
    )
    const events = {
      onMessage: (frames: Uint8Array[], peer: string) => this.onRequest(frames, peer),
      onRefused: refused.add,
      onError: (error: unknown) => logEvent('worker', 'answering another worker failed', error),
    }
    const curve = this.keys && {
      secretKey: this.keys.secretKey,
      isAllowed: (key: string) => this.admitted.has(key),
    }
    this.router = await RouterSocket.bind(address, events, { curve })
    return this.router.bound
  }

  /** Sets the handler. Until then, requests are answered as if no results were here. */
  attach(handler: PeerExchangeHandler): void {
    this.handler = handler
  }

  /** Begins a session with a scheduler: everything about the former one is discarded. */
  startSession(scheduler: string): void {
    this.scheduler = scheduler
    for (const peer of [...this.connections.keys()]) this.disconnect(peer)
    this.addresses.clear()
    this.peerKeys.clear()
    this.admitted.clear()
    this.unreachable.clear()
  }

  addPeer(peer: number, address: string, publicKey: string): void {
    this.addresses.set(peer, address)
    this.peerKeys.set(peer, publicKey)
  }

  /** Changes which other workers may connect, by their keys. */
  updateKeys(admitted: readonly string[], removed: readonly string[]): void {
    for (const key of admitted) this.admitted.add(key)
    for (const key of removed) this.admitted.delete(key)
  }

  removePeer(peer: number): void {
    this.addresses.delete(peer)
    this.peerKeys.delete(peer)
    this.unreachable.delete(peer)
    this.disconnect(peer)
    this.handler?.onEvent({ kind: 'peer-left', peer })
  }

  /** Requests results from another worker. */
  fetch(peer: number, tasks: readonly number[], attempts: readonly number[]): void {
    const connection = this.connect(peer)
    if (connection === undefined) {
      // A known worker with an invalid address may still be reached by the scheduler.
      const kind = this.addresses.has(peer) ? 'peer-unreachable' : 'peer-left'
      setImmediate(() => this.handler?.onEvent({ kind, peer }))
      return
    }
    const request = this.nextRequest++
    if (connection.requests.size === 0) connection.lastHeard = performance.now()
    connection.requests.add(request)
    const message: FetchResults = {
      op: 'fetch-results',
      scheduler: this.scheduler,
      request,
      tasks: Int32Array.from(tasks),
      attempts: Int32Array.from(attempts),
    }
    connection.socket.send(toFrames({ session: '', number: 0, messages: [message] }))
  }

  /** Finds workers that do not answer, and retries those that were found unreachable long ago. */
  tick(now: number): void {
    for (const [peer, { requests, lastHeard }] of this.connections) {
      if (requests.size === 0 || now - lastHeard < this.timeout) continue
      this.onBroken(peer, `does not answer within ${this.timeout / 1000} s`)
    }
    for (const [peer, since] of this.unreachable) {
      if (now - since < retryInterval) continue
      this.unreachable.delete(peer)
      this.handler?.onEvent({ kind: 'peer-retried', peer })
    }
  }

  async close(): Promise<void> {
    const closing = [...this.connections.values()].map(({ socket }) => socket.close())
    this.connections.clear()
    await Promise.all([...closing, this.router?.close()])
  }

  // Connections to other workers -------------------------------------------------------------------

  private connect(peer: number): PeerConnection | undefined {
    const known = this.connections.get(peer)
    if (known !== undefined) return known
    const address = this.addresses.get(peer)
    if (address === undefined || !isAddress(address)) return undefined
    const events = {
      onMessage: (frames: Uint8Array[]) => this.onReply(peer, frames),
      onBroken: () => {
        if (this.connections.get(peer)?.socket === socket) this.onBroken(peer, 'cannot be reached')
      },
      onError: (error: unknown) => logEvent('worker', `fetching from ${address} failed`, error),
    }
    const serverKey = this.peerKeys.get(peer)
    const curve = this.keys && serverKey ? { ...this.keys, serverKey } : undefined
    const socket: DealerSocket = new DealerSocket(address, this.name, events, { curve })
    const connection = { socket, requests: new Set<number>(), lastHeard: performance.now() }
    this.connections.set(peer, connection)
    return connection
  }

  private disconnect(peer: number): void {
    const connection = this.connections.get(peer)
    this.connections.delete(peer)
    void connection?.socket.close(false)
  }

  private onBroken(peer: number, why: string): void {
    const address = this.addresses.get(peer)
    const hasRequests = this.connections.get(peer)!.requests.size > 0
    this.disconnect(peer)
    // A connection without requests is opened again when it is needed.
    if (!hasRequests) return
    logEvent(
      'worker',
      `worker ${peer} ${why} at ${address}: its results are fetched through the scheduler`,
    )
    this.unreachable.set(peer, performance.now())
    this.handler?.onEvent({ kind: 'peer-unreachable', peer })
  }

  private onReply(peer: number, frames: readonly Uint8Array[]): void {
    const connection = this.connections.get(peer)
    const envelope = fromFrames<FetchReply | FetchResults>(frames, betweenWorkers, this.drops.add)
    if (envelope === undefined || connection === undefined) return
    connection.lastHeard = performance.now()
    for (const message of envelope.messages) {
      if (message.op !== 'fetch-reply' || !connection.requests.has(message.request)) continue
      if (message.last) connection.requests.delete(message.request)
      const { tasks, attempts, values, bundles, absent } = message
      const count = tasks.length
      if (values.length !== count || attempts.length !== count || !values.every(isStored)) {
        this.drops.add('has columns of different lengths or values that are not encoded')
        continue
      }
      receiveBundles(bundles, values)
      if (tasks.length > 0) this.handler?.onResults(tasks, attempts, values)
      if (absent.length > 0) this.handler?.onEvent({ kind: 'not-fetched', peer, tasks: absent })
    }
  }

  // Requests of other workers ----------------------------------------------------------------------

  private onRequest(frames: readonly Uint8Array[], peer: string): void {
    const envelope = fromFrames<FetchReply | FetchResults>(frames, betweenWorkers, this.drops.add)
    if (envelope === undefined) return
    for (const message of envelope.messages) {
      if (message.op === 'fetch-results') this.answer(message, peer)
    }
  }

  private answer({ scheduler, request, tasks, attempts }: FetchResults, peer: string): void {
    const find: FindResult = (task, attempt) =>
      scheduler === this.scheduler ? this.handler?.findResult(task, attempt) : undefined
    for (const message of fetchReplies(request, tasks, attempts, find)) {
      this.router?.send(peer, toFrames({ session: '', number: 0, messages: [message] }))
    }
  }
}
